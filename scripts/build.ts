// Bundles the command and makes one executable of it for this platform: npm run build
// Its name decides what it is: build/kubectl-mirrord dispatches, links of other names are the plugins themselves.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pkgSea from "@yao-pkg/pkg/lib-es5/sea.js";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { compiledCode } from "./compiled.ts";
import { licenceTexts } from "./licences.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "build");
const suffix = process.platform === "win32" ? ".exe" : "";
const executable = join(folder, `kubectl-mirrord${suffix}`);

/**
 * Big packages that few runs need: inquirer asks at a terminal, client-node connects to a pod. The start of an executable grows with the size of its main
 * script even where nothing of it runs, so each is a script of its own inside the executable, read when it is asked for.
 */
const apart = ["inquirer", "@kubernetes/client-node"];
const assetName = (packageName: string) => `${packageName.replaceAll(/[^a-z-]/g, "_")}.cjs`;

const readFromExecutable: Plugin = {
  name: "read-from-executable",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path }) => (apart.includes(path) ? { path, namespace: "apart" } : undefined));
    onLoad({ filter: /.*/, namespace: "apart" }, ({ path }) => ({
      contents: `
        const Module = require("node:module");
        const name = ${JSON.stringify(assetName(path))};
        const script = new Module(name);
        script._compile(require("node:sea").getAsset(name, "utf8"), name);
        module.exports = script.exports;`,
    }));
  },
};

const common: BuildOptions = {
  bundle: true,
  minify: true,
  platform: "node",
  target: "node26",
  format: "cjs",
  // A script that is no file has no import().
  supported: { "dynamic-import": false },
  legalComments: "none",
  metafile: true,
  // A single executable is CommonJS, where import.meta.url does not exist.
  define: { "import.meta.url": "__importMetaUrl" },
  banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(process.execPath).href;' },
  logLevel: "warning",
};

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

/** Every file that a bundle took something from. */
const inputs = new Set<string>();

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const parts = mkdtempSync(join(tmpdir(), "kubectl-mirrord-build-"));
try {
  await makeExecutable([...(await bundleCommands()), ...(await bundleApart())]);
} finally {
  rmSync(parts, { recursive: true, force: true });
}
linkPlugins();
writeFileSync(join(folder, "LICENSES.txt"), licenceTexts([...inputs], root));
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
  await bundle({ entryPoints: [join(root, "plugins", plugin)], outfile: file, plugins: [readFromExecutable] });
  const code = readFileSync(file, "utf8").replace(/^#!.*\n/, "");
  writeFileSync(file, `(function (require) {${inAscii(code)}\n})`);
  return file;
}

async function bundle(options: BuildOptions): Promise<void> {
  const { metafile } = await build({ ...common, absWorkingDir: root, ...options });
  for (const input of Object.keys(metafile?.inputs ?? {})) inputs.add(input);
}

/** One other character, and V8 would hold every character in two bytes. esbuild leaves those of regular expressions. */
function inAscii(code: string): string {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function bundleApart(): Promise<string[]> {
  return await Promise.all(
    apart.map(async (packageName) => {
      const file = join(parts, assetName(packageName));
      const stdin = { contents: `export * from ${JSON.stringify(packageName)};`, resolveDir: root };
      await bundle({ stdin, outfile: file });
      return file;
    }),
  );
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
