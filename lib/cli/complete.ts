// Candidates for the word that is being typed, in the form that kubectl reads from kubectl_complete-<plugin>.
// Source: kubectl pkg/cmd/plugin_completion.go; the directives are cobra's ShellCompDirective.

import { UserError } from "../errors.ts";
import { wordOf } from "./command.ts";
import type { Command, Verb } from "./command.ts";
import { longName } from "./flags.ts";
import type { Completes, Flag } from "./flags.ts";
import { isHidden, resolve } from "./resolve.ts";
import { namesOf, tokens } from "./tokens.ts";
import type { Token } from "./tokens.ts";
import type { ConnectOptions, World } from "./world.ts";

/** The names there are. `typed` holds the connection flags and the namespace of the line so far. */
export type Completer = (typed: ConnectOptions, world: World) => Promise<string[]>;

export type Completers = Readonly<Partial<Record<Completes, Completer>>>;

interface Candidate {
  value: string;
  describe?: string;
}

interface Candidates {
  candidates: readonly Candidate[];
  directive: number;
}

const FILES = 0;
const NO_FILES = 4;
const DIRECTORIES = 16;

/** The shell waits for the answer; a cluster that is slower has none. */
const TIMEOUT_MILLISECONDS = 1000;

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
  const lines = candidates
    .filter(({ value }) => value.startsWith(prefix) && !/\p{Cc}/u.test(value))
    .map(({ value, describe }) => (describe === undefined ? value : `${value}\t${describe.replaceAll(/\s+/g, " ")}`));
  return `${[...lines, `:${directive}`].join("\n")}\n`;
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
  const names = namesOf(command.flags);
  const typed = [...tokens(args, names)];
  const lookUp = async (wanted: Wanted): Promise<Candidates> =>
    await valuesFor(wanted, connectOptions(typed), completers, world);

  const last = typed.at(-1);
  if (last?.type === "flag" && last.value === undefined) return await lookUp(last.flag);
  if (args.includes("--") || !current.startsWith("-")) return await wordCandidates(command, typed, lookUp);
  const equals = current.indexOf("=");
  if (equals === -1) return { candidates: flagCandidates(command, typed), directive: NO_FILES };
  const [inLine] = tokens([current], names);
  return inLine?.type === "flag" ? await lookUp(inLine.flag) : { candidates: [], directive: NO_FILES };
}

type Wanted = { values?: readonly string[]; completes?: Completes };

async function wordCandidates(
  command: Command,
  typed: readonly Token[],
  lookUp: (wanted: Wanted) => Promise<Candidates>,
): Promise<Candidates> {
  const given = typed.filter(({ type }) => type === "positional").length;
  const verbs = given === 0 ? command.verbs.filter((verb) => !isHidden(verb)) : [];
  const positionals = Object.values(command.positionals);
  const tail = positionals.at(-1);
  const wanted = positionals[given] ?? (tail?.type === "list" ? tail : undefined);
  const { candidates, directive } = wanted ? await lookUp(wanted) : { candidates: [], directive: NO_FILES };
  const words = verbs.map((verb) => ({ value: wordOf(verb), describe: verb.summary }));
  return { candidates: [...words, ...candidates], directive };
}

function flagCandidates(command: Command, typed: readonly Token[]): Candidate[] {
  const given = new Set(typed.map((token) => (token.type === "flag" ? token.option : undefined)));
  const open = ([option, flag]: [string, Flag]): boolean =>
    flag.hidden !== true && (flag.type === "list" || !given.has(option));
  return [
    ...Object.entries(command.flags)
      .filter(open)
      .map(([option, { describe }]) => ({ value: `--${longName(option)}`, describe })),
    { value: "--help", describe: "Show help." },
  ];
}

async function valuesFor(
  { values, completes }: Wanted,
  typed: ConnectOptions,
  completers: Completers,
  world: World,
): Promise<Candidates> {
  if (values !== undefined) return { candidates: values.map((value) => ({ value })), directive: NO_FILES };
  if (completes === "file") return { candidates: [], directive: FILES };
  if (completes === "directory") return { candidates: [], directive: DIRECTORIES };
  const completer = completes === undefined ? undefined : completers[completes];
  const found = completer === undefined ? [] : await inTime(completer(typed, world));
  return { candidates: found.map((value) => ({ value })), directive: NO_FILES };
}

/** No cluster, no permission, no time: no candidates, and nothing on the line that is being typed. */
async function inTime(names: Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((answer) => {
    timer = setTimeout(answer, TIMEOUT_MILLISECONDS, []);
  });
  try {
    return await Promise.race([names.catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the line so far says about the connection. A value that does not parse is as good as none. */
function connectOptions(typed: readonly Token[]): ConnectOptions {
  const options: Record<string, unknown> = { requestTimeout: TIMEOUT_MILLISECONDS };
  for (const token of typed) {
    if (token.type !== "flag" || token.value === undefined) continue;
    const { option, flag, value } = token;
    const before = options[option];
    if (flag.type === "boolean") options[option] = value === "true";
    else if (flag.type === "list") options[option] = [...(Array.isArray(before) ? before : []), value];
    else if (flag.type === "string" && flag.parse === undefined) options[option] = value;
  }
  const namespace = [options["namespace"]].flat().at(-1);
  return typeof namespace === "string" ? { ...options, namespace } : options;
}
