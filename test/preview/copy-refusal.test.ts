// A copy of a privileged target is made by the operator, which the secure defaults refuse it.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import { ownRole } from "../../lib/access/roles.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { previewMatrix } from "../../lib/preview/matrix.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import { allRights, NAMESPACE, namespace, object, operator, user } from "./objects.ts";

const now = new Date("2026-11-22T12:00:00Z");
const as = { name: "jim", groups: [], groupsGiven: true };

const web = (spec: object) =>
  object(
    "apps/v1",
    "Deployment",
    "web",
    {
      spec: { replicas: 1, template: { spec: { containers: [{ name: "app", ...spec }] } } },
      status: { availableReplicas: 1 },
    },
    NAMESPACE,
  );
const privileged = web({ securityContext: { privileged: true } });
const binding = (...validationActions: string[]) =>
  object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "kubectl-mirrord-defaults-pods", {
    spec: { validationActions },
  });
const RBAC = "rbac.authorization.k8s.io";
const exempt = (role: KubernetesObject | undefined): KubernetesObject[] => [
  ...(role === undefined ? [] : [role]),
  {
    ...object(`${RBAC}/v1`, "RoleBinding", "exempt", {}, NAMESPACE),
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role?.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: "mirrord-operator", namespace: "mirrord" }],
  },
];
const wildcard = object(`${RBAC}/v1`, "ClusterRole", "all", {
  rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
});

const cases: {
  name: string;
  objects: KubernetesObject[];
  action?: Action;
  more?: FakeOptions;
  want: Answer;
  reason?: RegExp;
}[] = [
  {
    name: "enforced",
    objects: [privileged, binding("Deny")],
    want: "no",
    reason:
      /^a copy of the target would have containers\[app\]\.privileged, which the secure defaults refuse the operator in /,
  },
  { name: "a copy that scales down", objects: [privileged, binding("Deny")], action: "copy-scale-down", want: "no" },
  { name: "the target itself", objects: [privileged, binding("Deny")], action: "steal", want: "yes" },
  { name: "a target without such options", objects: [web({}), binding("Deny")], want: "yes" },
  { name: "only audited", objects: [privileged, binding("Audit", "Warn")], want: "yes" },
  { name: "not installed", objects: [privileged], want: "yes" },
  {
    name: "not to be read",
    objects: [privileged, binding("Deny")],
    more: { forbidden: ["validatingadmissionpolicybindings"] },
    want: "unknown",
    reason: /you may not read whether the secure defaults refuse that/,
  },
  {
    name: "an operator that is exempt there",
    objects: [privileged, binding("Deny"), ...exempt(ownRole("mirrord:role:privileged-privileged"))],
    want: "yes",
  },
  {
    name: "an operator that holds a wildcard there",
    objects: [privileged, binding("Deny"), ...exempt(wildcard)],
    want: "no",
  },
  {
    name: "an operator that nobody may ask about",
    objects: [privileged, binding("Deny")],
    more: {
      answer: (_question, { name }) =>
        name.includes("mirrord-operator") ? { answer: "unknown", reason: "" } : { answer: "yes", reason: "" },
    },
    want: "unknown",
    reason: /unless it is exempt there, which you may not ask/,
  },
];
for (const { name, objects, action = "copy", more = {}, want, reason = /^/ } of cases) {
  t.test(`a session of ${action}, secure defaults: ${name}: ${want}`, async (t) => {
    const cluster = fakeCluster({ objects: [namespace(), operator(), ...allRights(user("jim")), ...objects], ...more });
    const question = { action, target: parseTarget("deploy/web"), namespace: NAMESPACE };
    const { verdict } = await previewSession(cluster, question, { as, explain: false, now });
    t.equal(verdict.answer, want, verdict.reason);
    t.match(verdict.reason, reason);
    const { rows } = await previewMatrix(cluster, { as, namespace: NAMESPACE, actions: [action], now });
    t.match(rows.find(({ target }) => target.kind === "deployment")?.cells[action], {
      answer: want,
      reason: verdict.reason,
    });
  });
}

t.test("a target without such options costs no request more", async (t) => {
  const cluster = fakeCluster({ objects: [namespace(), operator(), ...allRights(user("jim")), web({})] });
  const question = { action: "copy" as const, target: parseTarget("deploy/web"), namespace: NAMESPACE };
  await previewSession(cluster, question, { as, explain: false, now });
  t.notOk(cluster.reads.some((read) => read.includes("validatingadmissionpolic")));
});
