import t from "tap";
import { mergePatch } from "../lib/json.ts";

// Source: RFC 7386, appendix A, as far as both are objects.
const cases: [value: Record<string, unknown>, patch: Record<string, unknown>, merged: Record<string, unknown>][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{ a: "b" }, { a: { c: 1 } }, { a: { c: 1 } }],
];

for (const [value, patch, merged] of cases) {
  t.test(`${JSON.stringify(value)} patched by ${JSON.stringify(patch)}`, async (t) => {
    const before = structuredClone(value);
    t.same(mergePatch(value, patch), merged);
    t.same(value, before, "the value itself is left as it was");
  });
}
