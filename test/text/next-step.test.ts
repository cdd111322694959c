import t from "tap";
import { fixesInPlace, nextStep, nextSteps } from "../../lib/text/next-step.ts";

const cases: [line: string, manifests: string[], want: string][] = [
  [
    "Make it: kubectl mirrord grant collection create prod",
    [],
    "Make it: kubectl mirrord grant collection create prod",
  ],
  [
    "Make it: kubectl mirrord grant collection create prod",
    ["./cluster"],
    "Make it: kubectl mirrord grant collection create prod --manifests ./cluster",
  ],
  ["See: kubectl mirrord audit", ["a", "b c"], "See: kubectl mirrord audit --manifests a --manifests 'b c'"],
  ["See: kubectl mirrord grant list --manifests x", ["y"], "See: kubectl mirrord grant list --manifests x"],
  ["See 'kubectl mirrord grant list --help' for usage.", ["x"], "See 'kubectl mirrord grant list --help' for usage."],
  ["The operator brings it: kubectl mirrord install", ["x"], "The operator brings it: kubectl mirrord install"],
  ["Run kubectl mirrord grant sync, or wait.", ["x"], "Run kubectl mirrord grant sync, or wait."],
  [
    "To enforce it in a cluster: kubectl mirrord grant sync",
    ["x"],
    "To enforce it in a cluster: kubectl mirrord grant sync",
  ],
  ["Add --cascade to take them along.", ["x"], "Add --cascade to take them along."],
];
for (const [line, manifests, want] of cases)
  t.test(`${line} [${manifests.join(", ")}]`, async (t) => {
    t.equal(nextStep(line, manifests), want);
  });

t.test("the fixes of findings are next steps, and the rest of a finding stays", async (t) => {
  const found = [
    { rule: "missing", fix: "Run: kubectl mirrord grant sync" },
    { rule: "other", fix: "Take it out." },
  ];
  t.same(fixesInPlace(found, ["x"]), [
    { rule: "missing", fix: "Run: kubectl mirrord grant sync --manifests x" },
    found[1],
  ]);
  t.same(fixesInPlace(found), found);
});

t.test("kubectl is not told to look into a folder", async (t) => {
  const look = ["See what is there: kubectl get namespaces", "Add --force to prepare a grant for it beforehand."];
  t.same(nextSteps(look), look);
  t.same(nextSteps(look, []), look);
  t.same(nextSteps(look, ["x"]), [look[1]]);
  t.same(nextSteps(["See: kubectl mirrord audit", "Look at it: kubectl describe role a -n b"], ["x"]), [
    "See: kubectl mirrord audit --manifests x",
  ]);
});

t.test("a line in which a name repeats a command very many times", async (t) => {
  const repeated = "Take it from kubectl mirrord grant ".repeat(50_000);
  const look = "See: kubectl get ".repeat(100_000);
  for (const line of [`${repeated}.`, `${repeated}\n`, `${repeated} --help`]) t.equal(nextStep(line, ["x"]), line);
  t.ok(nextStep(`${repeated}sync`, ["x"]).endsWith("grant sync --manifests x"));
  t.same(nextSteps([`${look}| head`, look], ["x"]), [`${look}| head`]);
});
