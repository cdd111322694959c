import t from "tap";
import { selfEnrolment } from "../../lib/access/self-enrolment.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const role = (name: string, group: string, resource: string, ...verbs: string[]): KubernetesObject => ({
  apiVersion,
  kind: "ClusterRole",
  metadata: { name },
  rules: [{ apiGroups: [group], resources: [resource], verbs }],
});
const bound = (to: string, subject: object, namespace?: string): KubernetesObject => ({
  apiVersion,
  kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name: `${to}-${JSON.stringify(subject)}`, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup, kind: "ClusterRole", name: to },
  subjects: [subject],
});
const user = (name: string) => ({ kind: "User", apiGroup, name });

const roles = [
  role("all", "*", "*", "*"),
  role("binds", apiGroup, "rolebindings", "patch"),
  role("labels", "", "namespaces", "update"),
  role("jobs", "batch", "jobs", "patch"),
];

t.test("who could give himself access, by each way; administrators and Kubernetes' own are none", async (t) => {
  const objects = [
    ...roles,
    bound("all", user("root")),
    bound("all", { kind: "Group", apiGroup, name: "system:masters" }),
    bound("binds", { kind: "ServiceAccount", name: "gc", namespace: "kube-system" }),
    bound("binds", user("root")),
    bound("binds", user("jim"), "shop"),
    bound("binds", user("jim"), "dev"),
    bound("labels", { kind: "Group", apiGroup, name: "web" }),
    bound("labels", { kind: "Group", apiGroup, name: "web" }, "shop"),
  ];
  t.same(selfEnrolment({ objects, unreadable: [] }), [
    "write bindings to roles of mirrord: user jim in shop and 1 more",
    "put namespaces into collections: group web",
    "put themselves into teams: nobody but administrators of the cluster",
    "keep access past its end: nobody but administrators of the cluster",
  ]);
});

t.test("many are counted", async (t) => {
  const many = ["a", "b", "c", "d", "e", "f", "g"].map((name) => bound("jobs", user(name)));
  t.match(
    selfEnrolment({ objects: [...roles, ...many], unreadable: [] })[3],
    "user a, user b, user c, user d, user e and 2 more",
  );
});

t.test("what may not be listed is unknown, never nobody", async (t) => {
  for (const clause of selfEnrolment({ objects: roles, unreadable: ["roles", "rolebindings"] })) {
    t.match(clause, "unknown, because you may not list roles, rolebindings");
  }
});
