import { realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import manifest from "../../package.json" with { type: "json" };
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { command, commandWord, type LazyCommand } from "../../lib/cli/grammar/command.ts";
import { fakeWorld } from "./fake-world.ts";

const plugin = (name: string): LazyCommand => ({
  name,
  summary: `Summary of ${name}.`,
  load: async () =>
    command({
      name,
      summary: `Summary of ${name}.`,
      usage: "",
      async run(_options, world) {
        world.print(`${name} ran`);
        return 0;
      },
    }),
});
const plugins = [plugin("grant"), plugin("can-i")];
const verb = (calledAs: string, program = "/no/such/program") =>
  dispatcher({ plugins, besides: [plugin("permissions")], completers: {} }, calledAs, program);

async function run(calledAs: string, words: string[], program?: string): Promise<string> {
  const world = fakeWorld({ columns: 80 });
  t.equal(await execute(verb(calledAs, program), words, world), 0, words.join(" "));
  return world.stdout;
}

const names: { calledAs: string; want: string }[] = [
  { calledAs: "kubectl-mirrord-can_i", want: "can-i" },
  { calledAs: "kubectl-mirrord_can_i", want: "can-i" },
  { calledAs: "/usr/bin/kubectl-mirrord-can-i", want: "can-i" },
  { calledAs: String.raw`C:\bin\kubectl-mirrord-grant.exe`, want: "grant" },
  { calledAs: "kubectl-mirrord-GRANT", want: "" },
  { calledAs: "kubectl-mirrord", want: "" },
  { calledAs: "kubectl-mirrord-revoke", want: "" },
  { calledAs: "grant", want: "" },
];
for (const { calledAs, want } of names)
  t.test(`called as ${calledAs} it is ${want || "all of it"}`, async (t) => {
    const found = verb(calledAs);
    t.equal(found.name, want);
    if (want !== "") t.equal(commandWord(found), want);
  });

t.test("without a word it says what there is; what only a shell asks for is not shown", async (t) => {
  const help = await run("kubectl-mirrord", ["--help"]);
  for (const name of ["grant", "can-i", "permissions", "completion", "options", "install-links", "version"])
    t.match(help, new RegExp(`^ +${name} `, "m"));
  t.notMatch(help, "__complete");
});

t.test("a plugin runs by its word, and by a link of its own", async (t) => {
  t.equal(await run("kubectl-mirrord", ["can-i"]), "can-i ran\n");
  t.equal(await run("kubectl-mirrord-can_i", []), "can-i ran\n");
});

t.test("what belongs to all of them is there", async (t) => {
  t.match(await run("kubectl-mirrord", ["options"]), "--context");
  t.match(await run("kubectl-mirrord", ["completion", "bash"]), "kubectl");
  t.match(await run("kubectl-mirrord", ["__complete", "gr"]), "grant");
});

t.test("the version is that of this executable, also behind a link, and of one that is gone", async (t) => {
  const folder = t.testdir({});
  const [program, link] = [join(folder, "program"), join(folder, "link")];
  writeFileSync(program, "");
  symlinkSync(program, link);
  const version = async (path: string) =>
    JSON.parse(await run("kubectl-mirrord", ["version", "-o", "json"], path)) as object;
  t.match(await version(link), {
    kind: "Version",
    version: manifest.version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
    path: realpathSync(program),
  });
  t.match(await version("kubectl-mirrord"), { path: "kubectl-mirrord" });
  const table = await run("kubectl-mirrord", ["version"], link);
  t.match(table, /^VERSION +NODE +PLATFORM +PATH\n/);
});
