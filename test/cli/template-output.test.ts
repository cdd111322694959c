import t from "tap";
import { join } from "node:path";
import { execute } from "../../lib/cli/execute.ts";
import { command } from "../../lib/cli/grammar/command.ts";
import { noHeadersFlag, outputFlag } from "../../lib/cli/grammar/shared-flags.ts";
import { printOutput } from "../../lib/view/output.ts";
import { fakeWorld } from "./fake-world.ts";

const rows = [{ name: "one" }, { name: "two" }];

const list = command({
  name: "list",
  summary: "List.",
  usage: "",
  positionals: { names: { type: "list", placeholder: "NAME", describe: "" } },
  flags: { output: outputFlag(["table", "json", "name"]), noHeaders: noHeadersFlag },
  async run({ output, noHeaders }, world) {
    const columns = { NAME: ({ name }: (typeof rows)[number]) => name };
    await printOutput(
      { kind: "L", value: { items: rows }, rows, columns, name: ({ name }) => name },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

const names = command({
  name: "names",
  summary: "",
  usage: "",
  flags: { output: outputFlag(["table", "name"]) },
  run: async () => 0,
});

const folder = t.testdir({ path: "{.items[0].name}", columns: "N\n.name\n" });

const printed: [words: string[], stdout: string][] = [
  [["-o", "jsonpath={.items[*].name}"], "one two"],
  [["-ojsonpath={.kind}"], "L"],
  [["-o=jsonpath={.kind}"], "L"],
  [["--output=jsonpath={.kind}", "a"], "L"],
  [["--output", "jsonpath={.kind}", "--", "-o", "name"], "L"],
  [["-o", "name", "-o", "jsonpath={.kind}"], "L"],
  [["-o", "jsonpath={.kind}", "-o", "name"], "one\ntwo\n"],
  [["-o", `jsonpath-file=${join(folder, "path")}`], "one"],
  [["-o", "jsonpath-as-json={.kind}"], '[\n    "L"\n]\n'],
  [["-o", "custom-columns=N:.name"], "N\none\ntwo\n"],
  [["-o", "custom-columns=N:.name", "--no-headers"], "one\ntwo\n"],
  [["-o", "custom-columns=N:.name", "--no-headers=false"], "N\none\ntwo\n"],
  [["-o", `custom-columns-file=${join(folder, "columns")}`], "N\none\ntwo\n"],
];
for (const [words, stdout] of printed)
  t.test(words.join(" "), async (t) => {
    const world = fakeWorld();
    t.equal(await execute(list, words, world), 0);
    t.equal(world.stdout, stdout);
  });

const refused: [words: string[], message: RegExp][] = [
  [["-o", "go-template={{.kind}}"], /^-o go-template is not supported$/],
  [["-o", "templatefile=x"], /^-o templatefile is not supported$/],
  [["-o", "jsonpath"], /^template format specified but no template given$/],
  [["-o", "jsonpath="], /^template format specified but no template given$/],
  [["-o", "custom-columns"], /^custom-columns format specified but no custom columns given$/],
  [["-o", `jsonpath-file=${join(folder, "none")}`], /^error reading --template .*none, ENOENT/],
  [["-o", "jsonpath={.a["], /^error parsing jsonpath \{\.a\[, unterminated array$/],
  [
    ["-o", "jsonpathx={.a}"],
    /"jsonpathx=\{\.a\}", allowed formats are: custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,table$/,
  ],
];
for (const [words, message] of refused)
  t.test(`${words.join(" ")} is refused`, async (t) => {
    await t.rejects(execute(list, words, fakeWorld()), { name: "UserError", kind: "usage", message });
  });

t.test("what prints no JSON takes no template", async (t) => {
  await t.rejects(execute(names, ["-o", "jsonpath={.a}"], fakeWorld()), {
    message: /allowed formats are: name,table$/,
  });
});

t.test("help names the templates", async (t) => {
  const world = fakeWorld();
  await execute(list, ["--help"], world);
  t.match(world.stdout.replaceAll(/\s+/g, " "), "One of: table, json, name, jsonpath=TEMPLATE, custom-columns=SPEC.");
});
