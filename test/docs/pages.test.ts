// The pages for people say what the commands do today: npm run docs makes their output anew.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { parseArguments } from "../../lib/cli/grammar/argv.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { resolve } from "../../lib/cli/grammar/resolve.ts";
import { takeTemplate } from "../../lib/cli/template-output.ts";
import { targets } from "../../krew/targets.ts";
import { all } from "../../plugins/all.ts";
import { auditFindingsPage } from "../../scripts/docs/audit-findings.ts";
import { shellWords, withOutput } from "../../scripts/docs/console.ts";
import { documents } from "../../scripts/docs/documents.ts";
import { permissionsPage } from "../../scripts/docs/permissions.ts";
import { reliabilityPage } from "../../scripts/docs/reliability.ts";
import { exampleShell } from "../../scripts/docs/example-shell.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const command = dispatcher(all, "kubectl-mirrord", "");

for (const file of documents(root))
  t.test(`${file} shows what its commands print; else: npm run docs`, async (t) => {
    const text = read(file);
    t.equal(await withOutput(text, exampleShell()), text);
    for (const [, body = ""] of text.matchAll(/^```console\n([^]*?)^```$/gm)) {
      t.match(body, /^\$ /, "a block begins with a command");
      t.notMatch(body, /^bug: /m);
    }
  });

// What commands print is in a console block, where it is made; a shell of zsh takes no comment behind a command.
for (const file of documents(root))
  t.test(`${file}: other blocks have commands only, each alone in its line`, async (t) => {
    const blocks = [...read(file).matchAll(/^```([a-z]*)\n([^]*?)^```$/gm)];
    for (const [, language, body = ""] of blocks)
      for (const line of language === "" ? body.trimEnd().split("\n") : [])
        t.match(line, /^# |^(kubectl|npm) (?!.* # )/, line);
  });

t.test("docs/audit-findings.md is made of the table of rules; else: npm run docs", async (t) => {
  t.equal(read("docs/audit-findings.md"), auditFindingsPage());
});

t.test("docs/permissions.md is made of the table of permissions; else: npm run docs", async (t) => {
  t.equal(read("docs/permissions.md"), permissionsPage());
});

t.test("docs/reliability.md is made of the figures of the long tests; else: npm run docs", async (t) => {
  t.equal(read("docs/reliability.md"), reliabilityPage(root));
});

t.test("README has real output of every plugin, within 80 columns", async (t) => {
  const screens = [...read("README.md").matchAll(/^```console\n([^]*?)^```$/gm)].map(([, body = ""]) => body);
  const lines = screens.flatMap((body) => body.trimEnd().split("\n"));
  for (const plugin of all.plugins) {
    const at = lines.findIndex((line) => line.startsWith(`$ kubectl mirrord ${plugin.name} `));
    t.match(lines[at + 1], /^[^$]/, plugin.name);
  }
  t.same(
    lines.filter(({ length }) => length > 80),
    [],
  );
});

t.test("README's lines for krew name the archive that package.json's version is released as", async (t) => {
  const { version }: { version: string } = JSON.parse(read("package.json"));
  const made = new Set(targets.map(({ name }) => `${name}: kubectl-mirrord_v${version}_${name}.tar.gz`));
  const built = [...read("README.md").matchAll(/release:build -- --target (\w+)\n.*--archive=release\/(\S+)/g)];
  t.equal(built.length, 1);
  for (const [, target, archive] of built) {
    const line = `${target}: ${archive}`;
    t.ok(made.has(line), line);
  }
});

t.test("every page is reached from README", async (t) => {
  const linked = documents(root).map((file) =>
    [...read(file).matchAll(/\]\((?:docs\/)?((?:recipes\/)?[a-z-]+\.md)/g)].map(([, page]) => page),
  );
  for (const page of documents(root).slice(1)) t.ok(linked.flat().includes(page.replace("docs/", "")), page);
});

t.test(
  "the index of the decisions has each of them, by its number and title, and each says whether it holds",
  async (t) => {
    const folder = join(root, "docs/adr");
    const pages = readdirSync(folder).filter((name) => name !== "README.md");
    const titles = pages.toSorted().map((name) => {
      const [, number, title] =
        /^# (\d+)\. (.+)\n\nStatus: (?:accepted|superseded by)/.exec(readFileSync(join(folder, name), "utf8")) ?? [];
      t.equal(number, String(Number.parseInt(name, 10)), name);
      return `${number}. [${title}](${name})`;
    });
    t.same(read("docs/adr/README.md").match(/^\d+\. .*$/gm), titles);
  },
);

/** Every line of a code block that is a command of ours, without what a shell makes of the rest. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```[a-z]*\n([^]*?)^```$/gm)].map(([, body = ""]) => body);
  return blocks
    .flatMap((body) => body.split("\n"))
    .map((line) => line.replace(/^\$ /, ""))
    .filter((line) => line.startsWith("kubectl mirrord "))
    .map((line) => line.replace(/ *[|>].*$/, ""));
}

/** Throws what a user would read, for a line that is not understood. */
async function check(line: string): Promise<void> {
  const { command: found, args } = await resolve(command, shellWords(line).slice(2));
  if (found.run === undefined || found.raw === true) return;
  const taken = await takeTemplate(found, args);
  await parseArguments(found, taken.args);
}

t.test("every command that a page shows is one that is understood", async (t) => {
  let count = 0;
  for (const file of documents(root))
    for (const line of commandLines(read(file))) {
      count += 1;
      await t.resolves(check(line), `${file}: ${line}`);
    }
  t.ok(count > 40, `${count} lines`);
});

async function commands(verb: Verb): Promise<Command[]> {
  const loaded = await load(verb);
  return [loaded, ...(await Promise.all(loaded.verbs.map(commands))).flat()];
}

t.test("and so is every example of a help", async (t) => {
  for (const { examples } of await commands(command))
    for (const line of Object.keys(examples))
      if (line.startsWith("kubectl mirrord ")) await t.resolves(check(line.replace(/ *[|>].*$/, "")), line);
});
