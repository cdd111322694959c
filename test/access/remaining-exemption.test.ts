import t from "tap";
import { exemptionQuestions, remainingExemption, type LostExemption } from "../../lib/access/remaining-exemption.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { ownRole } from "../../lib/access/roles.ts";

const lost: LostExemption = {
  subject: { kind: "User", name: "jim" },
  namespace: "dev",
  attributes: ["hostPID", "privileged"],
};

const binding = (kind: "User" | "Group", name: string): KubernetesObject[] => [
  ownRole("mirrord:role:privileged-hostPID") as KubernetesObject,
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "other", namespace: "dev" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord:role:privileged-hostPID" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind, name }],
  },
];

const cases: {
  name: string;
  answers: Answer[];
  objects?: KubernetesObject[];
  unreadable?: string[];
  subject?: LostExemption["subject"];
  want: object;
}[] = [
  {
    name: "nothing allows it",
    answers: ["no", "no", "no"],
    want: { state: "gone", exempted: ["hostPID", "privileged"] },
  },
  {
    name: "another binding allows one",
    answers: ["yes", "no", "no"],
    objects: binding("User", "jim"),
    want: { state: "remains", exempted: ["hostPID"], through: ["rolebinding/other"] },
  },
  { name: "a wildcard is no exemption", answers: ["yes", "yes", "yes"], want: { state: "gone" } },
  {
    name: "what could not be asked is not gone",
    answers: ["no", "unknown", "no"],
    want: { state: "unknown", reason: "why" },
  },
  {
    name: "a group that the user may be in",
    answers: ["no", "no", "no"],
    objects: binding("Group", "ops"),
    want: { state: "may-remain", groups: ["ops"] },
  },
  {
    name: "a service account is in no such group",
    answers: ["no", "no", "no"],
    objects: binding("Group", "ops"),
    subject: { kind: "ServiceAccount", namespace: "dev", name: "x" },
    want: { state: "gone" },
  },
  {
    name: "groups that may not be listed",
    answers: ["no", "no", "no"],
    unreadable: ["rolebindings"],
    want: { state: "unknown", reason: /rolebindings/ },
  },
];
for (const { name, answers, objects = [], unreadable = [], subject = lost.subject, want } of cases)
  t.test(name, async (t) => {
    const seen = { engine: authorizer(objects), rbac: { objects, unreadable } };
    const given = answers.map((answer) => ({ answer, reason: "why" }));
    t.match(remainingExemption({ ...lost, subject }, given, seen), want);
  });

t.test("each attribute is asked about, and the name that no exemption gives", async (t) => {
  t.match(exemptionQuestions(lost), [
    { name: "hostPID", namespace: "dev", verb: "use" },
    { name: "privileged" },
    { name: "not-an-exemption" },
  ]);
});
