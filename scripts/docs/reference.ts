// docs/reference/: what can be typed, a page for each plugin, made of the tables that parse it.
import { globSync } from "node:fs";
import { join } from "node:path";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { commandWord, load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { helpTables, type HelpTable } from "../../lib/cli/grammar/help.ts";
import { commandLine, isHidden } from "../../lib/cli/grammar/resolve.ts";
import { connectionFlags } from "../../lib/cli/grammar/shared-flags.ts";
import { markdownText } from "../../lib/view/markdown.ts";
import { all } from "../../plugins/all.ts";

const FOLDER = join("docs", "reference");

/** Every page by its path in the checkout. */
export async function referencePages(): Promise<Map<string, string>> {
  const root = await load(dispatcher(all, "kubectl-mirrord", ""));
  const plugins = all.plugins.map(commandWord);
  const others = root.verbs.filter((verb) => !isHidden(verb) && !plugins.includes(commandWord(verb)));
  const pages = new Map([[join(FOLDER, "README.md"), overview(root, plugins, await sectionsBelow(others))]]);
  for (const verb of all.plugins) {
    const [first = "", ...sections] = await sectionsBelow([verb]);
    const title = `# kubectl mirrord ${commandWord(verb)}: reference\n\n${MADE}`;
    const guide = `What it is for, and what it answers: [${commandWord(verb)}](../${commandWord(verb)}.md).`;
    pages.set(join(FOLDER, `${commandWord(verb)}.md`), [title, guide, first, ...sections].join("\n\n").concat("\n"));
  }
  return pages;
}

/** Pages that are there and belong to no plugin. */
export function strayReferencePages(root: string, pages: ReadonlyMap<string, string>): string[] {
  return globSync(join(FOLDER, "*"), { cwd: root }).filter((file) => !pages.has(file));
}

const MADE = "Made of the tables that the command line is parsed by (`npm run docs`); `--help` shows the same.";

function overview(root: Command, plugins: readonly string[], others: readonly string[]): string {
  const links = plugins.map((word) => `- [kubectl mirrord ${word}](${word}.md)`).join("\n");
  const connection = helpTables(root, connectionFlags).filter(({ heading }) => !/^(Available|Exit)/.test(heading));
  return [
    `# Reference\n\n${MADE}`,
    links,
    "## Flags of every command that asks a cluster",
    ...connection.map(table),
    ...others,
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

async function sectionsBelow(verbs: readonly Verb[]): Promise<string[]> {
  const sections: string[] = [];
  for (const verb of verbs.filter((one) => !isHidden(one))) {
    const command = await load(verb);
    sections.push(section(command), ...(await sectionsBelow(command.verbs)));
  }
  return sections;
}

function section(command: Command): string {
  const words = [commandWord(command), ...(command.aliases ?? [])];
  const parts = [
    `## ${commandLine(command)}`,
    paragraphs(command.summary),
    ...(command.description === undefined ? [] : [paragraphs(command.description)]),
    ...(words.length === 1
      ? []
      : [
          `Also: ${words
            .slice(1)
            .map((word) => `\`${word}\``)
            .join(", ")}.`,
        ]),
    `Usage: \`${commandLine(command)} ${command.usage}\``,
    ...examples(command),
    ...helpTables(command).map(table),
  ];
  return parts.join("\n\n");
}

const paragraphs = (text: string): string => text.split("\n").map(markdownText).join("\n\n");

function examples(command: Command): string[] {
  const lines = Object.entries(command.examples).map(([line, does]) => `# ${does}\n${line}\n`);
  return lines.length === 0 ? [] : [`\`\`\`\n${lines.join("")}\`\`\``];
}

function table({ heading, entries }: HelpTable): string {
  const rows = entries.map(
    ([name, text]) =>
      `| \`${name.trim().replaceAll("|", "\\|")}\` | ${text.split("\n").map(markdownText).join("<br>")} |`,
  );
  return [`| ${heading} | meaning |`, "|---|---|", ...rows].join("\n");
}
