import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { until } from "../until.ts";
import { root, startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// Roles and administrators on a real API server: what is made is what its authorizer then answers.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, api, labelled, may, settled } = grantProbe(cluster);
const kubectl = (...words: string[]) => cluster.kubectl("admin", ...words);
const mirrord = (...words: string[]) => kubectl("mirrord", ...words);
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const authenticated = ["--as-group", "system:authenticated"];

interface Asked {
  verb: string;
  resource: string;
  group?: string;
  subresource?: string;
  namespace?: string;
}

/** What the server's own authorizer answers. */
async function allowed(user: string, resourceAttributes: Asked): Promise<boolean> {
  const answer = await api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    spec: { user, groups: ["system:authenticated"], resourceAttributes },
  });
  return (answer as { status: { allowed: boolean } }).status.allowed;
}

/** Until the authorizer has followed a write, which it does a moment later. */
const answers = (expected: boolean, user: string, asked: Asked) =>
  until(
    `${user} ${expected ? "may" : "may not"} ${asked.verb} ${asked.resource}`,
    async () => (await allowed(user, asked)) === expected,
  );

/** The commands of the worked example of docs/roles.md, as somebody would paste them. */
function workedExample(): string[] {
  const text = readFileSync(join(root, "docs/roles.md"), "utf8");
  const section = text.slice(text.indexOf("## A worked example"), text.indexOf("## Administrators"));
  return section.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : []));
}

t.test("MKE-3, MKE-13, MKE-14: the worked example of docs/roles.md does what it says", async (t) => {
  const lines = workedExample();
  t.ok(lines.length > 8, `${lines.length} commands`);
  const asks = (line: string) => line.includes(" can-i ");
  for (const line of lines.filter((each) => !asks(each)))
    t.match(await cluster.shell("admin", line), { code: 0 }, line);
  await answers(true, "ann", { verb: "list", resource: "nodes" });
  await answers(true, "bob", { verb: "update", resource: "secrets", namespace: "dev" });
  const wanted = ["yes", "yes", "no", "no", "yes", "yes", "no"];
  const said = [];
  for (const line of lines.filter(asks)) said.push((await cluster.shell("admin", line)).stdout.split(/[\s-]/)[0]);
  t.same(said, wanted);
});

t.test("MKE-13: Restricted Control sees nodes and makes pods, and neither changes nodes nor binds pods", async (t) => {
  const as = ["--as", "ann", ...authenticated];
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "restricted" } };
  await api("POST", "/api/v1/nodes", node);
  t.match(await kubectl("get", "node", "restricted", "-o", "name", ...as), { code: 0, stdout: "node/restricted\n" });
  const refused = await kubectl("label", "node", "restricted", "a=b", ...as);
  t.match(refused, { code: 1, stderr: /nodes "restricted" is forbidden: User "ann" cannot patch/ });
  const pod = ["run", "of-ann", "--image=nginx", "-n", "qa", '--overrides={"spec":{"schedulerName":"nobody"}}'];
  t.match(await kubectl(...pod, ...as), { code: 0 });
  const binding = JSON.stringify({
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "of-ann" },
    target: { kind: "Node", name: "restricted" },
  });
  const path = "/api/v1/namespaces/qa/pods/of-ann/binding";
  const bind = (who: string) => cluster.shell("admin", `echo '${binding}' | kubectl create --raw ${path} -f - ${who}`);
  t.match(await bind(as.join(" ")), { code: 1, stderr: /User "ann" cannot create resource "pods\/binding"/ });
  t.notMatch((await bind("")).stderr, /cannot create resource/, "an administrator may");
  await api("DELETE", "/api/v1/namespaces/qa/pods/of-ann?gracePeriodSeconds=0");
  await api("DELETE", "/api/v1/nodes/restricted");
});

t.test("MKE-14: a DBA reads, writes and runs commands where that was granted, and only there", async (t) => {
  const as = ["--as", "bob", ...authenticated];
  t.match(await kubectl("create", "secret", "generic", "of-bob", "-n", "dev", "--from-literal=a=b", ...as), {
    code: 0,
  });
  t.match(await kubectl("patch", "secret", "of-bob", "-n", "dev", "-p", '{"data":{"a":"Yw=="}}', ...as), { code: 0 });
  t.match(await kubectl("get", "secret", "of-bob", "-n", "dev", "-o", "jsonpath={.data.a}", ...as), { stdout: "Yw==" });
  t.match(await kubectl("delete", "secret", "of-bob", "-n", "dev", ...as), { code: 0 });
  t.ok(await allowed("bob", { verb: "create", resource: "persistentvolumeclaims", namespace: "dev" }));
  t.ok(await allowed("bob", { verb: "create", resource: "pods", subresource: "exec", namespace: "dev" }));
  t.notOk(await allowed("bob", { verb: "create", resource: "pods", namespace: "dev" }));
  t.match(await kubectl("get", "secrets", "-n", "qa", ...as), { code: 1, stderr: /cannot list resource "secrets"/ });
  for (const thing of ["escalate:clusterroles", "bind:clusterroles", "impersonate:users", "get:*", "*:secrets"])
    t.match(
      await grant("role", "create", "boss", "--allow", thing),
      { code: 2, stderr: /--dangerous|resource type/ },
      thing,
    );
  t.match(await kubectl("get", "clusterrole", "mirrord:role:boss"), { code: 1, stderr: /NotFound/ });
});

t.test("MKE-12: making and changing a role that nobody holds changes nobody's access", async (t) => {
  const whoCan = async () => (await mirrord("audit", "who-can", "get", "secrets", "-n", "qa", "-o", "json")).stdout;
  const before = await whoCan();
  t.match(before, /system:masters/);
  t.match(await grant("role", "create", "unused", "--allow", "get,list:secrets"), { code: 0 });
  t.match(await kubectl("get", "clusterrole", "mirrord:role:unused", "-o", "name"), { code: 0 });
  t.equal(await whoCan(), before);
  t.match(await grant("role", "list", "-o", "wide"), { stdout: /^unused +custom +0 /m });
  t.match(await grant("role", "delete", "unused"), { code: 0 });
});

t.test("MKE-23: the server's own types are the ones that a role can name", async (t) => {
  for (const [thing, says] of [
    ["get:volumes", /resource type "volumes"[^]*persistentvolumeclaims/],
    ["get:deploymets", /Did you mean "deployments"/],
    ["create:pods/exce", /Did you mean "pods\/exec"/],
    ["gte:pods", /Did you mean "get"/],
  ] as const)
    t.match(await grant("role", "create", "wrong", "--allow", thing), { code: 2, stderr: says }, thing);
  t.match(await grant("eve", "--role", "restricted-control", "--ns", "dev"), {
    code: 2,
    stderr: /nodes is cluster-scoped: a grant in namespaces cannot cover it/,
  });
  t.match(await grant("role", "create", "look", "--allow", "get,list:sessions"), { code: 0 }, "a type of the operator");
  t.match(await api("GET", `${rbac}/clusterroles/mirrord:role:look`), {
    rules: [{ apiGroups: ["operator.metalbear.co"] }],
  });
  await grant("role", "delete", "look");
});

t.test("MKE-1, MKE-15: roles differ by where they were granted, and the server agrees", async (t) => {
  t.match(await grant("jo", "--ns", "dev"), { code: 0 });
  t.match(await grant("jo", "--ns", "qa", "--role", "view"), { code: 0 });
  await settled("yes", "jo", "dev");
  await settled("no", "jo", "qa");
  await answers(true, "jo", { verb: "list", group: "operator.metalbear.co", resource: "sessions", namespace: "qa" });
  const can = (place: string) => mirrord("can-i", "deploy/web", "-n", place, "--as", "jo", ...authenticated);
  // Its other bindings reach the authorizer each in its own moment.
  await until("can-i says yes in dev", async () => (await can("dev")).code === 0);
  t.match(await can("qa"), { code: 1, stdout: /^no/ });
  const { stdout } = await grant("matrix", "jo");
  t.match(stdout, /^SUBJECT +dev +qa\njo +user +view\n/);
});

t.test("a role that is held is kept, and goes with its grants when that is said", async (t) => {
  t.match(await grant("role", "delete", "dba"), { code: 2, stderr: /held by bob \(grant \w+\)/ });
  t.match(await grant("role", "delete", "dba", "--cascade", "-y"), { code: 0, stdout: /Deleted role dba/ });
  await answers(false, "bob", { verb: "get", resource: "secrets", namespace: "dev" });
  t.notOk((await labelled("clusterrolebindings")).some(({ metadata }) => metadata.name?.includes(":bob-")));
  t.notOk(await may("bob", "dev"));
});

t.test("what the creator does not hold the server refuses to store", async (t) => {
  await api("POST", `${rbac}/clusterrolebindings`, {
    metadata: { name: "maker-of-roles" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
    subjects: [{ kind: "User", name: "max", apiGroup: "rbac.authorization.k8s.io" }],
  });
  await answers(true, "max", { verb: "list", group: "rbac.authorization.k8s.io", resource: "rolebindings" });
  const made = await grant("role", "create", "nodes", "--allow", "get:nodes", "--as", "max", ...authenticated);
  t.not(made.code, 0);
  t.match(await kubectl("get", "clusterrole", "mirrord:role:nodes"), { code: 1, stderr: /NotFound/ });
  await api("DELETE", `${rbac}/clusterrolebindings/maker-of-roles`);
});

t.test("administrators: two at once lose nothing, and of the last two one stays", async (t) => {
  const role = {
    metadata: { name: "mirrord-access-admin" },
    rules: [{ apiGroups: ["access.kubectl-mirrord.io"], resources: ["grants"], verbs: ["manage"] }],
  };
  t.match(await grant("admin", "add", "ann"), { code: 2, stderr: /install --access-model/ });
  await api("POST", `${rbac}/clusterroles`, role);
  const added = await Promise.all(
    ["ann", "group:oidc:platform", "sa:ci/deployer"].map((name) => grant("admin", "add", name)),
  );
  t.same(
    added.map(({ code, stderr }) => (code === 0 ? "" : stderr)),
    ["", "", ""],
  );
  const names = async () =>
    (
      (await api("GET", `${rbac}/clusterrolebindings/mirrord-access-admin`)) as { subjects: { name: string }[] }
    ).subjects.map(({ name }) => name);
  t.same(new Set(await names()), new Set(["ann", "oidc:platform", "deployer"]));
  await answers(true, "ann", { verb: "manage", group: "access.kubectl-mirrord.io", resource: "grants" });
  t.match(await grant("admin", "list"), { code: 0, stdout: /^ann +mirrord-access-admin /m });
  t.match(await grant("admin", "remove", "sa:ci/deployer"), { code: 0 });
  const removed = await Promise.all(["ann", "group:oidc:platform"].map((name) => grant("admin", "remove", name)));
  const codes = removed.map(({ code }) => code).toSorted((a, b) => a - b);
  // Refused at once, or when it was to be written and the other had been.
  t.ok(codes[0] === 0 && (codes[1] === 2 || codes[1] === 4), codes.join(" "));
  t.match(removed.map(({ stderr }) => stderr).join(""), /is the last administrator/);
  t.equal((await names()).length, 1);
});
