// A folder on PATH that something is installed into, where kubectl looks for plugins.
import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { UserError, usageError } from "../errors.ts";
import type { World } from "./world.ts";

export async function requireFolder(dir: string): Promise<void> {
  const folder = await stat(dir).catch(() => undefined);
  if (!folder?.isDirectory())
    throw usageError(`${dir} is not a folder`, "Create it first, or name another one with --dir.");
}

export function cannotWrite(file: string, cause: Error): UserError {
  return new UserError("undetermined", `cannot write ${file}: ${cause.message}`, undefined, { cause });
}

/**
 * What keeps kubectl from running `files`, which were just written into `dir`: it takes the first of a name on PATH.
 */
export async function noteIfHidden(
  files: readonly string[],
  dir: string,
  world: Pick<World, "env" | "note">,
): Promise<void> {
  const folders = foldersOnPath(world.env);
  if (!folders.includes(resolve(dir))) {
    world.note(`${dir} is not on PATH: kubectl will not find the files there.`);
    return;
  }
  for (const file of files) {
    const first = await findProgram(basename(file), folders);
    if (first !== undefined && (await realpath(dirname(first))) !== (await realpath(dirname(file))))
      world.note(`${first} comes first on PATH: kubectl runs it in place of ${file}.`);
  }
}

export function foldersOnPath(env: NodeJS.ProcessEnv): string[] {
  return (env["PATH"] ?? "").split(delimiter).map((folder) => resolve(folder));
}

/** The file that a shell would run for the name, or undefined. */
export async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if ((await isFile(file)) && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** Whether the caller may run it. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
