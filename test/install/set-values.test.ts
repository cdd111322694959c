import t from "tap";
import { assign, mergeValues, parseAssignments, withoutValue, type Assignment } from "../../lib/install/set-values.ts";

const parsed: { text: string; isText?: boolean; want: Assignment[] }[] = [
  { text: "a=b", want: [{ path: ["a"], value: "b" }] },
  {
    text: "a.b=c,d[0].e=f",
    want: [
      { path: ["a", "b"], value: "c" },
      { path: ["d", 0, "e"], value: "f" },
    ],
  },
  { text: "a[1][2]=x", want: [{ path: ["a", 1, 2], value: "x" }] },
  { text: "a[12345]=x", want: [{ path: ["a[12345]"], value: "x" }] },
  { text: "a=b=c", want: [{ path: ["a"], value: "b=c" }] },
  { text: "a=", want: [{ path: ["a"], value: "" }] },
  { text: "a=true", want: [{ path: ["a"], value: true }] },
  { text: "a=false", want: [{ path: ["a"], value: false }] },
  { text: "a=null", want: [{ path: ["a"], value: null }] },
  { text: "a=toString", want: [{ path: ["a"], value: "toString" }] },
  { text: "a=0", want: [{ path: ["a"], value: 0 }] },
  { text: "a=-12", want: [{ path: ["a"], value: -12 }] },
  { text: "a=012", want: [{ path: ["a"], value: "012" }] },
  { text: "a=-0", want: [{ path: ["a"], value: "-0" }] },
  { text: "a=1.5", want: [{ path: ["a"], value: "1.5" }] },
  { text: "a=123456789012345", want: [{ path: ["a"], value: 123_456_789_012_345 }] },
  { text: "a=1234567890123456", want: [{ path: ["a"], value: "1234567890123456" }] },
  { text: "a=true", isText: true, want: [{ path: ["a"], value: "true" }] },
  { text: "a=5", isText: true, want: [{ path: ["a"], value: "5" }] },
  { text: "a={x,5,true}", want: [{ path: ["a"], value: ["x", 5, true] }] },
  {
    text: "a={ x , y },b=c",
    want: [
      { path: ["a"], value: ["x", "y"] },
      { path: ["b"], value: "c" },
    ],
  },
  { text: "a={5}", isText: true, want: [{ path: ["a"], value: ["5"] }] },
  { text: "a={}", want: [{ path: ["a"], value: [] }] },
  { text: "a={x", want: [{ path: ["a"], value: "{x" }] },
  { text: "a=x}", want: [{ path: ["a"], value: "x}" }] },
  { text: "a={{x,y},z}", want: [{ path: ["a"], value: ["{x,y}", "z"] }] },
  {
    text: "a=}x,b=y",
    want: [
      { path: ["a"], value: "}x" },
      { path: ["b"], value: "y" },
    ],
  },
  { text: String.raw`a=x\,y`, want: [{ path: ["a"], value: "x,y" }] },
  { text: String.raw`a\.b=c`, want: [{ path: ["a.b"], value: "c" }] },
  { text: String.raw`a\=b=c\\d`, want: [{ path: ["a=b"], value: String.raw`c\d` }] },
  { text: String.raw`a={x\,y,z}`, want: [{ path: ["a"], value: ["x,y", "z"] }] },
  { text: "a=\\\n", want: [{ path: ["a"], value: "\n" }] },
  { text: "a{b=c", want: [{ path: ["a{b"], value: "c" }] },
];
for (const { text, isText = false, want } of parsed)
  t.test(`${JSON.stringify(text)}${isText ? " as text" : ""}`, async (t) => {
    t.same(parseAssignments(text, "--set", isText), want);
  });

const refused: [text: string, message: string][] = [
  ["secret", "--set: assignment 1 has no ="],
  ["a=b,secret", "--set: assignment 2 has no ="],
  ["", "--set: assignment 1 has no ="],
  ["=secret", '--set "": a key is empty'],
  ["a..b=secret", '--set "a..b": a key is empty'],
  ["a.=secret", '--set "a.": a key is empty'],
  ["[0]=secret", '--set "[0]": a key is empty'],
];
for (const [text, message] of refused)
  t.test(`${JSON.stringify(text)} is refused without its value`, async (t) => {
    t.throws(() => parseAssignments(text, "--set", false), { kind: "usage", message });
  });

t.test("who writes a list with commas is told how", async (t) => {
  const hints = ["Write PATH=VALUE; a comma within a value as \\,"];
  t.throws(() => parseAssignments("a=b,c", "--set", false), { name: "UserError", hints });
});

const assigned: { name: string; before: object; assignment: Assignment; after: object }[] = [
  { name: "a new key", before: { a: 1 }, assignment: { path: ["b"], value: 2 }, after: { a: 1, b: 2 } },
  {
    name: "a key within",
    before: { a: { b: 1, c: 2 } },
    assignment: { path: ["a", "b"], value: 3 },
    after: { a: { b: 3, c: 2 } },
  },
  {
    name: "a key within what was no object",
    before: { a: [1] },
    assignment: { path: ["a", "b"], value: 3 },
    after: { a: { b: 3 } },
  },
  { name: "a place in a list", before: { a: [1, 2] }, assignment: { path: ["a", 1], value: 3 }, after: { a: [1, 3] } },
  {
    name: "a place after its end",
    before: { a: [1] },
    assignment: { path: ["a", 3], value: 3 },
    after: { a: [1, null, null, 3] },
  },
  {
    name: "a place in what was no list",
    before: { a: "x" },
    assignment: { path: ["a", 0], value: 3 },
    after: { a: [3] },
  },
  {
    name: "an object in a list",
    before: { a: [{ b: 1 }] },
    assignment: { path: ["a", 0, "c"], value: 2 },
    after: { a: [{ b: 1, c: 2 }] },
  },
];
for (const { name, before, assignment, after } of assigned)
  t.test(`assigning ${name} leaves the values before as they were`, async (t) => {
    const copy = structuredClone(before);
    t.same(assign(before as never, assignment), after);
    t.same(before, copy);
  });

t.test("objects are merged, everything else is replaced", async (t) => {
  const before = { a: { b: 1, c: 2 }, d: [1], e: { f: 1 }, g: 1 };
  t.same(mergeValues(before, { a: { c: 3 }, d: [2], e: null, g: { h: 1 } }), {
    a: { b: 1, c: 3 },
    d: [2],
    e: null,
    g: { h: 1 },
  });
});

const without: { path: string[]; values: object; want: object }[] = [
  { path: ["a"], values: { a: 1, b: 2 }, want: { b: 2 } },
  { path: ["a", "b"], values: { a: { b: 1, c: 2 } }, want: { a: { c: 2 } } },
  { path: ["a", "b"], values: { "a.b": 1, c: 2 }, want: { c: 2 } },
  { path: ["a", "b", "c"], values: { a: { "b.c": 1, d: 2 } }, want: { a: { d: 2 } } },
  { path: ["x"], values: { a: 1 }, want: { a: 1 } },
  { path: ["x", "y"], values: { a: 1 }, want: { a: 1 } },
  { path: ["a", "b"], values: { a: "text" }, want: { a: "text" } },
];
for (const { path, values, want } of without)
  t.test(`${JSON.stringify(values)} without ${path.join(".")}`, async (t) =>
    t.same(withoutValue(values as never, path), want),
  );

t.test("a key called __proto__ is no value of another key", async (t) => {
  const hostile = JSON.parse('{"__proto__": {"namespace": "evil"}, "agent": {"__proto__": {"port": 1}}}') as object;
  const merged = mergeValues(mergeValues({}, { agent: { tls: true } }), { ...hostile });
  t.equal(merged["namespace"], undefined);
  t.same(Object.keys(merged), ["agent", "__proto__"]);
  t.same(Object.keys(merged["agent"] as object), ["tls", "__proto__"]);
  const set = assign({}, { path: ["__proto__", "namespace"], value: "evil" });
  t.same([Object.keys(set), set["namespace"]], [["__proto__"], undefined]);
});
