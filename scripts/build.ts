// Bundles the command and makes one executable of it for this platform: npm run build
// Its name decides what it is: build/kubectl-mirrord dispatches, links of other names are the plugins themselves.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import pkgSea from "@yao-pkg/pkg/lib-es5/sea.js";
import { bundler, root } from "./bundle.ts";
import { compiledCode } from "./compiled.ts";
import { licenceTexts, nodeFolder } from "./licences.ts";

const folder = join(root, "build");
const suffix = process.platform === "win32" ? ".exe" : "";
const executable = join(folder, `kubectl-mirrord${suffix}`);

const bundles = bundler({
  target: "node26",
  here: "process.execPath",
  load: (name) => `
    const Module = require("node:module");
    const name = ${JSON.stringify(name)};
    const script = new Module(name);
    script._compile(require("node:sea").getAsset(name, "utf8"), name);
    module.exports = script.exports;`,
});

// By itself, because pkg's type lacks execArgv, which Node.js takes.
const seaConfig = {
  // NODE_OPTIONS in the environment must not run anybody's code in a tool that holds credentials, nor end it with an exit code
  // that means "no".
  execArgvExtension: "none",
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: true,
  // With V8's own 1 MiB a short command collects garbage several times; with 8, not once. Four threads are started, and ended,
  // to compile and collect beside it: one does. (Together 20 ms of 120.)
  // The other two save a thread each: one that reads Node.js's own certificates (a kubeconfig names its authority, else
  // lib/kube/http/tls-options.ts does), and one that waits for a signal to open the debugger.
  execArgv: ["--min-semi-space-size=8", "--v8-pool-size=1", "--use-openssl-ca", "--disable-sigusr1"],
};

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const parts = mkdtempSync(join(tmpdir(), "kubectl-mirrord-build-"));
try {
  await makeExecutable([...(await bundleCommands()), ...(await bundles.packages(parts))]);
} finally {
  rmSync(parts, { recursive: true, force: true });
}
linkPlugins();
writeFileSync(join(folder, "LICENSES.txt"), licenceTexts(bundles.inputs, root, [nodeFolder(root)]));
process.stderr.write(`${executable}\n`);

/** For each plugin, and for the command of them all: an expression that is a function of `require`, and its compiled code. */
async function bundleCommands(): Promise<string[]> {
  const scripts = await Promise.all(
    readdirSync(join(root, "plugins"))
      .filter((name) => name.startsWith("kubectl-mirrord"))
      .map(bundleCommand),
  );
  const compiled = await compiledCode(scripts, join(root, "examples"), join(parts, "work"));
  return [...scripts, ...compiled];
}

async function bundleCommand(plugin: string): Promise<string> {
  const file = join(parts, plugin.replaceAll("_", "-").replace(/\.ts$/, ".cjs"));
  await bundles.command(plugin, file);
  const code = readFileSync(file, "utf8").replace(/^#!.*\n/, "");
  writeFileSync(file, `(function (require) {${inAscii(code)}\n})`);
  return file;
}

/** One other character, and V8 would hold every character in two bytes. esbuild leaves those of regular expressions. */
function inAscii(code: string): string {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function makeExecutable(assets: readonly string[]): Promise<void> {
  const platform = { linux: "linux", darwin: "macos", win32: "win" }[process.platform as string];
  if (platform === undefined) throw new Error(`no executable can be made for ${process.platform}`);
  const nodeRange = `node${process.versions.node.split(".")[0] ?? ""}`;
  await pkgSea.default(join(root, "scripts", "executable.cjs"), {
    targets: [{ nodeRange, platform, arch: process.arch, output: executable } as never],
    nodePath: process.execPath,
    seaConfig: { ...seaConfig, assets: Object.fromEntries(assets.map((file) => [basename(file), file])) },
    signature: process.platform === "darwin",
  });
}

/** A link for each name that kubectl looks for, as in bin/. */
function linkPlugins(): void {
  for (const name of readdirSync(join(root, "bin"))) {
    if (name === "kubectl-mirrord" || !name.startsWith("kubectl")) continue;
    symlinkSync(`kubectl-mirrord${suffix}`, join(folder, `${name}${suffix}`));
  }
}
