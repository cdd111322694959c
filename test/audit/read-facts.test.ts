import t from "tap";
import { renderOperator } from "../../lib/install/render.ts";
import { auditFindings } from "../../lib/audit/findings.ts";
import { readAuditFacts } from "../../lib/audit/read-facts.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { intentWith } from "../access/grant.ts";
import { now, storedParts } from "../access/stored-grant.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { deployment, object, operator, operatorRoles, pod } from "../preview/objects.ts";
import { clusterRole, clusterRoleBinding, rule, user } from "../rbac/objects.ts";

const read = async (options: FakeOptions) => await readAuditFacts(fakeCluster(options), now);
const labelledNamespace = (name: string, labels: Record<string, string>) =>
  object("v1", "Namespace", name, { metadata: { labels } });

const token = (name: string, annotations: Record<string, string>, type = "kubernetes.io/service-account-token") =>
  object("v1", "Secret", name, { metadata: { annotations }, type, data: { token: "c2VjcmV0" } }, "dev");

const objects: KubernetesObject[] = [
  operator(),
  ...operatorRoles,
  labelledNamespace("dev", { "kubectl-mirrord.io/collection": "prod.web" }),
  labelledNamespace("safe", { "pod-security.kubernetes.io/enforce": "restricted" }),
  labelledNamespace("kube-system", {}),
  object("v1", "ServiceAccount", "ci", {}, "dev"),
  pod(
    "web-5d4f-x",
    {},
    {
      metadata: {
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f", uid: "u", controller: true }],
      },
      spec: { serviceAccountName: "ci" },
    },
  ),
  pod("done", {}, { status: { phase: "Succeeded" } }),
  pod("alone"),
  token("t", { "kubernetes.io/service-account.name": "ci" }),
  token("orphan", {}),
  object("v1", "ConfigMap", "aws-auth", {}, "kube-system"),
  object("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "kubectl-mirrord-grants"),
];

t.test(
  "pods with their accounts and targets, tokens by their metadata, and what stands beside roles and bindings",
  async (t) => {
    const { facts, skipped } = await read({ objects });
    t.same(skipped, []);
    t.same(facts.pods, [
      {
        namespace: "dev",
        name: "web-5d4f-x",
        account: "ci",
        targets: ["pod.web-5d4f-x", "replicaset.web-5d4f", "deployment.web", "rollout.web"],
        node: "node-1",
      },
      { namespace: "dev", name: "alone", account: "default", targets: ["pod.alone"], node: "node-1" },
    ]);
    t.same(facts.tokens, [{ namespace: "dev", secret: "t", account: "ci" }]);
    t.match(facts, {
      awsAuth: true,
      guarded: true,
      openCollections: ["dev"],
      openNamespaces: ["dev"],
      operator: { name: "mirrord-operator" },
    });
    t.same([...(facts.existingAccounts ?? [])], ["dev/ci"]);
    t.notMatch(JSON.stringify(facts), /c2VjcmV0/, "no token is kept");
  },
);

t.test("how the API server finds the operator: by which Service, and whether it checks who answers", async (t) => {
  const registered = (spec: object) =>
    object("apiregistration.k8s.io/v1", "APIService", "v1.operator.metalbear.co", { spec });
  const service = { name: "theirs", namespace: "mirrord" };
  const cases: [string, object, object][] = [
    ["any certificate", { service, insecureSkipTLSVerify: true }, { verified: false, service: "theirs" }],
    ["one of this authority", { service, caBundle: "eA==" }, { verified: true, service: "theirs" }],
    ["one that the machine trusts", {}, { verified: true, service: undefined }],
  ];
  for (const [name, spec, want] of cases) {
    const { facts, skipped } = await read({ objects: [...objects, registered(spec)] });
    t.match(facts.operator, want, name);
    t.same(skipped, []);
  }
  const { facts } = await read({ objects });
  t.equal(facts.operator.verified, undefined, "no APIService");
});

t.test("a folder: templates stand for pods, and accounts that it does not hold are not missing", async (t) => {
  const folder = [
    deployment("web", { spec: { template: { spec: { serviceAccountName: "ci", containers: [] } } } }),
    token("t", { "kubernetes.io/service-account.name": "ci" }),
    token("other", { "kubernetes.io/service-account.name": "x" }, "Opaque"),
  ];
  const { facts } = await read({ objects: folder, offline: true });
  t.same(facts.pods, [{ namespace: "dev", name: "web", account: "ci", targets: ["deployment.web"] }]);
  t.same(facts.tokens, [{ namespace: "dev", secret: "t", account: "ci" }]);
  t.match(facts, { existingAccounts: undefined, guarded: false, awsAuth: false });
});

t.test("grants are compared with what was granted; without jobs nobody knows whether they end", async (t) => {
  const parts = storedParts(intentWith());
  const stored = [...parts.objects.map((each) => each.object), ...parts.roles.values()].map((each) => ({
    ...each,
    metadata: {
      ...each.metadata,
      labels: { ...each.metadata.labels, "app.kubernetes.io/managed-by": "kubectl-mirrord" },
    },
  }));
  const { facts } = await read({ objects: [...objects, ...stored], notServed: ["policies.mirrord.metalbear.co"] });
  t.equal(facts.grants.length, 1);
  const { findings } = auditFindings(facts);
  t.notOk(
    findings.some(({ rule: id }) => id.startsWith("grant-")),
    JSON.stringify(findings),
  );
  const { skipped } = await read({ objects: [...objects, ...stored], forbidden: ["jobs"] });
  t.match(skipped, [/you may not list jobs/]);
});

const refused: { resource: string; says: RegExp[] }[] = [
  ...[
    "clusterroles",
    "clusterrolebindings",
    "roles",
    "rolebindings",
    "pods",
    "secrets",
    "serviceaccounts",
    "namespaces",
    "mirrordpolicies",
    "mirrordprofiles",
    "deployments",
  ].map((resource) => ({ resource, says: [new RegExp(`you may not list .*${resource}`)] })),
  {
    resource: "validatingadmissionpolicybindings",
    says: [/^you may not list validatingadmissionpolicybindings$/],
  },
];
for (const { resource, says } of refused)
  t.test(`${resource} that may not be listed are named`, async (t) => {
    const { skipped } = await read({ objects, forbidden: [resource] });
    t.match(skipped, says);
  });

t.test("what is wrong with objects is told, most severe first", async (t) => {
  const { facts } = await read({
    objects: [
      ...objects,
      clusterRole("c", [rule("", "secrets", "list")]),
      clusterRoleBinding("c", "c", [user("jim")]),
      { ...clusterRole("bad", []), rules: "x" },
    ],
  });
  const { findings, errors } = auditFindings(facts);
  t.match(errors, [/ClusterRole "bad": rules is not a list/]);
  const order = findings.map(({ severity }) => ["error", "warning", "note"].indexOf(severity));
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.same(auditFindings(facts).findings, findings, "equal input, equal output");
});

t.test("what the operator's hardening is judged by is named where it may not be read", async (t) => {
  const installed = [...objects, ...renderOperator({ license: { keyRef: "licence" } })];
  t.same((await read({ objects: installed })).skipped, []);
  for (const resource of ["networkpolicies", "apiservices", "deployments"]) {
    const { skipped } = await read({ objects: installed, forbidden: [resource] });
    t.match(skipped, [new RegExp(`you may not list .*${resource}`)]);
  }
});

t.test("Secrets with tokens are left out where that is wanted, and are then nothing unread", async (t) => {
  const { facts, skipped } = await readAuditFacts(fakeCluster({ objects, forbidden: ["secrets"] }), 0, {
    withoutSecrets: true,
  });
  t.same({ tokens: facts.tokens, skipped }, { tokens: [], skipped: [] });
});
