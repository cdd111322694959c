import t from "tap";
import { unmanagedRows } from "../../lib/access/unmanaged.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { intentWith } from "./grant.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { storedGrant, storedParts } from "./stored-grant.ts";

const connecting = { apiGroups: ["operator.metalbear.co"], resources: ["targets"], verbs: ["proxy"] };
const listed = (...objects: KubernetesObject[]) =>
  unmanagedRows(objects, []).map(({ subject, role, namespaces }) => [subject, role, ...namespaces].join(" "));

const cases: [what: string, objects: KubernetesObject[], want: string[]][] = [
  [
    "a role of the operator",
    [clusterRole("mirrord-operator-user"), bound("b", "mirrord-operator-user", "jim", "dev")],
    ["jim clusterrole/mirrord-operator-user dev"],
  ],
  [
    "a role of ours",
    [clusterRole("mirrord:role:view"), bound("b", "mirrord:role:view", { group: "web" })],
    ["group:web clusterrole/mirrord:role:view *"],
  ],
  ["any role that connects", [clusterRole("mine", connecting), bound("b", "mine", "jim")], ["jim clusterrole/mine *"]],
  ["a role that only looks", [clusterRole("mine", { ...connecting, verbs: ["get"] }), bound("b", "mine", "jim")], []],
  ["the operator's own role", [clusterRole("mirrord-operator", connecting), bound("b", "mirrord-operator", "jim")], []],
  [
    "a helper's own role",
    [clusterRole("mirrord-operator-envoy-x", connecting), bound("b", "mirrord-operator-envoy-x", "jim")],
    [],
  ],
  [
    "a role whose name only ends like a helper's",
    [clusterRole("my-mirrord-operator-envoy", connecting), bound("b", "my-mirrord-operator-envoy", "jim")],
    ["jim clusterrole/my-mirrord-operator-envoy *"],
  ],
  ["a role that is not there", [bound("b", "mine", "jim")], []],
  [
    "a Role of the same name elsewhere",
    [
      { ...clusterRole("mine", connecting), kind: "Role", metadata: { name: "mine", namespace: "qa" } },
      inNamespace("dev"),
    ],
    [],
  ],
  [
    "a Role in its namespace",
    [
      { ...clusterRole("mine", connecting), kind: "Role", metadata: { name: "mine", namespace: "dev" } },
      inNamespace("dev"),
    ],
    ["jim role/mine dev"],
  ],
];

function inNamespace(namespace: string): KubernetesObject {
  return {
    ...bound("b", "mine", "jim", namespace),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "mine" },
  };
}
for (const [what, objects, want] of cases) {
  t.test(`bound to ${what}`, async (t) => t.same(listed(...objects), want));
}

t.test("what a grant made is managed, and a stranger's binding with our label is not", async (t) => {
  const { objects, roles } = storedParts(intentWith());
  const grant = storedGrant(objects);
  const stored = [
    ...grant.objects.map(({ object }) => object),
    ...roles.values(),
    clusterRole("mirrord-operator-user"),
    clusterRole("mirrord-operator-user-basic"),
  ];
  t.same(unmanagedRows(stored, [grant]), []);
  const label = { "kubectl-mirrord.io/grant": grant.id };
  const disguised = bound("mine", "mirrord-operator-user", "eve", "dev");
  const seen = { ...disguised, metadata: { ...disguised.metadata, labels: label } };
  t.match(unmanagedRows([...stored, seen], [grant]), [{ subject: "eve", managed: false, status: "unmanaged" }]);
});

t.test("each subject is a row of its own, also one of an unknown kind", async (t) => {
  const binding = {
    ...bound("b", "mine", "jim"),
    subjects: [
      { kind: "User", name: "jim" },
      { kind: "Robot", name: "r" },
      { kind: "ServiceAccount", name: "ci", namespace: "build" },
    ],
  };
  t.same(listed(clusterRole("mine", connecting), binding), [
    "jim clusterrole/mine *",
    " clusterrole/mine *",
    "sa:build/ci clusterrole/mine *",
  ]);
});

const exempting = clusterRole("mirrord:role:privileged-hostPID");
const exemption = (
  name: string,
  account: { name: string; namespace: string },
  namespace?: string,
): KubernetesObject => ({
  ...bound(name, "mirrord:role:privileged-hostPID", "x", namespace),
  subjects: [{ kind: "ServiceAccount", ...account }],
});
const operator = { name: "mirrord-operator", namespace: "mirrord" };

const exemptions: [what: string, binding: KubernetesObject, shown: number][] = [
  ["the operator's in its namespace", exemption("mirrord:operator:hostPID", operator, "mirrord"), 0],
  ["the operator's for agents in running pods", exemption("mirrord:operator:ephemeralContainers", operator), 0],
  ["the operator's elsewhere", exemption("mirrord:operator:hostPID", operator, "dev"), 1],
  ["another account's under that name", exemption("mirrord:operator:x", { ...operator, name: "x" }, "mirrord"), 1],
  ["the operator's under another name", exemption("other", operator, "mirrord"), 1],
];
for (const [what, binding, shown] of exemptions)
  t.test(
    `an exemption from the secure defaults, ${what}, is ${shown === 0 ? "installed" : "made by hand"}`,
    async (t) => {
      t.equal(listed(exempting, binding).length, shown);
    },
  );

const syncs = clusterRole("mirrord-operator-user");
const syncBinding = (name: string, ...subjects: object[]): KubernetesObject => ({
  ...bound(name, "mirrord-operator-user", "x"),
  subjects,
});
const syncAccount = { kind: "ServiceAccount", name: "mirrord-access", namespace: "mirrord-access" };
const synced: [what: string, binding: KubernetesObject, shown: number][] = [
  ["that of its account", syncBinding("mirrord-access-sync:user", syncAccount), 0],
  ["that of its own role", syncBinding("mirrord-access-sync", syncAccount), 0],
  ["one under another name", syncBinding("mine", syncAccount), 1],
  [
    "one that names somebody else as well",
    syncBinding("mirrord-access-sync:user", syncAccount, { kind: "User", name: "eve" }),
    2,
  ],
  ["one of an account elsewhere", syncBinding("mirrord-access-sync:user", { ...syncAccount, namespace: "dev" }), 1],
  ["one of another account", syncBinding("mirrord-access-sync:user", { ...syncAccount, name: "x" }), 1],
  ["one of a user", syncBinding("mirrord-access-sync:user", { kind: "User", name: "mirrord-access" }), 1],
  [
    "one in a namespace",
    {
      ...syncBinding("mirrord-access-sync:user", syncAccount),
      kind: "RoleBinding",
      metadata: { name: "mirrord-access-sync:user", namespace: "dev" },
    },
    1,
  ],
];
for (const [what, binding, shown] of synced)
  t.test(`of the bindings of sync, ${what} is ${shown === 0 ? "installed" : "made by hand"}`, async (t) => {
    t.equal(listed(syncs, binding).length, shown);
  });
