import { connect, createServer } from "node:net";
import t from "tap";
import { until } from "../../until.ts";
import { isConflict, isForbidden, isNotFound } from "../../../lib/kubernetes/api-error.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../../lib/kubernetes/object.ts";
import type { ConnectionFlags } from "../../../lib/kube/config/connection-config.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { connectCluster } from "../../../lib/kube/live/live-cluster.ts";
import { testNamespace, uniqueName } from "../../control-plane/namespace.ts";
import { sharedControlPlane } from "../../control-plane/start.ts";
import { listen } from "../recording-server.ts";

const plane = await sharedControlPlane();

const rbac = (resource: string, kind: string, namespaced: boolean): ResourceType => ({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  resource,
  kind,
  namespaced,
});
const clusterRoles = rbac("clusterroles", "ClusterRole", false);
const roles = rbac("roles", "Role", true);
const roleBindings = rbac("rolebindings", "RoleBinding", true);
const configMaps = { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap", namespaced: true };

const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const role = (name: string, namespace?: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: namespace === undefined ? "ClusterRole" : "Role",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  rules,
});

interface Test {
  teardown(cleanUp: () => unknown): void;
}

async function connected(
  t: Test,
  flags: ConnectionFlags = {},
): Promise<Cluster & { warnings: string[]; requests: string[] }> {
  const warnings: string[] = [];
  const requests: string[] = [];
  const cluster = await connectCluster(
    { kubeconfig: plane.kubeconfig, context: "admin", ...flags },
    {
      env: {},
      signal: new AbortController().signal,
      warn: (text) => warnings.push(text),
      log: (line) => requests.push(line),
    },
  );
  t.teardown(() => cluster.close());
  return { ...cluster, warnings, requests };
}

const asUser = (user: string, ...groups: string[]): ConnectionFlags => ({ token: plane.token(user, ...groups) });

t.test("who the caller is, and where", async (t) => {
  const jim = await connected(t, { context: "jim", namespace: "dev" });
  t.match(await jim.identity(), { name: "jim", groups: ["system:authenticated"] });
  t.equal(jim.place, `context "jim" (${plane.server})`);
  t.equal(jim.namespace, "dev");
  t.equal(jim.offline, false);
  t.equal((await connected(t)).namespace, "default");
});

t.test("impersonated groups arrive one by one, whatever is in them", async (t) => {
  const groups = ["a,b", "c, d", "oidc:e", "日本", "x y"];
  for (const env of ["over HTTP/2", "over HTTP/1.1"]) {
    const cluster = await connectCluster(
      {
        kubeconfig: plane.kubeconfig,
        context: "admin",
        as: "jürgen",
        asUid: "u-7",
        asGroup: groups,
        asUserExtra: ["example.com/Scopes=a=b", "example.com/scopes=c", "100%=1"],
      },
      { env: env.endsWith("2") ? {} : { DISABLE_HTTP2: "1" }, signal: new AbortController().signal, warn: t.fail },
    );
    t.same(
      await cluster.identity(),
      {
        name: "jürgen",
        uid: "u-7",
        groups: [...groups, "system:authenticated"],
        extra: { "example.com/scopes": ["a=b", "c"], "100%": ["1"] },
      },
      env,
    );
    cluster.close();
  }
});

t.test("discovery", async (t) => {
  const cluster = await connected(t);
  t.same(
    (await cluster.discover("rbac.authorization.k8s.io", "v1"))?.find(({ kind }) => kind === "ClusterRole"),
    clusterRoles,
  );
  t.ok(
    (await cluster.discover("", "v1"))?.every(({ resource }) => !resource.includes("/")),
    "no subresources among the types",
  );
  const pods = (await cluster.discover("", "v1"))?.find(({ resource }) => resource === "pods");
  t.match(new Set(pods?.subresources), new Set(["exec", "binding", "log"]), "each type has its own");
  t.equal(await cluster.discover("operator.example", "v1"), undefined);
  t.same(
    (await cluster.groups()).filter(({ group }) => group === "" || group === "apps"),
    [
      { group: "", version: "v1" },
      { group: "apps", version: "v1" },
    ],
  );
  t.match(
    (await cluster.discover("apps"))?.find(({ kind }) => kind === "Deployment"),
    nativeResources.deployments,
    "the version that the server prefers",
  );
  t.equal(await cluster.discover("operator.example"), undefined);
});

t.test("apply makes, repeats, changes, and hides nothing", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const made = await cluster.apply(roles, role("Web:Reader x", namespace));
  t.match(made, { kind: "Role", metadata: { name: "Web:Reader x", namespace, uid: String } });
  t.match(made.metadata["managedFields"], [{ manager: "kubectl-mirrord", operation: "Apply" }]);

  const again = await cluster.apply(roles, role("Web:Reader x", namespace));
  t.equal(again.metadata.resourceVersion, made.metadata.resourceVersion, "the same again writes nothing");
  const asRead = await cluster.get(roles, "Web:Reader x", namespace);
  t.same(asRead, again);
  t.equal(await cluster.get(roles, "web:reader x", namespace), undefined, "names are case-sensitive");
  const strange = "a?b=c&d#e+f:g 日本";
  await cluster.apply(roles, role(strange, namespace));
  t.equal((await cluster.get(roles, strange, namespace))?.metadata.name, strange);
  t.equal(await cluster.delete(roles, strange, namespace), true);

  const changed = await cluster.apply(roles, { ...role("Web:Reader x", namespace), rules: [] });
  t.not(changed.metadata.resourceVersion, made.metadata.resourceVersion);
  t.equal(changed.metadata.uid, made.metadata.uid);
});

t.test("an object as it was read can be applied again", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  await cluster.apply(roles, role("r", namespace));
  const read = await cluster.get(roles, "r", namespace);
  t.ok(read !== undefined && (await cluster.apply(roles, read)));
});

t.test("an object without a name is never taken for all of them", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  await cluster.apply(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept", namespace } });
  t.equal(await cluster.get(configMaps, "", namespace), undefined);
  const before = cluster.requests.length;
  await t.rejects(cluster.delete(configMaps, "", namespace), { message: /without a name/ });
  t.equal(cluster.requests.length, before, "nothing is sent");
  t.ok(await cluster.get(configMaps, "kept", namespace));
});

t.test("a dry run checks everything and stores nothing", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  t.match(await cluster.apply(roles, role("dry", namespace), { dryRun: true }), { metadata: { name: "dry" } });
  t.match(await cluster.create(roles, role("dry", namespace), { dryRun: true }), { metadata: { name: "dry" } });
  t.equal(await cluster.get(roles, "dry", namespace), undefined);

  await cluster.apply(roles, role("kept", namespace));
  t.equal(await cluster.delete(roles, "kept", namespace, { dryRun: true }), true);
  t.ok(await cluster.get(roles, "kept", namespace));
  await t.rejects(cluster.apply(roles, { ...role("dry", namespace), rules: [{}] }, { dryRun: true }), {
    name: "ApiError",
    kind: "refused",
    reason: "Invalid",
    message: /^The Role "dry" is invalid: \n\* rules\[0\]\.verbs: Required value.*\n\* /,
  });
});

t.test("a field that the server does not know is refused, not dropped", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const object = { ...role("typo", namespace), rulez: [] };
  await t.rejects(cluster.apply(roles, object), { name: "ApiError", message: /rulez/ });
  await t.rejects(cluster.create(roles, object), { name: "ApiError", message: /unknown field "rulez"/ });
});

t.test("another manager's fields are a conflict, never overwritten", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  await cluster.create(roles, role("shared", namespace));
  const error: unknown = await cluster
    .apply(roles, { ...role("shared", namespace), rules: [] })
    .catch((cause: unknown) => cause);
  // The same manager's name, but another operation: to the server that is another manager.
  t.ok(isConflict(error), String(error));
  t.match(error, { kind: "refused", message: /^Error from server \(Conflict\): .*\.rules/s, hint: String });
});

t.test("an update for an older version is a conflict", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const first = await cluster.apply(roles, role("r", namespace));
  await cluster.apply(roles, { ...role("r", namespace), rules: [] });
  const { resourceVersion = "" } = first.metadata;
  const stale = { ...role("r", namespace), metadata: { name: "r", namespace, resourceVersion } };
  t.ok(isConflict(await cluster.apply(roles, stale).catch((error: unknown) => error)));
});

t.test("only the object that was meant is deleted", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const { metadata } = await cluster.apply(roles, role("r", namespace));
  const { uid = "" } = metadata;
  t.equal(await cluster.delete(roles, "r", namespace, { uid: "00000000-0000-0000-0000-000000000000" }), false);
  t.ok(await cluster.get(roles, "r", namespace));
  t.equal(await cluster.delete(roles, "r", namespace, { uid }), true);
  t.equal(await cluster.delete(roles, "r", namespace, { uid }), false);
  t.equal(await cluster.delete(roles, "r", namespace), false);
});

t.test("create names objects by prefix", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const { name: _, ...metadata } = role("", namespace).metadata;
  const made = await cluster.create(roles, {
    ...role("", namespace),
    metadata: { ...metadata, generateName: "mirrord-" },
  });
  t.match(made.metadata.name, /^mirrord-.{5}$/);
});

t.test("lists: by namespace, everywhere, by selector", async (t) => {
  const cluster = await connected(t);
  const [one, two] = await Promise.all([testNamespace(plane, t), testNamespace(plane, t)]);
  const label = uniqueName("label");
  const labelled = (name: string, namespace: string): KubernetesObject => ({
    ...role(name, namespace),
    metadata: { name, namespace, labels: { [label]: "" } },
  });
  await Promise.all([
    cluster.apply(roles, labelled("a", one)),
    cluster.apply(roles, labelled("b", two)),
    cluster.apply(roles, role("c", one)),
  ]);
  const names = async (options: Parameters<Cluster["list"]>[1]): Promise<(string | undefined)[]> =>
    (await Array.fromAsync(cluster.list(roles, options)))
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
      .toSorted();
  t.same(await names({ namespace: one }), ["Role/a", "Role/c"]);
  t.same(await names({ labelSelector: label }), ["Role/a", "Role/b"]);
  t.same(await names({ labelSelector: label, namespace: two }), ["Role/b"]);
  t.same(await names({ fieldSelector: "metadata.name=c", namespace: one }), ["Role/c"]);
  await t.rejects(names({ labelSelector: "a=b=c" }), { name: "ApiError", kind: "usage", reason: "BadRequest" });
});

t.test("a list of several pages is whole", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const make = (index: number) =>
    cluster.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `page-${index}`, namespace },
    });
  await Promise.all(Array.from({ length: 510 }, (_, index) => make(index)));
  const before = cluster.requests.length;
  const objects = await Array.fromAsync(cluster.list(configMaps, { namespace }));
  t.equal(
    objects.filter(({ metadata }) => metadata.name?.startsWith("page-")).length,
    510,
    "every object of both pages is there",
  );
  t.equal(cluster.requests.length - before, 2, "in two requests");
});

t.test("a watch tells what is there and what changes", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  await cluster.apply(roles, role("a", namespace));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { type, object } of cluster.watch(roles, { namespace }, stop.signal)) {
    seen.push(`${type} ${object.kind}/${object.metadata.name}`);
    if (seen.length === 1) await cluster.apply(roles, role("b", namespace));
    if (seen.length === 2) await cluster.apply(roles, { ...role("b", namespace), rules: [] });
    if (seen.length === 3) await cluster.delete(roles, "a", namespace);
    if (seen.length === 4) stop.abort();
  }
  t.same(seen, ["ADDED Role/a", "ADDED Role/b", "MODIFIED Role/b", "DELETED Role/a"]);
});

t.test("access is asked about others as far as the caller may", async (t) => {
  const admin = await connected(t);
  const namespace = await testNamespace(plane, t);
  const [user, group, asker] = [uniqueName("user"), `${uniqueName("group")}, b`, uniqueName("asker")];
  await admin.apply(roles, role("r", namespace));
  const bound = (name: string, roleName: string, kind: string, subject: string): KubernetesObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: roleName },
    subjects: [{ kind, apiGroup: "rbac.authorization.k8s.io", name: subject }],
  });
  await admin.apply(roleBindings, bound("b", "r", "Group", group));
  const questions = [
    { verb: "get", apiGroup: "", resource: "pods", namespace },
    { verb: "list", apiGroup: "", resource: "pods", namespace },
  ];
  const who = { name: user, groups: [group] };
  const expected = [{ answer: "yes", reason: /RoleBinding "b/ }, { answer: /^no$/ }];
  await until("the authorizer knows the binding", async () => {
    const [allowed] = await admin.review(questions, who);
    return allowed?.answer === "yes";
  });
  for (const via of [undefined, "sar", "impersonate", "local-sar"] as const) {
    t.match(await admin.review(questions, who, via), expected, `as admin, via ${via}`);
  }
  t.match(await admin.review(questions, { ...who, groups: ["b", group.replace(", b", "")] }), [
    { answer: /^no$/ },
    { answer: /^no$/ },
  ]);

  const nobody = await connected(t, asUser(asker));
  t.match(await nobody.review(questions, who), [{ answer: "unknown" }, { answer: "unknown" }]);
  t.match(await nobody.review(questions), [{ answer: /^no$/ }, { answer: /^no$/ }], "about oneself anybody may ask");

  await admin.apply(roles, {
    ...role("asker", namespace),
    rules: [{ apiGroups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"], verbs: ["create"] }],
  });
  await admin.apply(roleBindings, bound("asker", "asker", "User", asker));
  t.match(
    await until("a local review is allowed", async () => {
      const answers = await nobody.review(questions, who);
      return answers[0]?.answer === "yes" && answers;
    }),
    expected,
    "by a local review",
  );
});

t.test("impersonation is used where only that is allowed", async (t) => {
  const admin = await connected(t);
  const asker = uniqueName("impersonator");
  const name = uniqueName("impersonate");
  await admin.apply(clusterRoles, {
    ...role(name),
    rules: [{ apiGroups: [""], resources: ["users", "groups"], verbs: ["impersonate"] }],
  });
  t.teardown(() => admin.delete(clusterRoles, name, undefined));
  const bindings = rbac("clusterrolebindings", "ClusterRoleBinding", false);
  await admin.apply(bindings, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: asker }],
  });
  t.teardown(() => admin.delete(bindings, name, undefined));
  const cluster = await connected(t, asUser(asker));
  const question = { verb: "get", apiGroup: "", resource: "secrets", namespace: "default" };
  const answers = await until("the impersonation is allowed", async () => {
    const said = await cluster.review([question, question], { name: "somebody", groups: ["a, b", "system:masters"] });
    return said[0]?.answer !== "unknown" && said;
  });
  t.match(answers, [{ answer: "yes" }, { answer: "yes" }]);
  t.match(await cluster.review([question], { name: "somebody", groups: [] }), [{ answer: /^no$/ }]);
});

t.test("failures are in kubectl's words, with what to do", async (t) => {
  const jim = await connected(t, asUser("jim"));
  const error: unknown = await jim.get(clusterRoles, "x").catch((cause: unknown) => cause);
  t.ok(isForbidden(error) && !isNotFound(error));
  t.match(error, {
    kind: "undetermined",
    message:
      /^Error from server \(Forbidden\): clusterroles\.rbac\.authorization\.k8s\.io "x" is forbidden: User "jim"/,
    hint: /kubectl auth can-i/,
  });
  t.match(await jim.apply(clusterRoles, role("x")).catch((cause: unknown) => cause), { kind: "refused", status: 403 });

  const expired = await connected(t, { token: "expired" });
  await t.rejects(expired.identity(), {
    name: "ApiError",
    kind: "undetermined",
    message: /^You must be logged in to the server \(/,
    hint: /Log in again/,
  });
  await t.rejects((await connected(t)).apply(roles, role("r", "no-such-namespace")), {
    message: /^Error from server \(NotFound\): namespaces "no-such-namespace" not found$/,
  });
});

t.test("the server's warnings reach the user once", async (t) => {
  const cluster = await connected(t);
  const namespace = await testNamespace(plane, t);
  const pods = { group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "w", namespace, annotations: { "seccomp.security.alpha.kubernetes.io/pod": "runtime/default" } },
    spec: { containers: [{ name: "a", image: "a", env: [{ name: "X" }, { name: "X" }] }] },
  };
  await cluster.create(pods, pod, { dryRun: true }).catch(() => undefined);
  await cluster.create(pods, pod, { dryRun: true }).catch(() => undefined);
  t.ok(cluster.warnings.length > 0, "there is something to warn of");
  t.equal(new Set(cluster.warnings).size, cluster.warnings.length);
});

t.test("many questions at once go over one connection", async (t) => {
  let connections = 0;
  const { port, hostname } = new URL(plane.server);
  const forwarder = createServer((socket) => {
    connections++;
    const upstream = connect(Number(port), hostname);
    socket.on("error", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => socket.destroy()).pipe(socket);
  });
  const address = await listen(forwarder);
  t.teardown(() => forwarder.close());
  const cluster = await connected(t, { server: `https://${address}` });
  const question = { verb: "get", apiGroup: "", resource: "pods" };
  const answers = await cluster.review(Array.from({ length: 300 }, () => question));
  t.equal(answers.filter(({ answer }) => answer === "yes").length, 300, "every question is answered");
  t.equal(connections, 1);
});
