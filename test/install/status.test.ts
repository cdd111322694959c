import t from "tap";
import { needs } from "../../lib/install/needs.ts";
import { statusFindings } from "../../lib/install/status-findings.ts";
import { readInstallationStatus } from "../../lib/install/status.ts";
import { objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { installedCluster, operatorAnswer } from "./installed-cluster.ts";
import { saysKept } from "../kept-text.ts";

const now = new Date("2026-11-22T12:00:00Z");

const look = async (cluster: MemoryCluster, namespace?: string) => {
  const status = await readInstallationStatus(cluster, namespace);
  return { status, findings: statusFindings(status, now) };
};

type Change = (object: KubernetesObject) => KubernetesObject | undefined;

/** Changes the objects of one kind, or the one with this name. */
const only =
  (kind: string, change: Change, name?: string): Change =>
  (object) =>
    object.kind === kind && (name ?? object.metadata.name) === object.metadata.name ? change(object) : object;

const withStatus =
  (status: object): Change =>
  (object) => ({ ...object, status });

const faults: { name: string; change: Change; rule: string; code?: number; message?: RegExp }[] = [
  {
    name: "an APIService that is down",
    change: only(
      "APIService",
      withStatus({
        conditions: [{ type: "Available", status: "False", reason: "FailedDiscoveryCheck", message: "no answer" }],
      }),
    ),
    rule: "api-service-down",
    message: /FailedDiscoveryCheck: no answer.* no namespace of the cluster can be deleted/,
  },
  {
    name: "an APIService of which nothing is known",
    change: only("APIService", withStatus({})),
    rule: "api-service-down",
  },
  { name: "an APIService that is gone", change: only("APIService", () => undefined), rule: "api-service-down" },
  {
    name: "an operator that does not answer",
    change: only("MirrordOperator", () => undefined),
    rule: "operator-silent",
  },
  {
    name: "pods that are not ready",
    change: only("Deployment", withStatus({ updatedReplicas: 1 })),
    rule: "not-ready",
    message: /0 of 1 pods are ready/,
  },
  {
    name: "pods of an older version",
    change: only("Deployment", withStatus({ readyReplicas: 1 })),
    rule: "not-ready",
    message: /newest/,
  },
  {
    name: "an operator that is scaled to nothing",
    change: only("Deployment", (object) => ({ ...object, spec: { ...objectIn(object["spec"]), replicas: 0 } })),
    rule: "not-ready",
    message: /scaled to 0/,
  },
  {
    name: "a licence that is over",
    change: only("MirrordOperator", () => operatorAnswer({ license: { expire_at: "2026-11-21" } })),
    rule: "license-over",
  },
  {
    name: "a licence that ends soon",
    change: only("MirrordOperator", () => operatorAnswer({ license: { expire_at: "2026-11-22" } })),
    rule: "license-ends",
    code: 0,
    message: /in 1 day\./,
  },
  {
    name: "a definition that is missing",
    change: only("CustomResourceDefinition", () => undefined, "mirrordprofiles.profiles.mirrord.metalbear.co"),
    rule: "definition-missing",
  },
  {
    name: "a definition that is being deleted",
    change: only(
      "CustomResourceDefinition",
      (object) => ({ ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-11-22T11:00:00Z" } }),
      "mirrordprofiles.profiles.mirrord.metalbear.co",
    ),
    rule: "definition-missing",
    message: /being deleted/,
  },
  {
    name: "a definition that is not served",
    change: only("CustomResourceDefinition", withStatus({}), "mirrordprofiles.profiles.mirrord.metalbear.co"),
    rule: "definition-missing",
    message: /does not serve/,
  },
  {
    name: "an older definition",
    change: only(
      "CustomResourceDefinition",
      (object) => ({
        ...object,
        spec: { ...objectIn(object["spec"]), versions: [{ name: "v1alpha", storage: true }] },
      }),
      "mirrordpolicies.policies.mirrord.metalbear.co",
    ),
    rule: "definition-older",
    code: 0,
    message: /It lacks spec, spec\.appliesToCopyTargets, spec\.block and \d+ more\./,
  },
  {
    name: "objects in an old version",
    change: only(
      "CustomResourceDefinition",
      (object) => ({ ...object, status: { ...objectIn(object["status"]), storedVersions: ["v1", "v1alpha"] } }),
      "mirrordpolicies.policies.mirrord.metalbear.co",
    ),
    rule: "definition-stored",
    code: 0,
    message: /stored in v1\./,
  },
  {
    name: "a role that is gone",
    change: only("ClusterRole", () => undefined, "mirrord-operator-user"),
    rule: "role-missing",
  },
  {
    name: "a role that lost its rules",
    change: only("ClusterRole", (object) => ({ ...object, rules: [] }), "mirrord-operator-user-basic"),
    rule: "role-lacks",
    message: /"mirrordoperators"/,
  },
  {
    name: "a role that gained one",
    change: only(
      "ClusterRole",
      (object) => ({
        ...object,
        rules: [...(object["rules"] as object[]), { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
      }),
      "mirrord-operator-user",
    ),
    rule: "role-adds",
    code: 0,
    message: /"secrets"/,
  },
];

for (const { name, change, rule, code = 1, message } of faults) {
  t.test(`${name} is found`, async (t) => {
    const { findings } = await look(installedCluster(change));
    t.same([...new Set(findings.map((one) => one.rule))], [rule]);
    t.equal(findings[0]?.severity, code === 1 ? "error" : "warning");
    if (message !== undefined) t.match(findings[0]?.message, message);
    saysKept(t, import.meta.filename, name, () => findings);
  });
}

t.test("of a sound installation there is nothing to say", async (t) => {
  const { status, findings } = await look(installedCluster());
  t.same(findings, []);
  t.equal(status.installed.namespace, "mirrord");
  t.ok(needs(status).some(({ needs: what, state }) => what.includes("mirrord-operator-user") && state === "there"));
});

t.test("where there is nothing, that is all there is to say", async (t) => {
  const { status, findings } = await look(memoryCluster());
  t.same(
    findings.map(({ rule }) => rule),
    ["not-installed"],
  );
  t.ok(needs(status).every(({ state }) => state === "missing"));
});

t.test("what may not be read is unknown, and no finding", async (t) => {
  const cluster = installedCluster();
  const { get, list } = cluster;
  const forbid = (kind: string) => {
    if (/ClusterRole|CustomResource|APIService|Deployment|MirrordOperator/.test(kind))
      throw apiFailure(403, "Forbidden", "no");
  };
  cluster.get = async (type, ...place) => {
    forbid(type.kind);
    return await get(type, ...place);
  };
  cluster.list = async function* (type, options) {
    forbid(type.kind);
    yield* list(type, options);
  };
  const { status, findings } = await look(cluster);
  t.same(findings, []);
  t.match(status.apiService, { state: "unreadable" });
  t.ok(["apiservices", "clusterroles", "mirrordoperators"].every((one) => status.installed.unreadable.includes(one)));
  t.ok(needs(status).filter(({ state }) => state === "unknown").length >= 4);
});

t.test("the namespace is the one that is given, or that the APIService, the binding or a label names", async (t) => {
  const place = async (change: Change, given?: string) => {
    const { status } = await look(installedCluster(change, { namespace: "tools" }), given);
    return status.installed.namespace;
  };
  const without =
    (...kinds: string[]): Change =>
    (object) =>
      kinds.includes(object.kind) ? undefined : object;
  t.equal(await place((object) => object), "tools");
  t.equal(await place((object) => object, "other"), "other");
  t.equal(await place(without("APIService")), "tools");
  t.equal(await place(without("APIService", "ClusterRoleBinding")), "tools");
});

t.test("what only carries the label elsewhere, and webhooks of others, do not belong to it", async (t) => {
  const cluster = installedCluster();
  const labels = { "app.kubernetes.io/name": "mirrord-operator" };
  const metadata = (name: string, namespace: string) => ({ name, namespace, labels });
  const hook = (name: string, service: string) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [{ clientConfig: { service: { name: service, namespace: "mirrord" } } }],
  });
  cluster.put(
    { apiVersion: "v1", kind: "ConfigMap", metadata: metadata("mine", "dev") },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...metadata("written", "dev"), managedFields: [{ manager: "kubectl-mirrord" }] },
    },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: metadata("mirrord-operator-user", "dev") },
    hook("own", "mirrord-operator"),
    hook("other", "web"),
  );
  const { status } = await look(cluster);
  const names = new Set(status.installed.objects.map(({ object }) => object.metadata.name));
  t.notOk(names.has("mine") || names.has("other"));
  t.ok(["written", "mirrord-operator-user", "own"].every((name) => names.has(name)));
});
