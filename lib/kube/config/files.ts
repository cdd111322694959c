import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** What kubeconfig reading needs of the machine; tests hand in a table of files. */
export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Relative paths on the command line and in KUBECONFIG start here. */
  cwd: string;
  /** @throws what fs.readFileSync throws: an Error with `code` ENOENT, EACCES, EISDIR … */
  readFile(path: string): string;
}

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

/**
 * The whole of a file that was named, or of standard input for `-`. Where that waits for somebody (a terminal, a pipe), signals do
 * meanwhile what they do by themselves: no handler could run before the end of the file.
 * @throws what fs.readFileSync throws
 */
export function readNamed(path: string): Buffer {
  const file = path === "-" ? 0 : path;
  if (file !== 0 && statSync(file).isFile()) return readFileSync(file);
  const held = (["SIGINT", "SIGTERM"] as const).map((signal) => [signal, process.listeners(signal)] as const);
  for (const [signal] of held) process.removeAllListeners(signal);
  try {
    return readFileSync(file);
  } finally {
    for (const [signal, listeners] of held) for (const listener of listeners) process.on(signal, listener);
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
