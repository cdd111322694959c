// Namespaces that differ in their policies, the same targets in each, and identities that differ in their rights.
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { profileCrd } from "../operator/profile-crd.ts";
import { until } from "../until.ts";
import { random, type Random } from "../rbac/random.ts";
import { messageIn } from "./session-client.ts";

const OPERATOR = "operator.metalbear.co";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";

export interface Identity {
  name: string;
  groups: string[];
  /** It may list both kinds of policies. */
  readsPolicies: boolean;
  /** For a message about a disagreement. */
  rights: string[];
}

interface PolicySpec {
  block: string[];
  [field: string]: unknown;
}

/** By namespace. Together they use every field that refuses something. */
const policies: Record<string, PolicySpec[]> = {
  "pm-free": [],
  "pm-steal": [{ block: ["steal"], targetPath: "deploy/web*" }],
  "pm-filter": [
    { block: ["steal-without-filter"], selector: { matchLabels: { app: "web" } } },
    { block: [], targetPath: "statefulset/*", network: { incoming: { httpFilter: { headerFilter: "^x-user: jim" } } } },
  ],
  "pm-profile": [
    { block: [], targetPath: "deploy/*", requireProfile: true },
    {
      block: [],
      selector: { matchExpressions: [{ key: "app", operator: "In", values: ["db"] }] },
      profileAllowlist: ["safe"],
    },
  ],
  "pm-mirror": [
    { block: ["mirror"], appliesToCopyTargets: true, targetPath: "deploy/*" },
    { block: ["steal"], targetPath: "pod/*" },
  ],
  "pm-copy": [
    { block: ["copy-target-scale-down"], selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
  ],
};

export const namespaces = Object.keys(policies);

export async function makeWorld(plane: ControlPlane, seed: number, count: number): Promise<Identity[]> {
  const put = async (path: string, body: Record<string, unknown>, method?: string) => {
    const { token } = plane.admin;
    const answer = await apiRequest(plane, {
      token,
      path,
      body,
      ...(method === undefined ? {} : { method, headers: { "Content-Type": "application/merge-patch+json" } }),
    });
    if (answer.status >= 300) throw new Error(`${path}: ${messageIn(answer.body)}`);
  };
  await put("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", profileCrd);
  await Promise.all(namespaces.map((namespace) => makeNamespace(namespace, put)));
  await put("/apis/policies.mirrord.metalbear.co/v1alpha/mirrordclusterpolicies", {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordClusterPolicy",
    metadata: { name: "locked" },
    spec: { block: ["steal", "mirror"], selector: { matchLabels: { tier: "locked" } } },
  });
  await until("profiles are served", async () => {
    const path = "/apis/profiles.mirrord.metalbear.co/v1alpha/mirrordclusterprofiles";
    return (await apiRequest(plane, { token: plane.admin.token, path })).status === 200;
  });
  for (const name of ["safe", "wild"])
    await put("/apis/profiles.mirrord.metalbear.co/v1alpha/mirrordclusterprofiles", {
      apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
      kind: "MirrordClusterProfile",
      metadata: { name },
      spec: { featureAdjustments: [] },
    });
  const choice = random(seed);
  const identities = Array.from({ length: count }, (_, index) => makeIdentity(index, choice));
  for (const { identity, objects } of identities) {
    await Promise.all(objects.map(({ path, body }) => put(path, body)));
    void identity;
  }
  return identities.map(({ identity }) => identity);
}

type Put = (path: string, body: Record<string, unknown>, method?: string) => Promise<void>;

async function makeNamespace(namespace: string, put: Put): Promise<void> {
  await put("/api/v1/namespaces", { metadata: { name: namespace } });
  await put(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: "default" } });
  const inside = (group: string, plural: string) => `${group}/namespaces/${namespace}/${plural}`;
  const workload = (name: string, labels: Record<string, string>, more: Record<string, unknown> = {}) => ({
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { run: name } },
      template: {
        metadata: { labels: { run: name } },
        spec: {
          containers: [
            { name: "main", image: "x" },
            { name: "side", image: "x" },
          ],
        },
      },
      ...more,
    },
  });
  const apps = "/apis/apps/v1";
  const podSpec = { restartPolicy: "Never", containers: [{ name: "main", image: "x" }] };
  const template = { spec: podSpec };
  await put(inside(apps, "deployments"), workload("web", { app: "web" }));
  await put(inside(apps, "deployments"), workload("locked", { app: "locked", tier: "locked" }));
  await put(inside(apps, "deployments"), workload("idle", { app: "idle" }, { replicas: 0 }));
  for (const name of ["web", "locked"]) {
    const status = { status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 } };
    await put(`${inside(apps, "deployments")}/${name}/status`, status, "PATCH");
  }
  await put(inside(apps, "statefulsets"), workload("db", { app: "db" }, { serviceName: "db" }));
  await put(inside(apps, "replicasets"), workload("rs", { app: "web" }));
  await put(inside(apps, "statefulsets"), workload("empty", { app: "empty" }, { serviceName: "empty", replicas: 0 }));
  // No controller and no kubelet runs here: what they would do is written.
  const runPod = async (name: string, labels: Record<string, string>, containers: string[]) => {
    const pod = `${inside("/api/v1", "pods")}/${name}`;
    const spec = { restartPolicy: "Never", containers: containers.map((one) => ({ name: one, image: "x" })) };
    await put(inside("/api/v1", "pods"), { metadata: { name, labels }, spec });
    await put(`${pod}/binding`, { metadata: { name }, target: { apiVersion: "v1", kind: "Node", name: "node-1" } });
    const containerStatuses = containers.map((one) => ({
      name: one,
      ready: true,
      restartCount: 0,
      image: "x",
      imageID: "x",
    }));
    await put(`${pod}/status`, { status: { phase: "Running", containerStatuses } }, "PATCH");
  };
  await runPod("p1", { app: "web", run: "p1" }, ["main"]);
  for (const name of ["web", "db", "rs"]) await runPod(`${name}-0`, { run: name }, ["main", "side"]);
  await put(inside("/api/v1", "pods"), { metadata: { name: "waiting", labels: { app: "idle" } }, spec: podSpec });
  await put(inside("/api/v1", "services"), {
    metadata: { name: "websvc", labels: { app: "web" } },
    spec: { selector: { run: "web" }, ports: [{ port: 80 }] },
  });
  await put(inside("/api/v1", "services"), { metadata: { name: "lonely" }, spec: { ports: [{ port: 80 }] } });
  await put(inside("/apis/batch/v1", "jobs"), { metadata: { name: "j1", labels: { app: "job" } }, spec: { template } });
  await put(inside("/apis/batch/v1", "cronjobs"), {
    metadata: { name: "cj1", labels: { app: "job" } },
    spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template } } },
  });
  for (const [index, spec] of (policies[namespace] ?? []).entries())
    await put(inside("/apis/policies.mirrord.metalbear.co/v1alpha", "mirrordpolicies"), {
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordPolicy",
      metadata: { name: `policy-${index}` },
      spec,
    });
}

/** Each with the chance that an identity has it: most have nearly everything, so that about half of the sessions work. */
const clusterRights: { name: string; chance: number; rules: object[] }[] = [
  { name: "operator", chance: 0.95, rules: [rule(OPERATOR, ["mirrordoperators"], ["get"])] },
  { name: "credential", chance: 0.95, rules: [rule(OPERATOR, ["mirrordclusteroperatorusercredentials"], ["create"])] },
  { name: "old credential", chance: 0.8, rules: [rule(OPERATOR, ["mirrordoperators/certificate"], ["create"])] },
  {
    name: "profiles",
    chance: 0.8,
    rules: [rule("profiles.mirrord.metalbear.co", ["mirrordclusterprofiles"], ["get"])],
  },
];

const namespaceRights: { name: string; chance: number; rules: object[] }[] = [
  {
    name: "native get",
    chance: 0.85,
    rules: [
      rule("apps", ["deployments", "statefulsets", "replicasets"], ["get"]),
      rule("batch", ["jobs", "cronjobs"], ["get"]),
      rule("", ["pods", "services"], ["get"]),
    ],
  },
  { name: "get of web", chance: 0.5, rules: [rule("apps", ["deployments"], ["get"], ["web"])] },
  { name: "list pods", chance: 0.85, rules: [rule("", ["pods"], ["list"])] },
  { name: "namespace", chance: 0.6, rules: [rule("", ["namespaces"], ["get"])] },
  { name: "connect", chance: 0.75, rules: [rule(OPERATOR, ["targets"], ["proxy"])] },
  { name: "connect to web", chance: 0.3, rules: [rule(OPERATOR, ["targets"], ["proxy"], ["deployment.web"])] },
  {
    name: "connect to deploy.web",
    chance: 0.3,
    rules: [rule(OPERATOR, ["targets"], ["get", "proxy"], ["deploy.web"])],
  },
  {
    name: "connect to containers",
    chance: 0.3,
    rules: [rule(OPERATOR, ["targets"], ["proxy"], ["deployment.web.container.main", "statefulset.db.container.main"])],
  },
  { name: "look up", chance: 0.7, rules: [rule(OPERATOR, ["targets"], ["get"])] },
  { name: "copies", chance: 0.6, rules: [rule(OPERATOR, ["copytargets"], ["get", "list", "create", "proxy"])] },
  { name: "see copies", chance: 0.3, rules: [rule(OPERATOR, ["copytargets"], ["get", "list"])] },
  {
    name: "named copy",
    chance: 0.2,
    rules: [rule(OPERATOR, ["copytargets"], ["list", "create", "proxy"], ["deploy.web"])],
  },
];

function rule(apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): object {
  return { apiGroups: [apiGroup], resources, verbs, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

function makeIdentity(index: number, choice: Random) {
  const isAccount = choice.chance(0.15);
  const name = isAccount ? `system:serviceaccount:pm-free:bot-${index}` : `user-${index}`;
  const group = `team-${index}`;
  const groups = isAccount
    ? ["system:serviceaccounts", "system:serviceaccounts:pm-free"]
    : choice.chance(0.5)
      ? [group]
      : [];
  const readsPolicies = choice.chance(0.7);
  const cluster = clusterRights.filter(({ chance }) => choice.chance(chance));
  const inside = namespaceRights.filter(({ chance }) => choice.chance(chance));
  const subject = isAccount
    ? { kind: "ServiceAccount", namespace: "pm-free", name: `bot-${index}` }
    : groups.length > 0 && choice.chance(0.7)
      ? { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: group }
      : { kind: "User", apiGroup: "rbac.authorization.k8s.io", name };
  const policyRule = rule("policies.mirrord.metalbear.co", ["mirrordpolicies", "mirrordclusterpolicies"], ["list"]);
  const clusterRules = [...cluster.flatMap(({ rules }) => rules), ...(readsPolicies ? [policyRule] : [])];
  const insideRules = inside.flatMap(({ rules }) => rules);
  const everywhere = choice.chance(0.3);
  const places = everywhere ? [] : choice.some(namespaces, 4, namespaces.length);
  const binding = (suffix: string) => ({
    metadata: { name: `pm-${index}${suffix}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `pm-${index}${suffix}` },
    subjects: [subject],
  });
  const role = (suffix: string, rules: object[]) => ({
    path: `${RBAC}/clusterroles`,
    body: { metadata: { name: `pm-${index}${suffix}` }, rules },
  });
  const objects = [
    role("", clusterRules),
    role("-in", insideRules),
    { path: `${RBAC}/clusterrolebindings`, body: binding("") },
    ...(everywhere ? [{ path: `${RBAC}/clusterrolebindings`, body: binding("-in") }] : []),
    ...places.map((namespace) => ({ path: `${RBAC}/namespaces/${namespace}/rolebindings`, body: binding("-in") })),
  ];
  const rights = [...cluster, ...inside].map((right) => right.name).concat(everywhere ? "everywhere" : places);
  const identity: Identity = { name, groups, readsPolicies, rights };
  return { identity, objects };
}
