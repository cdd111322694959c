import t from "tap";
import {
  readDefaultsFacts,
  readEnforcement,
  readLocalClasses,
  readOffenders,
  readOperatorAccount,
} from "../../../lib/install/secure-defaults/read.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";

const object = (kind: string, name: string, fields: object = {}, namespace?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...fields,
});
const binding = (name: string, ...validationActions: string[]) =>
  object("ValidatingAdmissionPolicyBinding", `kubectl-mirrord-defaults-${name}`, { spec: { validationActions } });

const modes: { name: string; objects: KubernetesObject[]; want: string }[] = [
  { name: "nothing", objects: [], want: "off" },
  { name: "guards alone", objects: [binding("guard-roles", "Deny")], want: "off" },
  { name: "all deny", objects: [binding("pods", "Deny"), binding("volumes", "Deny")], want: "enforce" },
  { name: "one only audits", objects: [binding("pods", "Deny"), binding("volumes", "Audit")], want: "audit" },
  { name: "one says nothing", objects: [{ ...binding("pods"), spec: {} }], want: "audit" },
];
for (const { name, objects, want } of modes)
  t.test(`${name}: ${want}`, async (t) => {
    t.equal(await readEnforcement(memoryCluster(...objects)), want);
  });

const refusing = (...resources: string[]) => {
  const cluster = memoryCluster();
  const { list, get } = cluster;
  const refuse = (resource: string) => {
    if (resources.includes(resource)) throw apiFailure(403, "Forbidden", "no");
  };
  cluster.list = (type, options) => {
    refuse(type.resource);
    return list(type, options);
  };
  cluster.get = async (type, name, namespace) => {
    refuse(type.resource);
    return await get(type, name, namespace);
  };
  return cluster;
};

t.test("whether they are enforced is not guessed", async (t) => {
  await t.rejects(readEnforcement(refusing("validatingadmissionpolicybindings")), { message: /no/ });
});

t.test("everything that may not be listed is named", async (t) => {
  const facts = await readDefaultsFacts(refusing("storageclasses", "pods", "serviceaccounts"));
  t.same(facts.unreadable, ["storageclasses", "pods", "serviceaccounts"]);
  t.same(facts.addOns, []);
});

t.test("an add-on is there with its account, and counts until it may", async (t) => {
  const account = object("ServiceAccount", "longhorn-service-account", {}, "longhorn-system");
  const cluster = memoryCluster(account);
  t.match((await readDefaultsFacts(cluster)).addOns, [{ name: "longhorn" }]);
  const apiVersion = "rbac.authorization.k8s.io/v1";
  cluster.put(
    { ...object("ClusterRole", "all"), apiVersion, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    {
      ...object("ClusterRoleBinding", "all"),
      apiVersion,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "all" },
      subjects: [{ kind: "ServiceAccount", name: "longhorn-service-account", namespace: "longhorn-system" }],
    },
  );
  t.same((await readDefaultsFacts(cluster)).addOns, [], "an administrator needs no exemption");
});

const deployment = (serviceAccountName?: string) =>
  object("Deployment", "mirrord-operator", { spec: { template: { spec: { serviceAccountName } } } }, "ops");
const service = object("APIService", "v1.operator.metalbear.co", { spec: { service: { namespace: "ops" } } });

const accounts: { name: string; objects?: KubernetesObject[]; given?: string; want: object }[] = [
  { name: "as the chart makes it", want: { namespace: "mirrord", name: "mirrord-operator", ephemeralAgents: false } },
  {
    name: "where its APIService says",
    objects: [service, deployment("robot")],
    want: { namespace: "ops", name: "robot" },
  },
  {
    name: "where it was named",
    objects: [service, deployment("robot")],
    given: "mirrord",
    want: { name: "mirrord-operator" },
  },
  { name: "of a deployment that names none", objects: [service, deployment()], want: { name: "mirrord-operator" } },
  {
    name: "with agents in running pods",
    objects: [
      object("ConfigMap", "mirrord-configmap", { data: { "agent-config.yaml": "ephemeral: true" } }, "mirrord"),
    ],
    want: { ephemeralAgents: true },
  },
  {
    name: "with settings that are none",
    objects: [object("ConfigMap", "mirrord-configmap", { data: { "agent-config.yaml": "{[" } }, "mirrord")],
    want: { ephemeralAgents: false },
  },
];
for (const { name, objects = [], given, want } of accounts)
  t.test(`the operator's account ${name}`, async (t) => {
    t.match(await readOperatorAccount(memoryCluster(...objects), given), want);
  });

t.test("the operator's account where nothing of it may be read is the chart's", async (t) => {
  const cluster = refusing("deployments", "configmaps", "apiservices");
  t.match(await readOperatorAccount(cluster, undefined), { namespace: "mirrord", name: "mirrord-operator" });
});

const byCodePoint = (a: string, b: string) => (a < b ? -1 : 1);
const storageClass = (name: string, provisioner?: string) => object("StorageClass", name, { provisioner });

t.test("classes of volumes that are made by hand are those without a provisioner, in order", async (t) => {
  const cluster = memoryCluster(
    storageClass("slow", "kubernetes.io/no-provisioner"),
    storageClass("cloud", "ebs.csi.aws.com"),
    storageClass("disks", "kubernetes.io/no-provisioner"),
    storageClass("none"),
  );
  t.same(await readLocalClasses(cluster), { classes: ["disks", "slow"], unreadable: false });
  t.same(await readLocalClasses(refusing("storageclasses")), { classes: [], unreadable: true });
  t.same((await readDefaultsFacts(cluster)).localClasses, ["disks", "slow"]);
});

t.test("what would be refused is found in each kind that makes pods, and in volumes", async (t) => {
  const spec = { hostPID: true, containers: [{ name: "c" }] };
  const template = { spec };
  const cluster = memoryCluster(
    ...["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job"].map((kind) =>
      object(kind, kind.toLowerCase(), { spec: { template } }, "dev"),
    ),
    object("CronJob", "cronjob", { spec: { jobTemplate: { spec: { template } } } }, "dev"),
    object("PodTemplate", "podtemplate", { template }, "dev"),
    object("Pod", "pod", { spec }, "dev"),
    object("PersistentVolume", "volume", { spec: { hostPath: { path: "/" } } }),
  );
  const found = await readOffenders(cluster);
  t.same(found.offenders.map(({ kind }) => kind).toSorted(byCodePoint), [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "PersistentVolume",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
  ]);
  t.same(found.unreadable, []);
});
