// One executable of a Node.js and of the files that it will hold, by pkg.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import pkgSea from "@yao-pkg/pkg/lib-es5/sea.js";
import { root } from "./bundle.ts";

export interface Platform {
  os: "linux" | "darwin" | "win";
  arch: "x64" | "arm64";
}

/** `file` is the program, for `platform`. */
export interface NodeProgram extends Platform {
  version: string;
  file: string;
}

/** Also what V8 compares compiled code with. */
export const execArgv = [
  // With V8's own 1 MiB a short command collects garbage several times; with 8, not once. Four threads are started, and ended,
  // to compile and collect beside it: one does. (Together 20 ms of 120.)
  "--min-semi-space-size=8",
  "--v8-pool-size=1",
  // These save a thread each: one that reads Node.js's own certificates (a kubeconfig names its authority, else
  // lib/kube/http/tls-options.ts does), and one that waits for a signal to open the debugger.
  "--use-openssl-ca",
  "--disable-sigusr1",
];

const seaConfig = {
  // NODE_OPTIONS in the environment must not run anybody's code in a tool that holds credentials, nor end it with an exit code
  // that means "no".
  execArgvExtension: "none",
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  // Of the main script, which is short: no gain, and rejected with a warning on every other platform.
  useCodeCache: false,
  execArgv,
};

export const thisPlatform: Platform = {
  os: { linux: "linux", darwin: "darwin", win32: "win" }[process.platform as string] as Platform["os"],
  arch: process.arch as Platform["arch"],
};

/**
 * Writes `output`. `node` goes into it; `generator` is the same version for this platform, and writes the data in the form that this
 * version reads. Changes the working folder and the environment of this process: one at a time.
 */
export async function makeExecutable(
  node: NodeProgram,
  generator: NodeProgram,
  assets: readonly string[],
  output: string,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "kubectl-mirrord-home-"));
  const before = { HOME: process.env["HOME"], USERPROFILE: process.env["USERPROFILE"] };
  try {
    for (const program of [node, generator]) placeForPkg(program, join(home, ".pkg-cache", "sea"));
    Object.assign(process.env, { HOME: home, USERPROFILE: home });
    await pkgSea.default(join(root, "scripts", "executable.cjs"), {
      targets: [{ nodeRange: `node${node.version}`, platform: pkgName(node.os), arch: node.arch, output } as never],
      seaConfig: { ...seaConfig, assets: Object.fromEntries(assets.map((file) => [basename(file), file])) },
      signature: false,
    });
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(home, { recursive: true, force: true });
  }
}

/** Where pkg looks for a Node.js before it would download one: an archive, the program of it, and beside both that they are whole. */
function placeForPkg({ os, arch, version, file }: NodeProgram, cache: string): void {
  const name = `node-v${version}-${os}-${arch}`;
  const program = os === "win" ? join(cache, `${name}.exe`) : join(cache, name, "bin", "node");
  const archive = join(cache, `${name}.${os === "win" ? "zip" : "tar.gz"}`);
  mkdirSync(dirname(program), { recursive: true });
  rmSync(program, { force: true });
  symlinkSync(file, program);
  for (const empty of [archive, `${archive}.ok`, `${program}.ok`]) writeFileSync(empty, "");
}

function pkgName(os: Platform["os"]): string {
  return os === "darwin" ? "macos" : os;
}
