import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import t from "tap";
import { readManifests, saysTheSame, writeManifests } from "../../../lib/kube/manifests/folder.ts";

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

function folderWith(t: Teardown, files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-folder-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: dev}\n`;

const objectsIn = (folder: string, exclude: string[] = []) =>
  readManifests([folder], { exclude }).flatMap(({ documents }) => documents.flatMap(({ objects }) => objects));

const names = (folder: string, exclude?: string[]) => objectsIn(folder, exclude).map(({ metadata }) => metadata.name);

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");

const encodings: Record<string, Buffer> = {
  "UTF-8 with a byte order mark": Buffer.from(`\uFEFF${map("a")}`),
  "a mark before the first ---": Buffer.from(`\uFEFF---\n${map("a")}`),
  "UTF-16, little end first": utf16(map("a")),
  "UTF-16, big end first": utf16(map("a")).swap16(),
};

for (const [what, content] of Object.entries(encodings))
  t.test(`${what} is read, and written back as it was`, async (t) => {
    const folder = folderWith(t, { "a.yaml": content });
    t.same(names(folder), ["a"]);
    const [file] = readManifests([folder]);
    if (file === undefined) return t.fail("no file");
    file.documents.push({ text: `\n${map("é")}`, objects: [], line: 1 });
    writeManifests(file, folder);
    t.same(names(folder), ["a", "é"]);
    t.same(readFileSync(join(folder, "a.yaml")).subarray(0, 2), content.subarray(0, 2), "the same encoding");
  });

t.test("files with marks that were joined are as many objects", async (t) => {
  t.same(names(folderWith(t, { "a.yaml": `\uFEFF${map("a")}---\n\uFEFF${map("b")}\uFEFF---\n${map("c")}` })), [
    "a",
    "b",
    "c",
  ]);
});

t.test("items of a typed list are of its kind, unless they say their own", async (t) => {
  const items = [{ metadata: { name: "a" } }, { apiVersion: "v1", kind: "Secret", metadata: { name: "b" } }];
  const list = (fields: object) =>
    folderWith(t, { "l.json": JSON.stringify({ apiVersion: "v1", kind: "ConfigMapList", ...fields }) });
  t.match(objectsIn(list({ items })), [{ apiVersion: "v1", kind: "ConfigMap" }, { kind: "Secret" }]);
  t.same(objectsIn(list({ items: null })), []);
  t.throws(() => objectsIn(list({ items: [{ kind: "ConfigMap", metadata: { name: "a" } }] })), {
    message: /l\.json: line 1: items\[0\]: not a Kubernetes object: apiVersion is missing/,
  });
  t.throws(() => objectsIn(list({ kind: "List", items })), {
    message: /items\[0\]: .*apiVersion and kind are missing/,
  });
});

t.test("null in a map of strings is the empty string", async (t) => {
  const [object] = objectsIn(
    folderWith(t, { "a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: , z: w}}\n" }),
  );
  t.same(object?.metadata.labels, { x: "", z: "w" });
});

t.test("null in metadata is unset", async (t) => {
  const metadata = "{name: a, namespace: null, labels: null, finalizers: null, creationTimestamp: null}";
  const [object] = objectsIn(folderWith(t, { "a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\n` }));
  t.same(object?.metadata, { name: "a" });
});

const noManifests: Record<string, { content: string; file?: string; says: RegExp }> = {
  "metadata that the API server would not take": {
    content: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {version: 2}}\n",
    says: /a\.yaml: line 1: ConfigMap a: metadata\.labels is not a map of strings/,
  },
  "a repeated key": {
    content: `${map("a")}${map("b")}`,
    says: /a\.yaml: line 4: duplicated mapping key \(two objects without ---/,
  },
  "a repeated key in the second document": {
    content: `${map("a")}---\n# c\n${map("b")}kind: X\n`,
    says: /line 9: duplicated mapping key/,
  },
  "a repeated key in JSON": {
    file: "a.json",
    content: '{"apiVersion": "v1",\n "kind": "Namespace",\n "metadata": {"name": "a",\n "name": "b"}}\n',
    says: /a\.json: line 4: duplicated key "name"$/,
  },
  "a repeated key in an item of a JSON list": {
    file: "a.json",
    content: '{"apiVersion":"v1","kind":"List","items":[\n{"kind":"Namespace","kind":"Pod"}]}',
    says: /a\.json: line 2: duplicated key "kind"$/,
  },
  "a repeated key in the second JSON value": {
    content: `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}\n{"a":1,"a":2}\n`,
    says: /a\.yaml: line 2: duplicated key "a"$/,
  },
  "a repeated key in JSON behind a document of YAML": {
    content: `${map("a")}---\n{"a":1,\n"a":2}\n`,
    says: /a\.yaml: line 6: duplicated key "a"$/,
  },
  "a JSON text": { file: "a.json", content: '"hello"\n', says: /a\.json: line 1: a value is not a Kubernetes object/ },
  "a list of names in JSON": { file: "a.json", content: '["a", "b"]', says: /a\.json: line 1: a list is not/ },
  "a scalar": { content: `${map("a")}---\n\nhello\n`, says: /a\.yaml: line 6: a value is not a Kubernetes object/ },
  "a list": { content: "- a\n- b\n", says: /line 1: a list is not/ },
  "no apiVersion": { content: "kind: Role\nmetadata: {name: a}\n", says: /apiVersion is missing/ },
  "no kind": { content: "# values\nimage: x\n", says: /line 2: .*apiVersion and kind are missing/ },
  "no name": {
    content: "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
    says: /Pod without metadata\.name \(generateName/,
  },
  "a template": {
    content: "{{- if .x }}\na: b\n{{- end }}\n",
    says: /line 1: .*a template\? Render it first: helm template/,
  },
  "a template of names": { content: map("'{{ .Release.Name }}'"), says: /a template\?/ },
  "a variable for a name": { content: map("'${NAME}'"), says: /metadata\.name .* is not filled in/ },
  "another tool's tags": { content: "a: !env_var NAME\n", says: /!env_var is a tag of another tool/ },
  "JSON with comments": {
    file: "a.json",
    content: '{\n  // why\n  "a": {}\n}\n',
    says: /a\.json: .*JSON has no comments/,
  },
  "JSON with a comment far below its beginning": {
    file: "a.json",
    content: `{${"\n".repeat(1000)} \t/* why */\n}\n`,
    says: /a\.json: .*JSON has no comments/,
  },
  "very many empty lines": { file: "a.json", content: `{${"\n".repeat(400_000)}!`, says: /a\.json: line / },
  "no YAML": { content: `${map("a")}---\na: 'x\n`, says: /a\.yaml: line 6: deficient/ },
};

for (const [what, { content, file = "a.yaml", says }] of Object.entries(noManifests))
  t.test(`${what} is an error that names file and line`, async (t) => {
    t.throws(() => objectsIn(folderWith(t, { [file]: content })), { kind: "usage", message: says });
  });

t.test("all files that are no manifests are said at once, and a glob leaves them out", async (t) => {
  const folder = folderWith(t, {
    "a.yaml": map("a"),
    "values.yaml": "x: 1",
    "charts/t.yaml": "{{ x",
    "charts/in/b.yaml": "- 1",
  });
  t.throws(() => names(folder), {
    message: /^3 of the files[^]*charts\/in\/b\.yaml: line 1: a list[^]*charts\/t\.yaml[^]*values\.yaml: line 1: /,
    hint: /--exclude/,
  });
  t.same(names(folder, ["values.yaml", "charts"]), ["a"]);
  t.same(names(folder, ["values.*", "charts/**"]), ["a"]);
  t.throws(() => names(folder, ["values.yaml", "charts/*.yaml"]), { message: /b\.yaml: line 1/ });
  t.throws(() => readManifests([join(folder, "values.yaml")]), { message: /values/, hint: undefined });
});

for (const name of ["kustomization.yaml", "kustomization.yml", "Kustomization"])
  t.test(`a folder with ${name} is no set of objects, and says how it becomes one`, async (t) => {
    const folder = folderWith(t, {
      "a.yaml": map("a"),
      [`it's/${name}`]: "resources: [b.yaml]",
      "it's/b.yaml": map("b"),
    });
    const says = /it's: a kustomization, .*kubectl kustomize '\S*it'"'"'s' \| kubectl mirrord … --manifests -$/;
    t.throws(() => names(folder), { kind: "usage", message: says });
    t.throws(() => names(join(folder, "it's", name)), { message: says });
    t.same(names(folder, [name]), ["a", "b"]);
  });

t.test("a named pipe and a device in a folder are said, not waited for", async (t) => {
  const folder = folderWith(t, {});
  execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
  symlinkSync("/dev/zero", join(folder, "zero.yaml"));
  t.throws(() => names(folder), { message: /pipe\.yaml: a named pipe[^]*zero\.yaml: a device/ });
});

t.test("more than any manifest has is an error, of a file and of a device without end", async (t) => {
  const folder = folderWith(t, { "a.yaml": "" });
  truncateSync(join(folder, "a.yaml"), 3 * 2 ** 30);
  t.throws(() => names(folder), { kind: "usage", message: /a\.yaml: larger than \d+ bytes/ });
  t.throws(() => readManifests(["/dev/zero"]), { kind: "usage", message: /larger than/ });
});

t.test("a link to a file is followed, one that leads nowhere is an error, one to a folder is said", async (t) => {
  const elsewhere = folderWith(t, { "a.yaml": map("a") });
  const folder = folderWith(t, { ".hidden.yaml": map("h"), ".git/c.yaml": "- 1" });
  symlinkSync(join(elsewhere, "a.yaml"), join(folder, "a.yaml"));
  symlinkSync(elsewhere, join(folder, "more"));
  const said: string[] = [];
  const [file] = readManifests([folder], { warn: (text) => void said.push(text) });
  t.equal(file?.documents[0]?.objects[0]?.metadata.name, "a");
  t.match(said, [/^not read: .*\.hidden\.yaml \(hidden\), .*more \(a link to a folder\)$/]);
  symlinkSync(join(folder, "nowhere"), join(folder, "b.yaml"));
  t.throws(() => names(folder), { message: /b\.yaml: no such file/ });
});

t.test("what is not there, or no path at all, is an error", async (t) => {
  const folder = folderWith(t, { "a.yaml": map("a") });
  t.throws(() => names(join(folder, "no")), { kind: "usage", message: /does not exist/ });
  t.throws(() => names(join(folder, "a.yaml", "b")), { kind: "usage", message: /not a directory/ });
  t.throws(() => names("x".repeat(5000)), { name: "UserError" });
  t.same(names(devNull), []);
});

t.test("texts that say the same, however they are written", async (t) => {
  const object = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {${data}}\n`;
  t.ok(saysTheSame(object("a: b"), `# head\n${object('"a": "b"')}`));
  t.notOk(saysTheSame(object("a: b"), object("a: c")));
  t.notOk(saysTheSame(object("a: b"), "a: [b"), "what is no manifest says nothing");
});
