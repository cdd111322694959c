// Candidates for the word that is being typed, in the form that kubectl reads from kubectl_complete-<plugin>.
// Source: kubectl pkg/cmd/plugin_completion.go; the directives are cobra's ShellCompDirective.

import { UserError } from "../../errors.ts";
import { escapeCell } from "../../text/escape.ts";
import { commandWord, type Command, type Verb } from "../grammar/command.ts";
import { CONNECTION, longName, type Completes, type Flag, type StringFlag } from "../grammar/flags.ts";
import { isHidden, resolve } from "../grammar/resolve.ts";
import { inTime, TIMEOUT_MILLISECONDS } from "./in-time.ts";
import { flagNames, tokens, type Token } from "../grammar/tokens.ts";
import type { ConnectOptions, World } from "../world.ts";

export interface Candidate {
  value: string;
  describe?: string;
}

/** The line so far. */
export interface Line {
  /** The positionals before the word that is being typed. */
  given: readonly string[];
  /** What there is of that word, or of a flag's value. */
  current: string;
  /** The options that were given, such as `allNamespaces`, but not those that `=false` switches off. */
  options: ReadonlySet<string>;
}

/**
 * The names there are; what does not begin as the word does is left out afterwards. `typed` holds the connection flags and the
 * namespace of the line so far. May fail, be late and name anything: then there are no candidates, or not those.
 */
export type Completer = (
  typed: ConnectOptions,
  world: World,
  line: Line,
  /** Takes what there is without a cluster: it is shown whatever becomes of the rest. */
  offer: (words: readonly string[]) => void,
) => Promise<readonly (string | Candidate)[]>;

export type Completers = Readonly<Partial<Record<Completes, Completer>>>;

interface Candidates {
  candidates: readonly Candidate[];
  directive: number;
}

const FILES = 0;
/** The user goes on with the word: `group:` is the beginning of one. */
const NO_SPACE = 2;
const NO_FILES = 4;
const DIRECTORIES = 16;

/** As many as a menu can hold. */
const MAX_SHOWN = 500;
const MAX_DESCRIPTION = 100;

/** `words` are those after `kubectl mirrord`; the last one is being typed and may be empty. Never throws for a user's mistake. */
export async function complete(
  root: Verb,
  words: readonly string[],
  completers: Completers,
  world: World,
): Promise<string> {
  const current = words.at(-1) ?? "";
  const { candidates, directive } = await candidatesFor(root, words.slice(0, -1), current, completers, world);
  const prefix = valuePart(current);
  const shown = distinct(candidates.filter(({ value }) => value.startsWith(prefix))).slice(0, MAX_SHOWN);
  const isBegun = shown.length > 0 && shown.every(({ value }) => /[:/]$/.test(value));
  const lines = shown.map(({ value, describe }) =>
    describe === undefined ? value : `${value}\t${describe.replaceAll(/\s+/g, " ")}`,
  );
  return `${[...lines, `:${isBegun ? directive + NO_SPACE : directive}`].join("\n")}\n`;
}

/** Each value once: the first one's description counts. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ value }) => !seen.has(value) && seen.add(value));
}

/** The shells complete what follows `--flag=` on its own. */
function valuePart(current: string): string {
  return current.startsWith("-") && current.includes("=") ? current.slice(current.indexOf("=") + 1) : current;
}

async function candidatesFor(
  root: Verb,
  before: readonly string[],
  current: string,
  completers: Completers,
  world: World,
): Promise<Candidates> {
  const resolved = await resolve(root, before).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  if (resolved === undefined || resolved.command.raw) return { candidates: [], directive: NO_FILES };

  const { command, args } = resolved;
  const names = flagNames(command.flags);
  const typed = [...tokens(args, names)];
  const given = typed.flatMap((token) => (token.type === "positional" ? [token.text] : []));
  const options = givenOptions(typed);
  const line: Line = { given, current: valuePart(current), options };
  const lookUp = async (wanted: Wanted): Promise<Candidates> => {
    const ending = new AbortController();
    const connection = { ...connectOptions(typed), unattended: true, signal: ending.signal };
    const ask = async (completer: Completer): Promise<readonly (string | Candidate)[]> => {
      const offered: string[] = [];
      const offer = (words: readonly string[]): void => void offered.push(...words);
      const found = await inTime((began) => {
        const connect: World["connect"] = async (named) => {
          // stdin is the terminal that the user types on.
          if (connection.manifests?.includes("-")) throw new Error("stdin is not read");
          began();
          return await world.connect(named);
        };
        return completer(connection, { ...world, connect }, line, offer);
      }, ending);
      return [...offered, ...(found ?? [])];
    };
    return await valuesFor(wanted, completers, ask);
  };

  // What stands on the line is not said twice.
  const lookUpNew = async (option: string, flag: Flag): Promise<Candidates> => {
    const found = await lookUp(flag);
    const there = typed.flatMap((token) => (token.type === "flag" && token.option === option ? [token.value] : []));
    return flag.type === "list" ? { ...found, candidates: without(found.candidates, there) } : found;
  };

  const last = typed.at(-1);
  if (last?.type === "flag" && last.value === undefined) return await lookUpNew(last.option, last.flag);
  // `-f ` stands for itself or for what follows: most who press TAB there want a file.
  if (last?.type === "flag" && takesNext(last, before.at(-1)) && !current.startsWith("-"))
    return await lookUp(last.flag);
  // Behind the dashes stands another program's command line.
  const isOthers = args.includes("--") && Object.values(command.positionals).some(({ afterDashes }) => afterDashes);
  if (isOthers) return { candidates: [], directive: FILES };
  if (args.includes("--") || !current.startsWith("-")) return await wordCandidates(command, given, lookUp);
  const equals = current.indexOf("=");
  if (equals === -1) return { candidates: flagCandidates(command, typed, line), directive: NO_FILES };
  const [inLine] = tokens([current], names);
  return inLine?.type === "flag"
    ? await lookUpNew(inLine.option, inLine.flag)
    : { candidates: [], directive: NO_FILES };
}

function givenOptions(typed: readonly Token[]): Set<string> {
  const options = new Set<string>();
  for (const token of typed) {
    if (token.type !== "flag") continue;
    if (token.flag.type === "boolean" && token.value === "false") options.delete(token.option);
    else options.add(token.option);
  }
  return options;
}

function takesNext({ flag }: Token & { type: "flag" }, word = ""): boolean {
  return flag.type === "optional-value" && flag.takesNext === true && /^(-[A-Za-z]|--[^=]+)$/.test(word);
}

type Wanted = { values?: readonly string[]; offers?: readonly string[]; completes?: Completes };

async function wordCandidates(
  command: Command,
  given: readonly string[],
  lookUp: (wanted: Wanted) => Promise<Candidates>,
): Promise<Candidates> {
  const verbs = given.length === 0 ? command.verbs.filter((verb) => !isHidden(verb)) : [];
  const positionals = Object.values(command.positionals);
  const tail = positionals.at(-1);
  const wanted = positionals[given.length] ?? (tail?.type === "list" ? tail : undefined);
  const { candidates, directive } = wanted ? await lookUp(wanted) : { candidates: [], directive: NO_FILES };
  const words = verbs.map((verb) => ({ value: commandWord(verb), describe: verb.summary }));
  const fresh = wanted?.type === "list" ? without(candidates, given) : candidates;
  return { candidates: [...words, ...fresh], directive };
}

const without = (candidates: readonly Candidate[], there: readonly (string | undefined)[]): Candidate[] =>
  candidates.filter(({ value }) => !there.includes(value));

/** Whether something that stands on the line already excludes it, or is excluded by it. */
function isExcluded({ conflicts, positionals }: Command, line: Line, name: string): boolean {
  const given = new Set([...line.options, ...Object.keys(positionals).slice(0, line.given.length)]);
  return conflicts.some(
    ({ option, excludes }) =>
      (given.has(option) && excludes.includes(name)) || (option === name && excludes.some((other) => given.has(other))),
  );
}

/** Another name of a flag (`--ns`) is offered to whoever types it. */
function flagCandidates(command: Command, typed: readonly Token[], line: Line): Candidate[] {
  const given = new Set(typed.map((token) => (token.type === "flag" ? token.option : undefined)));
  const open = ([option, flag]: [string, Flag]): boolean =>
    flag.hidden !== true && (flag.type === "list" || !given.has(option)) && !isExcluded(command, line, option);
  const flags = Object.entries(command.flags).filter(open);
  const own = flags.map(([option, { describe }]) => ({ value: `--${longName(option)}`, describe }));
  const others = flags.flatMap(([, { also = [], describe }]) => also.map((name) => ({ value: `--${name}`, describe })));
  const help = { value: "--help", describe: "Show help." };
  return [...own, ...(line.current.length > 2 ? others : []), help];
}

async function valuesFor(
  { offers, values = offers, completes }: Wanted,
  completers: Completers,
  ask: (completer: Completer) => Promise<readonly (string | Candidate)[]>,
): Promise<Candidates> {
  if (values !== undefined) return { candidates: values.map((value) => ({ value })), directive: NO_FILES };
  if (completes === "file") return { candidates: [], directive: FILES };
  if (completes === "directory") return { candidates: [], directive: DIRECTORIES };
  const completer = completes === undefined ? undefined : completers[completes];
  const found = completer === undefined ? [] : await ask(completer);
  return { candidates: found.flatMap(harmless), directive: NO_FILES };
}

/**
 * What was found goes into a command line, unquoted, and through shell scripts that may evaluate it (bash's `compgen -W` runs
 * `$(…)`): a name that is more than a plain word, or that would be a flag, is not offered.
 */
function harmless(found: string | Candidate): Candidate[] {
  const { value, describe } = typeof found === "string" ? { value: found } : found;
  if (!/^[\p{L}\p{N}@%+:./_][\p{L}\p{N}@%+:./_=,-]*$/u.test(value)) return [];
  if (describe === undefined) return [{ value }];
  const plain = escapeCell(describe).replaceAll(/[`$"'\\!]/g, "?");
  return [{ value, describe: plain.length > MAX_DESCRIPTION ? `${plain.slice(0, MAX_DESCRIPTION)}…` : plain }];
}

/** Completion has its own time, and logs nothing. */
const ownSettings: ReadonlySet<string> = new Set(["requestTimeout", "v"]);

function parsed({ parse }: StringFlag, value: string): unknown {
  try {
    return parse === undefined ? value : parse(value);
  } catch {
    return undefined;
  }
}

/** What the line so far says about the connection. A value that does not parse is as good as none. */
function connectOptions(typed: readonly Token[]): ConnectOptions {
  const options: Record<string, unknown> = { requestTimeout: TIMEOUT_MILLISECONDS };
  for (const token of typed) {
    if (token.type !== "flag" || token.value === undefined) continue;
    const { option, flag, value } = token;
    // `--user` of `session kill`, `--as` of `can-i`: the name alone does not make it a connection flag.
    if (flag.group !== CONNECTION && option !== "namespace") continue;
    const before = options[option];
    if (flag.type === "boolean") options[option] = value === "true";
    else if (flag.type === "list") options[option] = [...(Array.isArray(before) ? before : []), value];
    else if (flag.type === "string" && !ownSettings.has(option)) options[option] = parsed(flag, value);
  }
  const namespace = [options["namespace"]].flat().at(-1);
  return typeof namespace === "string" ? { ...options, namespace } : options;
}
