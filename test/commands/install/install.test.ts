import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { report } from "../../../lib/cli/report.ts";
import { install } from "../../../lib/commands/install/index.ts";
import { UserError } from "../../../lib/errors.ts";
import { values as table } from "../../../lib/install/values-table.ts";
import { parseDocuments } from "../../../lib/yaml.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { schemaErrors } from "./install-world.ts";

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const world = fakeWorld({});
  // The objects are made without a cluster, and without a kubeconfig.
  world.connect = () => Promise.reject(new Error("install -o yaml connects to nothing"));
  try {
    const code = await execute(install, words, world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    return { code: error.exitCode, stdout: world.stdout, stderr: world.stderr };
  }
}

const objects = (text: string) =>
  parseDocuments(text, { source: "stdout" }) as {
    kind: string;
    metadata: { name: string };
    [field: string]: unknown;
  }[];
const root = join(import.meta.dirname, "../../..");

t.test("-o yaml prints the objects without hooks, twice the same", async (t) => {
  const first = await run("-o", "yaml", "--license-secret", "licence");
  t.match(first, { code: 0, stderr: "" });
  t.equal((await run("-o", "yaml", "--license-secret", "licence")).stdout, first.stdout);
  const made = objects(first.stdout);
  t.equal(made.length, 26, "27 with the Secret of a licence key");
  t.notMatch(first.stdout, /helm\.sh/);
  t.match(first.stdout, /secretRef:\n\s+name: licence/);
});

t.test("what could deceive a reader is escaped, and the objects are the same", async (t) => {
  const note = "a\u202eb\u009b31mRED\u200bz\u007f";
  const values = join(
    t.testdir({ "values.json": JSON.stringify({ operator: { podAnnotations: { note } } }) }),
    "values.json",
  );
  const printed: unknown[] = [];
  for (const format of ["yaml", "json"]) {
    const { code, stdout } = await run("-o", format, "--license-secret", "licence", "--values", values);
    t.equal(code, 0);
    t.match(stdout, /^[\x20-\x7e\n]*$/, format);
    printed.push(format === "yaml" ? objects(stdout) : (JSON.parse(stdout) as { items: unknown[] }).items);
  }
  t.same(printed[0], printed[1]);
  t.match(JSON.stringify(printed[0]), JSON.stringify(note).slice(1, -1));
});

t.test("-o json prints the same as one list", async (t) => {
  const yaml = objects((await run("-o", "yaml", "--license-secret", "licence")).stdout);
  const json = JSON.parse((await run("-o", "json", "--license-secret", "licence")).stdout) as { items: unknown[] };
  t.same(json.items, yaml);
});

t.test("what is given later stands above what was given before", async (t) => {
  const dir = t.testdir({
    "one.yaml": "operator:\n  replicas: 2\n  image: one\n  podLabels: {a: x}\nlicense: {keyRef: k}\n",
    "two.yaml": "operator:\n  image: two\n",
    text: "from a file",
  });
  const file = (name: string) => join(dir, name);
  const files = ["--values", file("one.yaml"), "--values", file("two.yaml")];
  const { stdout, stderr } = await run(
    "-o",
    "yaml",
    ...files,
    "--set",
    "operator.podLabels.b\\.c=y,operator.port=8443",
    "--set-string",
    "operator.podAnnotations.n=1",
    "--set-file",
    `operator.clusterName=${file("text")}`,
  );
  t.equal(stderr, "");
  const deployment = objects(stdout).find(({ kind }) => kind === "Deployment");
  t.match(deployment, {
    spec: {
      replicas: 2,
      template: {
        metadata: { labels: { a: "x", "b.c": "y" }, annotations: { n: "1" } },
        spec: { containers: [{ image: "two:3.187.0", ports: [{ containerPort: 8443 }] }] },
      },
    },
  });
  t.match(stdout, "from a file");
});

const flags: { words: string[]; want: RegExp }[] = [
  { words: ["-n", "ops"], want: /kind: Namespace\nmetadata:\n {2}name: ops\n/ },
  { words: ["--image", "reg:5000/op:1.2"], want: /image: reg:5000\/op:1\.2\n/ },
  { words: ["--image", "reg:5000/op"], want: /image: reg:5000\/op:3\.187\.0\n/ },
  { words: ["--openshift"], want: /kind: SecurityContextConstraints/ },
  { words: ["--role-namespaces", "a,b"], want: /name: mirrord-operator-user\n {2}namespace: b\n/ },
  { words: ["--set", "roleNamespaces={x,z}"], want: /name: mirrord-operator-user\n {2}namespace: z\n/ },
  { words: ["--set", "operator.tolerations[0].key=k"], want: /tolerations:\n\s+- key: k\n/ },
];

for (const { words, want } of flags) {
  t.test(`install ${words.join(" ")}`, async (t) => {
    const { code, stdout, stderr } = await run("-o", "yaml", "--license-secret", "licence", ...words);
    t.same({ code, stderr }, { code: 0, stderr: "" });
    t.match(stdout, want);
  });
}

const SECRET = "s3cr3t-k3y";

const secretWords: { words: string[]; hint: RegExp }[] = [
  { words: ["--set", `license.key=${SECRET}`], hint: /--license-key-file FILE/ },
  { words: ["--set-string", `license.key=${SECRET}`], hint: /--license-key-file FILE/ },
  { words: ["--set", `a=b,license.key=${SECRET}`], hint: /--license-key-file FILE/ },
  { words: ["--set", `license={${SECRET}}`], hint: /--set-file license=FILE/ },
  { words: ["--set", `cloud.apiKey.key=${SECRET}`], hint: /cloud\.apiKey\.keyRef=NAME/ },
  { words: ["--set", `tls.data.tls\\.key=${SECRET}`], hint: /--set-file tls\.data\.tls\\\.key=FILE/ },
  { words: ["--set", `license.file.data.license\\.pem=${SECRET}`], hint: /--set-file license\.file/ },
  {
    words: ["--set", `operator.multiCluster.clusters.c1.bearerToken=${SECRET}`],
    hint: /--set-file .*c1\.bearerToken=FILE/,
  },
  { words: ["--set", `license.key:${SECRET}`], hint: /assignment 1 has no =[^]*a comma within a value/ },
  { words: ["--set", `a=b,${SECRET}`], hint: /assignment 2 has no =/ },
  {
    words: ["--license-key-file", SECRET],
    hint: /open the file of --license-key-file: no such file[^]*not the value itself/,
  },
  { words: ["--set-file", `license.key=${SECRET}/x`], hint: /open the file of license\.key: no such file/ },
  { words: ["--set", `operator.multiCluster.clusters.c1.tlsKey=${SECRET}`], hint: /--set-file .*c1\.tlsKey=FILE/ },
];

for (const { words, hint } of secretWords) {
  t.test(`a secret on the command line is refused and not repeated: ${words[1]?.split("=")[0]}`, async (t) => {
    const ran = await run("-o", "yaml", ...words);
    t.match(ran, { code: 2, stdout: "", stderr: hint });
    t.notMatch(ran.stderr, SECRET);
  });
}

t.test("a file that cannot be read is said once, in kubectl's words", async (t) => {
  const missing = join(t.testdir({}), "key.txt");
  const ran = await run("-o", "yaml", "--license-key-file", missing);
  t.match(ran, { code: 2, stdout: "" });
  t.match(ran.stderr, `error: open ${missing}: no such file or directory\n`);
});

t.test("secrets of values are printed only when that is asked for", async (t) => {
  const dir = t.testdir({
    key: `${SECRET}\n`,
    "values.yaml": `license: {key: ${SECRET}}\n`,
    "token.yaml": `license: {keyRef: k}\noperator: {multiCluster: {enabled: true, clusters: {c: {authType: bearerToken, bearerToken: ${SECRET}}}}}\n`,
    "extra.yaml": `license: {keyRef: k}\nextraObjects: [{apiVersion: v1, kind: Secret, metadata: {name: x}, stringData: {a: ${SECRET}}}]\n`,
    "cloud.yaml": `cloud: {apiKey: {key: ${SECRET}}}\n`,
    "tls.yaml": `license: {keyRef: k}\ntls: {data: {tls.key: ${SECRET}, tls.crt: c}}\n`,
  });
  const given = [
    ["--license-key-file", join(dir, "key")],
    ...["values", "token", "extra", "cloud", "tls"].map((name) => ["--values", join(dir, `${name}.yaml`)]),
  ];
  for (const words of given) {
    const ran = await run("-o", "yaml", ...words);
    t.match(ran, { code: 2, stdout: "", stderr: /--license-secret NAME/ }, words.join(" "));
    t.notMatch(ran.stderr, SECRET);
    t.match(await run("-o", "yaml", "--show-secrets", ...words), { code: 0, stdout: SECRET });
  }
});

const mistakes: { name: string; text: string; want: RegExp }[] = [
  { name: "a list", text: "- a\n", want: /values are one object/ },
  { name: "a repeated key", text: "namespace: a\nnamespace: b\n", want: /line 2: .*dup/i },
  { name: "a slip", text: "operator: {replica: 2}\n", want: /did you mean operator\.replicas\?/ },
  {
    name: "a secret of the wrong type",
    text: `license: {key: [${SECRET}]}\n`,
    want: /license\.key is a list, and has to be a text/,
  },
];

for (const { name, text, want } of mistakes) {
  t.test(`a file of values with ${name} is refused`, async (t) => {
    const file = join(t.testdir({}), "values.yaml");
    writeFileSync(file, text);
    const ran = await run("-o", "yaml", "--values", file);
    t.match(ran, { code: 2, stdout: "", stderr: want });
    t.notMatch(ran.stderr, SECRET);
  });
}

t.test("-n and the values must not name two namespaces", async (t) => {
  t.match(await run("-o", "yaml", "--license-secret", "k", "-n", "a", "--set", "namespace=b"), {
    code: 2,
    stderr: /the values say namespace b, and -n says a/,
  });
});

t.test("install values prints a file that installs the same as no file, and names every value", async (t) => {
  const { stdout } = await run("values");
  const file = join(t.testdir({}), "values.yaml");
  writeFileSync(file, stdout);
  const plain = await run("-o", "yaml", "--license-secret", "k");
  t.same(await run("-o", "yaml", "--license-secret", "k", "--values", file), plain);
  for (const [path, { describe }] of Object.entries(table)) {
    t.match(stdout, `${path.split(".").at(-1)}:`, path);
    t.match(stdout, `# ${describe}`);
  }
});

t.test("the schema in docs is that of the table, and takes what install takes", async (t) => {
  const schema = JSON.parse(readFileSync(join(root, "docs/schema/install-values.json"), "utf8")) as object;
  t.same(
    schema,
    JSON.parse((await run("values", "--schema")).stdout),
    "install values --schema > docs/schema/install-values.json",
  );
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const [printed] = parseDocuments((await run("values")).stdout, { source: "values", dialect: "helm" });
  t.ok(validate(printed), JSON.stringify(validate.errors));
  t.notOk(validate({ operator: { replica: 2 } }));
  t.notOk(validate({ operator: { port: "443" } }));
  t.ok(validate({ operator: { extraEnv: { A: 1, B: { valueFrom: {} } }, labels: null } }));
});

t.test(
  "what will leave the cluster is a table, and a document of its schema; neither cluster nor licence is needed",
  async (t) => {
    const shown = await run("--show-egress");
    t.match(shown, {
      code: 0,
      stdout: /^WHAT +LEAVES +TO +TO CHANGE\nlicence +yes +the vendor +license\.licenseServer\n/,
      stderr: "",
    });
    t.match(shown.stdout, /\n\nWith a licence of the Team plan/);
    t.ok(
      Math.max(
        ...(shown.stdout
          .split("\n\n")[0]
          ?.split("\n")
          .map(({ length }) => length) ?? []),
      ) <= 80,
    );
    const json = await run("--show-egress", "-o", "json", "--set", "license.pemRef=licence");
    t.equal(schemaErrors("install-egress.json", json.stdout), "No errors");
  },
);

t.test("the values files in docs are values", async (t) => {
  const folder = join(root, "docs/values");
  const names = readdirSync(folder);
  t.ok(names.length > 1);
  for (const name of names)
    t.match(await run("-o", "yaml", "--values", join(folder, name)), { code: 0, stderr: "" }, name);
});

t.test("what is about a cluster does not go with what prints objects", async (t) => {
  for (const flag of ["--adopt", "--diff", "--dry-run", "--force-conflicts"]) {
    t.match(
      await run("-o", "yaml", flag),
      { code: 2, stdout: "", stderr: /-o prints the objects without a cluster/ },
      flag,
    );
  }
  t.match(await run("-f", "x", "--set", "a=b"), { code: 2, stderr: /--file and --set exclude each other/ });
  t.match(await run("--show-secrets"), { code: 2, stderr: /--show-secrets is for -o/ });
});
