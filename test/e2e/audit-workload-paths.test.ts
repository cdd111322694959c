// Paths by what runs: walked on a real API server with its controllers, each step by whoever it is about. No kubelet runs: what one
// does for a pod, having a token of its account made, is done in the name of the pod's node. What only a kubelet does, starting a
// command in a pod, is asked by SubjectAccessReview, and such walks are marked.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { role, roleBinding, roleRef, rule, user } from "../rbac/objects.ts";
import { review } from "../rbac/server.ts";
import { until } from "../until.ts";
import {
  ACCOUNT,
  applyPatch,
  mergePatch,
  pathWorld,
  walkAll,
  type Token,
  type Walk,
  type Walker,
} from "./path-world.ts";

const plane = await startControlPlane({ auditLog: false });
const world = await pathWorld(plane);
t.teardown(async () => {
  world.close();
  await plane.stop();
});
const { admin, server, readsNodes } = world;

const NODE = "node-1";
await admin("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE } });
const strategicPatch = { "Content-Type": "application/strategic-merge-patch+json" };

type Pod = KubernetesObject & { spec: { nodeName?: string; serviceAccountName: string } };

const podSpec = (serviceAccountName: string) => ({
  serviceAccountName,
  containers: [{ name: "x", image: "x" }],
  // Nothing says that the node is ready.
  tolerations: [{ operator: "Exists" }],
});

const pod = (name: string, account: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: podSpec(account),
});

/** The status of what only an administrator reads, with a token that the node of this pod has made for it. */
async function readsAsPod({ metadata, spec }: Pod): Promise<number> {
  const { namespace = "", name = "", uid } = metadata;
  if (spec.nodeName === undefined) {
    const target = { apiVersion: "v1", kind: "Node", name: NODE };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
    await admin("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, binding);
  }
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid } },
  };
  const node = world.sender(plane.token(`system:node:${NODE}`, "system:nodes"));
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
  // The authorizer of nodes learns of the pod a moment later.
  const token = await until("the node has a token for its pod", async () => {
    const { body } = await node("POST", path, request);
    return (body as Token).status?.token;
  });
  return await readsNodes(token);
}

/** As a pod of the account that is there, or comes. */
async function readsAsAccount({ namespace }: Pick<Walker, "namespace">): Promise<number> {
  const found = await until("a pod runs as the account", async () => {
    const { body } = await admin("GET", `/api/v1/namespaces/${namespace}/pods`);
    const { items } = body as { items: Pod[] };
    return items.find(
      ({ metadata, spec }) => spec.serviceAccountName === ACCOUNT && metadata.deletionTimestamp === undefined,
    );
  });
  return await readsAsPod(found);
}

interface Kind {
  group: string;
  version: string;
  plural: string;
  kind: string;
  spec: (template: object) => object;
}

const matchLabels = { app: "walk" };
const workload = (plural: string, kind: string): Kind => ({
  group: "apps",
  version: "v1",
  plural,
  kind,
  spec: (template) => ({
    ...(kind === "DaemonSet" ? {} : { replicas: 1 }),
    selector: { matchLabels },
    template,
  }),
});

const kinds: Kind[] = [
  workload("deployments", "Deployment"),
  workload("daemonsets", "DaemonSet"),
  workload("statefulsets", "StatefulSet"),
  workload("replicasets", "ReplicaSet"),
  {
    group: "",
    version: "v1",
    plural: "replicationcontrollers",
    kind: "ReplicationController",
    spec: (template) => ({ replicas: 1, selector: matchLabels, template }),
  },
  { group: "batch", version: "v1", plural: "jobs", kind: "Job", spec: (template) => ({ template }) },
  {
    group: "batch",
    version: "v1",
    plural: "cronjobs",
    kind: "CronJob",
    spec: (template) => ({ schedule: "* * * * *", jobTemplate: { spec: { template } } }),
  },
];

const listPath = ({ group, version, plural }: Kind, namespace: string) =>
  `${group === "" ? "/api" : `/apis/${group}`}/${version}/namespaces/${namespace}/${plural}`;

const object = ({ group, version, kind, spec }: Kind, account: string) => {
  const isJob = group === "batch";
  const template = {
    metadata: { labels: matchLabels },
    spec: { ...podSpec(account), ...(isJob ? { restartPolicy: "Never" } : {}) },
  };
  return {
    apiVersion: group === "" ? version : `${group}/${version}`,
    kind,
    metadata: { name: "walk" },
    spec: spec(template),
  };
};

/** A CronJob waits for the next minute: it is taken for one that has missed some. */
async function waitsNoLonger(kind: Kind, { namespace }: Walker): Promise<void> {
  if (kind.kind !== "CronJob") return;
  const status = { lastScheduleTime: new Date(Date.now() - 300_000).toISOString().replace(/\.\d+/, "") };
  await admin("PATCH", `${listPath(kind, namespace)}/walk/status`, { status }, mergePatch);
}

const creations = kinds.map((kind): Walk => ({
  name: `a ${kind.kind} is made`,
  edge: "pod-creation",
  rules: [rule(kind.group, kind.plural, "create")],
  async walk(start) {
    const made = await start.send("POST", listPath(kind, start.namespace), object(kind, ACCOUNT));
    if (made.status !== 201) return made.status;
    await waitsNoLonger(kind, start);
    return await readsAsAccount(start);
  },
}));

/** Some controllers make only the pods that are missing by the new template: here those of the old one go. */
const arePodsRenewed = (namespace: string) =>
  until("a pod is made by the new template", async () => {
    const { items } = (await admin("GET", podPath({ namespace }))).body as { items: Pod[] };
    const old = items.filter(({ spec }) => spec.serviceAccountName !== ACCOUNT);
    await Promise.all(old.map(({ metadata }) => admin("DELETE", `${podPath({ namespace })}/${metadata.name ?? ""}`)));
    return items.length > old.length;
  });

const changes = kinds
  .filter(({ kind }) => kind !== "Job")
  .map((kind): Walk => ({
    name: `the template of a ${kind.kind} is changed`,
    edge: "pod-creation",
    rules: [rule(kind.group, kind.plural, "patch")],
    prepare: (namespace) => admin("POST", listPath(kind, namespace), object(kind, "default")),
    async walk(start) {
      const { namespace, send } = start;
      const { spec } = object(kind, ACCOUNT);
      const made = await send("PATCH", `${listPath(kind, namespace)}/walk`, { spec }, mergePatch);
      if (made.status !== 200) return made.status;
      await waitsNoLonger(kind, start);
      await arePodsRenewed(namespace);
      return await readsAsAccount(start);
    },
  }));

const podPath = ({ namespace }: Pick<Walker, "namespace">) => `/api/v1/namespaces/${namespace}/pods`;
const runs = (namespace: string) => admin("POST", podPath({ namespace }), pod("web", ACCOUNT));

/**
 * Marked: a kubelet starts the command. The API server is asked whether the walker may, and is sent the request, which it passes
 * on or says that there is no kubelet; inside, the token is a file.
 */
async function enters(start: Walker, right: { verb: string; resource: string; subresource: string }, path: string) {
  const { name, namespace, send } = start;
  const scope = right.resource === "nodes" ? { name: NODE } : { namespace, name: "web" };
  const asked = { user: { name, groups: ["system:authenticated"] }, apiGroup: "", ...right, ...scope };
  const { allowed } = await review(server, asked);
  const { status } = await send(right.verb === "create" ? "POST" : "GET", path);
  if (!allowed) return status;
  return status === 403 ? status : await readsAsAccount(start);
}

const walks: Walk[] = [
  {
    name: "a pod is made",
    edge: "pod-creation",
    rules: [rule("", "pods", "create")],
    async walk(start) {
      const made = await start.send("POST", podPath(start), pod("walk", ACCOUNT));
      return made.status === 201 ? await readsAsAccount(start) : made.status;
    },
  },
  {
    name: "a pod is applied under the one name that may be created",
    edge: "pod-creation",
    rules: [rule("", "pods", "create", "walk"), rule("", "pods", "patch", "walk")],
    async walk(start) {
      const path = `${podPath(start)}/walk?fieldManager=walk`;
      const made = await start.send("PATCH", path, pod("walk", ACCOUNT), applyPatch);
      return made.status === 201 ? await readsAsAccount(start) : made.status;
    },
  },
  {
    name: "the image of a pod is changed",
    edge: "pod-creation",
    rules: [rule("", "pods", "patch")],
    prepare: runs,
    async walk(start) {
      const change = { spec: { containers: [{ name: "x", image: "mine" }] } };
      const made = await start.send("PATCH", `${podPath(start)}/web`, change, strategicPatch);
      return made.status === 200 ? await readsAsAccount(start) : made.status;
    },
  },
  {
    name: "the revision of a StatefulSet is made anew",
    edge: "pod-creation",
    rules: [rule("apps", "controllerrevisions", "delete"), rule("apps", "controllerrevisions", "create")],
    more: (name, namespace) => [
      role(namespace, "looks", [rule("apps", "controllerrevisions", "list")]),
      roleBinding(namespace, "looks", roleRef("looks"), [user(name)]),
    ],
    prepare: async (namespace) => {
      const [, , kind] = kinds;
      if (kind === undefined) throw new Error("no StatefulSet");
      const made = object(kind, "default");
      // Pods below the partition are made by the revision before.
      const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
      await admin("POST", listPath(kind, namespace), { ...made, spec: { ...made.spec, updateStrategy } });
      await until(
        "its pod is there",
        async () => (await admin("GET", `${podPath({ namespace })}/walk-0`)).status === 200,
      );
    },
    async walk(start) {
      const { namespace, send } = start;
      const path = `/apis/apps/v1/namespaces/${namespace}/controllerrevisions`;
      const { items } = (await send("GET", path)).body as { items: KubernetesObject[] };
      const [revision] = items;
      if (revision === undefined) throw new Error("no revision");
      const { name, labels, annotations, ownerReferences } = revision.metadata;
      const data = JSON.stringify(revision["data"]).replaceAll('"default"', `"${ACCOUNT}"`);
      // The controller may make its own again before.
      const answer = await until("the revision is made anew", async () => {
        const gone = await send("DELETE", `${path}/${name ?? ""}`);
        if (gone.status !== 200 && gone.status !== 404) return gone;
        const made = await send("POST", path, {
          apiVersion: "apps/v1",
          kind: "ControllerRevision",
          metadata: { name, labels, annotations, ownerReferences },
          revision: revision["revision"],
          data: JSON.parse(data) as object,
        });
        return made.status !== 409 && made;
      });
      if (answer.status !== 201) return answer.status;
      // The controller learns of the revision a moment later: a pod by the one before goes again.
      await until("the pod is of the new revision", async () => {
        const { body } = await admin("GET", `${podPath(start)}/walk-0`);
        const { spec } = body as Partial<Pod>;
        if (spec?.serviceAccountName === ACCOUNT) return true;
        if (spec !== undefined) await admin("DELETE", `${podPath(start)}/walk-0`);
        return false;
      });
      return await readsAsAccount(start);
    },
  },
  {
    name: "a container is added to a pod that runs",
    edge: "pod-entry",
    rules: [rule("", "pods/ephemeralcontainers", "patch")],
    prepare: runs,
    async walk(start) {
      const change = { spec: { ephemeralContainers: [{ name: "mine", image: "mine", targetContainerName: "x" }] } };
      const made = await start.send("PATCH", `${podPath(start)}/web/ephemeralcontainers`, change, strategicPatch);
      return made.status === 200 ? await readsAsAccount(start) : made.status;
    },
  },
  ...["exec", "attach"].map((subresource): Walk => ({
    name: `a pod is entered by ${subresource} (needs a kubelet)`,
    edge: "pod-entry",
    rules: [rule("", `pods/${subresource}`, "create")],
    prepare: runs,
    walk: (start) =>
      enters(
        start,
        { verb: "create", resource: "pods", subresource },
        `${podPath(start)}/web/${subresource}?command=sh&stdout=true`,
      ),
  })),
  ...(["get", "create"] as const).map((verb): Walk => ({
    name: `a pod is entered through its node, by ${verb} (needs a kubelet)`,
    edge: "node-proxy",
    rules: [rule("", "nodes/proxy", verb)],
    wide: true,
    prepare: runs,
    walk: (start) =>
      enters(
        start,
        { verb, resource: "nodes", subresource: "proxy" },
        `/api/v1/nodes/${NODE}/proxy/run/${start.namespace}/web/x?cmd=id`,
      ),
  })),
];

walkAll(t, world, [...walks, ...creations, ...changes]);

t.test("the template of a Job cannot be changed: no path, and the server refuses", async (t) => {
  const kind = kinds.find(({ plural }) => plural === "jobs");
  if (kind === undefined) return t.fail("no Job");
  const start = await world.walker(t, { rules: [rule("batch", "jobs", "patch"), rule("batch", "jobs", "update")] });
  const made = object(kind, "default");
  await admin("POST", listPath(kind, start.namespace), { ...made, spec: { ...made.spec, suspend: true } });
  t.same(await world.paths(start.name), []);
  const change = { spec: object(kind, ACCOUNT).spec };
  const answer = await start.send("PATCH", `${listPath(kind, start.namespace)}/walk`, change, mergePatch);
  t.match(answer, { status: 422, body: { message: /field is immutable/ } });
});

t.test("rollouts are pods by another's controller: no walk here, the server allows what the audit says", async (t) => {
  for (const verb of ["create", "update", "patch"]) {
    const start = await world.walker(t, { rules: [rule("argoproj.io", "rollouts", verb)] });
    t.match(await world.paths(start.name), [/^pod-creation sa:.*\/deployer administrator$/]);
    const { name, namespace } = start;
    const asked = { user: { name, groups: [] }, verb, apiGroup: "argoproj.io", resource: "rollouts", namespace };
    t.match(await review(server, asked), { allowed: true });
    t.match(await review(server, { ...asked, resource: "analysisruns" }), { allowed: false });
  }
});
