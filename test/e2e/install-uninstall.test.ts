import { once } from "node:events";
import t from "tap";
import { schemaErrors } from "../commands/install/install-world.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { startInstallationPlane, type CommandResult } from "./installation.ts";

// Uninstalling on a real control plane: its garbage collector, finalizers, namespaces and rights are the point.

const cluster = await startInstallationPlane(t.testdir({}));
t.teardown(() => cluster.stop());
const { plane } = cluster;
const { token } = plane.admin;

const uninstall = (...words: string[]): Promise<CommandResult> =>
  cluster.mirrord("admin", "install", "uninstall", "-y", ...words);

const kinds = [
  "apiservices,clusterroles,clusterrolebindings,priorityclasses,namespaces,customresourcedefinitions",
  "roles,rolebindings,serviceaccounts,secrets,configmaps,services,deployments,replicasets,pods,endpointslices",
];

/** Everything that an uninstallation could touch, `Kind namespace/name`; what the control plane makes by itself is left out. */
async function everything(): Promise<string[]> {
  const { stdout, stderr } = await cluster.kubectl(undefined, "get", kinds.join(","), "-A", "-o", "json");
  if (stdout === "") throw new Error(stderr);
  const { items } = JSON.parse(stdout) as { items: { kind: string; metadata: { name: string; namespace?: string } }[] };
  return items
    .map(({ kind, metadata: { name, namespace = "" } }) => `${kind} ${namespace}/${name}`)
    .filter((name) => !/^(Pod|ReplicaSet|EndpointSlice) (?!mirrord\/)|kube-root-ca\.crt$/.test(name))
    .toSorted();
}

const create = async (path: string, body: object) => {
  const { status, body: answer } = await apiRequest(plane, { token, path, body });
  if (status !== 201) throw new Error(JSON.stringify(answer));
};

const MIRRORD = "/apis/mirrord.metalbear.co/v1alpha";
const workloadPatch = (finalizers: string[]) => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterWorkloadPatch",
  metadata: { name: "scaled", finalizers },
  spec: { requests: [], workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", namespace: "default" } },
});
const profile = {
  apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
  kind: "MirrordProfile",
  metadata: { name: "plain", namespace: "default" },
  spec: { featureAdjustments: [] },
};
const PROFILES = "/apis/profiles.mirrord.metalbear.co/v1alpha/namespaces/default/mirrordprofiles";

t.test(
  "it leaves exactly what it says: sessions, workload, roles and namespace go, definitions and policies stay",
  async (t) => {
    const before = await everything();
    await cluster.install();
    const installed = await everything();
    await create(PROFILES, profile);
    cluster.operator.control.addSession({ namespace: "default", target: "deployment.web", user: "jim" });
    const planned = await cluster.mirrord("admin", "install", "uninstall", "--dry-run=server", "-o", "json");
    t.equal(planned.code, 0, planned.stderr);
    t.same(await everything(), installed, "a dry run changes nothing");
    t.equal(cluster.operator.sessions().length, 1);

    const ran = await uninstall("-o", "json");
    t.equal(ran.code, 0, ran.stderr);
    t.equal(schemaErrors("install-uninstall.json", ran.stdout), "No errors");
    const { kept, changes } = JSON.parse(ran.stdout) as Record<
      string,
      { kind: string; name: string; namespace?: string }[]
    >;
    t.same(cluster.operator.sessions(), [], "the session has ended");
    await until("the garbage collector has taken pods and endpoints along", async () =>
      (await everything()).every((name) => !name.startsWith("Pod mirrord/")),
    );
    const after = await everything();
    const definitions = (kept ?? []).filter(({ kind }) => kind === "CustomResourceDefinition");
    t.equal(definitions.length, 10);
    const own = (name: string) => !/ mirrord\/|\/mirrord$|mirrord-operator|v1\.operator\.metalbear/.test(name);
    // Each definition has an APIService of its own.
    const ofDefinitions = (name: string) => /^APIService .*\.metalbear\.co$/.test(name);
    t.same(
      after.filter((name) => !ofDefinitions(name)),
      [...before.filter(own), ...definitions.map(({ kind, name }) => `${kind} /${name}`)].toSorted(),
    );
    t.equal((await cluster.get(`${PROFILES}/plain`)).status, 200);
    const deleted = (changes ?? []).map(({ kind, namespace = "", name }) => `${kind} ${namespace}/${name}`);
    t.same(
      deleted.filter((name) => after.includes(name)),
      [],
    );
    const again = await uninstall();
    t.match(again, { code: 0, stderr: /nothing of the operator/ });
  },
);

t.test("with --crds the definitions go, with what is in them and whatever holds it", async (t) => {
  await cluster.install();
  await create(`${MIRRORD}/mirrordclusterworkloadpatches`, workloadPatch([]));
  const held = { ...profile, metadata: { ...profile.metadata, name: "held", finalizers: ["example.com/hold"] } };
  await create(PROFILES, held);
  const ran = await uninstall("--crds");
  t.equal(ran.code, 0, ran.stderr);
  t.same(
    (await everything()).filter((name) => /metalbear|mirrord-operator|\/mirrord$/.test(name)),
    [],
  );
});

t.test("with the operator down no namespace goes; uninstalling lets them go, the operator's own too", async (t) => {
  await cluster.install();
  await create(`${MIRRORD}/mirrordclusterworkloadpatches`, workloadPatch(["mirrord.metalbear.co/undo"]));
  const down = JSON.stringify({ spec: { service: { port: 1 } } });
  await cluster.kubectl(undefined, "patch", "apiservice", "v1.operator.metalbear.co", "--type=merge", "-p", down);
  await create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "stuck" } });
  await until("the API server does not reach the operator", async () => {
    const { code } = await cluster.kubectl(undefined, "get", "mirrordoperators");
    return code !== 0;
  });
  for (const name of ["stuck", "mirrord"]) {
    await apiRequest(plane, { token, method: "DELETE", path: `/api/v1/namespaces/${name}` });
  }
  await until("both namespaces hang", async () => {
    const { stdout } = await cluster.kubectl(undefined, "get", "ns", "stuck", "mirrord", "-o", "json");
    return stdout.split("NamespaceDeletionDiscoveryFailure").length === 3 && stdout.includes("DiscoveryFailed");
  });
  const ran = await uninstall();
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stderr, /does not answer: 1 objects .* not undone/);
  await until(
    "the other namespace is gone",
    async () => (await cluster.get("/api/v1/namespaces/stuck")).status === 404,
  );
  t.equal((await cluster.get("/api/v1/namespaces/mirrord")).status, 404, "the operator's own was waited for");
});

t.test("without the right to delete one object of all, nothing is changed, and it is named", async (t) => {
  await cluster.install();
  const everythingElse = ["", "apps", "rbac.authorization.k8s.io", "apiregistration.k8s.io", "mirrord.metalbear.co"];
  const rules = [
    { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] },
    { apiGroups: [...everythingElse, "operator.metalbear.co"], resources: ["*"], verbs: ["delete"] },
  ];
  const rbac = "rbac.authorization.k8s.io";
  const metadata = { name: "uninstaller" };
  await create(`/apis/${rbac}/v1/clusterroles`, { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata, rules });
  const subjects = [{ kind: "User", apiGroup: rbac, name: "jim" }];
  const roleRef = { kind: "ClusterRole", apiGroup: rbac, name: "uninstaller" };
  const binding = { apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata, subjects, roleRef };
  await create(`/apis/${rbac}/v1/clusterrolebindings`, binding);
  t.teardown(() => cluster.kubectl(undefined, "delete", "clusterrole,clusterrolebinding", "uninstaller"));
  await until("jim may delete services", async () => {
    const { stdout } = await cluster.kubectl(undefined, "auth", "can-i", "delete", "services", "-A", "--as", "jim");
    return stdout.startsWith("yes");
  });
  const before = await everything();
  const ran = await cluster.mirrord("jim", "install", "uninstall", "-y");
  t.equal(ran.code, 4);
  t.match(ran.stderr, /priorityclasses\.scheduling\.k8s\.io "mirrord-agent-pod" is forbidden/);
  t.match(ran.stderr, "Nothing was written.");
  t.same(await everything(), before);
});

t.test("killed in the middle, the same command again does the rest", async (t) => {
  await cluster.install();
  const before = await everything();
  const child = cluster.start("admin", "install", "uninstall", "-y");
  const exit = once(child, "exit");
  await until("its first deletion is seen", async () => {
    const { status } = await cluster.get("/apis/apiregistration.k8s.io/v1/apiservices/v1.operator.metalbear.co");
    return status === 404;
  });
  child.kill("SIGKILL");
  await exit;
  t.not((await everything()).length, before.length);
  const ran = await uninstall();
  t.equal(ran.code, 0, ran.stderr);
  t.same(
    (await everything()).filter((name) => /mirrord-operator|mirrord-configmap|\/mirrord$/.test(name)),
    [],
  );
});
