import t from "tap";
import { jsonPieces } from "../../lib/view/json-pieces.ts";

const values: { name: string; value: object }[] = [
  { name: "nothing", value: {} },
  { name: "nothing but what is undefined", value: { a: undefined } },
  { name: "a list", value: [1, { a: [2] }] },
  { name: "fields of every kind", value: { a: 1, b: "x\ny", c: null, d: { e: [1, { f: [] }], g: {} }, h: true } },
  { name: "empty lists", value: { items: [], more: [[], {}, [[]]] } },
  {
    name: "undefined fields, and items that are undefined",
    value: { a: undefined, items: [undefined, { b: undefined }] },
  },
  { name: "a field with a JSON form of its own", value: { at: new Date(0), items: [new Date(0)] } },
  {
    name: "an item with a long list, as a run of SARIF has",
    value: {
      runs: [
        {
          tool: { rules: [1] },
          none: undefined,
          empty: [],
          results: Array.from({ length: 101 }, (_, at) => ({ at: [at] })),
        },
        new Date(0),
        [[1]],
        null,
      ],
      version: 1,
    },
  },
  { name: "names that need quotes", value: { 'a"b\n': [{ "\t": "\\" }] } },
];

for (const { name, value } of values)
  t.test(`the text is that of JSON.stringify: ${name}`, async (t) => {
    t.equal([...jsonPieces(value)].join(""), `${JSON.stringify(value, undefined, 4)}\n`);
  });

t.test("a long list is written in pieces, none of which holds much more than a million characters", async (t) => {
  const value = {
    kind: "List",
    items: Array.from({ length: 3000 }, (_, index) => ({ index, text: "x".repeat(1000) })),
  };
  const pieces = [...jsonPieces(value)];
  t.equal(pieces.join(""), `${JSON.stringify(value, undefined, 4)}\n`);
  t.equal(pieces.length, 4);
  t.ok(pieces.every(({ length }) => length < 2 ** 20 + 1100));
});

t.test("the results of a SARIF log are written in pieces as well", async (t) => {
  const results = Array.from({ length: 3000 }, () => ({ message: { text: "x".repeat(1000) } }));
  const lengths = [...jsonPieces({ version: "2.1.0", runs: [{ tool: {}, results }] })].map(({ length }) => length);
  t.equal(lengths.length, 4);
  t.ok(lengths.every((length) => length < 2 ** 20 + 1200));
});

t.test("what could deceive a reader is escaped in every piece, and none is cut", async (t) => {
  const text = "\u202e\u{e0041}";
  const items = Array.from({ length: 80_000 }, () => text);
  const pieces = [...jsonPieces({ items })];
  t.ok(pieces.length > 1);
  for (const piece of pieces) t.notMatch(piece, /[^\n -~]/u);
  t.same(JSON.parse(pieces.join("")), { items });
});
