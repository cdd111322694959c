import { UserError, usageError } from "../../errors.ts";
import { commandWord, isCalled, load, type Command, type Verb } from "./command.ts";
import { didYouMean } from "../../text/suggest.ts";
import { flagNames, tokens } from "./tokens.ts";

export interface Resolved {
  command: Command;
  /** What is left for the command's own flags and positionals. */
  args: string[];
}

/**
 * Follows the words that choose a verb, wherever flags stand between them. `help` before a word asks for `--help` behind it.
 * @throws UserError "usage" for an unknown word where only verbs are possible
 */
export async function resolve(verb: Verb, args: readonly string[]): Promise<Resolved> {
  const command = await load(verb);
  if (command.raw) return { command, args: [...args] };
  if (args[0] === "help") return await resolve(command, [...args.slice(1), "--help"]);
  if (args[0] === "--version" && command.name === "") return await resolve(command, ["version", ...args.slice(1)]);
  if (command.verbs.length === 0) return { command, args: [...args] };

  const at = await firstPositional(command, args);
  const word = at === undefined ? undefined : args[at];
  if (at === undefined || word === undefined) return { command, args: [...args] };

  // kubectl spells a plugin's file with `_`, and so do people.
  const spelled = command.name === "" ? word.replaceAll("_", "-") : word;
  const chosen = command.verbs.find((candidate) => isCalled(candidate, word) || isCalled(candidate, spelled));
  if (chosen !== undefined) return await resolve(chosen, args.toSpliced(at, 1));
  if (command.run === undefined) throw unknownCommand(command, word);
  return { command, args: [...args] };
}

/** Where flags come first, the verbs' own tables are needed to tell a flag's value from a word. */
async function firstPositional(command: Command, args: readonly string[]): Promise<number | undefined> {
  const options = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (options.every((arg) => arg.startsWith("-"))) return undefined;
  if (options[0]?.startsWith("-") === false) return 0;

  const verbs = await Promise.all(command.verbs.map(load));
  const names = flagNames(command.flags, ...verbs.map(({ flags }) => flags));
  for (const token of tokens(options, names)) if (token.type === "positional") return token.at;
  return undefined;
}

function unknownCommand(command: Command, word: string): UserError {
  const known = command.verbs.filter((verb) => !isHidden(verb)).map(commandWord);
  const line = commandLine(command);
  return usageError(
    `unknown command "${word}" for "${line}"`,
    didYouMean(word, known) ?? `See '${line} --help' for the commands.`,
  );
}

export function isHidden(verb: Verb): boolean {
  return verb.hidden === true;
}

/** `kubectl mirrord grant list`, as the user types it. */
export function commandLine({ name }: Pick<Command, "name">): string {
  return name === "" ? "kubectl mirrord" : `kubectl mirrord ${name}`;
}
