import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Verb } from "../../lib/cli/grammar/command.ts";
import { longName } from "../../lib/cli/grammar/flags.ts";
import { commandLine, isHidden } from "../../lib/cli/grammar/resolve.ts";
import { all } from "../../plugins/all.ts";
import { referencePages, strayReferencePages } from "../../scripts/docs/reference.ts";

const root = join(import.meta.dirname, "../..");
const pages = await referencePages();

for (const [file, text] of pages)
  t.test(`${file} is what the command line takes; else: npm run docs`, async (t) => {
    t.equal(readFileSync(join(root, file), "utf8"), text);
  });

t.test("there is a page for each plugin and no other", async (t) => {
  t.equal(pages.size, all.plugins.length + 1);
  t.same(strayReferencePages(root, pages), []);
});

/** Every command that help shows, with the flags that it shows. */
async function shown(verb: Verb): Promise<{ line: string; flags: string[] }[]> {
  const command = await load(verb);
  const flags = Object.entries(command.flags).filter(([, { hidden }]) => hidden !== true);
  const below = await Promise.all(command.verbs.filter((one) => !isHidden(one)).map(shown));
  return [{ line: commandLine(command), flags: flags.map(([option]) => `--${longName(option)}`) }, ...below.flat()];
}

t.test("every command has a section, and every flag of it is there or among those of all commands", async (t) => {
  const commands = await shown(dispatcher(all, "kubectl-mirrord", ""));
  t.ok(commands.length > 50, `${commands.length} commands`);
  const sections = [...pages.values()].flatMap((text) => text.split(/^(?=## )/m));
  const common = sections.find((one) => one.startsWith("## Flags of every command")) ?? "";
  for (const { line, flags } of commands.slice(1)) {
    const section = sections.filter((one) => one.startsWith(`## ${line}\n`));
    t.equal(section.length, 1, line);
    t.same(
      flags.filter((flag) => !section[0]?.includes(flag) && !common.includes(flag)),
      [],
      line,
    );
  }
});

t.test("each row of a table has two cells", async (t) => {
  for (const text of pages.values())
    for (const line of text.split("\n").filter((one) => one.startsWith("|")))
      t.equal(line.replaceAll("\\|", "").split("|").length, 4, line);
});
