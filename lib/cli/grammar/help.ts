import { commandWord, isCalled, type Command } from "./command.ts";
import { CONNECTION, longName, type Flag, type Flags } from "./flags.ts";
import { commandLine, isHidden } from "./resolve.ts";

const commonExitCodes: Readonly<Record<number, string>> = {
  0: "done",
  2: "the command line is wrong, or lacks a flag that says it is meant",
  3: "could not be determined or reached",
  4: "the API server refused a write, or only part was done",
  70: "a bug in kubectl-mirrord",
  130: "interrupted",
  143: "ended by SIGTERM",
};

const MIN_WIDTH = 40;
const MAX_WIDTH = 100;

/** Everything about a command, examples first, then in kubectl's order: verbs, flags, usage. `columns` is the width to wrap at. */
export function fullHelp(command: Command, columns: number): string[] {
  const width = Math.max(MIN_WIDTH, Math.min(columns, MAX_WIDTH));
  return sections([
    wrap(command.summary, width).join("\n"),
    command.description === undefined ? undefined : wrap(command.description, width).join("\n"),
    examples(command),
    aliases(command),
    block(verbs(command), width),
    block(positionals(command), width),
    ...flagTables(ownFlags(command)).map((table) => block(table, width)),
    usage(command, width),
    block(exitCodes(command), width),
    more(command, width),
  ]);
}

/** The answer to a bare command that has only verbs. */
export function shortHelp(command: Command, columns: number): string[] {
  const width = Math.max(MIN_WIDTH, Math.min(columns, MAX_WIDTH));
  return sections([
    wrap(command.summary, width).join("\n"),
    block(verbs(command), width),
    usage(command, width),
    more(command, width),
  ]);
}

/** What can follow a command, for a page about it: a table each, those without entries left out. */
export function helpTables(command: Command, flags: Flags = ownFlags(command)): HelpTable[] {
  const tables = [verbs(command), positionals(command), ...flagTables(flags), exitCodes(command)];
  return tables.filter(({ entries }) => entries.length > 0);
}

export interface HelpTable {
  heading: string;
  /** What is typed, or seen, and what that is. */
  entries: readonly (readonly [name: string, text: string])[];
}

function sections(parts: readonly (string | undefined)[]): string[] {
  const texts = parts.filter((part) => part !== undefined);
  return texts.join("\n\n").split("\n");
}

function aliases(command: Command): string | undefined {
  if (command.aliases === undefined || command.aliases.length === 0) return undefined;
  return `Aliases:\n  ${[commandWord(command), ...command.aliases].join(", ")}`;
}

function examples(command: Command): string | undefined {
  const blocks = Object.entries(command.examples).map(([line, does]) => `  # ${does}\n  ${line}`);
  if (blocks.length === 0) return undefined;
  return `Examples:\n${blocks.join("\n\n")}`;
}

function verbs(command: Command): HelpTable {
  const shown = command.verbs.filter((verb) => !isHidden(verb));
  return { heading: "Available commands", entries: shown.map((verb) => [commandWord(verb), verb.summary]) };
}

function positionals(command: Command): HelpTable {
  return {
    heading: "Arguments",
    entries: Object.values(command.positionals).map(({ placeholder, describe, values }) => [
      placeholder,
      values === undefined ? describe : `${describe} One of: ${values.join(", ")}.`,
    ]),
  };
}

/** The flags of `kubectl mirrord options`, which every other help leaves out. */
export function connectionHelp(flags: Flags, columns: number): string[] {
  return sections([
    "Which cluster, and as whom. Every command that asks a cluster takes these:",
    ...flagTables(flags).map((table) => block(table, Math.max(MIN_WIDTH, Math.min(columns, MAX_WIDTH)))),
  ]);
}

function ownFlags({ flags }: Command): Flags {
  const own = Object.entries(flags).flatMap(([option, flag]): [string, Flag][] => {
    const { group, ...ungrouped } = flag;
    if (group !== CONNECTION) return [[option, flag]];
    return flag.alsoOwn === true ? [[option, ungrouped]] : [];
  });
  return Object.fromEntries(own);
}

function flagTables(flags: Flags): HelpTable[] {
  const shown = Object.entries(flags).filter(([, flag]) => flag.hidden !== true);
  const groups = Map.groupBy(shown, ([, flag]) => flag.group ?? "Flags");
  const ownFirst = [...groups].toSorted(([one], [other]) => Number(other === "Flags") - Number(one === "Flags"));
  return ownFirst.map(([heading, grouped]) => ({
    heading,
    entries: grouped.map(([option, flag]) => [spelling(option, flag), explanation(flag)]),
  }));
}

/** `-n, --namespace NAMESPACE`. */
function spelling(option: string, flag: Flag): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  const long = [longName(option), ...(flag.also ?? [])].map((name) => `--${name}`).join(", ");
  const placeholder = flag.placeholder ?? "VALUE";
  switch (flag.type) {
    case "boolean":
      return `${short}${long}`;
    case "optional-value":
      return `${short}${long}[=${placeholder}]`;
    case "string":
    case "list":
      return `${short}${long} ${placeholder}`;
  }
}

function explanation(flag: Flag): string {
  if (flag.type === "boolean") return flag.describe;
  const listed = [...(flag.values ?? []), ...(flag.templates ? ["jsonpath=TEMPLATE", "custom-columns=SPEC"] : [])];
  const values = listed.length === 0 ? "" : ` One of: ${listed.join(", ")}.`;
  const fallback = flag.type === "list" || flag.default === undefined ? "" : ` Default: ${flag.default}.`;
  return `${flag.describe}${values}${fallback}`;
}

function usage(command: Command, width: number): string {
  const [first = "", ...rest] = wrap(`${commandLine(command)} ${command.usage}`.trimEnd(), width - 6);
  return ["Usage:", `  ${first}`, ...rest.map((line) => `      ${line}`)].join("\n");
}

function exitCodes(command: Command): HelpTable {
  const writes = "dryRun" in command.flags;
  const common = Object.entries(commonExitCodes).filter(([code]) => code !== "4" || writes);
  const codes = Object.entries<string | undefined>({ ...Object.fromEntries(common), ...command.exitCodes });
  const entries = codes.flatMap(([code, text]): [string, string][] => (text === undefined ? [] : [[code, text]]));
  return { heading: "Exit codes", entries: command.run === undefined ? [] : entries };
}

function more(command: Command, width: number): string | undefined {
  const isConnecting = Object.values(command.flags).some(({ group }) => group === CONNECTION);
  const lines = [
    ...(command.verbs.every(isHidden)
      ? []
      : [`Use "${commandLine(command)} COMMAND --help" for more about a command.`]),
    ...(isConnecting || command.verbs.some((verb) => isCalled(verb, "options"))
      ? ['Use "kubectl mirrord options" for the flags that say which cluster, and as whom.']
      : []),
  ];
  return lines.length === 0 ? undefined : lines.flatMap((line) => wrap(line, width)).join("\n");
}

const LEFT_MAX = 34;

/** Two columns under a heading; a left side that is too wide gets a line of its own. */
function block({ heading, entries }: HelpTable, width: number): string | undefined {
  if (entries.length === 0) return undefined;
  const half = Math.floor(width / 2) - 5;
  const left = Math.min(LEFT_MAX, half, Math.max(...entries.map(([name]) => name.length)));
  const indent = " ".repeat(left + 5);
  const lines = entries.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, width - indent.length);
    const start = `  ${name.padEnd(left)}`;
    const head = name.length > left ? [start, indent + first] : [`${start}   ${first}`];
    return [...head, ...rest.map((line) => indent + line)];
  });
  return [`${heading}:`, ...lines].join("\n");
}

function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const line = lines.at(-1) ?? "";
      if (line === "") lines[lines.length - 1] = word;
      else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}
