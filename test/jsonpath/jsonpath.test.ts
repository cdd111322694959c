import t from "tap";
import { compareByPath } from "../../lib/jsonpath/sort.ts";
import { cellText, jsonPath, jsonPathJson, jsonPathTexts, relaxedPath } from "../../lib/jsonpath/jsonpath.ts";
import { JsonPathError } from "../../lib/jsonpath/nodes.ts";
import { cases, sample, words } from "./cases.ts";

function outcome(does: () => string): { prints: string } | { fails: string } {
  try {
    return { prints: does() };
  } catch (error) {
    if (error instanceof JsonPathError) return { fails: error.message };
    throw error;
  }
}

t.test("a template comes to what kubectl makes of it", async (t) => {
  for (const { template, prints, fails, anyOrder = false } of cases) {
    const found = outcome(() => [...jsonPathTexts(jsonPath(template), sample)].join(""));
    if (anyOrder && "prints" in found) t.same(words(found.prints), words(prints ?? ""), template);
    else t.same(found, fails === undefined ? { prints } : { fails }, template);
  }
});

t.test("what is nothing in a range prints as Go's invalid value, and null as null", async (t) => {
  t.equal(
    [...jsonPathTexts(jsonPath("{range .a[*]}{@},{end}{.a[0]}"), { a: [null, 1] })].join(""),
    "<no value>,1,null",
  );
  t.equal([...jsonPathTexts(jsonPath("{.a[0]}"), { a: null })].join(""), "");
  t.equal([...jsonPathTexts(jsonPath("{range .missing[*]}{[0]}{end}"), {})].join(""), "", "client-go panics");
});

t.test("numbers print as Go prints them", async (t) => {
  const table: [number, string][] = [
    [1.5, "1.5"],
    [123456.5, "123456.5"],
    [1234567.5, "1.2345675e+06"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [-2.5, "-2.5"],
    [1e20, "1e+20"],
    [1e21, "1e+21"],
    [1234567, "1234567"],
    [2 ** 53, "9007199254740992"],
  ];
  for (const [number, text] of table) t.equal([...jsonPathTexts(jsonPath("{.n}"), { n: number })].join(""), text);
});

t.test("objects print as JSON with keys in Go's order, and HTML's characters escaped", async (t) => {
  const value = { b: "<&>\u2028", a: { "10": 1, "9": [] }, "": {}, c: 1.5 };
  t.equal(
    [...jsonPathTexts(jsonPath("{@}"), value)].join(""),
    String.raw`{"":{},"a":{"10":1,"9":[]},"b":"\u003c\u0026\u003e\u2028","c":1.5}`,
  );
  const asJson = [...jsonPathJson(jsonPath('{.a}{"x"}{.none}'), { a: { b: [1, {}], c: [] } })].join("");
  t.equal(
    asJson,
    '[\n    {\n        "b": [\n            1,\n            {}\n        ],\n        "c": []\n    }\n]\n[\n    "x"\n]\n[]\n',
  );
});

t.test("a cell shows values as Go's Sprint does", async (t) => {
  const value = { m: { b: [1, "x", null], a: true }, l: ["p", "q"], none: null, f: 2500000.5 };
  const table: [string, string | undefined][] = [
    ["m", "map[a:true b:[1 x <nil>]]"],
    [".l[*]", "p,q"],
    ["{.l}", "[p q]"],
    ["{none}", "<nil>"],
    ["f", "2.5000005e+06"],
    ["missing.more", undefined],
  ];
  for (const [path, text] of table) t.equal(cellText(relaxedPath(path), value), text, path);
  t.throws(() => relaxedPath("{.a}{.b}"), /unexpected path string/);
  t.throws(() => relaxedPath(""), /unexpected path string/);
});

t.test("a quoted text knows Go's escapes", async (t) => {
  const table: [string, { prints: string } | { fails: string }][] = [
    [String.raw`{"\a\b\f\v\r\\n"}`, { prints: "\u0007\b\f\v\r\\n" }],
    [String.raw`{"\U0001f600"}`, { prints: "😀" }],
    [String.raw`{"😀\n"}`, { prints: "😀\n" }],
    [String.raw`{"\xff"}`, { prints: "\ufffd" }],
    [String.raw`{"\ud800"}`, { fails: String.raw`unquote string "\ud800" error invalid syntax` }],
    [String.raw`{"\400"}`, { fails: String.raw`unquote string "\400" error invalid syntax` }],
    [String.raw`{"\U00110000"}`, { fails: String.raw`unquote string "\U00110000" error invalid syntax` }],
    [String.raw`{"\'"}`, { fails: String.raw`unquote string "\'" error invalid syntax` }],
  ];
  for (const [template, want] of table)
    t.same(
      outcome(() => [...jsonPathTexts(jsonPath(template), {})].join("")),
      want,
      template,
    );
});

t.test("values sort by what a path finds: numbers by size, texts by code point, what lacks it first", async (t) => {
  const items = [{ n: 10, s: "b" }, { n: 9, s: "a" }, { s: "ä" }, { n: 9.5, s: "B" }];
  const by = (path: string) => items.toSorted(compareByPath(relaxedPath(path))).map(({ n, s }) => `${n ?? ""}${s}`);
  t.same(by("n"), ["ä", "9a", "9.5B", "10b"]);
  t.same(by(".s"), ["9.5B", "9a", "10b", "ä"]);
  t.same(by("{.missing}"), ["10b", "9a", "ä", "9.5B"]);
  const mixed = [{ a: 1 }, { a: "x" }];
  t.throws(() => mixed.toSorted(compareByPath(relaxedPath("a"))), /cannot sort/);
});

const long: [name: string, template: string, fails: string | undefined][] = [
  ["digits", `{${"1".repeat(400_000)}x}`, "unrecognized"],
  ["digits and dots", `{${"1".repeat(400_000)}..}`, "cannot parse number"],
  ["blanks in a list", `{[0,${" ".repeat(400_000)}1${" ".repeat(400_000)}x]}`, "invalid array index"],
  ["operators", `{[?(@.a${"!".repeat(400_000)}\u2028)]}`, undefined],
];
for (const [name, template, fails = ""] of long)
  t.test(`a template of very many ${name}`, async (t) => {
    const found = outcome(() => [...jsonPathTexts(jsonPath(template), [{ a: 1 }])].join(""));
    t.ok("fails" in found ? found.fails.startsWith(fails) : fails === "", JSON.stringify(found).slice(0, 100));
  });
