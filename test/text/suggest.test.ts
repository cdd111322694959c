import t from "tap";
import { didYouMean, nearest, slip } from "../../lib/text/suggest.ts";

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

const reserved = ["list", "describe", "explain", "extend", "revoke", "sync", "matrix", "whoami", "org", "team", "role"];

t.test("people are not slips of words", async (t) => {
  const people = "joe zoe rose tom lisa lis ron ruth mabel rolf tim tess patric elaine tamar jim cole liz mark rob";
  for (const name of people.split(" ")) t.equal(slip(name, reserved), undefined, name);
});

t.test("a slip of a word is one, the more letters the word has", async (t) => {
  const slips = {
    List: "list",
    lsit: "list",
    roles: "role",
    ogr: "org",
    revok: "revoke",
    reovke: "revoke",
    extnd: "extend",
  };
  for (const [typed, meant] of Object.entries({ ...slips, decsribe: "describe", descrbe: "describe" }))
    t.equal(slip(typed, reserved), meant, typed);
});

t.test("a hint is also for the beginning of a word", async (t) => {
  t.equal(didYouMean("lst", verbs), 'Did you mean "list"?');
  t.equal(didYouMean("desc", verbs), 'Did you mean "describe"?');
  t.equal(didYouMean("jim", verbs), undefined);
  t.equal(didYouMean("", verbs), undefined);
});
