import t from "tap";
import { listWords } from "../../lib/text/list-words.ts";

t.test("words are a list as a sentence has it", async (t) => {
  const lists: [words: string[], text: string][] = [
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a and b"],
    [["a", "b", "c"], "a, b and c"],
  ];
  for (const [words, text] of lists) t.equal(listWords(words), text);
  t.equal(listWords(["a", "b", "c"], "or"), "a, b or c");
});
