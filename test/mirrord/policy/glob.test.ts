import * as fc from "fast-check";
import t from "tap";
import { compileGlob } from "../../../lib/mirrord/policy/glob.ts";

const cases: { glob: string; text: string; want: boolean }[] = [
  { glob: "deploy/boats", text: "deploy/boats", want: true },
  { glob: "deploy/boats", text: "deploy/boats/container/app", want: false },
  { glob: "deploy/boats*", text: "deploy/boats/container/app", want: true },
  { glob: "deploy/boats*", text: "deploy/boats-1", want: true },
  { glob: "deploy/boats/container/*", text: "deploy/boats/container/app", want: true },
  { glob: "*boats*", text: "pod/boats-2kljw9", want: true },
  { glob: "*boats*", text: "pod/whatever-23oije2/container/boats-container", want: true },
  { glob: "*", text: "", want: true },
  { glob: "*", text: "deploy/boats", want: true },
  { glob: "**", text: "deploy/boats", want: true },
  { glob: "", text: "", want: true },
  { glob: "", text: "a", want: false },
  { glob: "?", text: "a", want: true },
  { glob: "?", text: "", want: false },
  { glob: "?", text: "ab", want: false },
  { glob: "?", text: "/", want: true },
  { glob: "?", text: "😀", want: true },
  { glob: "pod/web-?", text: "pod/web-1", want: true },
  { glob: "pod/web-?", text: "pod/web-", want: false },
  { glob: "a*a", text: "a", want: false },
  { glob: "a*a", text: "aa", want: true },
  { glob: "a*b*c", text: "axbxbxc", want: true },
  { glob: "a*b*c", text: "acb", want: false },
  { glob: "a*bc*c", text: "axbc", want: false },
  { glob: "*?", text: "", want: false },
  { glob: "*?", text: "xyz", want: true },
  { glob: "?*?", text: "x", want: false },
  { glob: "DATABASE_*", text: "database_url", want: false },
  { glob: "a.c", text: "abc", want: false },
  { glob: "[ab]", text: "a", want: false },
  { glob: "\\*", text: "*", want: false },
  { glob: "deployment/checkout", text: "deploy/checkout", want: false },
];
for (const { glob, text, want } of cases) {
  t.test(`${JSON.stringify(glob)} ${want ? "matches" : "does not match"} ${JSON.stringify(text)}`, async (t) => {
    t.equal(compileGlob(glob)(text), want);
  });
}

t.test("every glob matches what a try-everything reading of it matches", async () => {
  const symbols = (alphabet: string[]) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 9 }).map((all) => all.join(""));
  fc.assert(
    fc.property(symbols(["a", "b", "/", "*", "?", "😀"]), symbols(["a", "b", "/", "😀"]), (glob, text) => {
      return compileGlob(glob)(text) === tryEverything(Array.from(glob), Array.from(text));
    }),
    { numRuns: 5000 },
  );
});

function tryEverything(glob: string[], text: string[]): boolean {
  const [symbol, ...rest] = glob;
  if (symbol === undefined) return text.length === 0;
  if (symbol === "*") return tryEverything(rest, text) || (text.length > 0 && tryEverything(glob, text.slice(1)));
  const [first, ...others] = text;
  return first !== undefined && (symbol === "?" || symbol === first) && tryEverything(rest, others);
}

t.test("a glob made to backtrack is answered at once", async (t) => {
  const nested = compileGlob("*a".repeat(200_000) + "b");
  t.equal(nested("a".repeat(400)), false);
  const wide = compileGlob(`${"a*".repeat(200)}b`);
  t.equal(wide("a".repeat(20_000)), false);
});
