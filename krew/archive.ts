// Archives that are the same whenever and by whomever they are made.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { create, list } from "tar";

/** Any other moment would be a difference between two builds. */
const moment = new Date(0);

/** Packs `names`, files or folders below `folder`, in the order that is given, as tar with gzip. */
export async function pack(file: string, folder: string, names: readonly string[]): Promise<void> {
  const packed = create({ cwd: folder, gzip: { level: 9 }, portable: true, mtime: moment, strict: true }, [...names]);
  const output = createWriteStream(file);
  packed.pipe(output);
  await once(output, "close");
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
