import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * The program that a command means, as Go's exec.LookPath finds it: a bare name is looked for on PATH, but never in the
 * current folder by way of an empty or relative entry. Undefined when there is none.
 */
export function lookPath(command: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (isAbsolute(command) || /[/\\]/.test(command)) return isProgram(command) ? command : undefined;
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter(isAbsolute);
  const endings = process.platform === "win32" ? (env["PATHEXT"] ?? ".COM;.EXE;.BAT;.CMD").split(";") : [""];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, command + ending))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
