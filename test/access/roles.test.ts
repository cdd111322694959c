import t from "tap";
import { exemptedAttributes } from "../../lib/access/intent.ts";
import { dangerousRules, ownRole, ownRoleNames } from "../../lib/access/roles.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

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
