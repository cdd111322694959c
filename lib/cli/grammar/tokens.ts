// argv as kubectl reads it. Source of the rules: spf13/pflag flag.go (parseLongArg, parseSingleShortArg).

import { longName, type Flag, type Flags } from "./flags.ts";

export type Token =
  | {
      type: "flag";
      option: string;
      flag: Flag;
      /** As pflag's messages show it: `--namespace`, `'n' in -n`. */
      shown: string;
      /** Undefined when the command line ends before the value. */
      value: string | undefined;
    }
  /** `shown` is empty when it is not even the form of a flag. */
  | { type: "unknown"; shown: string; problem: string }
  | { type: "positional"; text: string; at: number; afterDashes?: true };

type Known = { option: string; flag: Flag };

export interface FlagNames {
  long: ReadonlyMap<string, Known>;
  short: ReadonlyMap<string, Known>;
}

/** Every spelling of the flags of one or more tables; where two tables differ, the first counts. */
export function flagNames(...tables: readonly Flags[]): FlagNames {
  const longs = new Map<string, Known>();
  const shorts = new Map<string, Known>();
  for (const [option, flag] of tables.flatMap((table) => Object.entries(table))) {
    const known = { option, flag };
    for (const name of [longName(option), ...(flag.also ?? [])]) if (!longs.has(name)) longs.set(name, known);
    if (flag.short !== undefined && !shorts.has(flag.short)) shorts.set(flag.short, known);
  }
  return { long: longs, short: shorts };
}

/** Never throws; what is wrong is a token too, so that completion can read a line that is not finished. */
export function* tokens(args: readonly string[], names: FlagNames): Generator<Token> {
  for (let at = 0; at < args.length; at++) {
    const text = args[at] ?? "";
    if (text === "--") {
      for (let rest = at + 1; rest < args.length; rest++)
        yield { type: "positional", text: args[rest] ?? "", at: rest, afterDashes: true };
      return;
    }
    if (!text.startsWith("-") || text === "-") {
      yield { type: "positional", text, at };
      continue;
    }
    const next = args[at + 1];
    const taken = text.startsWith("--") ? long(text, next, names) : short(text, next, names);
    yield* taken.tokens;
    if (taken.tookNext) at++;
  }
}

interface Taken {
  tokens: Token[];
  /** The argument after this one was its value. */
  tookNext: boolean;
}

function long(text: string, next: string | undefined, { long: names }: FlagNames): Taken {
  const equals = text.indexOf("=");
  const name = text.slice(2, equals === -1 ? undefined : equals);
  const known = names.get(name);
  if (known === undefined) {
    const malformed = name === "" || name.startsWith("-");
    const problem = malformed ? `bad flag syntax: ${text}` : `unknown flag: --${name}`;
    return { tokens: [{ type: "unknown", shown: malformed ? "" : `--${name}`, problem }], tookNext: false };
  }
  const token = { type: "flag", ...known, shown: `--${name}` } as const;
  if (equals === -1 && mayTake(known.flag, next)) return { tokens: [{ ...token, value: next }], tookNext: true };
  const value = equals === -1 ? bare(known.flag) : text.slice(equals + 1);
  if (value !== undefined) return { tokens: [{ ...token, value }], tookNext: false };
  return { tokens: [{ ...token, value: next }], tookNext: true };
}

/** `-A`, `-Aojson`, `-ojson`, `-o=json`, `-o json`. */
function short(text: string, next: string | undefined, { short: names }: FlagNames): Taken {
  const before: Token[] = [];
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at);
    const known = names.get(letter);
    if (known === undefined) {
      const problem = `unknown shorthand flag: '${letter}' in ${text}`;
      return { tokens: [...before, { type: "unknown", shown: `-${letter}`, problem }], tookNext: false };
    }
    const token = { type: "flag", ...known, shown: `'${letter}' in ${text}` } as const;
    const rest = text.slice(at + 1);
    if (rest.length > 1 && rest.startsWith("="))
      return { tokens: [...before, { ...token, value: rest.slice(1) }], tookNext: false };
    if (rest === "" && mayTake(known.flag, next))
      return { tokens: [...before, { ...token, value: next }], tookNext: true };
    const value = bare(known.flag);
    if (value === undefined && rest !== "") return { tokens: [...before, { ...token, value: rest }], tookNext: false };
    if (value === undefined) return { tokens: [...before, { ...token, value: next }], tookNext: true };
    before.push({ ...token, value });
  }
  return { tokens: before, tookNext: false };
}

/** A flag that can do without a value still takes what comes next when it cannot be a flag; `-` is a file. */
function mayTake(flag: Flag, next: string | undefined): boolean {
  if (flag.type !== "optional-value" || flag.takesNext !== true || next === undefined) return false;
  return next === "-" || !next.startsWith("-");
}

/** What the flag stands for without a value; undefined: it needs one. */
function bare(flag: Flag): string | undefined {
  switch (flag.type) {
    case "boolean":
      return "true";
    case "optional-value":
      return flag.bare;
    case "string":
    case "list":
      return undefined;
  }
}
