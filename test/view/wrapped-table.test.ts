import stringWidth from "string-width";
import t from "tap";
import { table } from "../../lib/view/columns.ts";
import { plainText, type Line } from "../../lib/view/lines.ts";

interface Row {
  answer: string;
  name: string;
  why: string;
}

const columns = { ANSWER: (row: Row) => row.answer, NAME: (row: Row) => row.name, WHY: (row: Row) => row.why };

const long = "mirrord-operator-user-with-a-name-of-exactly-sixty-three-lettersx";
const nasty: Record<string, string> = {
  "a name of the longest kind": long.slice(0, 63),
  "a path without blanks": `mirrordclusteroperatorusercredentials.operator.metalbear.co/${long}`,
  sentences: "pass the operator's check of the target (asked by the operator), and wait for the copy to be ready",
  "wide characters": "名前空間".repeat(12),
  emoji: "😀".repeat(25),
  "emoji that are newer than the library": "🫠".repeat(25),
  "combining marks that compose": "e\u0301".repeat(40),
  "combining marks that do not": "x\u0332".repeat(40),
  "a script full of marks": "क्षि".repeat(20),
  "one blank after the other": `a${" ".repeat(20)}b c`,
  "what is escaped": "\u001b[2J\n\u202e".repeat(8),
  "private characters": "\u{f0000}\u{f0001}".repeat(20),
};

const shown = (text: string) => text.normalize().replaceAll(/\s/g, "");
const escaped = (text: string) =>
  text.replaceAll("\u001b", "^[").replaceAll("\n", "\\n").replaceAll("\u202e", "\\u{202e}");

for (const [name, text] of Object.entries(nasty))
  for (const width of [36, 40, 57, 80, 132])
    t.test(`${name}, in ${width} columns: nothing is lost and nothing is too long`, async (t) => {
      const row = { answer: "no", name: text, why: `by ${text}` };
      const lines = (await table(columns, [row], { wrapAt: width })).map(plainText);
      for (const line of lines) t.ok(stringWidth(line) <= width, `${stringWidth(line)}: ${line}`);
      t.notOk(lines.some((line) => line.endsWith(" ")));
      const cells = cellsOf(lines);
      t.equal(cells.map(shown).join(""), ["no", escaped(text), `by${escaped(text)}`].map(shown).join(""));
      for (const word of escaped(text).normalize().split(" "))
        t.ok(stringWidth(word) > width - 4 || lines.some((line) => line.normalize().includes(word)), `whole: ${word}`);
      t.notOk(
        lines.some((line) => /(^| )\p{M}/u.test(line)),
        "a mark is with its letter",
      );
    });

/** What stands in each column, or line for line where cells stand below the first ones. */
function cellsOf([headers = "", second = "", ...lines]: string[]): string[] {
  if (second.startsWith("    WHY")) return lines;
  if (second.startsWith("    NAME")) return lines.slice(1);
  const [start = 0, end = 0] = ["NAME", "WHY"].map((header) => headers.indexOf(header));
  const all = [second, ...lines];
  return [
    all.map((line) => cut(line, 0, start)),
    all.map((line) => cut(line, start, end)),
    all.map((line) => cut(line, end)),
  ].map((parts) => parts.join(""));
}

/** The part of a line between two columns of the terminal. */
function cut(line: string, from: number, to = Infinity): string {
  let at = 0;
  let part = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (at >= from && at < to) part += segment;
    at += stringWidth(segment);
  }
  return part;
}

t.test("a table that fits looks as in a pipe", async (t) => {
  const rows = [{ answer: "no", name: long, why: "" }];
  const piped = await table(columns, rows);
  t.same(await table(columns, rows, { wrapAt: piped[1]?.length ?? 0 }), piped);
  t.not((await table(columns, rows, { wrapAt: (piped[1]?.length ?? 0) - 1 })).length, piped.length);
});

t.test("narrow columns keep their width, and a sentence is wrapped in what is left", async (t) => {
  const rows = [{ answer: "no (optional)", name: "a word or two", why: "nobody grants it and no group is known" }];
  t.same(await table(columns, rows, { wrapAt: 50 }), [
    "ANSWER          NAME            WHY",
    "no (optional)   a word or two   nobody grants it",
    "                                and no group is",
    "                                known",
  ]);
});

t.test("where a word is too long for its column, cells stand below the first ones", async (t) => {
  const rows = [
    { answer: "no (optional)", name: "a word or two", why: `${long} is a long name` },
    { answer: "yes", name: "more", why: "short" },
  ];
  t.same(await table(columns, rows, { wrapAt: 72 }), [
    "ANSWER          NAME",
    "    WHY",
    "no (optional)   a word or two",
    `    ${long} is`,
    "    a long name",
    "yes             more",
    "    short",
  ]);
  t.same((await table(columns, rows, { wrapAt: 20 })).slice(0, 3), ["ANSWER", "    NAME", "    WHY"]);
  const tiny = await table(columns, rows, { wrapAt: 8 });
  t.ok(
    tiny.every((line) => line.length <= 8),
    "and a terminal of no size at all breaks them",
  );
});

const toned = {
  WHAT: (row: Row) => row.name,
  ANSWER: { word: (row: Row) => row.answer },
  WHY: (row: Row) => row.why,
  STATE: { word: (row: Row) => row.answer },
};
const said = (lines: readonly Line[]) =>
  lines.flatMap((line) => (typeof line === "string" ? [] : line.filter(({ tone }) => tone !== undefined)));

t.test("words have their colour wherever they stand, and only they", async (t) => {
  const rows = [
    { answer: "no", name: "名前 of a thing", why: "one two three four five six" },
    { answer: "other", name: "x", why: "y" },
  ];
  const wrapped = await table(toned, rows, { wrapAt: 46 });
  t.ok(wrapped.length > 3, "it is wrapped");
  t.same(said(wrapped), [
    { text: "no", tone: "no" },
    { text: "no", tone: "no" },
  ]);
  const stacked = await table(toned, [{ answer: "no", name: "x", why: long }], { wrapAt: 70 });
  t.same(
    said(stacked).map(({ text }) => text.trim()),
    ["no", "no"],
  );
});
