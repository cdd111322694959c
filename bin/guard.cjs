// Starts a plugin from a checkout: node bin/guard.cjs plugins/kubectl-mirrord.ts [arguments]. Plain old JavaScript,
// because it is the only file that a Node.js too old for the rest can read, and because a module that does not load
// must not look like the answer "no" (exit code 1).
"use strict";

var path = require("path");

var WANTED = "Node.js 26";

function supportsTypeScript() {
  var features = process.features;
  return Boolean(features && features.typescript);
}

if (!supportsTypeScript()) {
  process.stderr.write(
    "error: kubectl-mirrord needs " +
      WANTED +
      ", and this is " +
      process.version +
      " (" +
      process.execPath +
      ")\n" +
      "`npm ci`, without --omit=optional, installs it beside the checkout where a build for this platform exists (" +
      process.platform +
      "/" +
      process.arch +
      "); otherwise put " +
      WANTED +
      " on PATH.\n",
  );
  process.exit(2);
}

var root = path.dirname(__dirname);
var file = path.resolve(root, process.argv[2] || "plugins/kubectl-mirrord.ts");
process.argv.splice(1, 2, file);
// Types are stripped and code is compiled once: two thirds of the time to start. The folder is as trusted as the code.
require("module").enableCompileCache(path.join(root, "node_modules", ".cache", "kubectl-mirrord"));
import(require("url").pathToFileURL(file).href).then(null, function (error) {
  process.exitCode = 70;
  if (error && error.code === "ERR_MODULE_NOT_FOUND")
    process.stderr.write("error: " + error.message + "\nRun npm ci in " + root + " first.\n");
  else process.stderr.write("bug: " + ((error && error.stack) || error) + "\n");
});
