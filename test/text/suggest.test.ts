import t from "tap";
import { didYouMean, suggestions } from "../../lib/text/suggest.ts";

const verbs = ["list", "describe", "revoke", "sync"];

const cases: { word: string; want: string[] }[] = [
  { word: "revok", want: ["revoke"] },
  { word: "lits", want: ["list"] },
  { word: "List", want: ["list"] },
  { word: "desc", want: ["describe"] },
  { word: "jim", want: [] },
  { word: "sny", want: [] },
  { word: "", want: [] },
];

for (const { word, want } of cases)
  t.test(`"${word}" suggests ${want.join() || "nothing"}`, async (t) => {
    t.same(suggestions(word, verbs), want);
  });

t.test("the nearest comes first, and is the hint", async (t) => {
  t.same(suggestions("cat", ["cats", "cat", "cut"]), ["cat", "cats", "cut"]);
  t.equal(didYouMean("lst", verbs), 'Did you mean "list"?');
  t.equal(didYouMean("jim", verbs), undefined);
});
