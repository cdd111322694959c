import t from "tap";
import { bindingPolicies, matchesGlob, matchesSelector, parsePolicy, scaleDownBlocker } from "./policies.ts";
import type { PolicyTarget } from "./policies.ts";

const globs: { glob: string; text: string; matches: boolean }[] = [
  { glob: "*", text: "deploy/web", matches: true },
  { glob: "", text: "", matches: true },
  { glob: "", text: "a", matches: false },
  { glob: "deploy/web", text: "deploy/web", matches: true },
  { glob: "deploy/web", text: "deploy/web/container/app", matches: false },
  { glob: "deploy/web*", text: "deploy/web/container/app", matches: true },
  { glob: "deploy/web*", text: "deploy/web-1", matches: true },
  { glob: "deploy/w?b", text: "deploy/web", matches: true },
  { glob: "deploy/we?", text: "deploy/we", matches: false },
  { glob: "*/web", text: "deploy/web", matches: true },
  { glob: "*web*", text: "deploy/my-web-2", matches: true },
  { glob: "deployment/web", text: "deploy/web", matches: false },
  { glob: "a*b*c", text: "axxbxxbc", matches: true },
  { glob: "a*b*c", text: "axxbxx", matches: false },
  { glob: "deploy.web", text: "deploy/web", matches: false },
  { glob: "[ad]*", text: "deploy/web", matches: false },
  { glob: "targetless", text: "targetless", matches: true },
];
for (const { glob, text, matches } of globs) {
  t.test(`${glob} ${matches ? "matches" : "does not match"} ${text}`, async (t) =>
    t.equal(matchesGlob(glob, text), matches),
  );
}

t.test("a glob of many stars takes no exponential time", async (t) => {
  t.notOk(matchesGlob("*a".repeat(30) + "b", "a".repeat(3000)));
});

const labels = { app: "web", tier: "payments" };
const selectors: { selector: Record<string, unknown>; matches: boolean }[] = [
  { selector: {}, matches: true },
  { selector: { matchLabels: { app: "web" } }, matches: true },
  { selector: { matchLabels: { app: "web", tier: "front" } }, matches: false },
  { selector: { matchLabels: { toString: "x" } }, matches: false },
  { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }, matches: true },
  { selector: { matchExpressions: [{ key: "env", operator: "In", values: ["web"] }] }, matches: false },
  { selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, matches: false },
  { selector: { matchExpressions: [{ key: "env", operator: "NotIn", values: ["web"] }] }, matches: true },
  { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] }, matches: true },
  { selector: { matchExpressions: [{ key: "env", operator: "Exists" }] }, matches: false },
  { selector: { matchExpressions: [{ key: "env", operator: "DoesNotExist" }] }, matches: true },
  { selector: { matchExpressions: [{ key: "app", operator: "Gt", values: ["1"] }] }, matches: false },
  {
    selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
    matches: false,
  },
];
for (const { selector, matches } of selectors) {
  t.test(`${JSON.stringify(selector)} ${matches ? "selects" : "does not select"}`, async (t) =>
    t.equal(matchesSelector(selector, labels), matches),
  );
}

function policy(name: string, spec: Record<string, unknown>) {
  return parsePolicy({ metadata: { name }, spec: { block: [], ...spec } });
}

const web: PolicyTarget = { path: "deploy/web", labels: [labels], copied: false };
const policies = [
  policy("all", {}),
  policy("by-path", { targetPath: "deploy/w*" }),
  policy("by-label", { selector: { matchLabels: { app: "web" } } }),
  policy("by-both", { targetPath: "deploy/db", selector: { matchLabels: { app: "web" } } }),
  policy("other-label", { targetPath: "*", selector: { matchLabels: { app: "db" } } }),
  policy("copies-too", { appliesToCopyTargets: true }),
];
const names = (target: PolicyTarget) => bindingPolicies(policies, target).map(({ name }) => name);

t.test("a policy binds when everything that it selects by matches", async (t) => {
  t.same(names(web), ["all", "by-path", "by-label", "copies-too"]);
});

t.test("a copy is bound only by policies that say so", async (t) => {
  t.same(names({ ...web, copied: true }), ["copies-too"]);
});

t.test("a label target is bound when any of its pods is selected", async (t) => {
  t.ok(names({ ...web, labels: [{ app: "db" }, { app: "web" }] }).includes("by-label"));
  t.notOk(names({ ...web, labels: [{ app: "db" }] }).includes("by-label"));
});

t.test("scaling down is blocked for copies whether or not the policy applies to copies", async (t) => {
  const blocker = policy("no-scale-down", { targetPath: "deploy/web", block: ["copy-target-scale-down"] });
  t.equal(scaleDownBlocker([...policies, blocker], { ...web, copied: true })?.name, "no-scale-down");
  t.equal(scaleDownBlocker([blocker], { ...web, path: "deploy/db", copied: true }), undefined);
});

t.test("unset and null fields ask for nothing", async (t) => {
  const network = { incoming: { httpFilter: { headerFilter: null } } };
  const empty = policy("p", { targetPath: null, selector: null, profileAllowlist: null, network });
  t.match(empty, { targetPath: undefined, selector: undefined, headerFilter: undefined, profileAllowlist: undefined });
});
