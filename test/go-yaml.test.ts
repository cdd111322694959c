import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { toGoYaml } from "../lib/go-yaml.ts";
import { parseDocuments } from "../lib/yaml.ts";

// What `yaml.Marshal` of sigs.k8s.io/yaml 1.6.0 wrote of each value.
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "go-yaml.json"), "utf8")) as {
  value: unknown;
  text: string;
}[];

t.test("letter for letter what Go writes", async (t) => {
  t.equal(vectors.length, 123);
  const wrong = vectors.filter(({ value, text }) => `${toGoYaml(value)}\n` !== text);
  t.same(
    wrong.map(({ value, text }) => ({ value, want: text, found: toGoYaml(value) })),
    [],
  );
});

t.test("what it writes is read back", async (t) => {
  const long = { a: `${"word ".repeat(40)}end`, b: [`"${"word ".repeat(40)}`, "x\ny\n"], c: { d: "on", e: "12" } };
  t.same(parseDocuments(toGoYaml(long), { source: "x", dialect: "helm" }), [long]);
});

t.test("keys without a value are left out", async (t) => {
  t.equal(toGoYaml({ a: undefined, b: 1 }), "b: 1");
});
