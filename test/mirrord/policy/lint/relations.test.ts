// Of two policies, which hides the other, and which pairs leave no profile: every pair of a few.
import t from "tap";
import type { LintContext } from "../../../../lib/mirrord/policy/lint/finding.ts";
import { relationFindings } from "../../../../lib/mirrord/policy/lint/relations.ts";
import type { MirrordPolicy } from "../../../../lib/mirrord/policy.ts";
import { saysKept } from "../../../kept-text.ts";
import { clusterPolicy, policy } from "../../policy-fixtures.ts";

const none: LintContext = { schemas: new Map() };
const inShop = (spec: Record<string, unknown>) => policy(spec, { name: "other", namespace: "shop" });
const steal = { block: ["steal"] };
const labels = (tier: string) => ({ selector: { matchLabels: { tier } } });

const pairs: [what: string, one: MirrordPolicy, other: MirrordPolicy][] = [
  ["the same twice", policy(steal), inShop(steal)],
  ["the same for the cluster", policy(steal), clusterPolicy(steal, "other")],
  ["the same elsewhere", policy(steal), policy(steal, { name: "other", namespace: "bank" })],
  ["one that blocks more", policy({ block: ["steal-without-filter"] }), inShop(steal)],
  ["one that blocks less", policy(steal), inShop({ block: ["steal-without-filter"] })],
  ["one that blocks something else", policy(steal), inShop({ block: ["mirror"] })],
  ["one on fewer labels", policy(steal), inShop({ ...steal, ...labels("web") })],
  ["one on all labels", policy({ ...steal, ...labels("web") }), inShop({ ...steal, selector: {} })],
  ["one on the same labels", policy({ ...steal, ...labels("web") }), inShop({ ...steal, ...labels("web") })],
  ["one on other labels", policy({ ...steal, ...labels("web") }), inShop({ ...steal, ...labels("db") })],
  ["one on every path", policy({ ...steal, targetPath: "deploy/web" }), inShop({ ...steal, targetPath: "*" })],
  ["one without a path", policy({ ...steal, targetPath: "deploy/web" }), inShop(steal)],
  ["one on any path where this has none", policy(steal), inShop({ ...steal, targetPath: "**" })],
  [
    "one on paths that begin alike",
    policy({ ...steal, targetPath: "deploy/web" }),
    inShop({ ...steal, targetPath: "deploy/w*" }),
  ],
  [
    "one on paths with a question mark",
    policy({ ...steal, targetPath: "deploy/web" }),
    inShop({ ...steal, targetPath: "deploy/we?" }),
  ],
  ["one that cannot be read", policy(steal), inShop({ ...steal, selector: { matchLabels: { a: 1 } } })],
  ["one that this one cannot be compared with", policy({ ...steal, selector: "x" }), inShop(steal)],
  ["one without limits", policy(steal), inShop({})],
  ["nothing beside one without limits", policy({}), inShop(steal)],
  ["a filter beside a block", policy({ network: { incoming: { httpFilter: { headerFilter: "a" } } } }), inShop(steal)],
  [
    "no filter beside a filter",
    policy({ block: ["steal-without-filter"] }),
    inShop({ network: { incoming: { httpFilter: { headerFilter: "a" } } } }),
  ],
  ["hidden files", policy({ fs: { notFound: ["a"] } }), inShop({ fs: { notFound: ["a", "b"] } })],
  ["other hidden files", policy({ fs: { notFound: ["a"] } }), inShop({ fs: { notFound: ["b"] } })],
  ["profiles without one in both", policy({ profileAllowlist: ["a"] }), inShop({ profileAllowlist: ["b"] })],
  ["profiles with one in both", policy({ profileAllowlist: ["a", "c"] }), inShop({ profileAllowlist: ["b", "c"] })],
  ["an empty list of profiles", policy({ profileAllowlist: ["a"] }), inShop({ profileAllowlist: [] })],
  [
    "profiles elsewhere",
    policy({ profileAllowlist: ["a"] }),
    policy({ profileAllowlist: ["b"] }, { name: "other", namespace: "bank" }),
  ],
  ["profiles of the cluster", policy({ profileAllowlist: ["a"] }), clusterPolicy({ profileAllowlist: ["b"] }, "other")],
];
for (const [what, one, other] of pairs) {
  t.test(`a policy beside ${what}`, async (t) => {
    const all = [one, other];
    saysKept(t, import.meta.filename, what, () => ({
      this: relationFindings(one, all, none),
      other: relationFindings(other, all, none),
    }));
    saysKept(t, import.meta.filename, `${what}, the other first`, () => relationFindings(one, [other, one], none));
  });
}

t.test("profiles that are not there are named once, where profiles could be listed", async (t) => {
  const one = policy({ profileAllowlist: ["a", "b", "b", "c"] });
  saysKept(t, import.meta.filename, "unknown profiles", () =>
    relationFindings(one, [one], { ...none, profiles: new Set(["a"]) }),
  );
  t.same(relationFindings(one, [one], none), []);
  t.same(relationFindings(one, [one], { ...none, profiles: new Set(["a", "b", "c"]) }), []);
});
