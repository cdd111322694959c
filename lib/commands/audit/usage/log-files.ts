import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { addAbortSignal, pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { LogShard } from "../../../audit/usage/shards.ts";
import { UserError, usageError } from "../../../errors.ts";
import { goFileError, shownPath } from "../../../kube/config/files.ts";
import { byCodePoint } from "../../../text/order.ts";

/** Which of the files this machine reads, of so many machines; from 0. */
export type Shard = Pick<LogShard, "index" | "count">;

/** The files that were named, those of folders among them, in order. */
export const logFiles = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => (path === "-" ? path : filesAt(path)));

/** Of all files those of a shard. */
export const shardFiles = (files: readonly string[], { index, count }: Shard): string[] =>
  files.filter((_, at) => at % count === index);

const HEAD_BYTES = 1024;

/**
 * The same for the same files in the same order, wherever they are and however much is written to them meanwhile: made of their
 * names and how they begin. Pipes have none: what is read of them is gone.
 */
export function logInput(files: readonly string[]): string | undefined {
  const hash = createHash("sha256");
  for (const path of files) {
    const head = path === "-" ? undefined : fileHead(path);
    if (head === undefined) return undefined;
    hash.update(JSON.stringify([basename(path), head.toString("base64")]));
  }
  return hash.digest("hex").slice(0, 32);
}

function fileHead(path: string): Buffer | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const file = openSync(path, "r");
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    // Whoever reads it says why.
    return undefined;
  }
}

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const entries = readdirSync(path, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return names.toSorted(byCodePoint).map((name) => join(path, name));
  } catch (cause) {
    throw usageError(goFileError(path, cause), undefined, { cause });
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a log, decompressed where it begins as gzip does, whatever its name; `-` is standard input. */
export async function* logBytes(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // By its number, standard input says that it has nothing yet where it is a pipe that does not wait.
  const file =
    path === "-"
      ? addAbortSignal(signal, process.stdin)
      : createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  let isCompressed = false;
  try {
    const chunks: AsyncIterator<Buffer> = file[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done === true) return;
    isCompressed = first.value[0] === 0x1f && first.value[1] === 0x8b;
    const all = startingWith(first.value, chunks);
    yield* isCompressed ? decompressed(all) : all;
  } catch (cause) {
    if (signal.aborted) throw new UserError("interrupted", "interrupted");
    const name = shownPath(path);
    if (isCompressed && isZlibError(cause))
      throw new UserError("undetermined", `${name}: it is compressed, and damaged or cut off`, [], { cause });
    throw usageError(goFileError(name, cause, "read"), undefined, { cause });
  } finally {
    file.destroy();
  }
}

function decompressed(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Whoever reads the end of it is told of a failure there.
  pipeline(Readable.from(bytes), unzip, () => {});
  return unzip;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
