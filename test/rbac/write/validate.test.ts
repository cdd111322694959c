import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { storedForm } from "../../../lib/rbac/write/stored-form.ts";
import { refusal, validationErrors } from "../../../lib/rbac/write/validate.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../objects.ts";
import { invalidMessage } from "../foretell.ts";
import { vectors } from "../vectors.ts";

const RBAC = "rbac.authorization.k8s.io";
const named = (metadata: Record<string, unknown>): KubernetesObject => ({
  ...clusterRole("x", []),
  metadata: { name: "x", ...metadata },
});
const bound = (ref: Record<string, unknown>): KubernetesObject => ({
  ...clusterRoleBinding("x", "y", []),
  roleRef: { ...clusterRoleRef("y"), ...ref },
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
  ["a Role or a ClusterRole in a namespace", roleBinding("dev", "x", roleRef("y"), [group("g")])],
  ["as many bytes of annotations as are allowed", named({ annotations: { a: `-${"é".repeat(131_071)}` } })],
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

const label =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const rfc1123Label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const rfc1123Subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const twoControllers = [1, 2].map(() => ({ ...owner, controller: true }));
const long = "n".repeat(64);
const selectors = "aggregationRule.clusterRoleSelectors";
const expressions = `${selectors}[0].matchExpressions[0]`;
const invalidSelector = `${selectors}[0]: Invalid value: null: invalid label selector.`;
const noGroup = "rules[0].apiGroups: Required value: resource rules must supply at least one api group";
const noResource = "rules[0].resources: Required value: resource rules must supply at least one resource";
const noPath = 'rules[0].nonResourceURLs: Invalid value: ["/x"]: ';
const path = { nonResourceURLs: ["/x"], verbs: ["get"] };
const mixed = "rules cannot apply to both regular resources and non-resource URLs";

const invalid: [faults: string[], object: KubernetesObject][] = [
  [["metadata.name: Required value: name or generateName is required"], named({ name: "" })],
  [[`metadata.name: Invalid value: ".": may not be '.'`], named({ name: "." })],
  [["metadata.namespace: Required value"], role("", "x", [])],
  [[`metadata.namespace: Invalid value: "Dev": ${rfc1123Label}`], role("Dev", "x", [])],
  [[`metadata.labels: Invalid value: "a b": ${namePart}`], named({ labels: { "a b": "" } })],
  [[`metadata.labels: Invalid value: "-x": ${label}`], named({ labels: { a: "-x" } })],
  [['metadata.labels: Invalid value: "/a": prefix part must be non-empty'], named({ labels: { "/a": "" } })],
  [['metadata.labels: Invalid value: "a/": name part must be non-empty'], named({ labels: { "a/": "" } })],
  [
    [`metadata.labels: Invalid value: "${long}": name part must be no more than 63 bytes`],
    named({ labels: { [long]: "" } }),
  ],
  [
    [`metadata.annotations: Invalid value: "a/b/c": a qualified name has at most one '/'`],
    named({ annotations: { "a/b/c": "" } }),
  ],
  [
    ["metadata.annotations: Too long: may not be more than 262144 bytes"],
    named({ annotations: { a: "é".repeat(131_072) } }),
  ],
  ...["apiVersion", "kind", "name", "uid"].map((field): [string[], KubernetesObject] => [
    [`metadata.ownerReferences[1].${field}: Invalid value: "": must not be empty`],
    named({ ownerReferences: [owner, { ...owner, [field]: "" }] }),
  ]),
  [
    [
      `metadata.ownerReferences: Invalid value: ${JSON.stringify(twoControllers)}: Only one reference can have Controller set to true`,
    ],
    named({ ownerReferences: twoControllers }),
  ],
  [[`metadata.finalizers: Invalid value: "a b": ${namePart}`], named({ finalizers: ["a b"] })],
  [
    [
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
    named({ finalizers: ["orphan", "foregroundDeletion"] }),
  ],
  [
    ["rules[1].verbs: Required value: verbs must contain at least one value"],
    clusterRole("x", [rule("", "pods", "get"), { apiGroups: [""], resources: ["pods"], verbs: [] }]),
  ],
  [[noGroup], clusterRole("x", [{ resources: ["pods"], verbs: ["get"] }])],
  [[noResource], clusterRole("x", [{ apiGroups: [""], verbs: ["get"] }])],
  [[noGroup, noResource], role("dev", "x", [{ verbs: ["get"] }])],
  [[`${noPath}namespaced rules cannot apply to non-resource URLs`], role("dev", "x", [path])],
  [[`${noPath}${mixed}`], clusterRole("x", [{ ...path, apiGroups: [""] }])],
  [[`${noPath}${mixed}`], clusterRole("x", [{ ...path, resources: ["pods"] }])],
  [[`${noPath}${mixed}`], clusterRole("x", [{ ...path, resourceNames: ["a"] }])],
  [
    [`${noPath}namespaced rules cannot apply to non-resource URLs`, `${noPath}${mixed}`],
    role("dev", "x", [{ ...path, resourceNames: ["a"] }]),
  ],
  [[`roleRef.apiGroup: Unsupported value: "other": supported values: "${RBAC}"`], bound({ apiGroup: "other" })],
  [['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'], bound({ kind: "Role" })],
  [
    ['roleRef.kind: Unsupported value: "Rule": supported values: "Role", "ClusterRole"'],
    { ...roleBinding("dev", "x", clusterRoleRef("y"), []), roleRef: { ...clusterRoleRef("y"), kind: "Rule" } },
  ],
  [["roleRef.name: Required value"], bound({ name: "" })],
  [[`roleRef.name: Invalid value: "a%b": may not contain '%'`], bound({ name: "a%b" })],
  [["subjects[0].name: Required value"], clusterRoleBinding("x", "y", [user("")])],
  [["subjects[1].name: Required value"], clusterRoleBinding("x", "y", [user("u"), serviceAccount("", "ns")])],
  [
    [`subjects[0].name: Invalid value: "A b": ${rfc1123Subdomain}`],
    roleBinding("dev", "x", roleRef("y"), [serviceAccount("A b")]),
  ],
  [["subjects[0].namespace: Required value"], clusterRoleBinding("x", "y", [serviceAccount("sa")])],
  [
    [`subjects[0].apiGroup: Unsupported value: "${RBAC}": supported values: ""`],
    clusterRoleBinding("x", "y", [{ ...serviceAccount("sa", "ns"), apiGroup: RBAC }]),
  ],
  [
    [`subjects[0].apiGroup: Unsupported value: "other": supported values: "${RBAC}"`],
    clusterRoleBinding("x", "y", [{ ...user("u"), apiGroup: "other" }]),
  ],
  [
    [`subjects[0].apiGroup: Unsupported value: "other": supported values: "${RBAC}"`],
    clusterRoleBinding("x", "y", [{ ...group("g"), apiGroup: "other" }]),
  ],
  [
    ['subjects[0].kind: Unsupported value: "user": supported values: "ServiceAccount", "User", "Group"'],
    { ...clusterRoleBinding("x", "y", []), subjects: [{ kind: "user", name: "u" }] },
  ],
  [
    [`${selectors}: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`],
    clusterRole("x", [], { aggregationRule: { clusterRoleSelectors: [] } }),
  ],
  [
    [`${expressions}.operator: Invalid value: "Like": not a valid selector operator`, invalidSelector],
    selecting({ key: "a", operator: "Like" }),
  ],
  [
    [`${expressions}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`, invalidSelector],
    selecting({ key: "a", operator: "In" }),
  ],
  [
    [
      `${expressions}.values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      invalidSelector,
    ],
    selecting({ key: "a", operator: "Exists", values: ["x"] }),
  ],
  [
    [`${expressions}.values[0]: Invalid value: "a b": ${label}`, invalidSelector],
    selecting({ key: "a", operator: "In", values: ["a b"] }),
  ],
];

for (const [faults, object] of invalid) {
  t.test(`invalid: ${object.kind}: ${faults.join(", ").slice(0, 100)}`, async (t) => {
    const form = storedForm(object);
    t.same(typeof form === "string" ? [form] : validationErrors(form), faults);
  });
}

const refusals: [what: string, object: KubernetesObject, why: string | undefined][] = [
  ["one that is valid", clusterRole("x", []), undefined],
  ["a namespace of what is cluster-scoped, which kubectl takes out", named({ namespace: "No Name" }), undefined],
  ["another version", { ...clusterRole("x", []), apiVersion: "v1" }, `v1 is not served: write ${RBAC}/v1`],
  ["what is not well-formed", { ...clusterRole("x", []), rules: 1 }, "rules is not a list"],
  [
    "all of several faults",
    role("", "x", [{ ...path, verbs: [] }]),
    `metadata.namespace: Required value, rules[0].verbs: Required value: verbs must contain at least one value, ${noPath}namespaced rules cannot apply to non-resource URLs`,
  ],
];
for (const [what, object, why] of refusals) {
  t.test(`why no server could hold ${what}: ${why}`, async (t) => {
    t.equal(refusal(object), why);
  });
}
