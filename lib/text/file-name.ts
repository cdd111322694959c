/** Bytes; file systems hold 255, and a suffix or a number may follow. */
const MAX_BYTES = 200;

/**
 * A name of anything as the name of one file, in the folder that it is joined to and nowhere else: what a file name cannot hold
 * everywhere is `_`, and a long one is cut before its extension. Two names may become the same.
 */
export function fileName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_");
  if (safe === "") return "_";
  const extension = /\.[a-z]{1,10}$/.exec(safe)?.[0] ?? "";
  return `${safe.slice(0, Math.min(safe.length, MAX_BYTES) - extension.length)}${extension}`;
}
