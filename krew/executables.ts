// The executable of each target, from the same scripts.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../scripts/bundle.ts";
import { compiledCode } from "../scripts/compiled.ts";
import { adHocSigned } from "../scripts/mach-o.ts";
import { thisPlatform, type NodeProgram } from "../scripts/make-executable.ts";
import type { Order } from "./make.ts";
import { executableName } from "./manifest.ts";
import { nodeProgram, unpackNode } from "./node-packages.ts";
import { generators, type Target } from "./targets.ts";

export interface Executable {
  target: Target;
  /** Holds the executable and nothing else. */
  folder: string;
  /** Of the package that the licence texts of its Node.js are in. */
  nodePackage: string;
}

interface Work {
  scripts: { folder: string; files: readonly string[] };
  /** Where compiled code is: a folder for each target. What this machine can record and is not there is put there. */
  codeCaches: string;
  /** To work in. */
  folder: string;
}

/** Makes them, as many at a time as there are processors. */
export async function makeExecutables(targets: readonly Target[], work: Work): Promise<Executable[]> {
  const packages = new Map<string, string>();
  for (const one of [...targets.map(({ node }) => node), ...generators]) {
    const isNeeded = targets.some(({ node }) => node.version === one.version);
    const key = `${one.name}@${one.version}`;
    if (isNeeded && !packages.has(key)) packages.set(key, await unpackNode(one, join(work.folder, "node")));
  }
  for (const target of targets)
    if (isThisPlatform(target)) await tryRecording(target, nodeProgram(folderFor(packages, target.node)), work);
  const todo = [...targets];
  const done = new Map<Target, Executable>();
  const workers = Array.from({ length: Math.min(availableParallelism(), todo.length) }, async () => {
    for (let target = todo.shift(); target !== undefined; target = todo.shift())
      done.set(target, await makeOne(target, packages, work));
  });
  await Promise.all(workers);
  return targets.flatMap((target) => done.get(target) ?? []);
}

/**
 * Compiled code is recorded where it will run. What was recorded before is kept: two recordings are never quite the same. V8
 * would take that of other scripts of the same length, and run it, so what it belongs to is kept with it.
 */
export async function recordCompiledCode(target: Target, node: string, work: Work): Promise<void> {
  const kept = join(work.codeCaches, target.name);
  if (isFor(kept, target, work)) return;
  const folder = join(work.folder, "recording");
  const caches = await compiledCode(work.scripts.folder, node, join(root, "examples"), folder);
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  for (const cache of caches) copyFileSync(cache, join(kept, basename(cache)));
  writeFileSync(join(kept, BELONGS_TO), owner(target, work));
}

/** Compiled code saves time only: without it an executable is as good (docs/adr/0012), so a failure is only a warning. */
export async function tryRecording(
  target: Target,
  node: string,
  work: Work,
  warn = (line: string): unknown => process.stderr.write(line),
): Promise<void> {
  await recordCompiledCode(target, node, work).catch((error: Error) =>
    warn(`warning: ${target.name} gets no compiled code: ${error.message}\n`),
  );
}

const BELONGS_TO = "belongs-to";

function isFor(kept: string, target: Target, work: Work): boolean {
  const file = join(kept, BELONGS_TO);
  return existsSync(file) && readFileSync(file, "utf8") === owner(target, work);
}

function owner({ node }: Target, { scripts }: Work): string {
  const hash = createHash("sha256");
  for (const file of scripts.files) hash.update(readFileSync(file));
  return `Node.js ${node.version}, scripts ${hash.digest("hex")}\n`;
}

/** What was recorded for the target, or nothing. Throws when it was recorded for something else. */
function compiledFor(target: Target, work: Work): string[] {
  const kept = join(work.codeCaches, target.name);
  if (!existsSync(kept)) return [];
  if (!isFor(kept, target, work)) throw new Error(`${kept} was recorded for other scripts, or another Node.js`);
  const caches = readdirSync(kept).filter((name) => name.endsWith(".cache"));
  return caches.toSorted().map((name) => join(kept, name));
}

export function isThisPlatform({ os, arch }: Target): boolean {
  return os === thisPlatform.os && arch === thisPlatform.arch;
}

async function makeOne(target: Target, packages: ReadonlyMap<string, string>, work: Work): Promise<Executable> {
  const generator = generators.find(({ version }) => version === target.node.version);
  if (generator === undefined) throw new Error(`no generator for Node.js ${target.node.version}`);
  const folder = join(work.folder, target.name);
  mkdirSync(folder, { recursive: true });
  const output = join(folder, executableName(target));
  const program = nodeProgram(folderFor(packages, target.node));
  const nodePackage = folderFor(packages, generator);
  await strip(program, target);
  const onThis: NodeProgram = { ...thisPlatform, version: generator.version, file: nodeProgram(nodePackage) };
  const order: Order = {
    node: { os: target.os, arch: target.arch, version: target.node.version, file: program },
    generator: isThisPlatform(target) ? { ...onThis, file: program } : onThis,
    assets: [...work.scripts.files, ...compiledFor(target, work)],
    output,
  };
  await run(process.execPath, [join(import.meta.dirname, "make.ts"), JSON.stringify(order)]);
  if (target.os === "darwin") writeFileSync(output, adHocSigned(readFileSync(output), "kubectl-mirrord"));
  chmodSync(output, 0o755);
  return { target, folder, nodePackage };
}

/** Names of functions are a quarter of a Node.js; nothing reads them. What is for Windows has none. */
async function strip(program: string, { os }: Target): Promise<void> {
  if (os !== "win") await run(process.env["LLVM_STRIP"] ?? "llvm-strip", [program]);
}

function folderFor(
  packages: ReadonlyMap<string, string>,
  { name, version }: { name: string; version: string },
): string {
  const folder = packages.get(`${name}@${version}`);
  if (folder === undefined) throw new Error(`${name}@${version} was not unpacked`);
  return folder;
}

async function run(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  const stderr = text(child.stderr);
  const [status]: unknown[] = await once(child, "close").catch((error: Error) => [error.message]);
  if (status !== 0) throw new Error(`${file} ended with ${String(status)}: ${await stderr}`);
}
