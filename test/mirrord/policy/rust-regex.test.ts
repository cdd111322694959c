import t from "tap";
import { programSize } from "../../../lib/mirrord/policy/rust-regex-size.ts";
import { compileRustRegex } from "../../../lib/mirrord/policy/rust-regex.ts";

// What Rust's regex crate does, from its documentation (docs.rs/regex, "Syntax").
const cases: { pattern: string; text: string; want: boolean | "unknown" }[] = [
  { pattern: "^baggage: .+", text: "baggage: x", want: true },
  { pattern: "^baggage: .+", text: "^baggage: .*mirrord-session=alice.*", want: false },
  { pattern: "baggage: .+", text: "^baggage: .*mirrord-session=alice.*", want: true },
  { pattern: "", text: "anything", want: true },
  { pattern: "a$", text: "a\n", want: false },
  { pattern: "(?m)a$", text: "a\nb", want: true },
  { pattern: "a.b", text: "a\nb", want: false },
  { pattern: "(?s)a.b", text: "a\nb", want: true },
  { pattern: "(?i)ABC", text: "abc", want: true },
  { pattern: "(?i:A)B", text: "aB", want: true },
  { pattern: "(?i-s:A)b", text: "ab", want: true },
  { pattern: "(?u)a", text: "a", want: true },
  { pattern: String.raw`\d`, text: "٣", want: true },
  { pattern: String.raw`[^\d]`, text: "٣", want: false },
  { pattern: String.raw`^\w+$`, text: "größe_1", want: true },
  { pattern: String.raw`^[\w.]+$`, text: "größe.de", want: true },
  { pattern: String.raw`\W`, text: "ö", want: false },
  { pattern: String.raw`\s`, text: "\u00a0", want: true },
  { pattern: String.raw`^[\s\S]+$`, text: "a\n\u00a0", want: true },
  { pattern: String.raw`\S`, text: "\u2003", want: false },
  { pattern: String.raw`[^\S]`, text: "\u2003", want: true },
  { pattern: String.raw`^\u{1F600}$`, text: "😀", want: true },
  { pattern: String.raw`^\u00e9\x41\x{42}\U00000043$`, text: "éABC", want: true },
  { pattern: String.raw`^\u{D7FF}\u{E000}\u{10FFFF}$`, text: "\ud7ff\ue000\u{10ffff}", want: true },
  { pattern: "^.$", text: "😀", want: true },
  { pattern: String.raw`\-\/\.\#\ `, text: "-/.# ", want: true },
  { pattern: String.raw`\p{Greek}\pL`, text: "αβ", want: true },
  { pattern: "[[:alpha:]]+", text: "abc", want: true },
  { pattern: "[[:^alpha:]]", text: "abc", want: false },
  { pattern: "[]a]+", text: "]", want: true },
  { pattern: "[^]]", text: "]", want: false },
  { pattern: "[a^]", text: "^", want: true },
  { pattern: "^[a-z-9]+$", text: "-9b", want: true },
  { pattern: "^[-a]+$", text: "-a", want: true },
  { pattern: String.raw`^[\d-]+$`, text: "1-", want: true },
  { pattern: "a&b", text: "a&b", want: true },
  { pattern: "[&]", text: "&", want: true },
  { pattern: "}]", text: "}]", want: true },
  { pattern: "a{2}b{1,}c{0,1}", text: "aab", want: true },
  { pattern: "(?P<user>j)(?<rest>im)", text: "jim", want: true },
  { pattern: String.raw`\bcat\b`, text: "a cat.", want: true },
  { pattern: String.raw`\bcat\b`, text: "écat", want: "unknown" },
];
for (const { pattern, text, want } of cases) {
  t.test(
    `${pattern} ${want === true ? "matches" : want ? "may match" : "does not match"} ${JSON.stringify(text)}`,
    async (t) => {
      const regex = compileRustRegex(pattern);
      if (regex.state !== "ready") return t.fail(regex.why);
      t.equal(regex.find(text), want === "unknown" ? want : want ? "yes" : "no");
    },
  );
}

const refused: { pattern: string; state: "invalid" | "unsupported"; why: RegExp }[] = [
  { pattern: "a(?=b)", state: "invalid", why: /look-around/ },
  { pattern: "a(?!b)", state: "invalid", why: /look-around/ },
  { pattern: "(?<=a)b", state: "invalid", why: /look-around/ },
  { pattern: "(?<!a)b", state: "invalid", why: /look-around/ },
  { pattern: String.raw`(a)\1`, state: "invalid", why: /back-references/ },
  { pattern: String.raw`\k<n>`, state: "invalid", why: /unknown escape/ },
  { pattern: "a{", state: "invalid", why: /a repetition is/ },
  { pattern: "a{,3}", state: "invalid", why: /a repetition is/ },
  { pattern: "a{3,2}", state: "invalid", why: /repeats more/ },
  { pattern: "{2}", state: "invalid", why: /missing argument/ },
  { pattern: "*a", state: "invalid", why: /missing argument/ },
  { pattern: "(a", state: "invalid", why: /missing closing/ },
  { pattern: "a)", state: "invalid", why: /unexpected \)/ },
  { pattern: "[a", state: "invalid", why: /not closed/ },
  { pattern: "[]", state: "invalid", why: /not closed/ },
  { pattern: "[b-a]", state: "invalid", why: /range/ },
  { pattern: String.raw`[a-\d]`, state: "invalid", why: /range/ },
  { pattern: String.raw`[\x00-\s]`, state: "invalid", why: /range/ },
  { pattern: String.raw`[\d-a]`, state: "invalid", why: /range/ },
  { pattern: "[a-", state: "invalid", why: /not closed/ },
  { pattern: String.raw`\p{^Greek}`, state: "invalid", why: /property/ },
  { pattern: "a\\", state: "invalid", why: /backslash/ },
  { pattern: String.raw`\Qa\E`, state: "invalid", why: /unknown escape/ },
  { pattern: String.raw`\u{110000}`, state: "invalid", why: /no such character/ },
  { pattern: String.raw`\u{D800}`, state: "invalid", why: /no such character/ },
  { pattern: String.raw`\u{DFFF}`, state: "invalid", why: /no such character/ },
  { pattern: String.raw`\xG`, state: "invalid", why: /no such character/ },
  { pattern: String.raw`\ö`, state: "invalid", why: /unknown escape/ },
  { pattern: String.raw`[\b]`, state: "invalid", why: /no character/ },
  { pattern: "(?P<n>a)(?<n>b)", state: "invalid", why: /two groups/ },
  { pattern: "(?)", state: "invalid", why: /unknown group/ },
  { pattern: "(?z)", state: "invalid", why: /unknown flag/ },
  { pattern: "(?#comment)", state: "invalid", why: /unknown group/ },
  { pattern: "[a&&b]", state: "unsupported", why: /set operations/ },
  { pattern: "[a--b]", state: "unsupported", why: /set operations/ },
  { pattern: "[a[b]]", state: "unsupported", why: /nested/ },
  { pattern: "(?x) a b", state: "unsupported", why: /flags/ },
  { pattern: "(?-u)a", state: "unsupported", why: /flags/ },
  { pattern: String.raw`\b{start}a`, state: "unsupported", why: /word starts/ },
  { pattern: String.raw`\p{Script=Greek}`, state: "unsupported", why: /p\{Script/ },
  { pattern: "a{1001}", state: "unsupported", why: /repeat count/ },
  { pattern: "a**", state: "unsupported", why: /nested repetition/ },
  { pattern: "a".repeat(10_001), state: "unsupported", why: /longer/ },
  { pattern: `${"(".repeat(2000)}${")".repeat(2000)}`, state: "unsupported", why: /nests/ },
];
for (const { pattern, state, why } of refused) {
  t.test(`${pattern.slice(0, 30)} is ${state}`, async (t) => {
    const regex = compileRustRegex(pattern);
    t.match(regex, { state, why });
  });
}

t.test("an expression made to backtrack is answered at once", async (t) => {
  const regex = compileRustRegex("(x+x+)+y");
  t.equal(regex.state === "ready" && regex.find("x".repeat(50_000)), "no");
});

t.test("a text beyond the limit is not answered", async (t) => {
  const regex = compileRustRegex("a");
  t.equal(regex.state === "ready" && regex.find("a".repeat(5_000_000)), "unknown");
  t.equal(regex.state === "ready" && regex.find("a".repeat(100_000)), "yes");
});

const sizes: { pattern: string; atMost: number; atLeast: number }[] = [
  { pattern: "", atLeast: 1, atMost: 1 },
  { pattern: "abc", atLeast: 3, atMost: 4 },
  { pattern: "a{1000}", atLeast: 1000, atMost: 1001 },
  { pattern: "(?:ab){3,10}", atLeast: 20, atMost: 60 },
  { pattern: "(a{1,1000}){1,1000}", atLeast: 1_000_000, atMost: 2_000_000 },
  { pattern: "[a-z{9}]\\{9}\\u{110000}", atLeast: 3, atMost: 15 },
  { pattern: String.raw`\w{1000}\d{2}`, atLeast: 1000, atMost: 1100 },
  { pattern: String.raw`\p{Greek}{1000}`, atLeast: 1000, atMost: 1100 },
  { pattern: String.raw`[\pL\w]{2}`, atLeast: 20, atMost: 30 },
  { pattern: String.raw`[\x{100}-\x{FFFF}]`, atLeast: 100, atMost: 110 },
  { pattern: String.raw`\x{`.repeat(100), atLeast: 1, atMost: 2 },
  { pattern: String.raw`\p{`.repeat(100), atLeast: 1, atMost: 20 },
];
for (const { pattern, atLeast, atMost } of sizes) {
  t.test(`${JSON.stringify(pattern)} has between ${atLeast} and ${atMost} instructions`, async (t) => {
    const size = programSize(pattern);
    t.ok(size >= atLeast && size <= atMost, String(size));
  });
}

t.test("an expression that becomes too much is not compiled", async (t) => {
  const classes = [
    String.raw`\w{1000}`.repeat(20),
    `(?i)[${String.raw`\pL`.repeat(2000)}]`,
    "(?i)[Ā-\uFFFF]".repeat(500),
  ];
  for (const pattern of ["(a{1,1000}){1,1000}", "[a-z]{1,1000}".repeat(70), "\\pL{1000}".repeat(900), ...classes]) {
    t.match(compileRustRegex(pattern), { state: "unsupported", why: /larger than 10000 instructions/ });
  }
});
