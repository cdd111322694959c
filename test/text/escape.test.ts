import t from "tap";
import { csvField, escapeCell, escapeJson } from "../../lib/text/escape.ts";

const cells: { name: string; text: string; want: string }[] = [
  { name: "plain text", text: "jim@example.com", want: "jim@example.com" },
  { name: "other scripts", text: "żółć 名前 😀", want: "żółć 名前 😀" },
  { name: "ESC", text: "\u001b[31mred\u001b[0m", want: "^[[31mred^[[0m" },
  { name: "a title", text: "\u001b]0;title\u0007", want: "^[]0;title\\x07" },
  { name: "C1 controls", text: "\u009b31m", want: "\\x9b31m" },
  { name: "NUL and DEL", text: "\u0000\u007f", want: "\\x00\\x7f" },
  { name: "line feeds and tabs", text: "a\n\tb", want: "a\\n\\tb" },
  { name: "carriage returns", text: "yes\rno", want: "yes\\rno" },
  { name: "bidirectional overrides", text: "nimda\u202e-\u2066x", want: "nimda\\u{202e}-\\u{2066}x" },
  { name: "zero width", text: "ji\u200bm\ufeff\u00ad", want: "ji\\u{200b}m\\u{feff}\\xad" },
  { name: "line separators", text: "a\u2028b\u2029c", want: "a\\u{2028}b\\u{2029}c" },
  { name: "tags", text: "a\u{e0041}", want: "a\\u{e0041}" },
  { name: "Hangul fillers", text: "a\u3164\u115f\u1160\uffa0b", want: "a\\u{3164}\\u{115f}\\u{1160}\\u{ffa0}b" },
  {
    name: "joiners and selectors",
    text: "a\u034f\ufe0f\u180b\u{e0100}b",
    want: "a\\u{34f}\\u{fe0f}\\u{180b}\\u{e0100}b",
  },
  { name: "blanks that are none", text: "a\u2800\u00a0\u3000\u2003b c", want: "a\\u{2800}\\xa0\\u{3000}\\u{2003}b c" },
  { name: "replaced bytes", text: "a\ufffdb", want: "a\\u{fffd}b" },
  { name: "reserved tags", text: "a\u{e0080}b", want: "a\\u{e0080}b" },
  { name: "half surrogates", text: "a\ud800b", want: "a\\u{d800}b" },
];

for (const { name, text, want } of cells)
  t.test(`${name} is shown, not obeyed`, async (t) => {
    t.equal(escapeCell(text), want);
    t.equal(escapeCell(want), want);
    t.same(JSON.parse(escapeJson(JSON.stringify({ text }))), { text });
  });

t.test("JSON is the same data in safe characters", async (t) => {
  const value = { a: "x\u202ey\u009b\u{e0041}\n", b: "plain" };
  const json = escapeJson(JSON.stringify(value, undefined, 4));
  t.match(json, /"x\\u202ey\\u009b\\udb40\\udc41\\n"/);
  t.same(JSON.parse(json), value);
});

const fields: [string, string][] = [
  ["plain", "plain"],
  ["", ""],
  ["a,b", '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  [" x", '" x"'],
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["  =1+1", "'  =1+1"],
  ["\t=1", "'\\t=1"],
  ["\r=1", "'\\r=1"],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ["a\nb", "a\\nb"],
  ["a=b", "a=b"],
  ["＝1+1", "'＝1+1"],
  ["＋1", "'＋1"],
  ["－1", "'－1"],
  ["＠SUM(A1)", "'＠SUM(A1)"],
  ['"=1+1"', `"'""=1+1"""`],
  ["a;=cmd|' /C calc'!A0;b", "a;'=cmd|' /C calc'!A0;b"],
  ["a; +1;@b", "a;' +1;'@b"],
  ["a;＝1", "a;'＝1"],
  ['a;"=1"', `"a;'""=1"""`],
  ["a;b;-", "a;b;'-"],
  ["a;b = c", "a;b = c"],
  ["a\t=1", "a\\t=1"],
  ["\u001b[31m", "^[[31m"],
];

t.test("a CSV field is text for a spreadsheet, never a formula", async (t) => {
  for (const [text, want] of fields) t.equal(csvField(text), want, JSON.stringify(text));
});
