// A page for man of each command, from the tables that its help is made of.
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { helpTables, type HelpTable } from "../../lib/cli/grammar/help.ts";
import { commandLine, isHidden } from "../../lib/cli/grammar/resolve.ts";
import { connectionFlags } from "../../lib/cli/grammar/shared-flags.ts";
import { macro, roffText } from "./roff.ts";

export interface ManPage {
  /** `kubectl-mirrord-grant-list.1`: what `man` is given, and the section of user commands. */
  file: string;
  text: string;
}

/** The pages of a command and of all below it, but for hidden ones. `version` is that of the package. */
export async function manPages(verb: Verb, version: string, above: readonly string[] = []): Promise<ManPage[]> {
  const command = await load(verb);
  const shown = command.verbs.filter((below) => !isHidden(below));
  const name = pageName(command.name);
  const pages = await Promise.all(shown.map((below) => manPages(below, version, [...above.slice(-1), name])));
  const others = [...above, ...shown.map((below) => pageName(below.name))];
  return [{ file: `${name}.1`, text: manPage(command, version, others) }, ...pages.flat()];
}

function pageName(commandName: string): string {
  return ["kubectl-mirrord", ...commandName.split(" ")].filter((word) => word !== "").join("-");
}

function manPage(command: Command, version: string, others: readonly string[]): string {
  const name = pageName(command.name);
  // Neither a date nor a place: the same page whenever and wherever it is made.
  const lines = [
    macro("TH", name.toUpperCase(), "1", "", `kubectl-mirrord ${version}`, " "),
    // No hyphens and no wide blanks: they would stand in what is copied.
    ".nh",
    ".ad l",
    macro("SH", "NAME"),
    `${roffText(name)} \\- ${roffText(command.summary.replace(/\.$/, ""))}`,
    macro("SH", "SYNOPSIS"),
    macro("B", commandLine(command)),
    roffText(command.usage),
    macro("SH", "DESCRIPTION"),
    ...paragraphs(command.summary),
    ...(command.description === undefined ? [] : [macro("PP"), ...paragraphs(command.description)]),
    ...examples(command),
    ...helpTables(command, command.name === "options" ? connectionFlags : undefined).flatMap(table),
    macro("SH", "SEE ALSO"),
    roffText([...new Set(others), ...options(command)].map((other) => `${other}(1)`).join(", ")),
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

/** Where the flags are that every command takes which asks a cluster. */
function options(command: Command): string[] {
  return Object.values(command.flags).some(({ group }) => group === "Connection flags") ? [pageName("options")] : [];
}

function paragraphs(text: string): string[] {
  return text.split("\n").flatMap((paragraph, at) => [...(at === 0 ? [] : [macro("PP")]), roffText(paragraph)]);
}

function examples(command: Command): string[] {
  const all = Object.entries(command.examples);
  if (all.length === 0) return [];
  return [
    macro("SH", "EXAMPLES"),
    ...all.flatMap(([line, does]) => [
      macro("PP"),
      `${roffText(does)}:`,
      macro("PP"),
      ".nf",
      macro("RS", "4"),
      ...line.split("\n").map(roffText),
      macro("RE"),
      ".fi",
    ]),
  ];
}

const headings: Readonly<Record<string, string>> = {
  "Available commands": "COMMANDS",
  Flags: "OPTIONS",
  "Exit codes": "EXIT STATUS",
};

function table({ heading, entries }: HelpTable): string[] {
  return [
    macro("SH", headings[heading] ?? heading.toUpperCase()),
    ...entries.flatMap(([name, text]) => [macro("TP"), macro("B", name.trim()), ...text.split("\n").map(roffText)]),
  ];
}
