// The packages of Node.js, from npm: unpacked after their tarballs have been checked.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { extract } from "tar";
import type { NodePackage } from "./targets.ts";

const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubectl-mirrord", "node-packages");

/** Of three thousand files, nearly all of them headers and documentation. */
const needed = /^[^/]+\/(bin\/node(\.exe)?|LICENSE|package\.json)$/;

/**
 * Unpacks the program of a package, and its licence, into a folder of its own below `folder`, and returns that. Tarballs are kept, so that a second release fetches
 * nothing. Throws for a tarball that is not the pinned one; nothing of it is unpacked.
 */
export async function unpackNode(one: NodePackage, folder: string): Promise<string> {
  const tarball = join(cache, `${one.name}-${one.version}.tgz`);
  if (!existsSync(tarball)) fetchTarball(one, tarball);
  try {
    requireIntegrity(readFileSync(tarball), one);
  } catch (error) {
    rmSync(tarball, { force: true });
    throw error;
  }
  const into = join(folder, `${one.name}-${one.version}`);
  mkdirSync(into, { recursive: true });
  await extract({ file: tarball, cwd: into, strip: 1, filter: (path) => needed.test(path) });
  return into;
}

/** By npm, as `npm ci` does. Others may do the same at the same time: each moves a whole file into place. */
function fetchTarball({ name, version }: NodePackage, tarball: string): void {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "unfinished-"));
  try {
    const words = ["pack", `${name}@${version}`, "--ignore-scripts", "--pack-destination", draft];
    const { status, stderr } = spawnSync("npm", words, { encoding: "utf8", shell: process.platform === "win32" });
    const [file] = readdirSync(draft);
    if (status !== 0 || file === undefined) throw new Error(`npm pack ${name}@${version}: ${stderr}`);
    renameSync(join(draft, file), tarball);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** npm compares with what the registry says today; this compares with what was released before. */
export function requireIntegrity(tarball: Buffer, { name, version, integrity }: NodePackage): void {
  const found = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  if (found !== integrity)
    throw new Error(`${name}@${version} is not what is pinned: ${found} in place of ${integrity}`);
}

export function nodeProgram(packageFolder: string): string {
  const bin = join(packageFolder, "bin");
  const name = readdirSync(bin).find((one) => one === "node" || one === "node.exe");
  if (name === undefined) throw new Error(`there is no Node.js in ${packageFolder}`);
  return join(bin, name);
}
