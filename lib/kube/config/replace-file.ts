import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface ReplaceOptions {
  /** The permissions of the file, whatever those of an older one were. */
  mode: number;
  /** Where it is written before it takes the name, in the same folder; what is there is removed. */
  draft?: string;
}

/**
 * Writes a file whole or not at all: whoever reads meanwhile finds the old one or this one. A link of that name is replaced, never
 * followed. Throws what the functions of node:fs throw, and leaves no draft then.
 */
export function replaceFile(
  file: string,
  content: string | Buffer,
  { mode, draft = join(dirname(file), `.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`) }: ReplaceOptions,
): void {
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
