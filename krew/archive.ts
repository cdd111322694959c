// Archives that are the same whenever and by whomever they are made.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { create, list } from "tar";

/** Any other moment would be a difference between two builds. */
const moment = new Date(0);

/**
 * Packs `names`, files or folders below `folder`, in the order that is given, as tar with gzip. By the program gzip: what
 * Node.js makes of an executable is larger by a million bytes, and takes longer.
 */
export async function pack(file: string, folder: string, names: readonly string[]): Promise<void> {
  const packed = create({ cwd: folder, portable: true, mtime: moment, strict: true }, [...names]);
  const output = createWriteStream(file);
  const gzip = spawn("gzip", ["-6", "--no-name"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(gzip, "close") as Promise<[status: number | null]>;
  const [[status]] = await Promise.all([ended, pipeline(packed, gzip.stdin), pipeline(gzip.stdout, output)]);
  if (status !== 0) throw new Error(`gzip ended with ${status}`);
}

export interface Entry {
  path: string;
  /** `File`, `Directory`, `SymbolicLink`, `Link`, … */
  type: string;
  mode: number;
  bytes: number;
}

export async function entries(file: string): Promise<Entry[]> {
  const found: Entry[] = [];
  await list({
    file,
    strict: true,
    onReadEntry: ({ path, type, mode = 0, size }) => found.push({ path, type, mode: mode & 0o777, bytes: size }),
  });
  return found;
}
