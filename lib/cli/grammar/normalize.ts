// What was typed, in one spelling: pflag's rules are applied here, so that nothing is left to guess for yargs.

import { UserError, usageError } from "../../errors.ts";
import { didYouMean } from "../../text/suggest.ts";
import type { Command } from "./command.ts";
import { longName, type Flag } from "./flags.ts";
import { flagNames, tokens, type FlagNames, type Token } from "./tokens.ts";

export interface Typed {
  /** By option and positional, as the tables name them; one value, or several for a list. A boolean that is false is absent. */
  given: Map<string, string[]>;
  /** The flag whose value is missing at the end of the line; `shown` as pflag's message has it. */
  incomplete: { option: string; shown: string } | undefined;
  /** Positionals that the command has no place for. */
  excess: string[];
}

/** @throws UserError "usage" for a flag that the command does not have, and for a boolean that is neither */
export function normalize(command: Command, args: readonly string[]): Typed {
  const names = flagNames(command.flags);
  const typed: Typed = { given: new Map(), incomplete: undefined, excess: [] };
  const positionals: string[] = [];
  const afterDashes: string[] = [];
  for (const token of tokens(args, names)) {
    if (token.type === "positional") (token.afterDashes ? afterDashes : positionals).push(token.text);
    else if (token.type === "unknown") throw unknownFlag(token, names);
    else if (token.value === undefined) typed.incomplete = token;
    else addFlag(typed.given, token, token.value);
  }
  placePositionals(typed, command, positionals, afterDashes);
  return typed;
}

/** `--option VALUE` for each; what is in excess stands behind `--`. */
export function yargsWords({ flags }: Command, { given, incomplete, excess }: Typed): string[] {
  const words = [...given].flatMap(([option, values]) =>
    flags[option]?.type === "boolean" ? [`--${option}`] : values.flatMap((value) => [`--${option}`, value]),
  );
  if (incomplete !== undefined) return [...words, `--${incomplete.option}`];
  return excess.length === 0 ? words : [...words, "--", ...excess];
}

function unknownFlag({ shown, problem }: Token & { type: "unknown" }, names: FlagNames): UserError {
  const candidates = [...names.long].filter(([, { flag }]) => flag.hidden !== true).map(([name]) => `--${name}`);
  const hint = shown.startsWith("--") ? didYouMean(shown, candidates) : undefined;
  return usageError(problem, hint);
}

/** Where one value is wanted, the last one counts. */
function addFlag(given: Typed["given"], { option, flag }: Token & { type: "flag" }, value: string): void {
  const before = given.get(option) ?? [];
  if (flag.type === "list") given.set(option, [...before, ...(flag.commas ? value.split(",") : [value])]);
  else if (isAbsent(option, flag, value)) given.delete(option);
  else {
    const [first] = before;
    if (flag.type === "string" && flag.once === true && first !== undefined && first !== value)
      throw usageError(
        `--${longName(option)} is given twice, as ${JSON.stringify(first)} and ${JSON.stringify(value)}`,
        "It takes one value here.",
      );
    given.set(option, [value]);
  }
}

function isAbsent(option: string, flag: Flag, value: string): boolean {
  if (flag.type === "boolean") return !parseBoolean(value, option, flag);
  return flag.type === "string" && flag.emptyIsAbsent === true && value === "";
}

const truths = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const falsehoods = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function parseBoolean(value: string, option: string, { short }: Flag): boolean {
  if (truths.has(value) || falsehoods.has(value)) return truths.has(value);
  const name = `${short === undefined ? "" : `-${short}, `}--${longName(option)}`;
  throw usageError(`invalid argument "${value}" for "${name}" flag: must be true or false`);
}

function placePositionals(typed: Typed, { positionals }: Command, before: string[], behind: string[]): void {
  const wanted = Object.entries(positionals);
  const last = wanted.at(-1);
  const isApart = last?.[1].afterDashes === true;
  const left = isApart ? before : [...before, ...behind];
  for (const [name, { type, afterDashes }] of wanted) {
    const own = afterDashes ? behind : left.splice(0, type === "list" ? left.length : 1);
    if (own.length > 0) typed.given.set(name, own);
  }
  typed.excess = left;
}
