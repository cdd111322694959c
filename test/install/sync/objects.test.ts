import t from "tap";
import { accessModel, operatorRoles } from "../../../lib/access/names.ts";
import { ownRole, ownRoleNames } from "../../../lib/access/roles.ts";
import { bindableRoles } from "../../../lib/access/sync-role.ts";
import { judgeSync, syncAccount } from "../../../lib/access/sync-job.ts";
import { syncObjects, syncReferences } from "../../../lib/install/sync/objects.ts";
import { cronJobImage } from "../../../lib/install/sync/read.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { uncovered } from "../../../lib/rbac/covers.ts";
import { roleRules } from "../../../lib/rbac/decode.ts";

const objects = syncObjects({ image: "registry/sync:1", bindable: ["dba"] });
const named = (kind: string, name: string): KubernetesObject => {
  const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const role = named("ClusterRole", accessModel.sync.role);
const job = named("CronJob", accessModel.sync.name);

t.test("the CronJob is the one that counts, and runs as the account that is bound", async (t) => {
  t.same(syncAccount(job), { kind: "ServiceAccount", namespace: "mirrord-access", name: "mirrord-access" });
  t.match(judgeSync(job, "yes"), { runs: true });
  t.equal(cronJobImage(job), "registry/sync:1");
  for (const [binding, bound] of [
    ["mirrord-access-sync", "mirrord-access-sync"],
    ["mirrord-access-sync:user", operatorRoles.user],
  ] as const) {
    t.match(named("ClusterRoleBinding", binding), {
      roleRef: { name: bound },
      subjects: [{ kind: "ServiceAccount", name: "mirrord-access", namespace: "mirrord-access" }],
    });
  }
});

t.test("it never says yes for somebody", async (t) => {
  t.same(JSON.stringify(job).match(/"args":\[[^\]]*\]/)?.[0], '"args":["grant","sync"]');
});

t.test("it holds what it writes into the roles of this project", async (t) => {
  for (const name of ownRoleNames) t.same(uncovered(roleRules(role), roleRules(ownRole(name) ?? role)), [], name);
});

t.test("it binds by name: the operator's roles, this project's, and those that were given", async (t) => {
  const names = [...Object.values(operatorRoles), ...ownRoleNames, "dba"];
  t.same(bindableRoles(role), names.toSorted());
});

t.test("it holds nothing by which it could give itself more", async (t) => {
  const rules = roleRules(role);
  t.notOk(rules.some(({ verbs }) => ["*", "escalate", "impersonate", "update"].some((verb) => verbs.includes(verb))));
  t.notOk(rules.some(({ resources = [], apiGroups = [] }) => resources.includes("*") || apiGroups.includes("*")));
  t.notOk(rules.some(({ resources = [] }) => resources.includes("secrets")));
  const unnamed = rules.filter(({ verbs, resourceNames }) => verbs.includes("bind") && resourceNames === undefined);
  t.same(unnamed, []);
  const roles = rules.filter(
    ({ resources = [], verbs }) => resources.includes("clusterroles") && verbs.includes("patch"),
  );
  t.same(
    roles.map(({ resourceNames }) => resourceNames),
    [ownRoleNames.toSorted()],
    "of ClusterRoles it writes this project's own",
  );
});

t.test("every object says which part it belongs to, but the namespace, which is shared", async (t) => {
  t.same(
    objects.map(({ kind, metadata }) => [kind, metadata.labels?.["kubectl-mirrord.io/component"]]),
    [
      ["Namespace", undefined],
      ["ServiceAccount", "sync"],
      ["ClusterRole", "sync"],
      ["ClusterRoleBinding", "sync"],
      ["ClusterRoleBinding", "sync"],
      ["CronJob", "sync"],
    ],
  );
  t.same(
    syncReferences().map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    objects.slice(1).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  );
});

t.test("what it reads and writes beside the rules of this project's roles, and nothing more", async (t) => {
  const held = new Set(
    ownRoleNames.flatMap((name) => roleRules(ownRole(name) ?? role)).map((each) => JSON.stringify(each)),
  );
  const words = roleRules(role)
    .filter((each) => !held.has(JSON.stringify(each)) && !each.verbs.includes("bind"))
    .map(({ apiGroups = [], resources = [], verbs }) =>
      [apiGroups, resources, verbs].map((all) => all.join()).join(" "),
    );
  const write = "get,list,watch,create,patch,delete";
  t.same(words, [
    `rbac.authorization.k8s.io clusterrolebindings,rolebindings,roles ${write}`,
    "rbac.authorization.k8s.io clusterroles get,list,watch",
    "rbac.authorization.k8s.io clusterroles create,patch",
    `batch jobs ${write}`,
    " namespaces get,list,watch,patch",
    "admissionregistration.k8s.io validatingadmissionpolicies,validatingadmissionpolicybindings get",
    "access.kubectl-mirrord.io organizations get,list,watch",
  ]);
});
