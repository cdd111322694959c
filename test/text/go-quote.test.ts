import t from "tap";
import { goQuote } from "../../lib/text/go-quote.ts";

const cases: [text: string, quoted: string][] = [
  ["", `""`],
  ["plain é 漢 😀", `"plain é 漢 😀"`],
  [`say "hi" \\`, String.raw`"say \"hi\" \\"`],
  ["\u0007\b\f\n\r\t\v", String.raw`"\a\b\f\n\r\t\v"`],
  ["\u0000\u001B\u007F", String.raw`"\x00\x1b\x7f"`],
  ["\u202E\u00A0\u{E0001}", String.raw`"\u202e\u00a0\U000e0001"`],
];

for (const [text, quoted] of cases) t.test(quoted, async (t) => t.equal(goQuote(text), quoted));
