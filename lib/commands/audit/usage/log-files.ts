import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError, usageError } from "../../../errors.ts";
import { goFileError } from "../../../kube/config/files.ts";
import { byCodePoint } from "../../../text/order.ts";

/** Which of the files this machine reads, of so many machines; from 0. */
export interface Shard {
  index: number;
  count: number;
}

/** The files that were named, those of folders among them, in order; of a shard, its part. */
export function logFiles(paths: readonly string[], shard: Shard | undefined): string[] {
  const files = paths.flatMap((path) => (path === "-" ? path : filesAt(path)));
  return shard === undefined ? files : files.filter((_, at) => at % shard.count === shard.index);
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
  const options = { highWaterMark: CHUNK_BYTES, signal };
  const file = path === "-" ? createReadStream("", { ...options, fd: 0 }) : createReadStream(path, options);
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
    const name = path === "-" ? "standard input" : path;
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
