import fc from "fast-check";
import t from "tap";
import { pathPatternCovers, uncovered } from "../../lib/rbac/covers.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { resourceRule } from "./generate-world.ts";
import { steps } from "../steps.ts";
import { random } from "./random.ts";
import { canonical } from "./canonical.ts";
import { vectors } from "./vectors.ts";

const covers = (owner: readonly PolicyRule[], servant: readonly PolicyRule[]) => uncovered(owner, servant).length === 0;
const sorted = (rules: readonly PolicyRule[]): string[] => rules.map((rule) => canonical(rule)).toSorted();

for (const { name, owner, servant, uncovered: missing, covered } of vectors("covers")) {
  t.test(`upstream: ${name}`, async (t) => {
    t.equal(covers(owner, servant), covered);
    t.same(sorted(uncovered(owner, servant)), sorted(missing));
  });
}

for (const [owner, servant, covered] of vectors("path-covers")) {
  t.test(`upstream: ${owner} ${covered ? "covers" : "does not cover"} ${servant}`, async (t) => {
    t.equal(pathPatternCovers(owner, servant), covered);
  });
}

const get = (resource: string, more: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: [""],
  resources: [resource],
  verbs: ["get"],
  ...more,
});

const cases: { name: string; owner: PolicyRule[]; servant: PolicyRule[]; want: boolean }[] = [
  {
    name: "names held in two rules cover both names in one",
    owner: [get("secrets", { resourceNames: ["a"] }), get("secrets", { resourceNames: ["b"] })],
    servant: [get("secrets", { resourceNames: ["a", "b"] })],
    want: true,
  },
  {
    name: "names do not cover all names",
    owner: [get("secrets", { resourceNames: ["a"] })],
    servant: [get("secrets")],
    want: false,
  },
  {
    name: "the empty name does not cover all names",
    owner: [get("secrets", { resourceNames: [""] })],
    servant: [get("secrets")],
    want: false,
  },
  {
    name: "a star after a star and a slash covers the literal star of one resource",
    owner: [get("*/*")],
    servant: [get("deployments/*")],
    want: true,
  },
  { name: "but no other subresource of it", owner: [get("*/*")], servant: [get("deployments/status")], want: false },
  {
    name: "a subresource of one resource does not cover that of all",
    owner: [get("x/scale")],
    servant: [get("*/scale")],
    want: false,
  },
  {
    name: "all eight verbs do not cover the star",
    owner: [
      get("pods", { verbs: ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"] }),
    ],
    servant: [get("pods", { verbs: ["*"] })],
    want: false,
  },
  {
    name: "a rule without resources grants nothing to cover",
    owner: [],
    servant: [{ apiGroups: [""], verbs: ["get"] }],
    want: true,
  },
  {
    name: "a path in an owner rule that also has names is not held",
    owner: [{ resourceNames: ["a"], nonResourceURLs: ["/x"], verbs: ["get"] }],
    servant: [{ nonResourceURLs: ["/x"], verbs: ["get"] }],
    want: false,
  },
];

for (const { name, owner, servant, want } of cases) {
  t.test(name, async (t) => t.equal(covers(owner, servant), want));
}

t.test("rules cover themselves, and with what is missing all is covered", async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1 }), (seed) => {
      const choices = random(seed);
      const [owner, servant] = [[resourceRule(choices), resourceRule(choices)], [resourceRule(choices)]];
      const missing = uncovered(owner, servant);
      return covers(servant, servant) && covers([...owner, ...missing], servant) && covers(servant, missing);
    }),
  );
});

t.test("ten times the rules on both sides are ten times the work", async (t) => {
  const rules = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      apiGroups: [""],
      resources: [`kind-${at}`],
      verbs: ["get", "list"],
    }));
  const work = (count: number) =>
    steps(import.meta.resolve("../../lib/rbac/covers.ts"), "uncovered", rules(count), rules(count + 1));
  const [few, many] = [await work(80), await work(800)];
  t.ok(many < 11 * few, `${few} steps, then ${many}`);
});
