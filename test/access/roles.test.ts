import t from "tap";
import { exemptedAttributes } from "../../lib/access/intent.ts";
import type { GrantRole, Intent } from "../../lib/access/intent.ts";
import {
  boundRoles,
  dangerousRules,
  limitedTarget,
  opensMirrord,
  ownRole,
  ownRoleNames,
  targetRules,
  type LimitedTarget,
} from "../../lib/access/roles.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { saysKept } from "../kept-text.ts";
import { intentWith } from "./grant.ts";

const plain: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] };

const rules: { name: string; rule: PolicyRule; isDangerous: boolean }[] = [
  { name: "plain reads", rule: plain, isDangerous: false },
  ...["escalate", "bind", "impersonate", "impersonate:user-info", "*"].map((verb) => ({
    name: `the verb ${verb}`,
    rule: { ...plain, verbs: ["get", verb] },
    isDangerous: true,
  })),
  {
    name: "verbs that only contain such a word",
    rule: { ...plain, verbs: ["binding", "unbind", "get*"] },
    isDangerous: false,
  },
  { name: "every group", rule: { ...plain, apiGroups: ["apps", "*"] }, isDangerous: true },
  { name: "every resource", rule: { ...plain, resources: ["*"] }, isDangerous: true },
  { name: "a subresource of every resource", rule: { ...plain, resources: ["*/scale"] }, isDangerous: true },
  { name: "every subresource of one", rule: { ...plain, resources: ["pods/*"] }, isDangerous: false },
  { name: "one path", rule: { verbs: ["get"], nonResourceURLs: ["/metrics/*"] }, isDangerous: false },
  { name: "every path", rule: { verbs: ["get"], nonResourceURLs: ["/*"] }, isDangerous: true },
  { name: "every path, as `*`", rule: { verbs: ["get"], nonResourceURLs: ["*"] }, isDangerous: true },
  { name: "names that are wildcards for nobody", rule: { ...plain, resourceNames: ["*"] }, isDangerous: false },
];
for (const { name, rule, isDangerous } of rules)
  t.test(`${name} ${isDangerous ? "needs" : "does not need"} --dangerous`, async (t) => {
    t.same(dangerousRules([plain, rule]), isDangerous ? [rule] : []);
  });

t.test(
  "a role that is no exemption exempts from nothing, whatever stands at the place of the attributes",
  async (t) => {
    t.same(exemptedAttributes("privileged/hostPID"), ["hostPID"]);
    t.equal(exemptedAttributes("clusterrol/hostPID"), undefined);
    t.equal(exemptedAttributes("privileged/hostPID,nothing"), undefined);
  },
);

/** `GROUP RESOURCES VERBS NAMES` of each of its rules. */
const wordsIn = (name: string) =>
  (ownRole(name)?.rules ?? []).map(({ apiGroups, resources, verbs, resourceNames = [] }) =>
    [apiGroups, resources, verbs, resourceNames]
      .map((words) => words?.join(","))
      .join(" ")
      .trim(),
  );
const nativeTypes = [
  ["apps", "deployments,replicasets,statefulsets"],
  ["argoproj.io", "rollouts"],
  ["", "pods,services"],
  ["batch", "cronjobs,jobs"],
];
const native = (verbs: string) => nativeTypes.map(([group, types]) => `${group} ${types} ${verbs}`.trim());
const listClusterPolicies = "policies.mirrord.metalbear.co mirrordclusterpolicies list";
const find = [
  "operator.metalbear.co mirrordoperators get operator",
  "operator.metalbear.co mirrordclusteroperatorusercredentials,mirrordoperators/certificate create",
];
const privileged = (attribute: string) => [`access.kubectl-mirrord.io privilegedattributes use ${attribute}`];
const ownRoles: Record<string, string[]> = {
  reads: [
    ...native("get"),
    "namespaces get",
    "pods list",
    "policies.mirrord.metalbear.co mirrordpolicies list",
    listClusterPolicies,
  ],
  "reads-basic": [listClusterPolicies],
  minimal: [...find, "operator.metalbear.co targets proxy"],
  "minimal-basic": find,
  view: [
    "operator.metalbear.co mirrordoperators get,list",
    "operator.metalbear.co sessions get,list",
    ...native("get,list"),
  ],
  "view-basic": ["operator.metalbear.co mirrordoperators get,list"],
  none: [],
  administrator: ["access.kubectl-mirrord.io grants manage"],
};
for (const name of ownRoleNames) {
  const short = name.slice("mirrord:role:".length);
  t.test(`what the role ${short} of ours gives`, async (t) => {
    const attribute = /^privileged-(.*)$/u.exec(short)?.[1];
    const given = wordsIn(name).toSorted();
    t.same(given, (attribute === undefined ? ownRoles[short] : privileged(attribute))?.toSorted());
  });
}

t.test("no role of ours is missing", async (t) => {
  const unprivileged = ownRoleNames.filter((name) => !name.includes("privileged-"));
  t.same(
    unprivileged.toSorted(),
    Object.keys(ownRoles)
      .map((name) => `mirrord:role:${name}`)
      .toSorted(),
  );
  t.equal(ownRole("mirrord:role:other"), undefined);
});

const roles: GrantRole[] = ["user", "minimal", "view", "clusterrole/dba", "privileged/hostPID,hostPath"];
const variants: Record<string, Partial<Intent>> = {
  "in namespaces": {},
  everywhere: { set: { kind: "all" } },
  "without reads": { reads: false },
  "everywhere, without reads": { set: { kind: "all" }, reads: false },
  "limited to a target": { targets: ["deployment/web"] },
  "limited to a target, without reads": { targets: ["deployment/web"], reads: false },
};
for (const role of roles) {
  t.test(`the roles that a grant of ${role} binds, and where`, async (t) => {
    const bound = Object.entries(variants).map(([name, change]) => [name, boundRoles(intentWith({ role, ...change }))]);
    saysKept(t, import.meta.filename, role, () => Object.fromEntries(bound));
  });
}

t.test("a role without rules of mirrord's is bound alone", async (t) => {
  const alone = (change: Partial<Intent>) =>
    boundRoles(intentWith({ role: "clusterrole/dba", plain: true, ...change }));
  const none = { clusterWide: [], policyReads: [] };
  const carrier = "mirrord:role:none";
  t.same(alone({}), { ...none, main: carrier, namespaced: [["", "dba"]], own: [carrier], needed: ["dba"] });
  // Nothing in namespaces: the one binding is everywhere.
  t.same(alone({ set: { kind: "all" } }).main, "dba");
  t.same(alone({ set: { kind: "all" } }).needed, ["dba"]);
  t.same(alone({ set: { kind: "all" } }).clusterWide, []);
});

const mirrords: { name: string; rules: PolicyRule[]; opens: boolean }[] = [
  { name: "no rules", rules: [], opens: false },
  { name: "pods", rules: [plain], opens: false },
  { name: "a path", rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }], opens: false },
  ...["metalbear.co", "operator.metalbear.co", "policies.mirrord.metalbear.co", "*"].map((group) => ({
    name: `the group ${group}, among others`,
    rules: [plain, { ...plain, apiGroups: ["apps", group] }],
    opens: true,
  })),
  ...["metalbear.co.example", "notmetalbear.co", "operator.metalbear.com", "metalbearxco"].map((group) => ({
    name: `the group ${group}`,
    rules: [{ ...plain, apiGroups: [group] }],
    opens: false,
  })),
];
for (const { name, rules: held, opens } of mirrords) {
  t.test(`${name}: ${opens ? "something" : "nothing"} of mirrord's`, async (t) => t.equal(opensMirrord(held), opens));
}

const web = { kind: "deployment", name: "web" } as const;
const webObject: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: { template: { spec: { containers: [{ name: "main" }, { name: "side" }] } } },
};
const shop = { kind: "rollout", name: "shop" } as const;
const shopObject: KubernetesObject = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  metadata: { name: "shop" },
  spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web-template" } },
};

t.test("a limit is to the containers of today, and to where a Rollout has its pods from", async (t) => {
  t.same(limitedTarget(web, webObject), { target: web, containers: ["main", "side"] });
  t.same(limitedTarget(web, undefined), { target: web, containers: [] });
  t.match(limitedTarget(shop, shopObject), {
    target: shop,
    containers: { length: 0 },
    reference: { group: "apps", resource: "deployments", name: "web-template" },
  });
});

const nothingMore = { profiles: false, reads: false, copies: false };
const limits: { name: string; targets: LimitedTarget[]; options: Partial<typeof nothingMore> }[] = [
  { name: "one target", targets: [limitedTarget(web, webObject)], options: {} },
  { name: "one target that is not there yet", targets: [limitedTarget(web, undefined)], options: {} },
  { name: "with profiles", targets: [limitedTarget(web, undefined)], options: { profiles: true } },
  { name: "with copies", targets: [limitedTarget(web, undefined)], options: { copies: true } },
  { name: "with reads", targets: [limitedTarget(web, undefined)], options: { reads: true } },
  {
    name: "several, with all",
    targets: [
      limitedTarget(web, webObject),
      limitedTarget(shop, shopObject),
      limitedTarget({ kind: "deployment", name: "api" }, undefined),
      limitedTarget({ kind: "pod", name: "web-0" }, undefined),
    ],
    options: { profiles: true, copies: true, reads: true },
  },
];
for (const { name, targets, options } of limits) {
  t.test(`the rules of a limited grant: ${name}`, async (t) => {
    saysKept(t, import.meta.filename, `limit: ${name}`, () => targetRules(targets, { ...nothingMore, ...options }));
  });
}
