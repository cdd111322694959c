// Bundles the command and makes one executable of it for this platform, on the Node.js of this checkout: npm run build [-- FOLDER]
// Its name decides what it is: build/kubectl-mirrord dispatches, links of other names are the plugins themselves.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root } from "./bundle.ts";
import { compiledCode } from "./compiled.ts";
import { bundleScripts } from "./executable-scripts.ts";
import { licenceTexts, nodeFolder } from "./licences.ts";
import { adHocSigned } from "./mach-o.ts";
import { makeExecutable, thisPlatform } from "./make-executable.ts";

const folder = resolve(process.argv[2] ?? join(root, "build"));
const suffix = process.platform === "win32" ? ".exe" : "";
const executable = join(folder, `kubectl-mirrord${suffix}`);
const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const parts = mkdtempSync(join(tmpdir(), "kubectl-mirrord-build-"));
try {
  const { files, metafile } = await bundleScripts(parts, version);
  const compiled = await compiledCode(parts, process.execPath, join(root, "examples"), join(parts, "work"));
  const node = { ...thisPlatform, version: process.versions.node, file: process.execPath };
  await makeExecutable(node, node, [...files, ...compiled], executable);
  if (process.platform === "darwin") {
    writeFileSync(executable, adHocSigned(readFileSync(executable), "kubectl-mirrord"));
  }
  const inputs = Object.keys(metafile.inputs);
  writeFileSync(
    join(folder, "LICENSES.txt"),
    licenceTexts(inputs, root, [{ name: "Node.js", folder: nodeFolder(root) }]),
  );
} finally {
  rmSync(parts, { recursive: true, force: true });
}
linkPlugins();
process.stderr.write(`${executable}\n`);

/** A link for each name that kubectl looks for, as in bin/. */
function linkPlugins(): void {
  for (const name of readdirSync(join(root, "bin"))) {
    if (name === "kubectl-mirrord" || !name.startsWith("kubectl")) continue;
    symlinkSync(`kubectl-mirrord${suffix}`, join(folder, `${name}${suffix}`));
  }
}
