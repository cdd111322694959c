import { execFileSync } from "node:child_process";
import { devNull, tmpdir } from "node:os";
import t from "tap";
import { UserError } from "../lib/errors.ts";
import { parseDocuments, toYaml } from "../lib/yaml.ts";
import { resolveBinaries } from "./control-plane/binaries.ts";

type Dialect = "kubectl" | "manifest" | "strict";

const read = (text: string, dialect: Dialect = "kubectl"): unknown[] =>
  parseDocuments(text, { source: "some.yaml", dialect });

const scalars: { text: string; kubectl: unknown; strict: unknown }[] = [
  { text: "yes", kubectl: true, strict: "yes" },
  { text: "Off", kubectl: false, strict: "Off" },
  { text: "y", kubectl: true, strict: "y" },
  { text: "true", kubectl: true, strict: true },
  { text: "~", kubectl: null, strict: null },
  { text: "0644", kubectl: 420, strict: 644 },
  { text: "-0644", kubectl: -420, strict: -644 },
  { text: "08", kubectl: 8, strict: 8 },
  { text: "0o14", kubectl: 12, strict: 12 },
  { text: "0b11", kubectl: 3, strict: "0b11" },
  { text: "0X1F", kubectl: 31, strict: "0X1F" },
  { text: "1_000", kubectl: 1000, strict: "1_000" },
  { text: "+_1", kubectl: 1, strict: "+_1" },
  { text: "_1", kubectl: "_1", strict: "_1" },
  { text: "1_0e3", kubectl: 10_000, strict: "1_0e3" },
  { text: ".5", kubectl: 0.5, strict: 0.5 },
  { text: ".5_5", kubectl: 0.55, strict: ".5_5" },
  { text: ".5__5", kubectl: ".5__5", strict: ".5__5" },
  { text: "1e3", kubectl: 1000, strict: 1000 },
  { text: "1e999", kubectl: "1e999", strict: "1e999" },
  { text: "18446744073709551616", kubectl: 2 ** 64, strict: 2 ** 64 },
  { text: "0x1ffffffffffffffff", kubectl: "0x1ffffffffffffffff", strict: 2 ** 65 },
  { text: "12:30:45", kubectl: "12:30:45", strict: "12:30:45" },
  { text: "2026-11-22", kubectl: "2026-11-22", strict: "2026-11-22" },
  { text: "2026-11-22T10:00:00Z", kubectl: "2026-11-22T10:00:00Z", strict: "2026-11-22T10:00:00Z" },
  { text: "!!str 012", kubectl: "012", strict: "012" },
  { text: "'yes'", kubectl: "yes", strict: "yes" },
];

/** What kubectl makes of tags; strict files have none but YAML's own. */
const tagged: { text: string; kubectl: unknown }[] = [
  { text: "!local x", kubectl: "x" },
  { text: "!local 5", kubectl: "5" },
  { text: "!local", kubectl: "" },
  { text: "! yes", kubectl: "yes" },
  { text: "!Sub [a, yes]", kubectl: ["a", true] },
  { text: "!Ref {a: 012}", kubectl: { a: 10 } },
  { text: "!!binary aGk=", kubectl: "hi" },
  { text: "!<tag:example.com,2000:x> x", kubectl: "x" },
  { text: "!!set {a, b}", kubectl: { a: null, b: null } },
  { text: "!!int '5'", kubectl: 5 },
];

t.test("a tag that nobody knows says nothing", async (t) => {
  for (const { text, kubectl } of tagged) t.same(read(`v: ${text}`), [{ v: kubectl }], text);
});

for (const { text, kubectl, strict } of scalars) {
  t.test(`scalar ${text}`, async (t) => {
    t.same(read(`v: ${text}`), [{ v: kubectl }], "as kubectl reads it");
    t.same(read(`v: ${text}`, "strict"), [{ v: strict }], "as YAML 1.2 has it");
  });
}

t.test("the real kubectl reads scalars the same way", async (t) => {
  const { kubectl } = await resolveBinaries((line) => t.comment(line));
  const all = [...scalars, ...tagged];
  const list = all.map(({ text }) => `- ${text}`).join("\n");
  const manifest = `apiVersion: v1\nkind: Anything\nmetadata: {name: a}\nv:\n${list}\n`;
  const args = ["label", "--local", "--dry-run=client", "-o", "json", "-f", "-", "a=b"];
  const printed = execFileSync(kubectl, args, {
    input: manifest,
    encoding: "utf8",
    env: { KUBECONFIG: devNull, HOME: tmpdir() },
  });
  const want = all.map(({ kubectl: value }) => value);
  t.same(Object(JSON.parse(printed)).v, want);
  t.same(Object(read(manifest)[0]).v, want);
});

t.test("what a file may hold", async (t) => {
  t.same(read("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2"), [{ a: { b: 1 }, c: { b: 1, d: 2 } }], "merge keys");
  t.same(read("a: 1\na: 2"), [{ a: 2 }], "the last of two equal keys wins for kubectl");
  t.same(read('{"a":\t[1, 2], "b": "yes"}'), [{ a: [1, 2], b: "yes" }], "JSON");
  t.same(read('{"a": "}{"}\n{"b": ["\\"]"]} {}'), [{ a: "}{" }, { b: ['"]'] }, {}], "JSON after JSON");
  t.same(read("{a: yes}"), [{ a: true }], "YAML that begins like JSON");
  t.same(read("\uFEFFa: 1"), [{ a: 1 }], "a byte order mark");
  t.same(read('\uFEFF{"a": 1}'), [{ a: 1 }], "a byte order mark before JSON");
  t.same(
    read("\uFEFFa: 1\n---\n\uFEFFb: 2\n\uFEFFc: 3"),
    [{ a: 1 }, { b: 2, c: 3 }],
    "one in each of files that were joined",
  );
  t.same(read("---\n# nothing\n---\na: 1\n---\n"), [{ a: 1 }], "empty documents are left out");
  t.same(read(""), []);
  t.same(read("1: a\ntrue: b"), [{ "1": "a", true: "b" }], "keys become strings");
});

t.test("a key called __proto__ is an ordinary key", async (t) => {
  for (const text of ["__proto__: {admin: true}", '{"__proto__": {"admin": true}}']) {
    const [document] = read(text);
    t.same(Object.keys(Object(document)), ["__proto__"]);
    t.equal(Object.getPrototypeOf(document), Object.prototype);
    t.equal(Reflect.get(Object(document), "admin"), undefined);
  }
});

const bomb = Array.from({ length: 11 }, (_, level) => {
  const items = Array.from({ length: 9 }, () => (level === 0 ? "x" : `*a${level - 1}`));
  return `a${level}: &a${level} [${items.join(", ")}]`;
}).join("\n");

const broken: { name: string; text: string; dialect?: Dialect; want: RegExp }[] = [
  {
    name: "an unclosed quote",
    text: "a: 1\nb: 'x",
    want: /^some\.yaml: line 2: unexpected end of the stream/,
  },
  { name: "a tab as indentation", text: "a:\n\t- x", want: /^some\.yaml: line 2: tab characters/ },
  {
    name: "an unknown tag in a strict file",
    text: "a: !js/function x",
    dialect: "strict",
    want: /^some\.yaml: line 1: unknown scalar tag/,
  },
  {
    name: "a repeated key in a strict file",
    text: "a: 1\na: 2",
    dialect: "strict",
    want: /^some\.yaml: line 2: duplicated mapping key$/,
  },
  {
    name: "a repeated key in a manifest",
    text: "a: 1\na: 2",
    dialect: "manifest",
    want: /^some\.yaml: line 2: duplicated mapping key$/,
  },
  {
    name: "a repeated key in a manifest of JSON",
    text: '\n{"a": 1,\n"a": 2}',
    dialect: "manifest",
    want: /^some\.yaml: line 3: duplicated key "a"$/,
  },
  { name: "a binary that is no base64", text: "a: !!binary a?", want: /^some\.yaml: line 1: cannot resolve/ },
  {
    name: "a repeated key in a strict JSON file",
    text: '{"a": 1, "a": 2}',
    dialect: "strict",
    want: /duplicated mapping key$/,
  },
  {
    name: "a number that JSON does not have",
    text: "a: .nan",
    want: /^some\.yaml: \.nan cannot be said in JSON$/,
  },
  {
    name: "an alias without anchor",
    text: "a: *b",
    want: /^some\.yaml: line 1: unidentified alias "b"$/,
  },
  {
    name: "too many aliases",
    text: `a: &a 1\nb: [${Array(101).fill("*a").join(", ")}]`,
    want: /^some\.yaml: line 2: .*alias/,
  },
  {
    name: "few aliases that make billions of nodes",
    text: bomb,
    want: /^some\.yaml: aliases repeat too much$/,
  },
  {
    name: "deep YAML",
    text: `a: ${"[".repeat(600)}${"]".repeat(600)}`,
    want: /^some\.yaml: line 1: nesting/,
  },
  {
    name: "deep JSON",
    text: `${"[".repeat(600)}${"]".repeat(600)}`,
    want: /^some\.yaml: nesting deeper than 500 levels$/,
  },
];

for (const { name, text, dialect, want } of broken) {
  t.test(`${name} is an error that says where`, async (t) => {
    t.throws(() => read(text, dialect), { name: "UserError", kind: "usage", message: want });
  });
}

t.test("the size limit is in bytes and is checked before parsing", async (t) => {
  const text = "a: [äöü";
  t.throws(() => parseDocuments(text, { source: "-", maxBytes: 9 }), new UserError("usage", "-: larger than 9 bytes"));
  t.throws(() => parseDocuments(text, { source: "-", maxBytes: 10 }), { message: /^-: line 1: / });
});

t.test("aliases that repeat little are fine", async (t) => {
  t.same(read("a: &a [1, 2]\nb: [*a, *a]"), [
    {
      a: [1, 2],
      b: [
        [1, 2],
        [1, 2],
      ],
    },
  ]);
});

t.test("what is written is read back the same, by both dialects", async (t) => {
  const strings = [
    "yes",
    "n",
    "012",
    "0X1F",
    "0O17",
    "0B1",
    "1_0",
    "+_1",
    "1_0e3",
    ".5_5",
    "12:30",
    "2026-01-01",
    "1e3",
    "~",
    "",
    "-",
    "=",
    "<<",
  ];
  const hard = [
    "a: b",
    "# c",
    "x\ny\n",
    " lead",
    "tab\t",
    "\u001b[31m",
    "‮rtl",
    "*a",
    "&a",
    "!t",
    "{a}",
    "%",
    "@x",
    "`x",
    "'",
    '"',
    "null",
    ".inf",
  ];
  const value = {
    strings: [...strings, ...hard],
    numbers: [0, -1, 1.5, 1e21, 2 ** 53, 1e-7],
    keys: Object.fromEntries([...strings, ...hard].map((key) => [key, 1])),
    nested: { list: [{ a: [] }, {}], none: null, truth: [true, false] },
  };
  t.same(read(toYaml(value)), [value]);
  t.same(read(toYaml(value), "strict"), [value]);
});

t.test("YAML looks as kubectl prints it", async (t) => {
  const shared = { name: "jim" };
  const value = {
    subjects: [shared, shared],
    kind: "RoleBinding",
    gone: undefined,
    long: "word ".repeat(40).trim(),
  };
  t.equal(
    toYaml(value, { sortKeys: true }),
    `kind: RoleBinding\nlong: ${value.long}\nsubjects:\n- name: jim\n- name: jim\n`,
    "sorted, unindented lists, no references, no folding",
  );
  t.match(toYaml(value), /^subjects:/, "order is kept unless sorting was asked for");
});

t.test("an anchor that contains itself is refused", async (t) => {
  t.throws(() => parseDocuments("a: &x {b: [*x]}", { source: "f" }), {
    kind: "usage",
    message: /^f: an anchor contains itself/,
  });
  t.same(parseDocuments("a: &x {b: 1}\nc: [*x, *x]", { source: "f" }), [{ a: { b: 1 }, c: [{ b: 1 }, { b: 1 }] }]);
});

t.test("objects one after the other, however many quotes they hold, are found in one pass", async (t) => {
  const hard = `{"a": "${'\\"'.repeat(50_000)}"}`;
  t.same(parseDocuments(`${hard}\n${hard}`, { source: "s" }).length, 2);
  for (const unfinished of [`{"${'\\"'.repeat(100_000)}`, `{${'"a'.repeat(100_000)}`, "[".repeat(100_000)]) {
    t.throws(() => parseDocuments(unfinished, { source: "s" }), { name: "UserError", kind: "usage" });
  }
});
