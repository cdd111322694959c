import stringWidth from "string-width";
import t from "tap";
import { table } from "../../lib/view/columns.ts";
import { plainText } from "../../lib/view/lines.ts";

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
      t.equal(lines[0]?.replaceAll(/ +/g, " "), "ANSWER NAME WHY");
      const [start = 0, end = 0] = ["NAME", "WHY"].map((header) => lines[0]?.indexOf(header));
      const cells = lines.slice(1).map((line) => [cut(line, 0, start), cut(line, start, end), cut(line, end)]);
      const joined = [0, 1, 2].map((at) => shown(cells.map((line) => line[at]).join("")));
      t.same(joined, ["no", shown(escaped(text)), shown(`by${escaped(text)}`)]);
      t.notOk(
        cells.flat().some((cell) => /^\p{M}/u.test(cell)),
        "a mark is with its letter",
      );
    });

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

t.test("narrow columns keep their width, and no column falls below ten", async (t) => {
  const rows = [{ answer: "no (optional)", name: "a word or two", why: long }];
  t.same(await table(columns, rows, { wrapAt: 50 }), [
    "ANSWER          NAME            WHY",
    "no (optional)   a word or two   mirrord-operator-u",
    "                                ser-with-a-name-of",
    "                                -exactly-sixty-thr",
    "                                ee-lettersx",
  ]);
  const narrow = await table(columns, rows, { wrapAt: 1 });
  t.equal(Math.max(...narrow.map(({ length }) => length)), "(optional)   a word or   mirrord-op".length);
});
