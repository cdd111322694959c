import { usageError } from "../../errors.ts";
import { didYouMean } from "../../text/suggest.ts";
import type { Command } from "./command.ts";
import { longName, type Flag, type Positional } from "./flags.ts";
import { checkNeeds } from "./rules.ts";

/**
 * The values of the options that were given: of the closed list and parsed, several for a list. yargs hands over a text,
 * several, or `true`.
 * @throws UserError of any kind that a flag's `parse` throws; "usage" for a value outside the list, and a broken need
 */
export function checkedValues(command: Command, argv: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { flags, positionals } = command;
  const given = Object.fromEntries([
    ...Object.entries(flags).flatMap(([option, flag]) =>
      option in argv ? [[option, flagValue(option, flag, argv[option])]] : [],
    ),
    ...Object.entries(positionals).flatMap(([name, positional]) =>
      name in argv ? [[name, positionalValue(positional, argv[name])]] : [],
    ),
  ]);
  checkNeeds(command, given);
  return given;
}

/** What each option is when it was not given. */
export function defaults({ flags, positionals }: Command): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...flags, ...positionals }).map(([option, { type, ...more }]) => [
      option,
      type === "boolean" ? false : type === "list" ? [] : "default" in more ? more.default : undefined,
    ]),
  );
}

function flagValue(option: string, flag: Flag, given: unknown): unknown {
  if (flag.type === "boolean") return given === true;
  const values = texts(given).map((text) => {
    checkListed(
      text,
      flag,
      (list) => flag.refusal?.(text) ?? `invalid value "${text}" for --${longName(option)}: ${list}`,
    );
    return flag.parse ? flag.parse(text) : text;
  });
  return flag.type === "list" ? values : values[0];
}

function positionalValue(positional: Positional, given: unknown): unknown {
  const words = texts(given);
  for (const text of words)
    checkListed(text, positional, (list) => `invalid ${positional.placeholder} "${text}": ${list}`);
  return positional.type === "list" ? words : words[0];
}

/** @param message given the list in words */
function checkListed(text: string, { values }: Pick<Positional, "values">, message: (list: string) => string): void {
  if (values === undefined || values.includes(text)) return;
  throw usageError(message(`must be one of ${values.join(", ")}`), didYouMean(text, values));
}

function texts(given: unknown): string[] {
  return [given].flat().map(String);
}
