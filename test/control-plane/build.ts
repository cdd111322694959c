// Builds the Go module of this folder, or another one, into a cache outside the checkout.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isRunning } from "./processes.ts";

export interface GoModule {
  /** Of its folder in the cache. */
  name: string;
  /** Where its go.mod is. */
  folder: string;
  /** What is built, by the name of the file. */
  packages: Readonly<Record<string, string>>;
  linkerFlags: string;
  /** For whoever has no Go. */
  howToGetOne: string;
}

// Without a version the server calls itself v0.0.0-master, which kubectl cannot work with.
const version = "k8s.io/component-base/version";
const linkerFlags =
  `-s -w -X ${version}.gitVersion=v1.36.3 -X ${version}.gitMajor=1 -X ${version}.gitMinor=36 ` +
  `-X ${version}.gitTreeState=clean`;

const controlPlane: GoModule = {
  name: "control-plane",
  folder: import.meta.dirname,
  packages: { "control-plane": ".", kubectl: "k8s.io/kubernetes/cmd/kubectl" },
  linkerFlags,
  howToGetOne:
    "Install Go 1.26 or newer (https://go.dev/dl/), or set KUBEBUILDER_ASSETS to a folder with\n" +
    "etcd, kube-apiserver, kube-controller-manager and kubectl (1.36).",
};

const reportEveryMs = 10_000;

/** Named after everything that goes into the build, so that a change of any of it builds anew. */
export async function cacheFolder(module = controlPlane): Promise<string> {
  const inputs = (await Array.fromAsync(glob(["go.mod", "go.sum", "*.go"], { cwd: module.folder }))).toSorted();
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${module.linkerFlags}`);
  for (const name of inputs) hash.update(`\n${name}\n`).update(await readFile(join(module.folder, name)));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "kubectl-mirrord", module.name, hash.digest("hex").slice(0, 16));
}

export function isBuilt(folder: string, { packages } = controlPlane): boolean {
  return Object.keys(packages).every((name) => existsSync(join(folder, name)));
}

/**
 * Builds what is missing in the folder. Any number of processes may do so at once: each builds under a name of
 * its own and moves the finished program into place.
 */
export async function goBuild(folder: string, report: (line: string) => void, module = controlPlane): Promise<void> {
  mkdirSync(folder, { recursive: true });
  removeUnfinished(folder);
  for (const [name, source] of Object.entries(module.packages)) {
    if (existsSync(join(folder, name))) continue;
    const unfinished = join(folder, `${name}.${process.pid}.unfinished`);
    try {
      await compile({ name, source }, unfinished, report, module);
      renameSync(unfinished, join(folder, name));
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}

async function compile(
  { name, source }: { name: string; source: string },
  output: string,
  report: (line: string) => void,
  { folder, linkerFlags: flags, howToGetOne }: GoModule,
): Promise<void> {
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`building ${name} from source; this takes some minutes the first time, and is kept`);
  const go = spawn("go", ["build", "-v", "-trimpath", "-ldflags", flags, "-o", output, source], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const stopGo = () => go.kill();
  process.once("exit", stopGo);
  let compiled = 0;
  const messages: string[] = [];
  createInterface({ input: go.stderr }).on("line", (line) => {
    if (/^[\w.~/-]+$/.test(line)) compiled += 1;
    else messages.push(line);
  });
  const progress = setInterval(() => report(`${name}: ${compiled} packages compiled, ${elapsed()}`), reportEveryMs);
  try {
    const [code]: (number | null)[] = await once(go, "close");
    if (code !== 0) throw new Error(`go build failed:\n${messages.slice(-20).join("\n")}\n${howToGetOne}`);
    report(`built ${name} in ${elapsed()}`);
  } catch (error) {
    if (isMissingProgram(error)) throw new Error(`Go is not on PATH.\n${howToGetOne}`, { cause: error });
    throw error;
  } finally {
    clearInterval(progress);
    process.off("exit", stopGo);
  }
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Left by builds that were killed. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /\.(\d+)\.unfinished$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
