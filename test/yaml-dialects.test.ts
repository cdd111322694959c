import { load } from "js-yaml";
import t from "tap";
import { goFloat, goInteger, isPlainScalar, schemas, type Dialect } from "../lib/yaml-dialects.ts";

const integers: [source: string, value: number | undefined][] = [
  ["0", 0],
  ["-0644", -420],
  ["0o14", 12],
  ["0O14", 12],
  ["0b101", 5],
  ["0XfF", 255],
  ["+1_000", 1000],
  ["08", undefined],
  ["_1", undefined],
  ["1.0", undefined],
  ["", undefined],
  ["18446744073709551615", 2 ** 64],
  ["18446744073709551616", undefined],
  ["-9223372036854775808", -(2 ** 63)],
  ["-9223372036854775809", undefined],
  ["+9223372036854775808", 2 ** 63],
  ["+9223372036854775809", undefined],
];
for (const [source, value] of integers)
  t.test(`${source || "nothing"} is the integer ${value}`, async (t) => t.equal(goInteger(source), value));

const floats: [source: string, value: number | undefined][] = [
  ["08", 8],
  ["-1.5e-3", -0.0015],
  ["1.", 1],
  [".5_5", 0.55],
  ["._5", undefined],
  [".5__5", undefined],
  ["1_0.5", 10.5],
  ["1e999", undefined],
  ["e3", undefined],
  ["0x10", undefined],
];
for (const [source, value] of floats)
  t.test(`${source} is the float ${value}`, async (t) => t.equal(goFloat(source), value));

/** undefined: an error. */
const dialects: [text: string, values: Readonly<Partial<Record<Dialect, unknown>>>][] = [
  ["yes", { kubectl: true, manifest: true, strict: "yes", helm: true }],
  ["y", { kubectl: true, manifest: true, strict: "y", helm: "y" }],
  ["N", { kubectl: false, strict: "N", helm: "N" }],
  ["0644", { kubectl: 420, strict: 644, helm: 420 }],
  ["1_0e3", { kubectl: 10_000, strict: "1_0e3" }],
  [".inf", { kubectl: undefined, strict: Infinity }],
  ["-.INF", { kubectl: undefined, helm: undefined }],
  [".NaN", { kubectl: undefined }],
  ["!!binary aGk=", { kubectl: "hi", strict: undefined }],
  ["!!binary aGk", { kubectl: undefined }],
  ["!!binary |\n  aG\n  k=\n", { kubectl: "hi" }],
  ["!mine 5", { kubectl: "5", strict: undefined, written: undefined }],
  ["!mine [1]", { kubectl: [1], strict: undefined }],
  ["!mine {a: 1}", { kubectl: { a: 1 }, strict: undefined }],
  [
    "a: &x {b: 1}\nc: {<<: *x}",
    { kubectl: { a: { b: 1 }, c: { b: 1 } }, strict: { a: { b: 1 }, c: { "<<": { b: 1 } } } },
  ],
  ["012: x", { kubectl: { 10: "x" }, written: { "012": { plain: "x" } } }],
  ["a: 012", { written: { a: { plain: "012" } } }],
  ["a: '012'", { written: { a: "012" } }],
];
for (const [text, values] of dialects)
  for (const [dialect, value] of Object.entries(values))
    t.test(`${JSON.stringify(text)} in the dialect ${dialect}`, async (t) => {
      const read = () => load(text, { schema: schemas[dialect as Dialect] });
      if (value === undefined) t.throws(read);
      else t.same(read(), value);
    });

t.test("a plain scalar is what the reader made, not what looks like it", async (t) => {
  const { a, b } = load("a: 1\nb: {plain: '1'}", { schema: schemas.written }) as Record<string, unknown>;
  t.equal(isPlainScalar(a), true);
  t.equal(isPlainScalar(b), false);
  t.equal(isPlainScalar("1"), false);
  t.equal(isPlainScalar(null), false);
});

t.test("keys without quotes that are written alike are one key in the dialect written", async (t) => {
  t.throws(() => load("a: 1\na: 2", { schema: schemas.written }), /duplicated/);
  t.throws(() => load("a: 1\n'a': 2", { schema: schemas.written }), /duplicated/);
});
