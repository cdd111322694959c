import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { storedForm } from "../../../lib/rbac/write/stored-form.ts";
import { validationErrors } from "../../../lib/rbac/write/validate.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  role,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../objects.ts";
import { vectors } from "../vectors.ts";
import { invalidMessage } from "../writes-run.ts";

const RBAC = "rbac.authorization.k8s.io";
const named = (metadata: Record<string, unknown>): KubernetesObject => ({
  ...clusterRole("x", []),
  metadata: { name: "x", ...metadata },
});
const bound = (roleRef: Record<string, unknown>): KubernetesObject => ({
  ...clusterRoleBinding("x", "y", []),
  roleRef: { ...clusterRoleRef("y"), ...roleRef },
});
const selecting = (expression: Record<string, unknown>): KubernetesObject => ({
  ...clusterRole("x", []),
  aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [expression] }] },
});
const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u" };

const valid: [name: string, object: KubernetesObject][] = [
  ["a name of 3,000 odd characters", clusterRole("A:@ #é".repeat(500), [])],
  [
    "odd strings in rules",
    clusterRole("x", [{ apiGroups: ["?"], resources: ["a/b/c", ""], verbs: ["", "GET"], resourceNames: ["", "a/b"] }]),
  ],
  ["a path without a slash", clusterRole("x", [{ nonResourceURLs: ["metrics"], verbs: ["get"] }])],
  [
    "an empty label, a label with a prefix, an annotation in capitals",
    named({ labels: { a: "", "example.org/b": "c" }, annotations: { "Example.ORG/Key": "é".repeat(1000) } }),
  ],
  [
    "a subject in a namespace that cannot be",
    roleBinding("dev", "x", clusterRoleRef("y"), [
      serviceAccount("sa", "Bad/NS"),
      serviceAccount("sa"),
      { kind: "User", name: "no group" },
    ]),
  ],
  ["no subjects", clusterRoleBinding("x", "y", [])],
  ["selectors of every kind", selecting({ key: "a.b/c", operator: "NotIn", values: ["", "x"] })],
  [
    "owners and finalizers",
    named({
      ownerReferences: [owner, { ...owner, uid: "v", controller: true }],
      finalizers: ["example.org/hold", "orphan"],
    }),
  ],
];

for (const [name, object] of valid) {
  t.test(`valid: ${name}`, async (t) => {
    const form = storedForm(object);
    t.same(typeof form === "string" ? form : validationErrors(form), []);
  });
}

for (const { name, code, message, object: given } of vectors("writes").cases) {
  if (code === 403) continue;
  t.test(`live: ${name}`, async (t) => {
    const object: KubernetesObject = JSON.parse(
      JSON.stringify(given).replace("<REPEAT x 262144>", "x".repeat(262_144)),
    );
    t.equal(invalidMessage(object) ?? "", message);
  });
}

const invalid: [fault: RegExp, object: KubernetesObject][] = [
  [/^metadata\.name: Required value/u, named({ name: "" })],
  [/^metadata\.name: Invalid value: "\.": may not be '\.'$/u, named({ name: "." })],
  [/^metadata\.namespace: Required value$/u, { ...role("", "x", []) }],
  [/^metadata\.namespace: Invalid value: "Dev": a lowercase RFC 1123 label/u, role("Dev", "x", [])],
  [/^metadata\.labels: Invalid value: "a b"/u, named({ labels: { "a b": "" } })],
  [/^metadata\.labels: Invalid value: "-x": a valid label must be/u, named({ labels: { a: "-x" } })],
  [/prefix part must be non-empty$/u, named({ labels: { "/a": "" } })],
  [/name part must be non-empty$/u, named({ labels: { "a/": "" } })],
  [/name part must be no more than 63 bytes$/u, named({ labels: { ["n".repeat(64)]: "" } })],
  [/^metadata\.annotations: Invalid value: "a\/b\/c"/u, named({ annotations: { "a/b/c": "" } })],
  [
    /^metadata\.annotations: Too long: may not be more than 262144 bytes$/u,
    named({ annotations: { a: "é".repeat(131_072) } }),
  ],
  [/^metadata\.ownerReferences\[0\]\.uid/u, named({ ownerReferences: [{ ...owner, uid: "" }] })],
  [
    /Only one reference can have Controller set to true/u,
    named({
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, controller: true },
      ],
    }),
  ],
  [/^metadata\.finalizers: Invalid value: "a b"/u, named({ finalizers: ["a b"] })],
  [/orphan and foregroundDeletion cannot be both set$/u, named({ finalizers: ["orphan", "foregroundDeletion"] })],
  [
    /^rules\[1\]\.verbs: Required value/u,
    clusterRole("x", [rule("", "pods", "get"), { apiGroups: [""], resources: ["pods"], verbs: [] }]),
  ],
  [/^rules\[0\]\.apiGroups: Required value/u, clusterRole("x", [{ resources: ["pods"], verbs: ["get"] }])],
  [
    /namespaced rules cannot apply to non-resource URLs$/u,
    role("dev", "x", [{ nonResourceURLs: ["/x"], verbs: ["get"] }]),
  ],
  [
    /cannot apply to both regular resources and non-resource URLs$/u,
    clusterRole("x", [{ nonResourceURLs: ["/x"], resourceNames: ["a"], verbs: ["get"] }]),
  ],
  [/^roleRef\.apiGroup: Unsupported value: "other": supported values: "rbac/u, bound({ apiGroup: "other" })],
  [/^roleRef\.kind: Unsupported value: "Role": supported values: "ClusterRole"$/u, bound({ kind: "Role" })],
  [/^roleRef\.name: Required value$/u, bound({ name: "" })],
  [/^roleRef\.name: Invalid value: "a%b": may not contain '%'$/u, bound({ name: "a%b" })],
  [/^subjects\[0\]\.name: Required value$/u, clusterRoleBinding("x", "y", [user("")])],
  [/^subjects\[0\]\.namespace: Required value$/u, clusterRoleBinding("x", "y", [serviceAccount("sa")])],
  [
    /^subjects\[0\]\.apiGroup: Unsupported value: "rbac.*: supported values: ""$/u,
    clusterRoleBinding("x", "y", [{ ...serviceAccount("sa", "ns"), apiGroup: RBAC }]),
  ],
  [
    /^subjects\[0\]\.apiGroup: Unsupported value: "other"/u,
    clusterRoleBinding("x", "y", [{ ...user("u"), apiGroup: "other" }]),
  ],
  [
    /^subjects\[0\]\.kind: Unsupported value: "user"/u,
    { ...clusterRoleBinding("x", "y", []), subjects: [{ kind: "user", name: "u" }] },
  ],
  [/operator: Invalid value: "Like": not a valid selector operator/u, selecting({ key: "a", operator: "Like" })],
  [/values: Required value/u, selecting({ key: "a", operator: "In" })],
  [/values: Forbidden/u, selecting({ key: "a", operator: "Exists", values: ["x"] })],
  [/values\[0\]: Invalid value: "a b"/u, selecting({ key: "a", operator: "In", values: ["a b"] })],
];

for (const [fault, object] of invalid) {
  t.test(`invalid: ${fault.source}`, async (t) => {
    const form = storedForm(object);
    t.match(typeof form === "string" ? [form] : validationErrors(form)[0], fault);
  });
}
