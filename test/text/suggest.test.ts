import t from "tap";
import { didYouMean, nearest } from "../../lib/text/suggest.ts";

const verbs = ["list", "describe", "revoke", "sync", "ns"];

const cases: { word: string; want: string | undefined }[] = [
  { word: "revok", want: "revoke" },
  { word: "lits", want: "list" },
  { word: "List", want: "list" },
  { word: "lst", want: "list" },
  { word: "desc", want: undefined },
  { word: "jim", want: undefined },
  { word: "sny", want: undefined },
  { word: "is", want: "ns" },
  { word: "mist", want: "list" },
  { word: "most", want: undefined },
  { word: "resync", want: undefined },
  { word: "describing", want: undefined },
  { word: "x".repeat(1_000_000), want: undefined },
  { word: "", want: undefined },
];
for (const { word, want } of cases)
  t.test(`"${word.slice(0, 20)}" is ${want === undefined ? "no slip" : `a slip of ${want}`}`, async (t) => {
    t.equal(nearest(word, verbs), want);
  });

t.test("the nearest is meant, of equally near ones the first", async (t) => {
  t.equal(nearest("cat", ["cats", "cat", "cut"]), "cat");
  t.equal(nearest("cot", ["cats", "cat", "cut"]), "cat");
});

t.test("another limit counts for short words too", async (t) => {
  t.equal(nearest("or", ["orgs"]), undefined);
  t.equal(nearest("or", ["orgs"], 2), "orgs");
  t.equal(nearest("revokes", ["revoke"], 0), undefined);
});

t.test("a hint is also for the beginning of a word", async (t) => {
  t.equal(didYouMean("lst", verbs), 'Did you mean "list"?');
  t.equal(didYouMean("desc", verbs), 'Did you mean "describe"?');
  t.equal(didYouMean("jim", verbs), undefined);
  t.equal(didYouMean("", verbs), undefined);
});
