import t from "tap";
import {
  fieldAt,
  fieldPath,
  fieldsAt,
  flagAt,
  listAt,
  objectAt,
  shown,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../lib/kubernetes/object-fields.ts";

function fields(values: Record<string, unknown>, path = "spec"): ObjectFields & { reports: string[] } {
  const reports: string[] = [];
  return { values, path, reports, report: (where, problem) => void reports.push(`${where} ${problem}`) };
}

const readers: { name: string; read: (from: ObjectFields, name: string) => unknown; right: unknown; fault: string }[] =
  [
    { name: "an object", read: objectAt, right: { a: 1 }, fault: "spec.x is not an object" },
    { name: "a text", read: textAt, right: "", fault: "spec.x is not a string" },
    { name: "a flag", read: flagAt, right: false, fault: "spec.x is not true or false" },
    { name: "a list", read: listAt, right: [], fault: "spec.x is not a list" },
    { name: "texts", read: textsAt, right: ["a"], fault: "spec.x is not a list" },
  ];
for (const { name, read, right, fault } of readers)
  t.test(`${name}: right, unset and of another type`, async (t) => {
    const given = fields({ x: right, none: null });
    t.same(read(given, "x"), right);
    t.equal(read(given, "none"), undefined, "null is unset");
    t.equal(read(given, "y"), undefined);
    t.equal(read(given, "toString"), undefined, "no field of every object");
    t.same(given.reports, []);
    const wrong = fields({ x: 3 });
    t.equal(read(wrong, "x"), undefined);
    t.same(wrong.reports, [fault]);
  });

t.test("of a list of texts the others are left out, and reported once", async (t) => {
  const given = fields({ x: ["a", 3, null, "b"] });
  t.same(textsAt(given, "x"), ["a", "b"]);
  t.same(given.reports, ["spec.x is not a list of strings"]);
});

t.test("fields within have their whole path, also where there is no object", async (t) => {
  const given = fields({ network: { mode: 3 }, other: "x" }, "");
  textAt(fieldsAt(given, "network"), "mode");
  t.equal(textAt(fieldsAt(given, "other"), "mode"), undefined);
  t.same(given.reports, ["network.mode is not a string", "other is not an object"]);
  t.equal(fieldPath(fieldsAt(fieldsAt(fields({}), "a"), "b"), "c"), "spec.a.b.c");
  t.equal(fieldAt(given, "network") !== undefined, true);
});

const values: [value: unknown, text: string][] = [
  ["a\n", String.raw`"a\n"`],
  ["x".repeat(100), `"${"x".repeat(100)}"`],
  ["x".repeat(101), `"${"x".repeat(100)}…"`],
  [[1], "a list"],
  [{ a: 1 }, "an object"],
  [3, "3"],
  [null, "null"],
  [false, "false"],
];
for (const [value, text] of values) t.test(`${text.slice(0, 20)} is shown`, async (t) => t.equal(shown(value), text));
