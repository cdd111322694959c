import t from "tap";
import { policyExpressions } from "../../../../lib/mirrord/policy/lint/expressions.ts";
import { matchesEverything, matchesNothing } from "../../../../lib/mirrord/policy/lint/regex.ts";
import { readPolicy } from "../../../../lib/mirrord/policy/spec.ts";
import { compileRustRegex } from "../../../../lib/mirrord/policy/rust-regex.ts";
import { random } from "../../../rbac/random.ts";
import { policy } from "../../policy-fixtures.ts";

function expression(text: string, subject: "header" | "file" | "hostname" = "header") {
  const regex = compileRustRegex(text);
  const find = regex.state === "ready" ? regex.find : () => "unknown" as const;
  return { path: "", text, subject, state: regex.state, find };
}

const cases: { text: string; subject?: "header" | "file" | "hostname"; want: "everything" | "nothing" | "some" }[] = [
  { text: "", want: "everything" },
  { text: ".*", want: "everything" },
  { text: "^", want: "everything" },
  { text: "^.*$", want: "everything" },
  { text: "a?", want: "everything" },
  { text: "a|", want: "everything" },
  { text: ".+", want: "some" },
  { text: "^$", want: "some" },
  { text: "^x-user: .+$", want: "some" },
  { text: "a^", want: "nothing" },
  { text: "$a", want: "nothing" },
  { text: "a^|$b", want: "nothing" },
  { text: "a^|b", want: "some" },
  { text: "a*^", want: "everything" },
  { text: "a{0,3}^b", want: "some" },
  { text: "a{1,3}^b", want: "nothing" },
  ...["sS", "Ss", "dD", "Dd"].map((pair) => ({
    text: `[^${[...pair].map((letter) => `\\${letter}`).join("")}]`,
    want: "nothing" as const,
  })),
  { text: String.raw`[^\s\S]*`, want: "everything" },
  { text: String.raw`\$a`, want: "some" },
  { text: "[$]a", want: "some" },
  { text: "(?m)a$b", want: "some" },
  { text: "(a|^)b", want: "some" },
  { text: String.raw`\b^a`, want: "some" },
  { text: "^etc", subject: "file", want: "nothing" },
  { text: "^/etc", subject: "file", want: "some" },
  { text: "etc", subject: "file", want: "some" },
  { text: "^e?tc", subject: "file", want: "some" },
  { text: String.raw`^acme\.example$`, subject: "hostname", want: "some" },
  { text: "https://acme", subject: "hostname", want: "nothing" },
  { text: "acme:443", subject: "hostname", want: "nothing" },
  { text: "acme(:443)?", subject: "hostname", want: "some" },
  { text: "(", want: "some" },
];

for (const { text, subject, want } of cases)
  t.test(`${JSON.stringify(text)} matches ${want} as a ${subject ?? "header"}`, async (t) => {
    const one = expression(text, subject);
    t.equal(matchesEverything(one), want === "everything");
    t.equal(matchesNothing(one) !== undefined, want === "nothing");
  });

t.test("what is said to match nothing is never seen to match", async (t) => {
  const source = random(11);
  const pieces = [
    "a",
    "b",
    ".",
    "^",
    "$",
    "[ab]",
    "a*",
    "b?",
    "(a|b)",
    "(^a)",
    "($)?",
    "|",
    String.raw`\b`,
    String.raw`[^\s\S]`,
    "x{0}",
    "a{2}",
  ];
  const letters = ["a", "b", "x", " ", "\n", ""];
  let claimed = 0;
  for (let round = 0; round < 4_000; round += 1) {
    const one = expression(Array.from({ length: 1 + source.below(4) }, () => source.pickAny(pieces)).join(""));
    if (one.state !== "ready" || matchesNothing(one) === undefined) continue;
    claimed += 1;
    for (let tries = 0; tries < 30; tries += 1) {
      const text = Array.from({ length: source.below(5) }, () => source.pickAny(letters)).join("");
      if (one.find(text) === "yes") t.fail(`${one.text} matches ${JSON.stringify(text)}`);
    }
  }
  t.ok(claimed > 200, `${claimed} claims`);
});

t.test("every expression of a policy is found, with its place", async (t) => {
  const found = policyExpressions(
    readPolicy(
      policy({
        fs: { local: ["a", 3], notFound: ["b"], readOnly: ["("] },
        network: {
          incoming: { httpFilter: { headerFilter: "c" } },
          outgoing: { allow: [{}, { hostname: "d" }], block: [{ hostname: null }] },
        },
      }),
    ),
  );
  t.same(
    found.map(({ path, text, state }) => `${path} ${text} ${state}`),
    [
      "spec.network.incoming.httpFilter.headerFilter c ready",
      "spec.fs.local[0] a ready",
      "spec.fs.notFound[0] b ready",
      "spec.fs.readOnly[0] ( invalid",
      "spec.network.outgoing.allow[1].hostname d ready",
    ],
  );
});
