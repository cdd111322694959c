// Each requirement of the access model about privileged pods, and of the vendor's security page, by its number.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/json.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { auditEvents, auditLogLength } from "../control-plane/audit-log.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { defaultsWorld, pod } from "./secure-defaults-world.ts";

t.setTimeout(600_000);
const cluster = await startExampleCluster();
const world = defaultsWorld(cluster);
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-mke-"));
t.teardown(async () => {
  rmSync(folder, { recursive: true, force: true });
  world.stop();
  await cluster.stop();
});

await world.put("/apis/storage.k8s.io/v1/storageclasses", {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "local-disk" },
  provisioner: "kubernetes.io/no-provisioner",
});
await world.must("install", "--secure-defaults=enforce", "-y");
await world.namespace("shop");

const jim = world.user("jim");
const carl = world.user("carl");
const local = await world.account("shop", "local-admin");
const global = await world.account("shop", "global-admin");
await world.bind(jim, "edit", "shop");
await world.bind(jim, "edit", "mirrord");
await world.bind(carl, "cluster-admin");
await world.bind(local, "cluster-admin", "shop");
await world.bind(global, "cluster-admin");
await world.put("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "volumes" },
  rules: [{ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["*"] }],
});
await world.bind(jim, "volumes");
await world.bind(local, "volumes");
for (const person of [jim, local]) await world.settled("refused", person, "shop");
for (const person of [carl, global]) await world.settled("allowed", person, "shop");
await world.settled("refused", jim, "mirrord");

const withContext = (securityContext: object, name = "app") => ({ name, image: "i", securityContext });
const privileged = { containers: [withContext({ privileged: true })] };
const REFUSED = "is not an admin and does not have permissions to use privileged mode for resource";

/** `kubectl run`, as somebody would try it. */
const run = (as: typeof jim, spec: object) =>
  world.kubectl(
    as,
    undefined,
    "run",
    "mypod",
    "-n",
    "shop",
    "--image=i",
    "--dry-run=server",
    `--overrides=${JSON.stringify({ apiVersion: "v1", spec })}`,
  );

t.test("MKE-28: a cluster-admin service account may by a ClusterRoleBinding, and not by a RoleBinding", async (t) => {
  t.match(await run(global, privileged), { code: 0 });
  t.match(await run(local, privileged), {
    code: 1,
    stderr: `user "${local.name}" ${REFUSED}: containers[app].privileged`,
  });
  t.match(await run(carl, privileged), { code: 0 });
});

t.test("MKE-29: an agent that a client makes past the operator is refused", async (t) => {
  const agent = {
    hostPID: true,
    restartPolicy: "Never",
    volumes: [{ name: "hostrun", hostPath: { path: "/run" } }],
    containers: [
      withContext(
        { privileged: true, capabilities: { add: ["SYS_ADMIN", "SYS_PTRACE", "NET_RAW", "NET_ADMIN"] } },
        "mirrord-agent",
      ),
    ],
  };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "mirrord-agent", namespace: "shop" },
    spec: { template: { spec: agent } },
  };
  t.match(await world.kubectl(jim, job, "create", "-f", "-"), {
    code: 1,
    stderr: `jobs.batch "mirrord-agent" is forbidden`,
  });
  t.match(await run(jim, agent), { code: 1, stderr: REFUSED });
});

const single: { id: string; option: string; refused: object; where: string; admitted: object[] }[] = [
  ...[
    ["MKE-30", "hostIPC"],
    ["MKE-31", "hostNetwork"],
    ["MKE-32", "hostPID"],
  ].map(([id = "", option = ""]) => ({
    id,
    option,
    refused: { [option]: true },
    where: `spec.${option}`,
    admitted: [{ [option]: false }, {}],
  })),
  {
    id: "MKE-33",
    option: "allowPrivilegeEscalation",
    refused: { containers: [withContext({ allowPrivilegeEscalation: true })] },
    where: "containers[app].allowPrivilegeEscalation",
    admitted: [{ containers: [withContext({ allowPrivilegeEscalation: false })] }, { containers: [withContext({})] }],
  },
  {
    id: "MKE-34",
    option: "capabilities",
    refused: { containers: [withContext({ capabilities: { add: ["NET_BIND_SERVICE"] } })] },
    where: "containers[app].capabilities",
    admitted: [{ containers: [withContext({ capabilities: { drop: ["ALL"] } })] }],
  },
  {
    id: "MKE-35",
    option: "privileged",
    refused: { containers: [withContext({})], initContainers: [withContext({ privileged: true }, "first")] },
    where: "initContainers[first].privileged",
    admitted: [{ containers: [withContext({ privileged: false })] }],
  },
  {
    id: "MKE-36",
    option: "hostPath",
    refused: { containers: [withContext({})], volumes: [{ name: "host", hostPath: { path: "/etc" } }] },
    where: "volumes[host].hostPath",
    admitted: [{ containers: [withContext({})], volumes: [{ name: "none", emptyDir: {} }] }],
  },
];
for (const { id, option, refused, where, admitted } of single) {
  t.test(`${id}: ${option} is for administrators; what does not ask for it is let through`, async (t) => {
    const given = await run(jim, refused);
    t.match(given, { code: 1, stderr: `pods "mypod" is forbidden: ` });
    t.match(given.stderr, `user "jim" ${REFUSED}: ${where}\n`);
    t.match(await run(carl, refused), { code: 0 });
    for (const spec of admitted) t.match(await run(jim, spec), { code: 0 }, JSON.stringify(spec));
  });
}

t.test("MKE-35: in an ephemeral container as well", async (t) => {
  await world.put("/api/v1/namespaces/shop/pods", pod("running"));
  const debug = ["debug", "running", "-n", "shop", "--image=i", "--attach=false", "-q"];
  await world.put("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "debugger" },
    rules: [{ apiGroups: [""], resources: ["pods/ephemeralcontainers"], verbs: ["*"] }],
  });
  await world.bind(jim, "debugger", "shop");
  const attempt = () => world.kubectl(jim, undefined, ...debug, "--profile=sysadmin");
  await until("RBAC lets jim add containers", async () => !(await attempt()).stderr.includes("cannot patch resource"));
  t.match(await attempt(), {
    code: 1,
    stderr: new RegExp(`user "jim" ${REFUSED}: ephemeralContainers\\[debugger-\\w+\\]\\.privileged`),
  });
  t.match(
    await world.kubectl(jim, undefined, ...debug, "--profile=restricted"),
    { code: 0 },
    "a harmless one is let through",
  );
  const hosts = { hostPID: true };
  await world.put("/api/v1/namespaces/shop/pods", pod("hosts", hosts));
  const harmless = await world.kubectl(
    jim,
    undefined,
    "debug",
    "hosts",
    "-n",
    "shop",
    "--image=i",
    "--attach=false",
    "-q",
    "--profile=restricted",
  );
  t.match(
    harmless,
    { code: 1, stderr: `${REFUSED}: spec.hostPID` },
    "but not in a pod that shares the host's processes",
  );
});

const volume = (name: string, source: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...source },
});
const onNode = {
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "x", operator: "Exists" }] }] } },
};
const nfs = { nfs: { server: "s", path: "/" } };

t.test("MKE-37: a volume on a node's own disk is made by administrators", async (t) => {
  const kinds: [string, object, string][] = [
    ["local", { local: { path: "/d" }, ...onNode }, "spec.local"],
    ["host-path", { hostPath: { path: "/d" } }, "spec.hostPath"],
    ["by-class", { ...nfs, storageClassName: "local-disk" }, "spec.storageClassName"],
  ];
  const create = (as: typeof jim, object: object) => world.kubectl(as, object, "create", "--dry-run=server", "-f", "-");
  for (const [name, source, where] of kinds) {
    for (const person of [jim, local]) {
      t.match(await create(person, volume(name, source)), {
        code: 1,
        stderr: `user "${person.name}" ${REFUSED}: ${where}`,
      });
    }
    for (const person of [carl, global]) t.match(await create(person, volume(name, source)), { code: 0 });
  }
  t.match(await create(jim, volume("remote", nfs)), { code: 0 }, "a remote one is not");
  await world.put("/api/v1/persistentvolumes", volume("renamed", nfs));
  const change = { spec: { storageClassName: "local-disk" } };
  const path = "/api/v1/persistentvolumes/renamed";
  const moved = await world.call(jim, "PATCH", path, change, "application/merge-patch+json");
  t.match(moved, { status: 403, body: { message: `${REFUSED}: spec.storageClassName` } }, "nor by another class later");
  await world.put("/api/v1/persistentvolumes", volume("disk", { local: { path: "/d" }, ...onNode }));
  const labelled = { metadata: { labels: { a: "b" } } };
  const touched = await world.call(
    jim,
    "PATCH",
    "/api/v1/persistentvolumes/disk",
    labelled,
    "application/merge-patch+json",
  );
  t.equal(touched.status, 200, "a label changes nothing of that");
});

t.test("MKE-38: everybody may claim the volume that an administrator made", async (t) => {
  const source = { local: { path: "/e" }, ...onNode, storageClassName: "local-disk" };
  await world.put("/api/v1/persistentvolumes", volume("claimed", source));
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "shop" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local-disk",
      resources: { requests: { storage: "1Gi" } },
    },
  };
  t.match(await world.kubectl(jim, claim, "create", "-f", "-"), { code: 0 });
  const path = "/api/v1/namespaces/shop/persistentvolumeclaims/data";
  await until("the claim is bound", async () => {
    const { body } = await world.call(world.admin, "GET", path);
    return (body["status"] as { phase?: string }).phase === "Bound";
  });
  const used = pod("user-of-data", { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] });
  t.match(await world.kubectl(jim, used, "create", "-n", "shop", "-f", "-"), { code: 0 });
});

t.test("MKE-39: the answer is the page's, exit code 1, HTTP 403", async (t) => {
  const file = join(folder, "pod.yaml");
  writeFileSync(file, JSON.stringify(pod("mypod", { ...privileged, hostPID: true })));
  const policy = "kubectl-mirrord-defaults-pods";
  t.same(await world.kubectl(jim, undefined, "create", "-n", "shop", "-f", file), {
    code: 1,
    stdout: "",
    stderr:
      `Error from server (Forbidden): error when creating "${file}": pods "mypod" is forbidden: ` +
      `ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ` +
      `user "jim" ${REFUSED}: spec.hostPID, containers[app].privileged\n`,
  });
  const answer = await world.call(jim, "POST", "/api/v1/namespaces/shop/pods", pod("mypod", privileged));
  t.match(answer, { status: 403, body: { reason: "Forbidden", code: 403 } });
});

t.test("MIR-1: our commands talk to the API server and to nobody else", async (t) => {
  const log = join(folder, "connections");
  const preload = join(folder, "log-connections.mjs");
  writeFileSync(log, "");
  writeFileSync(
    preload,
    `import net from "node:net"; import { appendFileSync } from "node:fs";
     const connect = net.Socket.prototype.connect;
     net.Socket.prototype.connect = function (...words) {
       const [given] = net._normalizeArgs(Array.isArray(words[0]) ? words[0] : words);
       appendFileSync(${JSON.stringify(log)}, (given.path ?? (given.host ?? "localhost") + ":" + given.port) + "\\n");
       return connect.apply(this, words);
     };`,
  );
  for (const words of [
    "install secure-defaults report",
    "grant list",
    "can-i steal deploy/web -n dev --as jim",
    "install status",
  ]) {
    await cluster.shell("admin", `NODE_OPTIONS=--import=${preload} kubectl mirrord ${words}`);
  }
  const reached = new Set(readFileSync(log, "utf8").trim().split("\n"));
  t.same([...reached], [new URL(cluster.plane.server).host], "and these are all connections that were made");
});

interface Rules {
  kind: string;
  metadata: { name: string };
  rules?: { verbs: string[]; apiGroups?: string[] }[];
}

t.test(
  "MIR-2: what is installed gives nobody a way to more rights, and every request is the caller's own",
  async (t) => {
    const printed = await world.must("install", "-o", "yaml", "--license-secret", "licence");
    const rendered = parseDocuments(printed.stdout, { source: "install" }).filter(isJsonObject) as unknown as Rules[];
    const stored = (await world.call(world.admin, "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles")).body;
    const ours = (stored["items"] as Rules[]).filter(({ metadata }) => metadata.name.startsWith("mirrord:"));
    t.equal(ours.length, 10, "administrators, seven options, volumes and agents in running pods");
    const verbs = [...rendered, ...ours].flatMap(({ rules = [] }) => rules.flatMap((rule) => rule.verbs));
    t.same(
      verbs.filter((verb) => ["escalate", "bind", "*"].includes(verb) || verb.startsWith("impersonate")),
      [],
    );
    const before = auditLogLength(cluster.plane);
    await world.must("install", "secure-defaults", "report").catch(() => undefined);
    const requests = await until("the audit log has them", () => {
      const mine = auditEvents(cluster.plane, before).filter(({ userAgent = "" }) =>
        userAgent.startsWith("kubectl-mirrord"),
      );
      return mine.some(({ requestURI }) => requestURI.includes("validatingadmissionpolicybindings")) && mine;
    });
    t.ok(requests.every(({ user, impersonatedUser }) => user.username === "admin" && impersonatedUser === undefined));
  },
);

t.test("MIR-3: the operator whose source one has read can be the one that is installed", async (t) => {
  const image = "registry.example/own/operator:3.187.0";
  const printed = await world.must("install", "-o", "json", "--license-secret", "licence", "--image", image);
  t.match(printed.stdout, `"image": "${image}"`);
  t.notMatch(printed.stdout, "ghcr.io/metalbear-co/operator");
});

t.test("MIR-4: a policy limits what a session may do, and can-i says so beforehand", async (t) => {
  await installPolicyCrds(cluster.plane);
  await world.must("grant", "anna", "--ns", "dev");
  const before = await world.mirrord("can-i", "steal", "deploy/web", "-n", "dev", "--as", "anna", "--as-group=");
  t.match(before.stdout, /^yes/);
  await world.must("policy", "create", "mir-4", "-n", "dev", "--block", "steal");
  const after = await world.mirrord("can-i", "steal", "deploy/web", "-n", "dev", "--as", "anna", "--as-group=");
  t.match(after, { code: 1, stdout: /^no - .*mir-4/s });
});

t.test("MIR-5: the operator makes its agents in its own namespace, and nobody else does", async (t) => {
  const account = {
    name: "system:serviceaccount:mirrord:mirrord-operator",
    token: cluster.plane.token(
      "system:serviceaccount:mirrord:mirrord-operator",
      "system:serviceaccounts",
      "system:serviceaccounts:mirrord",
    ),
  };
  await world.bind(account, "edit", "mirrord");
  await world.bind(account, "edit", "shop");
  await world.settled("allowed", account, "mirrord");
  const capabilities = { add: ["NET_ADMIN", "SYS_PTRACE", "SYS_ADMIN"] };
  const agent = pod("agent", {
    hostPID: true,
    volumes: [{ name: "run", hostPath: { path: "/run" } }],
    containers: [withContext({ privileged: true, capabilities }, "mirrord-agent")],
  });
  const make = (as: typeof jim, namespace: string) =>
    world.call(as, "POST", `/api/v1/namespaces/${namespace}/pods`, agent);
  t.equal((await make(account, "mirrord")).status, 201);
  await world.settled("refused", account, "shop");
  t.match(
    await make(account, "shop"),
    { status: 403, body: { message: REFUSED } },
    "a copy of a privileged target is refused",
  );
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "agent" },
    spec: { template: { spec: { ...(agent["spec"] as object), restartPolicy: "Never" } } },
  };
  t.equal((await world.call(account, "POST", "/apis/batch/v1/namespaces/mirrord/jobs", job)).status, 201);
  t.match(await make(jim, "mirrord"), { status: 403, body: { message: `user "jim" ${REFUSED}` } });
  const selector = { matchLabels: { app: "priv" } };
  const template = { metadata: { labels: { app: "priv" } }, spec: privileged };
  const target = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "priv" },
    spec: { selector, template },
  };
  await world.put("/apis/apps/v1/namespaces/shop/deployments", target);
  const copied = await world.mirrord("can-i", "copy", "deploy/priv", "-n", "shop");
  t.match(copied, {
    code: 1,
    stdout: /^no - a copy of the target would have containers\[app\]\.privileged, which the secure/,
  });
  const session = await cluster.connect({ user: "anna" }, "dev", "deployment.web");
  t.equal(session.ok, true, "and sessions start as before");
  if (session.ok) await session.close();
});

t.test(
  "what an administrator made goes on: controllers make its pods, and others scale, label and restart it",
  async (t) => {
    const selector = { matchLabels: { app: "driver" } };
    const template = { metadata: { labels: { app: "driver" } }, spec: privileged };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "driver" },
      spec: { replicas: 1, selector, template },
    };
    t.equal((await world.call(carl, "POST", "/apis/apps/v1/namespaces/shop/deployments", deployment)).status, 201);
    const kubectl = (...words: string[]) => world.kubectl(jim, undefined, ...words, "-n", "shop");
    const ready = (count: number) =>
      until(`${count} pods are ready`, async () => {
        const { body } = await world.call(world.admin, "GET", "/apis/apps/v1/namespaces/shop/deployments/driver");
        const status = body["status"] as Record<string, number | undefined>;
        const { generation } = body["metadata"] as { generation?: number };
        // As kubectl rollout status: the controller has seen this version, and no pod of an earlier one is left.
        const counts = [status["replicas"], status["readyReplicas"], status["updatedReplicas"]];
        return status["observedGeneration"] === generation && counts.every((given) => given === count);
      });
    await ready(1);
    t.match(await kubectl("scale", "deploy/driver", "--replicas=2"), { code: 0 });
    await ready(2);
    t.match(await kubectl("label", "deploy/driver", "a=b"), { code: 0 });
    t.match(await kubectl("rollout", "restart", "deploy/driver"), { code: 0 });
    await ready(2);
    t.match(
      await kubectl("set", "image", "deploy/driver", "app=evil"),
      { code: 1, stderr: REFUSED },
      "but another image is another pod",
    );
    const { body } = await world.call(world.admin, "GET", "/api/v1/namespaces/shop/pods?labelSelector=app%3Ddriver");
    const first = (body["items"] as KubernetesObject[]).find(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    t.match(await kubectl("set", "image", `pod/${first?.metadata.name ?? ""}`, "app=evil"), {
      code: 1,
      stderr: REFUSED,
    });
    t.match(await kubectl("delete", "deploy/driver"), { code: 0 }, "whoever may delete it may");
  },
);

t.test("nodes show their static pods, and make no others", async (t) => {
  const node = { name: "system:node:n1", token: cluster.plane.token("system:node:n1", "system:nodes") };
  await world.put("/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
  const mirror = pod("static-n1", { nodeName: "n1", hostNetwork: true });
  mirror.metadata.annotations = { "kubernetes.io/config.mirror": "abc" };
  const created = await world.call(node, "POST", "/api/v1/namespaces/shop/pods", mirror);
  t.notMatch(created.body.message ?? "", REFUSED);
  t.equal(created.status, 201, created.body.message ?? "");
  await world.bind(jim, "edit", "default");
  await world.settled("refused", jim, "default");
  const forged = { ...mirror, metadata: { ...mirror.metadata, name: "forged" } };
  t.match(
    await world.call(jim, "POST", "/api/v1/namespaces/default/pods", forged),
    { status: 403 },
    "the annotation alone is not enough",
  );
});

t.test(
  "Pod Security labels and NetworkPolicies are taken by the API server, and the second time nothing changes",
  async (t) => {
    const words = [
      "install",
      "--secure-defaults=enforce",
      "--pod-security",
      "--network-policies",
      "--leave=shop",
      "-y",
    ];
    const first = await world.must(...words);
    t.match(first.stdout, /Namespace/);
    t.match(first.stderr, /no Pod Security label for .*shop/, "where there are privileged pods");
    const { body } = await world.call(world.admin, "GET", "/api/v1/namespaces");
    const enforced = (body["items"] as KubernetesObject[]).flatMap(({ metadata: { name = "", labels = {} } }) =>
      labels["pod-security.kubernetes.io/enforce"] === "baseline" ? [name] : [],
    );
    t.ok(
      enforced.includes("dev") && !enforced.includes("kube-system") && !enforced.includes("mirrord"),
      enforced.join(),
    );
    t.match((await world.must(...words)).stdout, /Nothing was changed/);
  },
);

t.test("kube-system is exempt by name; audit lets through with a warning; off is as before", async (t) => {
  await world.bind(jim, "edit", "kube-system");
  await world.settled("allowed", jim, "kube-system");
  await world.must("install", "--secure-defaults=audit", "-y");
  await until("nothing is refused", async () => (await run(jim, privileged)).code === 0);
  t.match((await run(jim, privileged)).stderr, `user "jim" ${REFUSED}: containers[app].privileged`, "a warning");
  await world.must("install", "--secure-defaults=off", "-y");
  await until("nobody is warned", async () => (await run(jim, privileged)).stderr === "");
  const left = await world.call(
    world.admin,
    "GET",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  );
  t.same(left.body["items"], []);
});
