import t from "tap";
import { snapshotObject, takeSnapshot } from "../../lib/audit/snapshot.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import { namespace } from "../preview/objects.ts";

const SECRET = "hunter2";

/** Everything in which somebody may have written a password. */
const container = {
  name: "app",
  image: "shop/web:1",
  command: ["run", SECRET],
  args: [SECRET],
  env: [
    { name: "PASSWORD", value: SECRET },
    { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } },
  ],
  envFrom: [{ secretRef: { name: "all" } }],
  livenessProbe: { exec: { command: [SECRET] }, httpGet: { httpHeaders: [{ name: "Authorization", value: SECRET }] } },
  lifecycle: { postStart: { exec: { command: [SECRET] } } },
  volumeMounts: [{ name: "v", mountPath: "/v" }],
  securityContext: { privileged: true },
};
const spec = {
  serviceAccountName: "web",
  hostNetwork: true,
  containers: [container],
  initContainers: [container],
  volumes: [
    { name: "v", secret: { secretName: "files" } },
    { name: "c", csi: { driver: "d", volumeAttributes: { password: SECRET } } },
  ],
};
const template = { metadata: { labels: { app: "web" }, annotations: { config: SECRET } }, spec };
const metadata = {
  name: "web",
  namespace: "dev",
  uid: "1",
  labels: { app: "web" },
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": SECRET, "kubectl-mirrord.io/intent": "{}" },
  ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "2" }],
  managedFields: [{ manager: SECRET }],
};
const { deployments, cronJobs, pods, serviceAccounts, roleBindings, services } = nativeResources;

t.test("of workloads what an audit needs is kept, and nothing in which a password may be", async (t) => {
  const workloads = [
    snapshotObject(deployments, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: 2, template, strategy: SECRET },
      status: { availableReplicas: 1, conditions: [{ message: SECRET }] },
    }),
    snapshotObject(cronJobs, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata,
      spec: { schedule: "@daily", jobTemplate: { metadata: { annotations: { a: SECRET } }, spec: { template } } },
    }),
    snapshotObject(pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: { ...spec, ephemeralContainers: [container] },
      status: { phase: "Running" },
    }),
    snapshotObject(services, {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: "web" }, ports: [{ port: 80 }], externalName: SECRET },
    }),
  ];
  t.notMatch(JSON.stringify(workloads), new RegExp(SECRET));
  const kept = {
    serviceAccountName: "web",
    hostNetwork: true,
    containers: [
      {
        name: "app",
        image: "shop/web:1",
        envFrom: [{ secretRef: { name: "all" } }],
        env: [{ name: "PASSWORD" }, { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } }],
        securityContext: { privileged: true },
      },
    ],
    volumes: [{ name: "v", secret: { secretName: "files" } }, { name: "c" }],
  };
  t.match(workloads, [
    {
      metadata: { uid: "1", annotations: { "kubectl-mirrord.io/intent": "{}" } },
      spec: { replicas: 2, template: { metadata: { labels: { app: "web" } }, spec: kept } },
      status: { availableReplicas: 1 },
    },
    { spec: { schedule: "@daily", jobTemplate: { spec: { template: { spec: kept } } } } },
    { spec: { ...kept, ephemeralContainers: [{ name: "app" }] }, status: { phase: "Running" } },
    { spec: { selector: { app: "web" }, ports: [{ port: 80 }] } },
  ]);
});

t.test("bindings are whole, without what only a server has; of service accounts the names", async (t) => {
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { name: "r" },
    subjects: [],
  };
  t.same(snapshotObject(roleBindings, binding), {
    ...binding,
    metadata: {
      name: "web",
      namespace: "dev",
      labels: { app: "web" },
      annotations: { "kubectl-mirrord.io/intent": "{}" },
    },
  });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a" }, secrets: [{ name: SECRET }] };
  t.same(snapshotObject(serviceAccounts, account), {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "a" },
  });
});

t.test(
  "Secrets and ConfigMaps are never read, Jobs that end grants are left out, and what may not be read is named",
  async (t) => {
    const anchor: KubernetesObject = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "mirrord-expiry-x", namespace: "dev", labels: { "kubectl-mirrord.io/grant": "x" } },
      spec: { completions: 0, parallelism: 0 },
    };
    const cluster = fakeCluster({ objects: [namespace(), anchor], forbidden: ["pods"] });
    const { objects, unreadable } = await takeSnapshot(cluster);
    t.same(
      objects.map(({ kind }) => kind),
      ["Namespace"],
    );
    t.same(unreadable, ["pods"]);
    t.notOk(cluster.reads.some((read) => /secrets|configmaps/.test(read)));
  },
);
