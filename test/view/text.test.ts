import t from "tap";
import { plainText } from "../../lib/view/lines.ts";
import { noteLines, printText, textLines, wrapLine } from "../../lib/view/text.ts";

const long = "one two three four five six seven eight nine ten eleven twelve";
const grant = "kubectl mirrord grant group:oidc:backend --ns a-namespace-of-some-length --target deployment/web";

t.test("a sentence is wrapped between words, and below itself where it is indented", async (t) => {
  t.same(wrapLine(long, 30), ["one two three four five six", "seven eight nine ten eleven", "twelve"]);
  t.same(wrapLine("  one two three", 10), ["  one two", "  three"]);
  t.same(wrapLine("one two three", 10, 4), ["one two", "    three"]);
  t.same(wrapLine("a-word-that-is-too-long b", 10), ["a-word-that-is-too-long", "b"]);
});

t.test("a wrapped line keeps its colours on the first", async (t) => {
  const line = [{ text: "no", tone: "no" as const }, { text: " - jim cannot do it" }];
  const lines = wrapLine(line, 12);
  t.same(lines[0], [
    { text: "no", tone: "no" },
    { text: " - jim", tone: undefined },
  ]);
  t.same(lines.map(plainText), ["no - jim", "cannot do it"]);
});

t.test("a line to paste is not wrapped, and stands alone", async (t) => {
  t.same(textLines(["To let them:", { paste: grant }], 40), ["To let them:", `  ${grant}`]);
  t.same(textLines([`See it: ${grant}`], 40), ["See it:", `  ${grant}`]);
  t.same(noteLines(["Then:", `  ${grant}`], 40), ["Then:", `  ${grant}`]);
  t.same(textLines([`See it: ${grant}`], Infinity), [`See it: ${grant}`]);
  t.same(
    noteLines([`${long}: ${grant}`], 40)
      .slice(1)
      .map(plainText),
    ["nine ten eleven twelve:", `  ${grant}`],
  );
});

t.test("what is said beside a result is wrapped, and a row of a table is not", async (t) => {
  t.same(noteLines(long, 30), wrapLine(long, 30));
  const row = `${"x".repeat(20)}   ${"y".repeat(20)}`;
  t.same(noteLines([row], 30), [row]);
});

t.test("only a terminal wraps", async (t) => {
  const printed: string[] = [];
  const printer = (stdout: boolean) => ({
    print: (lines: Parameters<typeof noteLines>[0]) => {
      printed.push((typeof lines === "string" ? [lines] : lines).map(plainText).join("|"));
    },
    isTerminal: { stdout },
    columns: 30,
  });
  printText([long], printer(true));
  printText([long], printer(false));
  t.same(printed, [wrapLine(long, 30).map(plainText).join("|"), long]);
});

t.test("a line of a block goes on below its text", async (t) => {
  t.same(textLines([{ word: "stays", text: "one two three four" }], 24), [
    "  stays        one two",
    "               three",
    "               four",
  ]);
  t.same(textLines([{ word: "stays", text: "one two" }], Infinity), ["  stays        one two"]);
});
