import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { entryOf, isSameJson, mergePatch, setField } from "../lib/json.ts";

t.test("what every object inherits is no entry of a table", async (t) => {
  t.equal(entryOf({ a: 1 }, "a"), 1);
  for (const name of ["b", "constructor", "__proto__", "toString"]) t.equal(entryOf({ a: 1 }, name), undefined);
});

t.test("a key called __proto__ is a key like others, in a patch too, and changes no other object", async (t) => {
  const patch = JSON.parse('{"__proto__": {"a": {"b": 1}}, "c": {"__proto__": {"d": 1}}}') as Record<string, unknown>;
  const merged = mergePatch(mergePatch({ e: 1 }, patch), patch);
  t.equal(JSON.stringify(merged), '{"e":1,"__proto__":{"a":{"b":1}},"c":{"__proto__":{"d":1}}}');
  t.notOk("a" in merged, "it inherits nothing of it");
  const object: Record<string, unknown> = {};
  setField(object, "__proto__", 1);
  t.same(Object.entries(object), [["__proto__", 1]]);
  t.notOk("a" in {});
});

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

const pairs: [one: unknown, other: unknown, same: boolean][] = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined, b: 2 }, { b: 2 }, true],
  [{ b: 2 }, { a: undefined, b: 2 }, true],
  [{ a: null }, {}, false],
  [{}, { a: null }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: { b: [1] } }, { a: { b: [1] } }, true],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [[], {}, false],
  [{}, [], false],
  [null, {}, false],
  ["1", 1, false],
  [JSON.parse('{"__proto__":1}'), {}, false],
  [{}, JSON.parse('{"toString":1}'), false],
  [{ toString: 1 }, {}, false],
];
for (const [one, other, same] of pairs) {
  t.test(`${JSON.stringify(one)} and ${JSON.stringify(other)} are ${same ? "" : "not "}the same`, async (t) => {
    t.equal(isSameJson(one, other), same);
    t.equal(isSameJson(other, one), same);
  });
}

t.test("of whatever was read from JSON, it is what node calls equal", async (t) => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(fc.property(json, json, (one, other) => isSameJson(one, other) === isDeepStrictEqual(one, other)));
  fc.assert(fc.property(json, (one) => isSameJson(one, structuredClone(one))));
  t.pass();
});
