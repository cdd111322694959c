// Bundles the command and makes one executable of it for this platform: npm run build
// Its name decides what it is: build/kubectl-mirrord dispatches, links of other names are the plugins themselves.
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pkgSea from "@yao-pkg/pkg/lib-es5/sea.js";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "build");
const bundle = join(folder, "kubectl-mirrord.cjs");
const suffix = process.platform === "win32" ? ".exe" : "";
const executable = join(folder, `kubectl-mirrord${suffix}`);

await makeBundle();
await makeExecutable();
linkPlugins();
process.stderr.write(`${executable}\n`);

async function makeBundle(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, "plugins", "kubectl-mirrord.ts")],
    outfile: bundle,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node26",
    format: "cjs",
    legalComments: "external",
    // A single executable is CommonJS, where import.meta.url does not exist.
    define: { "import.meta.url": "__importMetaUrl" },
    banner: { js: 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "warning",
  });
}

async function makeExecutable(): Promise<void> {
  rmSync(executable, { force: true });
  const platform = { linux: "linux", darwin: "macos", win32: "win" }[process.platform as string];
  if (platform === undefined) throw new Error(`no executable can be made for ${process.platform}`);
  await pkgSea.default(bundle, {
    targets: [{ nodeRange: `node${process.versions.node.split(".")[0] ?? ""}`, platform, arch: process.arch, output: executable } as never],
    nodePath: process.execPath,
    seaConfig: { disableExperimentalSEAWarning: true, useSnapshot: false, useCodeCache: true },
    signature: process.platform === "darwin",
  });
}

function linkPlugins(): void {
  for (const name of ["kubectl-mirrord-grant", "kubectl-mirrord-can_i", "kubectl_complete-mirrord"]) {
    const link = join(folder, `${name}${suffix}`);
    if (existsSync(link)) rmSync(link);
    symlinkSync(`kubectl-mirrord${suffix}`, link);
  }
}
