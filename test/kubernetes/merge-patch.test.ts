import t from "tap";
import { makeMergePatch } from "../../lib/kubernetes/merge-patch.ts";

const cases: { name: string; before: Record<string, unknown>; after: Record<string, unknown>; patch: object }[] = [
  { name: "nothing changed", before: { a: { b: [1] } }, after: { a: { b: [1] } }, patch: {} },
  {
    name: "a field is new, changed or gone",
    before: { a: 1, b: 2 },
    after: { a: 3, c: 4 },
    patch: { b: null, a: 3, c: 4 },
  },
  {
    name: "only what differs inside is sent",
    before: { s: { x: 1, y: 2 } },
    after: { s: { x: 1 } },
    patch: { s: { y: null } },
  },
  { name: "a list is replaced whole", before: { l: [1, 2] }, after: { l: [2] }, patch: { l: [2] } },
  { name: "an object takes the place of a text", before: { s: "x" }, after: { s: { a: 1 } }, patch: { s: { a: 1 } } },
];
for (const { name, before, after, patch } of cases)
  t.test(name, async (t) => {
    t.same(makeMergePatch(before, after), patch);
  });
