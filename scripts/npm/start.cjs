// Starts a command of the npm package. Plain old JavaScript: a Node.js too old for the rest can read it and say so, and code
// that does not load must not look like the answer "no" (exit code 1).
"use strict";

var OLDEST = 22;

/** `words` come before the arguments: the plugin that a name stands for. */
module.exports = function start(words) {
  if (Number(process.versions.node.split(".")[0]) < OLDEST) {
    process.stderr.write(
      "error: kubectl-mirrord needs Node.js " +
        OLDEST +
        " or newer, and this is " +
        process.version +
        "\n" +
        "Put a newer one first on PATH (" +
        process.execPath +
        " was found), or install the executable, which brings its own.\n",
    );
    process.exit(2);
  }
  process.argv.splice.apply(process.argv, [2, 0].concat(words));
  try {
    module.require("./kubectl-mirrord.cjs");
  } catch (error) {
    process.stderr.write("bug: " + ((error && error.stack) || error) + "\n");
    process.exit(70);
  }
};
