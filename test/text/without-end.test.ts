import t from "tap";
import { withoutEnd } from "../../lib/text/without-end.ts";

const cases: [text: string, character: string, want: string][] = [
  ["", "/", ""],
  ["a", "/", "a"],
  ["a/", "/", "a"],
  ["/a//", "/", "/a"],
  ["///", "/", ""],
  ["a/b", "/", "a/b"],
  ["a\n\n", "\n", "a"],
];
for (const [text, character, want] of cases)
  t.test(`${JSON.stringify(text)} without ${JSON.stringify(character)} at its end`, async (t) => {
    t.equal(withoutEnd(text, character), want);
  });
