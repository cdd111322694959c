import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { valuesLines, valuesSchema } from "../../lib/install/values-document.ts";
import { values } from "../../lib/install/values-table.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { equalsKept, objectLines } from "../kept-text.ts";

type Values = Record<string, unknown>;

function at(document: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Values | undefined)?.[key], document);
}

const lines = valuesLines();
const [document] = parseDocuments(lines.join("\n"), { source: "values.yaml", dialect: "strict" });

t.test("the file has every default at its path, and nothing that is not set", async (t) => {
  for (const [path, { default: initial }] of Object.entries(values)) t.same(at(document, path), initial, path);
});

t.test(
  "each value has its sentence above it, and one that is not set is a comment that can be taken off",
  async (t) => {
    for (const [path, { describe, default: initial }] of Object.entries(values)) {
      const keys = path.split(".");
      const indent = "  ".repeat(keys.length - 1);
      const sentence = lines.indexOf(`${indent}# ${describe}`);
      t.ok(sentence >= 0, path);
      if (initial !== undefined) continue;
      const all = lines.filter((line) => line.startsWith(`${indent}# ${keys.at(-1)}: `));
      t.ok(all.length > 0, `${path} is shown`);
      for (const line of all)
        t.same(
          Object.keys(parseDocuments(line.replace("# ", ""), { source: "line", dialect: "strict" })[0] as object),
          [keys.at(-1)],
        );
    }
  },
);

t.test("a group begins once", async (t) => {
  const groups = lines.filter((line) => /^[a-zA-Z]+:$/.test(line));
  t.ok(groups.length > 3);
  t.equal(new Set(groups).size, groups.length);
});

const isValid = new Ajv2020({ strict: false }).compile(valuesSchema());

t.test("the schema takes the defaults", async (t) => {
  t.equal(isValid(document), true);
  t.equal(isValid({}), true);
  t.equal(isValid(null), true);
});

const wrong: Record<string, unknown> = {
  text: 3,
  boolean: "true",
  integer: 1.5,
  quantity: [],
  texts: [3],
  list: {},
  object: [],
  labels: { a: 3 },
  environment: { A: [] },
  "text-or-object": [],
};
const right: Record<string, unknown> = {
  text: "a",
  boolean: true,
  integer: 1,
  quantity: 2,
  texts: ["a"],
  list: [3],
  object: { a: 3 },
  labels: { a: "b", c: null },
  environment: { A: "b", C: 3, D: { valueFrom: {} }, E: null },
  "text-or-object": { a: 1 },
};
const nested = (path: string, value: unknown): unknown =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);

t.test("the schema has the type of every value, and null takes it back", async (t) => {
  for (const [path, { type }] of Object.entries(values)) {
    t.equal(isValid(nested(path, right[type])), true, `${path} of ${type}`);
    t.equal(isValid(nested(path, null)), true, `${path} may be null`);
    t.equal(isValid(nested(path, wrong[type])), false, `${path} is no ${type}`);
    t.equal(isValid(nested(`${path}x`, right[type])), false, `there is no ${path}x`);
  }
});

t.test("the schema says what each is and what it is without", async (t) => {
  const { properties } = valuesSchema() as { properties: Record<string, { description: string; default: unknown }> };
  t.match(properties["namespace"], { description: values["namespace"]?.describe, default: "mirrord" });
});

t.test("every value is described, with its default", async (t) => {
  equalsKept(t, `${valuesLines().join("\n")}\n`, join(import.meta.dirname, "values-document.txt"));
});

t.test("the schema says of every value what it may be", async (t) => {
  const text = objectLines(valuesSchema()).join("\n");
  equalsKept(t, `${text}\n`, join(import.meta.dirname, "values-schema.txt"));
});
