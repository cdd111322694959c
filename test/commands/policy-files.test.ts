import { chmodSync } from "node:fs";
import process from "node:process";
import t from "tap";
import { steps } from "../steps.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";
import { toYaml } from "../../lib/yaml.ts";
import { exampleFolder, runPolicy } from "./policy-world.ts";

const head = "apiVersion: policies.mirrord.metalbear.co/v1alpha\n";
const good = policy({ block: ["steal"] }, { name: "p", namespace: "dev" });
const text = toYaml(good);

const bomb = `${head}kind: MirrordPolicy\nmetadata: {name: p}\na: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
  .split("")
  .map(
    (letter, index) => `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${"abcdefghi"[index]}`).join(",")}]`,
  )
  .join("\n")}\nspec: {block: *i}\n`;

const refused: { name: string; content: string; says: RegExp }[] = [
  { name: "a repeated key", content: `${text}spec: {block: []}\n`, says: /p\.yaml: line \d+: duplicated mapping key/ },
  {
    name: "a repeated key in JSON",
    content: `{"apiVersion":"policies.mirrord.metalbear.co/v1alpha","kind":"MirrordPolicy","metadata":{"name":"p"},"spec":{"block":["steal"],"block":[]}}`,
    says: /line \d+: duplicated key "/,
  },
  { name: "a YAML bomb", content: bomb, says: /alias/ },
  { name: "endless nesting", content: "[".repeat(100_000), says: /p\.yaml/ },
  { name: "no YAML", content: "a: [", says: /p\.yaml: line/ },
  { name: "a list", content: "- 1\n", says: /a list is not a Kubernetes object/ },
  { name: "a word", content: "hello\n", says: /is not a Kubernetes object/ },
  { name: "nothing", content: "", says: /there is no policy in/ },
  {
    name: "another object only",
    content: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    says: /there is no policy in .*, only 1 other object/,
  },
  { name: "no kind", content: "metadata: {name: x}\n", says: /apiVersion and kind are missing/ },
  {
    name: "an unknown kind of the group",
    content: `${head}kind: MirrordPolcy\nmetadata: {name: x}\n`,
    says: /kind is "MirrordPolcy", and a policy is a MirrordPolicy or MirrordClusterPolicy/,
  },
  {
    name: "a policy of another version",
    content: text.replace("v1alpha", "v2"),
    says: /apiVersion: is ".*v2", not .*v1alpha/,
  },
  { name: "no metadata", content: `${head}kind: MirrordPolicy\nspec: {block: []}\n`, says: /metadata\.name/ },
  { name: "no spec", content: `${head}kind: MirrordPolicy\nmetadata: {name: p}\n`, says: /spec: is missing/ },
  { name: "the same policy twice", content: `${text}---\n${text}`, says: /is there twice/ },
  { name: "a wrong type", content: text.replace("- steal", "- 3"), says: /spec\.block\[0\]/ },
  {
    name: "text where an object belongs",
    content: `${head}kind: MirrordPolicy\nmetadata: {name: p}\nspec: everything\n`,
    says: /spec: is the string "everything"/,
  },
];

for (const { name, content, says } of refused)
  t.test(`a file with ${name} is refused, and nothing is written`, async (t) => {
    const { run, file } = exampleFolder(t);
    const path = file("p.yaml", content);
    const ran = await run("apply", "-f", path, "-n", "dev");
    t.equal(ran.code, 2, ran.stdout + ran.stderr);
    t.match(ran.stderr, says);
    t.match((await run("list", "-A")).stderr, "No policies found");
  });

t.test("a namespace of the file that is not the one asked for", async (t) => {
  const { run, file } = exampleFolder(t);
  t.match(await run("apply", "-f", file("p.yaml", text), "-n", "qa"), {
    code: 2,
    stderr: /does not match the namespace "qa"/,
  });
});

t.test("objects of other kinds in a file are left alone", async (t) => {
  const { run, file } = exampleFolder(t);
  const path = file("p.yaml", `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n${text}`);
  t.match(await run("apply", "-f", path), { code: 0, stdout: /^mirrordpolicy.*created\n$/ });
});

t.test("a List is as good as its items", async (t) => {
  const { run, file } = exampleFolder(t);
  const list = file(
    "p.json",
    JSON.stringify({ apiVersion: "v1", kind: "List", items: [good, clusterPolicy({}, "c")] }),
  );
  t.match(await run("apply", "-f", list), { code: 0, stdout: /p in namespace dev created\n.*c created/ });
});

function bigPolicy(globs: number) {
  return policy(
    {
      env: { exclude: Array.from({ length: globs }, (_, index) => `*a*b*c*${index}*?*`) },
      targetPath: "*a".repeat(globs / 6),
      network: { incoming: { httpFilter: { headerFilter: "^(([a-z])+.)+[A-Z]([a-z])+$" } } },
    },
    { name: "big", namespace: "dev" },
  );
}

t.test("a file of a megabyte, and patterns that make other engines hang, are read, tested and linted", async (t) => {
  const { run, file } = exampleFolder(t);
  const path = file("big.yaml", [bigPolicy(30_000)]);
  const values = ["--env", "a".repeat(1_000), "--filter", "a".repeat(20_000)];
  const tested = await run("test", "deploy/web", "-n", "dev", "-f", path, ...values, "-o", "json");
  t.equal(tested.code, 0, tested.stderr);
  t.match(await run("lint", "-f", path), { stdout: /not-security/ });
});

t.test("ten times as large a file takes no more than ten times the steps", async (t) => {
  const { file } = exampleFolder(t);
  const module = import.meta.resolve("./policy-world.ts");
  const check = async (globs: number) => {
    const path = file(`${globs}.yaml`, [bigPolicy(globs)]);
    const filter = ["--env", "a".repeat(globs), "--filter", "a".repeat(globs)];
    return await steps(module, "testAndLint", path, filter);
  };
  const [small, large] = [await check(300), await check(3_000)];
  t.ok(large < 12 * small, `${small} steps, then ${large}`);
});

t.test("what cannot be read is named", async (t) => {
  const { run, file } = exampleFolder(t);
  t.match(await run("apply", "-f", "/no/such/file"), { code: 2, stderr: /the path "\/no\/such\/file" does not exist/ });
  t.match(await run("apply"), { code: 2, stderr: /required flag "--file" not set/ });
  t.match(await run("test", "deploy/web", "--expect", "/no/such"), { code: 2 });
  if (process.getuid?.() === 0) return;
  const path = file("secret.yaml", text);
  chmodSync(path, 0);
  t.match(await run("apply", "-f", path), { code: 2, stderr: /cannot read/ });
});

t.test("without a verb: help", async (t) => {
  t.match(await runPolicy([]), {
    code: 0,
    stdout: /list[^]*get[^]*describe[^]*create[^]*apply[^]*delete[^]*diff[^]*test[^]*lint/,
  });
});

const nothing: { name: string; files: Record<string, string>; says: RegExp }[] = [
  { name: "an empty folder", files: {}, says: /^error: there is no policy in \S+\n$/ },
  { name: "an empty file", files: { "new.yaml": "" }, says: /^error: there is no policy in \S+\n$/ },
  {
    name: "another object",
    files: { "config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" },
    says: /^error: there is no policy in \S+, only 1 other object\n$/,
  },
];

for (const { name, files, says } of nothing)
  t.test(`a check of nothing does not pass: ${name} in the folder of -f is an error for every verb`, async (t) => {
    const { run } = exampleFolder(t);
    const path = t.testdir(files);
    for (const words of [
      ["lint"],
      ["test", "deploy/web", "-n", "dev"],
      ["test", "--all"],
      ["apply"],
      ["diff"],
      ["delete"],
    ])
      t.match(await run(...words, "-f", path), { code: 2, stdout: "", stderr: says }, words.join(" "));
  });

t.test("a cluster, or a folder for one, may well have no policies: lint says so, and ends with 0", async (t) => {
  const { run, file } = exampleFolder(t);
  t.match(await run("lint"), { code: 0, stdout: "", stderr: /^No policies found\.\n/ });
  const quiet = file("quiet.yaml", [
    {
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordClusterPolicy",
      metadata: { name: "filter" },
      spec: { block: ["steal-without-filter"], appliesToCopyTargets: true },
    },
  ]);
  t.match(await run("lint", "-f", quiet), { code: 0, stdout: "", stderr: /^No findings\.\n/ });
});

t.test("each verb's help says what exit code 2 is about", async (t) => {
  const { run } = exampleFolder(t);
  for (const verb of ["get", "describe", "delete"])
    t.match((await run(verb, "--help")).stdout, /\n {2}2 .*there is no such policy\n/, verb);
  for (const verb of ["apply", "diff", "lint", "test"])
    t.match((await run(verb, "--help")).stdout, /\n {2}2 .*there is no policy in the\s+files\n/, verb);
});

t.test("a namespace on the cluster kind is accepted with a note, as the API server clears it", async (t) => {
  const { file, run } = exampleFolder(t);
  const path = file("c.yaml", [{ ...clusterPolicy({ block: ["steal"] }), metadata: { name: "c", namespace: "dev" } }]);
  const note = /Note: .*MirrordClusterPolicy c: metadata\.namespace: is cleared by the API server/;
  t.match(await run("diff", "-f", path), { code: 1, stderr: note });
  t.match(await run("apply", "-f", path), { code: 0, stdout: /c created/, stderr: note });
  t.notMatch((await run("get", "c", "--cluster", "-o", "yaml")).stdout, "namespace:");
  t.match(await run("apply", "-f", path), { code: 0, stdout: /c unchanged/ });
});

t.test("a field that nobody here can judge makes the answer unknown with its name", async (t) => {
  const folder = exampleFolder(t);
  folder.file("cluster/queues.yaml", [
    policy({ splitQueues: { requireFilter: true } }, { name: "queues", namespace: "dev" }),
  ]);
  const ran = await folder.run("test", "deploy/web", "-n", "dev", "--action", "steal");
  t.match(ran, { code: 3, stdout: /unknown .*policy "queues" \(spec\.splitQueues\) may refuse it/ });
  t.match((await folder.run("lint")).stdout, /spec\.splitQueues/);
});
