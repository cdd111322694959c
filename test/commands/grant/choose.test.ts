import t from "tap";
import { looksLikeId } from "../../../lib/commands/grant/choose.ts";

const words: [word: string, is: boolean][] = [
  ["jim", false],
  ["jim-dev", false],
  ["team22", false],
  ["ab2cdef", true],
  ["2222222", false],
  ["abcdefghijklmnopqrst", false],
  ["abcdefghijklmnopqrs2", true],
  ["2".repeat(400_000), false],
];
for (const [word, is] of words)
  t.test(`${word.slice(0, 20)} ${is ? "may be" : "is not"} the id of a grant`, async (t) => {
    t.equal(looksLikeId(word), is);
  });
