import type { Completer } from "../../cli/completion/complete.ts";
import { permissionsTable } from "./table.ts";

/** The next word of every command that begins with the words so far; what is a flag there would be one here. */
export const completeCommands: Completer = async (_typed, _world, { given }) => {
  const begun = permissionsTable
    .map(({ command }) => command.split(" "))
    .filter((words) => given.every((word, index) => words[index] === word));
  const next = begun.flatMap((words) => words[given.length] ?? []);
  return [...new Set(next)].filter((word) => !word.startsWith("-"));
};
