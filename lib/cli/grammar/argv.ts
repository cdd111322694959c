import type { Argv } from "yargs";
import { UserError, usageError } from "../../errors.ts";
import { nearest } from "../../text/suggest.ts";
import { commandWord, type Command } from "./command.ts";
import type { Flag, Positional } from "./flags.ts";
import { normalize, yargsWords, type Typed } from "./normalize.ts";
import { commandLine, isHidden } from "./resolve.ts";
import { conflictError, spelled } from "./rules.ts";
import { checkedValues, defaults } from "./values.ts";

/**
 * The options of a command as its tables promise them. pflag's spelling is made plain first; then yargs checks types,
 * arity, what is required and what conflicts, its middleware checks values and needs; defaults come last.
 * @throws UserError "usage", in kubectl's words
 */
export async function parseArguments(command: Command, args: readonly string[]): Promise<Record<string, unknown>> {
  const typed = normalize(command, args);
  const { bareYargs } = await import("./yargs.ts");
  // yargs says one text of a failure: the error that belongs to it waits here.
  const refusals = new Map<string, UserError>();
  const parser = bareYargs(commandLine(command), (message, ...texts) => {
    const refusal = refusalFor(message, texts, command, typed);
    if (refusal !== undefined) refusals.set(refusal.message, refusal);
    return refusal?.message ?? message;
  });
  declareOptions(parser, command);
  for (const { option, excludes } of command.conflicts) parser.conflicts(option, excludes);
  // The words that chose the command stay out of it: `$0` is what the script itself does.
  const none = (own: Argv): Argv => own.demandCommand(0, 0);
  const check = (argv: Record<string, unknown>): void => void Object.assign(argv, checkedValues(command, argv));
  const given: Record<string, unknown> = parser
    .command("$0", command.summary, none, () => {}, [check])
    .fail((message: string, error?: Error) => {
      throw refusals.get(message) ?? error ?? new Error(message);
    })
    .parseSync(yargsWords(command, typed));
  const options = Object.entries(defaults(command));
  return Object.fromEntries(options.map(([name, otherwise]) => [name, name in given ? given[name] : otherwise]));
}

/** Types, arity, and what is required. */
function declareOptions(parser: Argv, { flags, positionals }: Command): void {
  const all = Object.entries({ ...flags, ...positionals });
  const named = (wanted: (definition: Flag | Positional) => boolean | undefined): string[] =>
    all.filter(([, definition]) => wanted(definition)).map(([option]) => option);
  const texts = named(({ type }) => type !== "boolean");
  parser
    .boolean(named(({ type }) => type === "boolean"))
    .string(texts)
    .nargs(Object.fromEntries(texts.map((option) => [option, 1])))
    .demandOption(named((definition) => "required" in definition && definition.required));
}

/** What was meant for a flag may be a secret: `license.key=…`. */
const withoutValue = (word: string): string => word.replace(/=.*/s, "=…");

/** The messages of yargs that a user can cause, in kubectl's words; the others are faults of ours. */
function refusalFor(message: string, texts: readonly string[], command: Command, typed: Typed): UserError | undefined {
  const [first = "", second = ""] = texts;
  switch (message) {
    case "Not enough arguments following: %s":
      return usageError(`flag needs an argument: ${typed.incomplete?.shown ?? spelled(command, first)}`);
    case "Too many non-option arguments: got %s, maximum of %s":
      return usageError(`unexpected argument "${withoutValue(typed.excess[0] ?? "")}"`, mistypedVerb(command, typed));
    case "Missing required argument: %s":
      return missing(first.split(", ")[0] ?? "", command);
    case "Arguments %s and %s are mutually exclusive":
      return conflictError(command, first, second);
    default:
      return undefined;
  }
}

/** A verb that was mistyped was taken for the command's first argument, or for one too many. */
function mistypedVerb(command: Command, { given, excess }: Typed): string | undefined {
  const [positional = ""] = Object.keys(command.positionals);
  const word = given.get(positional)?.[0] ?? excess[0] ?? "";
  const meant = nearest(word, command.verbs.filter((verb) => !isHidden(verb)).map(commandWord));
  return meant === undefined ? undefined : `Did you mean "${commandLine(command)} ${meant}"?`;
}

function missing(option: string, command: Command): UserError {
  const name = spelled(command, option);
  return usageError(option in command.flags ? `required flag "${name}" not set` : `${name} is missing`);
}
