import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { dispatcher } from "../../../lib/cli/dispatcher.ts";
import { command, load, type Command, type Verb } from "../../../lib/cli/grammar/command.ts";
import { fullHelp } from "../../../lib/cli/grammar/help.ts";
import { all } from "../../../plugins/all.ts";
import { manPages } from "../../../scripts/man/pages.ts";

const root = dispatcher(all, "kubectl-mirrord", "kubectl-mirrord");
const pages = await manPages(root, "1.2.3");

async function visible(verb: Verb): Promise<Command[]> {
  const loaded = await load(verb);
  const below = await Promise.all(loaded.verbs.filter(({ hidden }) => hidden !== true).map(visible));
  return [loaded, ...below.flat()];
}
const commands = await visible(root);

t.test("every command that help shows has a page, and nothing else has", async (t) => {
  const names = commands.map(({ name }) => `${["kubectl-mirrord", ...name.split(" ")].join("-").replace(/-$/, "")}.1`);
  t.same(pages.map(({ file }) => file).toSorted(), names.toSorted());
  t.ok(names.includes("kubectl-mirrord-grant.1") && names.includes("kubectl-mirrord-can-i.1"));
});

t.test("a page refers only to pages that there are", async (t) => {
  const files = new Set(pages.map(({ file }) => file));
  for (const { file, text } of pages) {
    const seeAlso = text.slice(text.indexOf('.SH "SEE ALSO"')).replaceAll("\\-", "-");
    const named = [...seeAlso.matchAll(/(kubectl-[\w-]+)\((\d)\)/g)].map(([, name, section]) => `${name}.${section}`);
    t.same(
      named.filter((name) => !files.has(name)),
      [],
      file,
    );
    t.notOk(named.includes(file), `${file} does not refer to itself`);
  }
});

/** Macros that groff's and mandoc's man package have. */
const known = /^\.(TH|SH|PP|TP|B|RS|RE|nf|fi|nh|ad l)( "[^"]*")*$|^\.RS "\d+"$/;
const escapes = /\\(?:-|&|\((?:rs|aq|ga|ha|ti|dq)|\[u[0-9A-F]{4,6}\])/g;
t.test("a page holds only what every man reads: known macros, known escapes, ASCII", async (t) => {
  const strange = pages.flatMap(({ file, text }) =>
    text
      .trimEnd()
      .split("\n")
      .filter((line) => line === "" || /\\|[^\x20-\x7e]/.test(line.replaceAll(escapes, "")) || isUnknown(line))
      .map((line) => `${file}: ${line}`),
  );
  t.same(strange, []);
});
const isUnknown = (line: string): boolean => /^[.']/.test(line) && !known.test(line);

const hostile = command({
  name: "grant",
  summary: ".so /etc/passwd",
  description: "\\fBbold\n'ig\n.end",
  usage: "'SUBJECT'",
  examples: { "kubectl mirrord grant 'a\\b' --for=1h": '"quoted"' },
  flags: { role: { type: "string", placeholder: '"ROLE"', describe: "\\n(.$ é" } },
  verbs: [command({ name: "grant secret", summary: "Not shown.", usage: "", hidden: true })],
});

const man = spawnSync("man", ["--version"], { encoding: "utf8" });
const isManDb = man.status === 0 && man.stdout.includes("man ");
const rendered = (text: string): { page: string; warnings: string } => {
  const file = join(t.testdirName, "page.1");
  writeFileSync(file, text);
  const env = {
    ...process.env,
    MANWIDTH: "100",
    LC_ALL: "C.UTF-8",
    MANROFFOPT: "-ww -rHY=0",
    MANPAGER: "cat",
    PAGER: "cat",
  };
  const { stdout, stderr } = spawnSync("man", ["--no-hyphenation", "--local-file", file], { encoding: "utf8", env });
  return { page: stdout, warnings: stderr };
};
t.testdir({});

t.test(
  "man shows a page whole and without a warning",
  { skip: isManDb ? false : "there is no man here" },
  async (t) => {
    for (const one of commands.filter(({ name }) => ["", "grant", "can-i", "options", "session list"].includes(name))) {
      const alone = { ...one, verbs: [] };
      const [page] = await manPages(alone, "1.2.3");
      const { page: shown, warnings } = rendered(page?.text ?? "");
      t.equal(warnings, "", one.name);
      const words = (text: string) => text.replaceAll(/\s+/g, " ");
      const flags = fullHelp(alone, 100).flatMap((line) => /^ {2,6}((?:-\w, )?--[\w-]+)/.exec(line)?.[1] ?? []);
      t.same(
        [...Object.keys(one.examples), ...flags].filter((text) => !words(shown).includes(words(text))),
        [],
        one.name,
      );
    }
    const { page, warnings } = rendered((await manPages(hostile, "1.2.3"))[0]?.text ?? "");
    t.equal(warnings, "");
    for (const text of [
      ".so /etc/passwd",
      "\\fBbold",
      "'ig",
      ".end",
      "'SUBJECT'",
      "'a\\b' --for=1h",
      '"quoted"',
      '"ROLE"',
      "\\n(.$ é",
    ])
      t.ok(page.includes(text), text);
    t.notMatch(page, /Not shown/);
  },
);

t.test("what a text holds is shown, and steers nothing", async (t) => {
  const [page, ...more] = await manPages(hostile, "1.2.3");
  t.same(more, []);
  const requests = (page?.text ?? "").split("\n").filter((line) => /^[.']/.test(line));
  t.same(
    requests.filter((line) => !known.test(line)),
    [],
  );
});
