import type { Arguments } from "yargs-parser";
import { UserError } from "../../errors.ts";
import type { Command } from "./command.ts";
import { longName } from "./flags.ts";
import type { Flag, Flags, Positional } from "./flags.ts";
import { didYouMean } from "../../text/suggest.ts";
import { namesOf, tokens } from "./tokens.ts";
import type { FlagNames, Token } from "./tokens.ts";

/**
 * The options of a command as its tables promise them.
 * @throws UserError "usage", in kubectl's words
 */
export async function parseArguments(command: Command, args: readonly string[]): Promise<Record<string, unknown>> {
  const { flags, positionals, afterDashes } = unambiguous(args, namesOf(command.flags));
  const parsed = await readWithYargs(flags, command.flags);
  const options = Object.entries(command.flags).map(([option, flag]) => [
    option,
    flagValue(option, flag, parsed[option]),
  ]);
  return Object.fromEntries([...options, ...positionalValues(command, positionals, afterDashes)]);
}

interface Unambiguous {
  flags: string[];
  positionals: string[];
  /** Those behind `--`. */
  afterDashes: string[];
}

/** Every flag as `--option VALUE`, which leaves nothing to guess, and the positionals apart. */
function unambiguous(args: readonly string[], names: FlagNames): Unambiguous {
  const flags: string[] = [];
  const positionals: string[] = [];
  const afterDashes: string[] = [];
  for (const token of tokens(args, names)) {
    if (token.type === "positional") (token.afterDashes ? afterDashes : positionals).push(token.text);
    else if (token.type === "unknown") throw unknownFlag(token, names);
    else flags.push(...assignments(token));
  }
  return { flags, positionals, afterDashes };
}

function unknownFlag({ shown, problem }: Token & { type: "unknown" }, names: FlagNames): UserError {
  const candidates = [...names.long].filter(([, { flag }]) => flag.hidden !== true).map(([name]) => `--${name}`);
  const hint = shown.startsWith("--") ? didYouMean(shown, candidates) : undefined;
  return new UserError("usage", problem, hint);
}

function assignments({ option, flag, shown, value }: Token & { type: "flag" }): string[] {
  if (value === undefined) throw new UserError("usage", `flag needs an argument: ${shown}`);
  switch (flag.type) {
    case "boolean":
      return [`--${option}=${booleanOf(value, option, flag)}`];
    case "list":
      return (flag.commas ? value.split(",") : [value]).flatMap((part) => [`--${option}`, part]);
    case "string":
    case "optional-value":
      return [`--${option}`, value];
  }
}

const truths: Readonly<Record<string, boolean>> = {
  1: true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  0: false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

function booleanOf(value: string, option: string, flag: Flag): boolean {
  const truth = Object.hasOwn(truths, value) ? truths[value] : undefined;
  if (truth === undefined) throw invalid(value, option, flag, "true or false");
  return truth;
}

function invalid(value: string, option: string, flag: Flag, wanted: string): UserError {
  const name = `${flag.short === undefined ? "" : `-${flag.short}, `}--${longName(option)}`;
  return new UserError("usage", `invalid argument "${value}" for "${name}" flag: must be ${wanted}`);
}

/** yargs' parser alone (docs/adr/0006-yargs-parser.md): what yargs adds around it is ours. */
async function readWithYargs(args: string[], flags: Flags): Promise<Arguments> {
  const { default: parse } = await import("yargs-parser");
  const ofType = (...types: Flag["type"][]): string[] =>
    Object.keys(flags).filter((option) => types.some((type) => type === flags[option]?.type));
  const withValue = ofType("string", "list", "optional-value");
  return parse(args, {
    string: withValue,
    boolean: ofType("boolean"),
    narg: Object.fromEntries(withValue.map((option) => [option, 1])),
    configuration: { "nargs-eats-options": true, "parse-positional-numbers": false },
  });
}

function flagValue(option: string, flag: Flag, given: unknown): unknown {
  switch (flag.type) {
    case "boolean":
      return [given].flat().at(-1) ?? false;
    case "list":
      return texts(given).map((text) => checked(option, flag, text));
    case "string":
    case "optional-value":
      if (given !== undefined) return checked(option, flag, texts(given).at(-1) ?? "");
      if (flag.type === "string" && flag.required)
        throw new UserError("usage", `required flag "--${longName(option)}" not set`);
      return flag.default;
  }
}

/** A flag that is repeated is a list; what wants one value takes the last. */
function texts(given: unknown): string[] {
  return [given ?? []].flat().map(String);
}

function checked(option: string, flag: Flag & { type: "string" | "list" | "optional-value" }, text: string): unknown {
  if (flag.values !== undefined && !flag.values.includes(text))
    throw new UserError(
      "usage",
      flag.refusal?.(text) ??
        `invalid value "${text}" for --${longName(option)}: must be one of ${flag.values.join(", ")}`,
      didYouMean(text, flag.values),
    );
  return flag.parse ? flag.parse(text) : text;
}

function positionalValues(command: Command, before: readonly string[], behind: readonly string[]): [string, unknown][] {
  const all = Object.entries(command.positionals);
  const last = all.at(-1);
  if (last?.[1].afterDashes) {
    const [name, positional] = last;
    return [...valuesOf(all.slice(0, -1), before), [name, positionalValue(positional, behind, 0)]];
  }
  return valuesOf(all, [...before, ...behind]);
}

function valuesOf(wanted: readonly [string, Positional][], given: readonly string[]): [string, unknown][] {
  const takesAll = wanted.at(-1)?.[1].type === "list";
  const excess = takesAll ? undefined : given[wanted.length];
  if (excess !== undefined) throw new UserError("usage", `unexpected argument "${excess}"`);
  return wanted.map(([name, positional], at) => [name, positionalValue(positional, given, at)]);
}

function positionalValue(positional: Positional, given: readonly string[], at: number): unknown {
  const { type, placeholder, required, values } = positional;
  const own = type === "list" ? given.slice(at) : given.slice(at, at + 1);
  if (required && own.length === 0) throw new UserError("usage", `${placeholder} is missing`);
  for (const text of own)
    if (values !== undefined && !values.includes(text))
      throw new UserError(
        "usage",
        `invalid ${placeholder} "${text}": must be one of ${values.join(", ")}`,
        didYouMean(text, values),
      );
  return type === "list" ? own : own[0];
}
