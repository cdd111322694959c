// A folder on PATH that something is installed into, where kubectl looks for plugins.
import { stat } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
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

export function noteIfNotOnPath(dir: string, world: Pick<World, "env" | "note">): void {
  const folders = (world.env["PATH"] ?? "").split(delimiter).map((folder) => resolve(folder));
  if (!folders.includes(resolve(dir))) world.note(`${dir} is not on PATH: kubectl will not find the files there.`);
}
