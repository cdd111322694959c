import fc from "fast-check";
import { dump } from "js-yaml";
import t from "tap";
import { writeYaml, type WriteOptions } from "../lib/yaml-writer.ts";
import { dumpSchema } from "../lib/yaml-dialects.ts";

type Style = Pick<WriteOptions, "sortKeys">;

const dumped =
  ({ sortKeys }: Style) =>
  (value: unknown): string =>
    dump(value, {
      schema: dumpSchema,
      noRefs: true,
      lineWidth: -1,
      seqNoIndent: true,
      sortKeys,
    });

const styles: Style[] = [{ sortKeys: false }, { sortKeys: true }];

const traps = [
  "",
  " ",
  "y",
  "No",
  "on",
  "true",
  "NULL",
  "~",
  "nan",
  ".inf",
  "Infinity",
  "1.5",
  "0x1f",
  "1_0",
  "12:30",
  "1e3",
  "o7",
  "443",
  "007",
  "3.187.0",
  "0.0.0.0:443",
  "[::]:443",
  "[it's]",
  "{a}",
  "100m",
  "10Mi",
  "-1",
  "+1",
  ".spec.x",
  "...",
  "---",
  "a b",
  "a: b",
  "x:1",
  "x:",
  "- a",
  "#x",
  "x #y",
  " a",
  "a ",
  "*",
  "&a",
  "!a",
  "|",
  ">",
  "%a",
  "@a",
  "`a",
  "?",
  "? a",
  "=",
  "<<",
  "a\nb",
  "a\nb\n",
  "a\n\n",
  "\na",
  " a\nb",
  "a\n b",
  "a \nb",
  "a\r\nb",
  "\n",
  "a\tb\nc",
  "\u2028",
  "é",
  "a'b",
  'a"b',
  "a\\b",
  "x,y",
  "m=i,o=i",
];
const text = fc.oneof(
  fc.constantFrom(...traps, "a".repeat(2000)),
  fc.string(),
  fc.stringMatching(/^[A-Za-z0-9 _.:/*-]{1,8}$/),
  fc.stringMatching(/^[a-z\n ]{1,12}$/),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(true, false, null, -0),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(text, tie("json"), { maxKeys: 4 }),
  ),
}));

for (const style of styles) {
  t.test(`letter for letter what js-yaml writes: ${JSON.stringify(style)}`, async (t) => {
    const write = (value: unknown) => writeYaml(value, { ...style, dump: dumped(style) });
    for (const trap of traps)
      t.equal(write({ [trap]: [trap, { a: trap }] }), dumped(style)({ [trap]: [trap, { a: trap }] }));
    fc.assert(
      fc.property(json, (value) => write(value) === dumped(style)(value)),
      { numRuns: 2000 },
    );
  });
}

t.test("keys that are undefined are left out", async (t) => {
  const [style] = styles;
  t.ok(style);
  const write = (value: unknown) => writeYaml(value, { sortKeys: false, dump: dumped({ sortKeys: false }) });
  t.equal(write({ a: undefined, b: { c: undefined }, d: [{ e: undefined, f: 1 }] }), "b: {}\nd:\n- f: 1\n");
});
