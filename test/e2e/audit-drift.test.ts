// What somebody changes by hand in a real cluster, what audit drift says of it, and that what it prints mends it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { organizationDefinition } from "../../lib/access/organizations/definition.ts";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, api, settled, labelled } = grantProbe(cluster);
const organizations = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
const rbac = "/apis/rbac.authorization.k8s.io/v1";

interface Item {
  rule: string;
  object: { kind: string; name: string; namespace?: string };
  message: string;
  differences: { field: string; lacks: string[]; has: string[] }[];
  who: { subject: string; change: string }[];
  commands: string[];
}

async function drift(...words: string[]): Promise<{ code: number; items: Item[]; stderr: string }> {
  const { code, stdout, stderr } = await cluster.kubectl("admin", "mirrord", "audit", "drift", "-o", "json", ...words);
  if (stdout === "") throw new Error(stderr);
  const { items } = JSON.parse(stdout) as { items: Item[] };
  return { code, items, stderr };
}

const ok = async (...words: string[]) => {
  const result = await grant(...words);
  if (result.code !== 0) throw new Error(`grant ${words.join(" ")}: ${result.stderr}`);
  return result;
};

/** Runs what was printed; what would ask is answered. */
async function mend(items: readonly Item[]): Promise<void> {
  for (const line of new Set(items.flatMap(({ commands }) => commands))) {
    const { code, stderr } = await cluster.shell("admin", line.replace(/ grant sync/, "$& -y"));
    if (code !== 0) throw new Error(`${line}: ${stderr}`);
  }
}

async function nothing(t: Test, ...words: string[]): Promise<void> {
  const { code, items } = await drift(...words);
  t.same(items, []);
  t.equal(code, 0);
}

async function bindingOf(name: RegExp, namespace: string): Promise<string> {
  const found = (await labelled("rolebindings", namespace)).find(({ metadata }) => name.test(metadata.name ?? ""));
  if (found === undefined) throw new Error(`no rolebinding ${name.source} in ${namespace}`);
  return `${rbac}/namespaces/${namespace}/rolebindings/${found.metadata.name ?? ""}`;
}
const mainOf = (user: string) => new RegExp(`^mirrord:grant:${user}-[a-z-]*[a-z2-7]{20}$`);
const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });
const patch = async (path: string, change: object) => await api("PATCH", path, change, "application/merge-patch+json");

t.test(
  "bindings that were made by hand are told, and go by what is printed; then a grant differs in nothing",
  async (t) => {
    const { code, items } = await drift();
    t.equal(code, 1);
    t.same(new Set(items.map(({ rule }) => rule)), new Set(["drift-extra"]));
    await mend(items);
    await nothing(t);
    await ok("jim", "--ns", "dev", "--ns", "qa");
    await ok("ann", "--ns", "dev", "--target", "deploy/web", "--for", "1h");
    await nothing(t);
  },
);

t.test("a binding that was changed by hand", async (t) => {
  await patch(await bindingOf(mainOf("jim"), "dev"), { subjects: [user("jim"), user("mallory")] });
  const { code, items } = await drift();
  t.equal(code, 1);
  t.match(items, [
    {
      rule: "drift-changed",
      object: { kind: "RoleBinding", namespace: "dev" },
      differences: [{ field: "subjects", has: ["mallory"], lacks: { length: 0 } }],
      who: [{ subject: "mallory", change: "gains" }],
    },
  ]);
  await mend(items);
  await settled("yes", "jim", "dev");
  await nothing(t);
});

t.test("a binding that was removed, and the Job that ends a grant", async (t) => {
  await api("DELETE", await bindingOf(mainOf("jim"), "qa"));
  const { items } = await drift();
  t.match(items, [
    {
      rule: "drift-missing",
      object: { kind: "RoleBinding", namespace: "qa" },
      who: [{ subject: "jim", change: "loses" }],
    },
  ]);
  await mend(items);
  await settled("yes", "jim", "qa");
  const [job] = await labelled("jobs", "dev");
  await api("DELETE", `/apis/batch/v1/namespaces/dev/jobs/${job?.metadata.name ?? ""}?propagationPolicy=Orphan`);
  await until("the Job is gone", async () => (await labelled("jobs", "dev")).length === 0);
  const without = await drift();
  t.ok(
    without.items.some(({ rule, object }) => rule === "drift-missing" && object.kind === "Job"),
    JSON.stringify(without.items),
  );
  await mend(without.items);
  await nothing(t);
});

t.test("bindings that were added: a copy with the grant's label, and one without", async (t) => {
  const path = await bindingOf(mainOf("jim"), "dev");
  const { metadata, ...binding } = (await api("GET", path)) as { metadata: { name: string; labels: object } };
  const at = path.slice(0, path.lastIndexOf("/"));
  await api("POST", at, { ...binding, metadata: { name: "copy", labels: metadata.labels } });
  await api("POST", at, { ...binding, metadata: { name: "second" }, subjects: [user("eve")] });
  const { items } = await drift();
  t.match(items.map(({ rule, object: { name } }) => `${rule} ${name}`).toSorted(), [
    "drift-extra copy",
    "drift-extra second",
  ]);
  await mend(items);
  await settled("no", "eve", "dev");
  await nothing(t);
});

t.test("an organization that was changed by hand, against its bindings and against a folder", async (t) => {
  await api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", organizationDefinition);
  await until("organizations are served", async () => {
    const { token } = cluster.plane.admin;
    const { body, status } = await apiRequest(cluster.plane, { token, method: "GET", path: organizations });
    return status === 200 && (body as { kind?: string }).kind === "OrganizationList";
  });
  await until("commands find the kind", async () => (await grant("org", "list")).code === 0);
  await ok("org", "create", "acme");
  await ok("team", "create", "acme/web");
  await ok("team", "add", "acme/web", "tom");
  await ok("team:acme/web", "--ns", "dev");
  await nothing(t);

  const folder = t.testdir({});
  const declared = ["jim --ns dev --ns qa", "team:acme/web --ns dev"];
  for (const [at, words] of declared.entries()) {
    const { stdout } = await ok(...words.split(" "), "--dry-run=client", "-o", "yaml");
    writeFileSync(join(folder, `${at}.yaml`), stdout);
  }
  const { metadata: _metadata, ...acme } = (await api("GET", `${organizations}/acme`)) as { metadata: object };
  writeFileSync(join(folder, "acme.json"), JSON.stringify({ ...acme, metadata: { name: "acme" } }));

  await patch(`${organizations}/acme`, { spec: { teams: [{ name: "web", members: ["tom", "mallory"] }] } });
  const own = await drift();
  t.ok(own.items.length > 0);
  t.ok(
    own.items.every(({ differences: [first] }) => first?.field === "subjects" && first.lacks.join() === "mallory"),
    JSON.stringify(own.items),
  );
  await mend(own.items);
  await settled("yes", "mallory", "dev");
  await nothing(t);

  const { items } = await drift("--manifests", folder);
  t.match(
    items.find(({ rule }) => rule === "drift-organization"),
    { object: { name: "acme" }, differences: [{ field: "spec.teams[web].members", has: ["mallory"] }] },
  );
  const extra = items.filter(({ rule }) => rule === "drift-extra");
  t.ok(
    extra.length > 0 && extra.every(({ commands }) => commands.join().includes("grant revoke")),
    "ann's grant is in no file",
  );
  await mend(items);
  await settled("no", "mallory", "dev");
  await settled("yes", "tom", "dev");
  await nothing(t, "--manifests", folder);
});
