import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { defaultsWorld, pod, type Person } from "./secure-defaults-world.ts";

// Seven options × the lists of containers × every kind that has a pod in it × everybody who may write there, through the
// real kubectl and a real API server.
t.setTimeout(600_000);
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
t.teardown(async () => {
  world.stop();
  await cluster.stop();
});

await world.must("install", "--secure-defaults=enforce", "-n", "mirrord", "-y");
await world.namespace("work");

const template = (spec: object) => ({ metadata: { labels: { app: "x" } }, spec });
const selected = (spec: object) => ({ selector: { matchLabels: { app: "x" } }, template: template(spec) });
const once = (spec: object) => ({ template: { spec: { restartPolicy: "Never", ...spec } } });

const kinds: { kind: string; apiVersion: string; plural: string; spec: (pod: object) => object }[] = [
  { kind: "Pod", apiVersion: "v1", plural: "pods", spec: (spec) => spec },
  { kind: "Deployment", apiVersion: "apps/v1", plural: "deployments.apps", spec: selected },
  { kind: "DaemonSet", apiVersion: "apps/v1", plural: "daemonsets.apps", spec: selected },
  {
    kind: "StatefulSet",
    apiVersion: "apps/v1",
    plural: "statefulsets.apps",
    spec: (spec) => ({ serviceName: "x", ...selected(spec) }),
  },
  { kind: "ReplicaSet", apiVersion: "apps/v1", plural: "replicasets.apps", spec: selected },
  { kind: "Job", apiVersion: "batch/v1", plural: "jobs.batch", spec: once },
  {
    kind: "CronJob",
    apiVersion: "batch/v1",
    plural: "cronjobs.batch",
    spec: (spec) => ({ schedule: "0 0 1 1 *", jobTemplate: { spec: once(spec) } }),
  },
  {
    kind: "ReplicationController",
    apiVersion: "v1",
    plural: "replicationcontrollers",
    spec: (spec) => ({ selector: { app: "x" }, template: template(spec) }),
  },
  { kind: "PodTemplate", apiVersion: "v1", plural: "podtemplates", spec: template },
];

const plain = { name: "app", image: "i" };
const withContext = (name: string, securityContext: object) => ({ name, image: "i", securityContext });

/** What of a container is one option: it can be in any of the three lists. */
const containerOptions = {
  allowPrivilegeEscalation: { allowPrivilegeEscalation: true },
  capabilities: { capabilities: { add: ["NET_ADMIN"] } },
  privileged: { privileged: true },
};

/** One option at one place, and how the message names it. */
const offences: { option: string; list: string; spec: object; where: string }[] = [
  ...["hostIPC", "hostNetwork", "hostPID"].map((option) => ({
    option,
    list: "pod",
    spec: { containers: [plain], [option]: true },
    where: `spec.${option}`,
  })),
  {
    option: "hostPath",
    list: "pod",
    spec: { containers: [plain], volumes: [{ name: "host", hostPath: { path: "/" } }] },
    where: "volumes[host].hostPath",
  },
  ...Object.entries(containerOptions).flatMap(([option, securityContext]) => [
    {
      option,
      list: "containers",
      spec: { containers: [withContext("app", securityContext)] },
      where: `containers[app].${option}`,
    },
    {
      option,
      list: "initContainers",
      spec: { containers: [plain], initContainers: [withContext("first", securityContext)] },
      where: `initContainers[first].${option}`,
    },
    {
      option,
      list: "ephemeralContainers",
      spec: { containers: [plain], ephemeralContainers: [withContext("debug", securityContext)] },
      where: `ephemeralContainers[debug].${option}`,
    },
  ]),
];

/** The same without any option, as it would be refused if a rule were too wide. */
const harmless = [
  { containers: [plain], hostIPC: false, hostNetwork: false, hostPID: false },
  { containers: [withContext("app", { allowPrivilegeEscalation: false, privileged: false })] },
  { containers: [withContext("app", { capabilities: { drop: ["ALL"], add: [] } })] },
  {
    containers: [plain],
    volumes: [
      { name: "e", emptyDir: {} },
      { name: "c", persistentVolumeClaim: { claimName: "c" } },
    ],
  },
];

interface Cell {
  object: KubernetesObject;
  plural: string;
  offence: (typeof offences)[number];
}

const lower = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

const cells: Cell[] = kinds.flatMap(({ kind, apiVersion, plural, spec }) =>
  offences.map((offence): Cell => {
    const name = lower(`${kind}-${offence.option}-${offence.list}`);
    const fields = kind === "PodTemplate" ? { template: spec(offence.spec) } : { spec: spec(offence.spec) };
    return { plural, offence, object: { apiVersion, kind, metadata: { name, namespace: "work" }, ...fields } };
  }),
);

const controls: KubernetesObject[] = kinds.flatMap(({ kind, apiVersion, spec }) =>
  harmless.map((given, at): KubernetesObject => {
    const fields = kind === "PodTemplate" ? { template: spec(given) } : { spec: spec(given) };
    return { apiVersion, kind, metadata: { name: lower(`${kind}-plain-${at}`), namespace: "work" }, ...fields };
  }),
);

const attributes = "hostIPC,hostNetwork,hostPID,allowPrivilegeEscalation,capabilities,privileged,hostPath";

const user = world.user("ulla");
const namespaceAdmin = world.user("nora");
const clusterAdmin = world.user("carl");
const exempted = world.user("erin");
const expired = world.user("xena");
const local = await world.account("work", "local-admin");
const global = await world.account("work", "global-admin");
// The smallest role that may create all kinds, PodTemplates too: it matters what the policies say, not what RBAC does.
await world.put("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "maker" },
  rules: [{ apiGroups: [""], resources: ["podtemplates", "pods/ephemeralcontainers"], verbs: ["*"] }],
});
for (const person of [user, exempted, expired]) await world.bind(person, "edit", "work");
await world.bind(namespaceAdmin, "admin", "work");
for (const person of [user, exempted, expired, namespaceAdmin]) await world.bind(person, "maker", "work");
await world.bind(clusterAdmin, "cluster-admin");
await world.bind(local, "cluster-admin", "work");
await world.bind(global, "cluster-admin");

await world.must("grant", "erin", "--privileged", attributes, "--ns", "work", "--for", "8h", "--groups=");
await world.must("grant", "xena", "--privileged", attributes, "--ns", "work", "--for", "5s", "--groups=");
await world.settled("allowed", expired, "work");

const people: { who: string; person: Person; allowed: boolean }[] = [
  { who: "a user with edit", person: user, allowed: false },
  { who: "an administrator of the namespace", person: namespaceAdmin, allowed: false },
  { who: "a cluster-admin", person: clusterAdmin, allowed: true },
  { who: "a service account with cluster-admin by RoleBinding", person: local, allowed: false },
  { who: "a service account with cluster-admin by ClusterRoleBinding", person: global, allowed: true },
  { who: "somebody who is exempt", person: exempted, allowed: true },
  { who: "somebody whose exemption is over", person: expired, allowed: false },
];

const refusal = ({ object: { metadata }, plural, offence }: Cell, policy: string, who: string) =>
  `Error from server (Forbidden): error when creating "STDIN": ${plural} "${metadata.name}" is forbidden: ` +
  `ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ` +
  `user "${who}" is not an admin and does not have permissions to use privileged mode for resource: ${offence.where}`;

const policies: Record<string, string> = {
  Pod: "kubectl-mirrord-defaults-pods",
  CronJob: "kubectl-mirrord-defaults-cronjobs",
  PodTemplate: "kubectl-mirrord-defaults-podtemplates",
};
const policyFor = (kind: string) => policies[kind] ?? "kubectl-mirrord-defaults-workloads";

await world.settled("refused", expired, "work");
await world.settled("refused", user, "work");
await world.settled("refused", local, "work");
await world.settled("allowed", exempted, "work");
await world.settled("allowed", global, "work");
for (const { person } of people) {
  await until(`${person.name} may make what has no option`, async () => {
    const list = { apiVersion: "v1", kind: "List", items: controls };
    return (await world.kubectl(person, list, "create", "--dry-run=server", "-f", "-")).code === 0;
  });
}

for (const { who, person, allowed } of people) {
  t.test(`${who} ${allowed ? "may" : "may not"} have any option in any kind`, async (t) => {
    const items = { apiVersion: "v1", kind: "List", items: [...cells.map(({ object }) => object), ...controls] };
    const created = await world.kubectl(person, items, "create", "--dry-run=server", "-o", "name", "-f", "-");
    const names = new Set(created.stdout.trim().split("\n"));
    const errors = new Set(created.stderr.trim().split("\n"));
    for (const cell of cells) {
      const { kind, metadata } = cell.object;
      const { option, list } = cell.offence;
      const name = `${kind.toLowerCase()}${cell.plural.includes(".") ? `.${cell.plural.split(".")[1]}` : ""}/${metadata.name}`;
      if (list === "ephemeralContainers") {
        // Nobody can: they are added to a running pod, which is tried below.
        t.notOk(names.has(name), `${kind} ${option} ${list}`);
      } else if (allowed) t.ok(names.has(name), `${kind} ${option} ${list}`);
      else t.ok(errors.has(refusal(cell, policyFor(kind), person.name)), `${kind} ${option} ${list}`);
    }
    for (const { kind, metadata } of controls) {
      t.ok(
        [...names].some((name) => name.endsWith(`/${metadata.name}`)),
        `a plain ${kind} ${metadata.name} is none of its business`,
      );
    }
    t.equal(created.code, 1, "what has ephemeral containers is refused for everybody");
  });

  t.test(`${who} ${allowed ? "may" : "may not"} add a privileged container to a running pod`, async (t) => {
    const name = `running-${person.name.replaceAll(":", "-")}`;
    await world.put("/api/v1/namespaces/work/pods", pod(name));
    const path = `/api/v1/namespaces/work/pods/${name}/ephemeralcontainers`;
    for (const [option, securityContext] of Object.entries(containerOptions)) {
      const changed = { spec: { ephemeralContainers: [withContext("debug", securityContext)] } };
      const patch = "application/strategic-merge-patch+json";
      const { status, body } = await world.call(person, "PATCH", `${path}?dryRun=All`, changed, patch);
      t.equal(status, allowed ? 200 : 403, `${option}: ${body.message}`);
      if (!allowed) t.match(body.message, `for resource: ephemeralContainers[debug].${option}`);
    }
    const debugged = await world.kubectl(
      person,
      undefined,
      "debug",
      name,
      "-n",
      "work",
      "--image=i",
      "--profile=sysadmin",
      "--attach=false",
      "-q",
    );
    if (allowed) t.equal(debugged.code, 0, debugged.stderr);
    else
      t.match(
        debugged.stderr,
        /is not an admin and does not have permissions to use privileged mode for resource: ephemeralContainers\[/,
      );
  });
}

t.test("an exemption that is over leaves nothing that allows it", async (t) => {
  await until("the bindings are gone", async () => {
    const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/work/rolebindings";
    const { body } = await world.call(world.admin, "GET", path);
    return !JSON.stringify(body["items"]).includes("xena-work");
  });
  t.pass("the Job's end took them along");
});
