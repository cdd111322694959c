import t from "tap";
import { readInstalled } from "../../lib/install/installed.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { refusing } from "../kube/refusing-cluster.ts";
import { installedCluster } from "./installed-cluster.ts";

const rbac = "rbac.authorization.k8s.io/v1";
const object = (apiVersion: string, kind: string, metadata: KubernetesObject["metadata"], more: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...more,
});
const component = (name: string) => ({ "kubectl-mirrord.io/component": name });

const named = async (cluster: MemoryCluster, given?: string) => {
  const { objects, namespace } = await readInstalled(cluster, given);
  const names = objects.map(({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
  return { namespace, names: new Set(names), count: names.length };
};

t.test(
  "what this program wrote belongs to it by its label; of the secure defaults only what exempts the operator",
  async (t) => {
    const cluster = installedCluster();
    cluster.put(
      object(rbac, "RoleBinding", { name: "mine", namespace: "mirrord", labels: component("operator") }),
      object(rbac, "RoleBinding", {
        name: "mirrord:operator:hostPID",
        namespace: "mirrord",
        labels: component("secure-defaults"),
      }),
      object(rbac, "RoleBinding", {
        name: "mirrord:add-on:x",
        namespace: "mirrord",
        labels: component("secure-defaults"),
      }),
      object(rbac, "ClusterRoleBinding", {
        name: "mirrord:operator:ephemeralContainers",
        labels: component("secure-defaults"),
      }),
      object(rbac, "ClusterRoleBinding", { name: "mirrord:administrator:ann", labels: component("secure-defaults") }),
      object(rbac, "ClusterRoleBinding", { name: "sync", labels: component("sync") }),
    );
    const before = await named(installedCluster());
    const { names, count } = await named(cluster);
    t.same([...names].filter((name) => !before.names.has(name)).toSorted(), [
      "ClusterRoleBinding /mirrord:operator:ephemeralContainers",
      "RoleBinding mirrord/mine",
      "RoleBinding mirrord/mirrord:operator:hostPID",
    ]);
    t.equal(count, names.size, "each once, however it was found");
  },
);

t.test("what the chart gives no label is found by its name", async (t) => {
  const unlabelled = [
    ...["mirrord-operator", "mirrord-operator-user", "mirrord-operator-user-basic", "mirrord-operator-ci"].map((name) =>
      object(rbac, "ClusterRole", { name }),
    ),
    object(rbac, "ClusterRoleBinding", { name: "mirrord-operator" }),
    object("apps/v1", "Deployment", { name: "mirrord-operator", namespace: "mirrord" }),
    ...["Role", "RoleBinding"].flatMap((kind) => [
      object(rbac, kind, { name: "mirrord-operator", namespace: "mirrord" }),
      object(rbac, kind, { name: "mirrord-operator-apiserver-authentication", namespace: "kube-system" }),
    ]),
    object("v1", "ServiceAccount", { name: "mirrord-operator-envoy", namespace: "mirrord" }),
  ];
  const others = [
    object(rbac, "ClusterRole", { name: "another" }),
    object("apps/v1", "Deployment", { name: "mirrord-operator", namespace: "elsewhere" }),
    object(rbac, "Role", { name: "mirrord-operator-apiserver-authentication", namespace: "mirrord" }),
  ];
  const { names } = await named(memoryCluster(...unlabelled, ...others));
  t.same(
    [...names].toSorted(),
    unlabelled.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`).toSorted(),
  );
});

const places: { name: string; objects: KubernetesObject[]; want: string }[] = [
  { name: "nothing says", objects: [], want: "mirrord" },
  {
    name: "its APIService says",
    objects: [
      object(
        "apiregistration.k8s.io/v1",
        "APIService",
        { name: "v1.operator.metalbear.co" },
        { spec: { service: { namespace: "a" } } },
      ),
    ],
    want: "a",
  },
  {
    name: "another APIService says",
    objects: [
      object(
        "apiregistration.k8s.io/v1",
        "APIService",
        { name: "v1.other" },
        { spec: { service: { namespace: "a" } } },
      ),
    ],
    want: "mirrord",
  },
  {
    name: "its namespace has the label",
    objects: [object("v1", "Namespace", { name: "b", labels: { "app.kubernetes.io/name": "mirrord-operator" } })],
    want: "b",
  },
];
for (const { name, objects, want } of places) {
  t.test(`the operator's namespace where ${name}: ${want}`, async (t) => {
    t.equal((await named(memoryCluster(...objects))).namespace, want);
    t.equal((await named(memoryCluster(...objects), "given")).namespace, "given");
  });
}

t.test("definitions are those of the vendor's groups, and what may not be read is named in order", async (t) => {
  const definition = (group: string) =>
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: `x.${group}` }, { spec: { group } });
  const groups = ["metalbear.co", "a.metalbear.co", "notmetalbear.co", "metalbear.co.example"];
  const { definitions } = await readInstalled(memoryCluster(...groups.map(definition)));
  t.same(
    definitions.map(({ metadata }) => metadata.name),
    ["x.metalbear.co", "x.a.metalbear.co"],
  );
  const blind = await readInstalled(refusing(installedCluster(), "Secret", "APIService", "Deployment"));
  t.same(blind.unreadable, ["apiservices", "deployments", "secrets"]);
});
