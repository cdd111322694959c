import t from "tap";
import { accessChanges, accessText } from "../../../lib/audit/drift/access-change.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

function binding(role: string, users: readonly string[], namespace?: string): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name: "b", ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { kind: role.startsWith("mirrord:grant:") ? "Role" : "ClusterRole", name: role },
    subjects: users.map((name) => ({ kind: "User", name })),
  };
}

const cases: [
  name: string,
  declared: KubernetesObject | undefined,
  bound: KubernetesObject | undefined,
  text: string,
][] = [
  ["the same", binding("r", ["jim"]), binding("r", ["jim"]), ""],
  ["gone", binding("r", ["jim"], "dev"), undefined, "jim loses clusterrole/r in dev"],
  ["extra, everywhere", undefined, binding("r", ["jim"]), "jim gains clusterrole/r everywhere"],
  [
    "one for another",
    binding("r", ["jim"], "dev"),
    binding("r", ["eve", "bob"], "dev"),
    "eve and bob gain clusterrole/r in dev; jim loses clusterrole/r in dev",
  ],
  [
    "another role",
    binding("r", ["jim"], "dev"),
    binding("s", ["jim"], "dev"),
    "jim gains clusterrole/s in dev; jim loses clusterrole/r in dev",
  ],
  ["many", binding("r", ["a", "b", "c", "d", "e"], "dev"), undefined, "a, b, c and 2 more lose clusterrole/r in dev"],
  ["of a limited grant", binding("mirrord:grant:jim", ["jim"], "dev"), undefined, "jim loses its role in dev"],
  ["what only carries an intent", binding("mirrord:role:none", ["jim"]), undefined, ""],
  ["no binding", { apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } }, undefined, ""],
  ["nothing", undefined, undefined, ""],
];
for (const [name, declared, bound, text] of cases)
  t.test(name, async (t) => t.equal(accessText(accessChanges(declared, bound)), text));
