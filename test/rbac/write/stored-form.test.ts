import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { storedForm } from "../../../lib/rbac/write/stored-form.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  rule,
  serviceAccount,
  user,
} from "../objects.ts";

t.test("defaults are filled in and unknown fields go", async (t) => {
  const given: KubernetesObject = {
    ...clusterRoleBinding("b", "r", []),
    roleRef: { kind: "ClusterRole", name: "r", extra: 1 },
    subjects: [
      { kind: "User", name: "u" },
      { kind: "Group", name: "g", apiGroup: "" },
      { kind: "ServiceAccount", name: "s", namespace: "n" },
    ],
    status: {},
  };
  t.same(storedForm(given), {
    ...clusterRoleBinding("b", "r", []),
    roleRef: clusterRoleRef("r"),
    subjects: [user("u"), group("g"), serviceAccount("s", "n")],
  });
});

t.test("null, empty and absent are the same", async (t) => {
  const plain = clusterRole("r", []);
  const metadata = { name: "r", labels: null, annotations: {}, uid: "", finalizers: [] };
  for (const more of [{}, { rules: null }, { metadata, aggregationRule: null }]) {
    t.same(storedForm(JSON.parse(JSON.stringify({ ...plain, ...more }))), plain);
  }
});

t.test("a null in a list or a map of strings is the empty string, and a null rule an empty one", async (t) => {
  const given = {
    ...clusterRole("r", []),
    metadata: { name: "r", labels: { a: null } },
    rules: [{ verbs: ["get", null], apiGroups: [null], resources: ["pods"] }, null],
  };
  const stored = storedForm(JSON.parse(JSON.stringify(given)));
  t.match(stored, { metadata: { labels: { a: "" } }, rules: [{ verbs: ["get", ""], apiGroups: [""] }, {}] });
});

t.test("an aggregated role keeps its selectors and its rules, a Role has none", async (t) => {
  const selectors = [{ matchLabels: { a: "b" } }];
  const aggregated = {
    ...clusterRole("r", [rule("", "pods", "get")]),
    aggregationRule: { clusterRoleSelectors: selectors },
  };
  t.same(storedForm({ ...aggregated, aggregationRule: { clusterRoleSelectors: selectors, extra: 1 } }), aggregated);
  t.same(storedForm({ ...aggregated, aggregationRule: {} }), {
    ...aggregated,
    aggregationRule: { clusterRoleSelectors: [] },
  });
  t.notOk(
    "aggregationRule" in
      (storedForm({ ...role("dev", "r", []), aggregationRule: { clusterRoleSelectors: selectors } }) as object),
  );
});

const unreadable: [fault: string, change: Record<string, unknown>][] = [
  ["metadata is not an object", { metadata: [] }],
  ["metadata.name is not a string", { metadata: { name: 1 } }],
  ["metadata.labels is not a map of strings", { metadata: { name: "x", labels: { a: 1 } } }],
  ["metadata.ownerReferences is not a list", { metadata: { name: "x", ownerReferences: {} } }],
  ["rules is not a list", { rules: {} }],
  ["rules[0] is not an object", { rules: [1] }],
  ["rules[0].verbs is not a list of strings", { rules: [{ verbs: [1] }] }],
  ["aggregationRule is not valid", { aggregationRule: { clusterRoleSelectors: {} } }],
  ["subjects is not a list", { kind: "ClusterRoleBinding", subjects: {} }],
  ["subjects[0] is not valid", { kind: "ClusterRoleBinding", subjects: [{ name: 1 }] }],
  ["roleRef is not valid", { kind: "ClusterRoleBinding", roleRef: "r" }],
];

for (const [fault, change] of unreadable) {
  t.test(fault, async (t) =>
    t.equal(storedForm(JSON.parse(JSON.stringify({ ...clusterRole("x", []), ...change }))), fault),
  );
}
