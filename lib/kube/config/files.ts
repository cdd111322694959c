import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { withDefaultSignals } from "../../computing.ts";
import { usageError } from "../../errors.ts";

/** What kubeconfig reading needs of the machine; tests hand in a table of files. */
export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Relative paths on the command line and in KUBECONFIG start here. */
  cwd: string;
  /** @throws what fs.readFileSync throws: an Error with `code` ENOENT, EACCES, EISDIR … */
  readFile(path: string): string;
}

/** No manifest or configuration comes near; a device has no end. */
const MAX_BYTES = 256 * 1024 * 1024;

export function absolute(machine: Machine, path: string): string {
  return isAbsolute(path) ? path : join(machine.cwd, path);
}

/** The contents, or undefined when there is no such file. Other failures are thrown. */
export function readIfPresent(machine: Machine, path: string): string | undefined {
  try {
    return machine.readFile(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A path as it is said to people: `-` is standard input. */
export const shownPath = (path: string): string => (path === "-" ? "standard input" : path);

/**
 * The whole of a file that was named, or of standard input for `-`.
 * @throws UserError "usage" for more than any manifest or configuration has, else what fs.readFileSync throws
 */
export function readNamed(path: string): Buffer {
  return path === "-" ? readStream(0, shownPath(path)) : readFile(path);
}

/**
 * The same as text.
 * @param shownAs in place of the path in an error, which is in Go's words
 * @throws UserError "usage" where it cannot be read
 */
export function readNamedText(path: string, shownAs = shownPath(path)): string {
  try {
    return readNamed(path).toString("utf8");
  } catch (cause) {
    if (systemErrorCode(cause) === "") throw cause;
    throw usageError(goFileError(shownAs, cause), undefined, { cause });
  }
}

/**
 * The same for a path that is always a file's. Where reading waits for somebody (a terminal, a pipe), signals do meanwhile what
 * they do by themselves: no handler could run before the end of the file.
 */
export function readFile(path: string): Buffer {
  const stats = statSync(path);
  if (stats.isFile() && stats.size > MAX_BYTES) throw tooLarge(path);
  if (stats.isFile() || stats.isDirectory()) return readFileSync(path);
  return readStream(path, path);
}

function readStream(from: string | 0, name: string): Buffer {
  return withDefaultSignals(() => {
    const file = from === 0 ? 0 : openSync(from, "r");
    try {
      return readToEnd(file, name);
    } finally {
      if (file !== 0) closeSync(file);
    }
  });
}

function readToEnd(file: number, name: string): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const length = readPiece(file, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    total += length;
    if (total > MAX_BYTES) throw tooLarge(name);
  }
}

const PAUSE_MS = 10;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * A pipe whose writer has nothing to say yet says so (EAGAIN) where anybody made it one that does not wait: all who have it share
 * that, and Node.js makes standard input one when a module of ours is loaded. On Windows the end of a pipe is an error.
 */
function readPiece(file: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(file, chunk);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}

const tooLarge = (name: string) => usageError(`${name}: larger than ${MAX_BYTES} bytes`);

/** Where relative paths start; where that folder is gone, they lead nowhere. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return ".";
  }
}

export function systemErrorCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

const reasons: Record<string, string> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
};

/** A failed file operation in Go's words, such as `open /x/ca.crt: no such file or directory`. */
export function goFileError(path: string, error: unknown, operation = "open"): string {
  const code = systemErrorCode(error);
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return `${code === "EISDIR" ? "read" : operation} ${path}: ${reason}`;
}

/** Source: client-go util/homedir: Windows takes the first of three that has a kubeconfig. */
export function homeFolder(machine: Machine): string {
  const { HOME = "", HOMEDRIVE = "", HOMEPATH = "", USERPROFILE = "" } = machine.env;
  if (machine.platform !== "win32") return HOME;
  const candidates = [HOME, HOMEDRIVE && HOMEPATH ? HOMEDRIVE + HOMEPATH : "", USERPROFILE].filter(Boolean);
  const withConfig = candidates.find((home) => isReadable(machine, join(home, ".kube", "config")));
  return withConfig ?? candidates[0] ?? "";
}

function isReadable(machine: Machine, path: string): boolean {
  try {
    return readIfPresent(machine, path) !== undefined;
  } catch {
    return false;
  }
}
