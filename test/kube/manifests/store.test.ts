import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { steps } from "../../steps.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { openStore } from "../../../lib/kube/manifests/store.ts";

const { roleBindings: binding, clusterRoles: clusterRole, configMaps: configMap } = nativeResources;

const rolebinding = (name: string, namespace = "dev"): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name, namespace },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "any" },
});

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

function folderWith(t: Teardown, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-store-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const open = (folder: string, warnings: string[] = []) =>
  openStore({ paths: [folder], stock: [], types: [], warn: (text) => void warnings.push(text) });

const map = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: dev}   # as it is\n`;

t.test("what is written once is read again, and lands in one file for each grant", async (t) => {
  const folder = folderWith(t, {});
  const store = open(folder);
  await Promise.all(
    ["mirrord:grant:jim-x", "mirrord:grant:jim-x:reads", "mirrord:role:reads"].map((name) =>
      store.put(binding, rolebinding(name), false),
    ),
  );
  t.same(readdirSync(join(folder, "mirrord-access")), ["jim-x.yaml", "role-reads.yaml"]);
  t.equal(open(folder).list(binding, {}).length, 3);
});

t.test("documents that are not touched stay to the letter", async (t) => {
  const before = `# head\n${map("a")}---\n${map("b")}---\n# tail\n${map("c")}`;
  const folder = folderWith(t, { "maps.yaml": before });
  const store = open(folder);
  await store.put(
    configMap,
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace: "dev" }, data: { x: "1" } },
    false,
  );
  const [first, second, third] = readFileSync(join(folder, "maps.yaml"), "utf8").split("---\n");
  t.equal(first, `# head\n${map("a")}`);
  t.match(second, /name: b[\s\S]*x: '1'|x: "1"/);
  t.equal(third, `# tail\n${map("c")}`);
  await store.remove(configMap, "a", "dev", false);
  t.match(readFileSync(join(folder, "maps.yaml"), "utf8"), /^apiVersion[\s\S]*# tail/);
  await store.remove(configMap, "b", "dev", false);
  t.equal(readFileSync(join(folder, "maps.yaml"), "utf8"), `# tail\n${map("c")}`);
  await store.remove(configMap, "c", "dev", false);
  t.notOk(existsSync(join(folder, "maps.yaml")), "a file without documents goes");
});

t.test("one object of a List is replaced and removed, the others stay", async (t) => {
  const items = ["a", "b"]
    .map((name) => `- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: ${name}, namespace: dev}\n`)
    .join("");
  const folder = folderWith(t, { "list.yaml": `apiVersion: v1\nkind: List\nitems:\n${items}` });
  const store = open(folder);
  await store.remove(configMap, "a", "dev", false);
  t.same(
    open(folder)
      .list(configMap, {})
      .map(({ metadata }) => metadata.name),
    ["b"],
  );
});

t.test("a dry run writes nothing", async (t) => {
  const folder = folderWith(t, {});
  const store = open(folder);
  await store.put(binding, rolebinding("x"), true);
  t.same(readdirSync(folder), []);
  t.equal(store.get(binding, "x", "dev"), undefined);
});

t.test("a file that somebody else changed meanwhile is not overwritten", async (t) => {
  const folder = folderWith(t, { "a.yaml": map("a") });
  const store = open(folder);
  writeFileSync(join(folder, "a.yaml"), `${map("a")}---\n${map("b")}`);
  await t.rejects(store.remove(configMap, "a", "dev", false), { kind: "refused", message: /changed by somebody else/ });
  t.match(readFileSync(join(folder, "a.yaml"), "utf8"), /name: b/);
});

t.test("a link does not lead a write out of the folder", async (t) => {
  const outside = folderWith(t, {});
  const folder = folderWith(t, {});
  symlinkSync(outside, join(folder, "mirrord-access"));
  await t.rejects(open(folder).put(binding, rolebinding("x"), false), {
    kind: "refused",
    message: /outside the manifests folder/,
  });
  t.same(readdirSync(outside), []);
});

t.test("an object that is there twice is said, and the last one counts", async (t) => {
  const folder = folderWith(t, { "a.yaml": map("a"), "b.yaml": map("a") });
  const warnings: string[] = [];
  open(folder, warnings);
  t.match(warnings, [/ConfigMap "a" is in .*a\.yaml and again in .*b\.yaml/]);
});

for (const [what, rules, fault] of [
  [
    "cannot be decoded",
    '[{apiGroups: [""], resources: [pods], verbs: [get]}, {verbs: "*"}]',
    /rules\[1\]\.verbs is not a list/,
  ],
  ["is not valid", '[{apiGroups: [""], resources: [pods], verbs: []}]', /rules\[0\]\.verbs: Required value/],
] as const)
  t.test(`an RBAC object that ${what} gives nothing, in whole, and this is said`, async (t) => {
    const text = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\nrules: ${rules}\n`;
    const folder = folderWith(t, { "a.yaml": text });
    const warnings: string[] = [];
    const store = open(folder, warnings);
    t.match(warnings, [/ClusterRole "all" in .*a\.yaml is left out, an API server would refuse it/]);
    t.match(warnings, [fault]);
    t.equal(store.get(clusterRole, "all"), undefined);
    t.same(store.list(clusterRole, {}), []);
    t.same(store.all(), []);

    const mended = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "all" },
      rules: [],
    };
    await store.put(clusterRole, mended, false);
    t.same(readdirSync(folder), ["a.yaml"], "a write takes its place");
    t.same(open(folder, warnings).get(clusterRole, "all"), mended);
    t.equal(warnings.length, 1, "it is said once");
  });

t.test("a role that no API server would take leaves the stock role of its name in force", async (t) => {
  const stock = [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "view" }, rules: [] },
  ];
  const text = "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: ClusterRole\nmetadata: {name: view}\nrules: []\n";
  const warnings: string[] = [];
  const paths = [folderWith(t, { "a.yaml": text })];
  const store = openStore({ paths, stock, types: [], warn: (said) => void warnings.push(said) });
  t.match(warnings, [/v1beta1 is not served/]);
  t.same(store.all(), stock);
});

t.test("a ClusterRole with a namespace counts: kubectl takes it out before it sends the object", async (t) => {
  const text =
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all, namespace: dev}\nrules: []\n";
  const warnings: string[] = [];
  t.ok(open(folderWith(t, { "a.yaml": text }), warnings).get(clusterRole, "all"));
  t.same(warnings, []);
});

t.test("a thousand writes to one file are a few, not a thousand", async (t) => {
  const module = import.meta.resolve("./write-many.ts");
  const folder = folderWith(t, {});
  const few = await steps(module, "writeMany", folderWith(t, {}), 100);
  const many = await steps(module, "writeMany", folder, 1000);
  t.ok(many < 12 * few, `${few} steps, then ${many}: quadratic would be a hundred times`);
  t.same(
    new Set(
      open(folder)
        .list(binding, {})
        .map(({ metadata }) => metadata.namespace),
    ),
    new Set(Array.from({ length: 1000 }, (_, index) => `n${index}`)),
    "and all are written",
  );
});

t.test("names become file names that stay inside", async (t) => {
  const folder = folderWith(t, {});
  await open(folder).put(binding, rolebinding("..%2f:evil name"), false);
  t.same(readdirSync(join(folder, "mirrord-access")), ["__2f_evil_name.yaml"]);
});

const grantBinding = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: one, namespace: dev}
`;

t.test("an object in one list with things that nobody here knows is not changed, and nothing is lost", async (t) => {
  const unknown = "{apiVersion: example.com/v1, kind: Shop, metadata: {name: shop, namespace: dev}}";
  const own = "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: one, namespace: dev}}";
  const text = `apiVersion: v1\nkind: List\nitems:\n- ${unknown}\n- ${own}\n`;
  const folder = folderWith(t, { "all.yaml": text });
  await t.rejects(open(folder).remove(binding, "one", "dev", false), { kind: "refused", message: /would be lost/ });
  await t.rejects(open(folder).put(binding, rolebinding("one"), false), { kind: "refused", message: /would be lost/ });
  t.equal(readFileSync(join(folder, "all.yaml"), "utf8"), text);
});

t.test("an object that is written twice is not removed in one place only", async (t) => {
  const folder = folderWith(t, { "a.yaml": grantBinding, "b.yaml": grantBinding });
  await t.rejects(open(folder).remove(binding, "one", "dev", false), {
    kind: "refused",
    message: /is in .*a\.yaml and in .*b\.yaml/,
  });
});

t.test("a rewritten file keeps its mode, and a link is not replaced by a file", async (t) => {
  const folder = folderWith(t, { "a.yaml": `${grantBinding}---\n${grantBinding.replace("one", "two")}` });
  chmodSync(join(folder, "a.yaml"), 0o600);
  await open(folder).remove(binding, "one", "dev", false);
  t.equal(statSync(join(folder, "a.yaml")).mode & 0o777, 0o600);
  const beside = folderWith(t, {});
  symlinkSync(join(folder, "a.yaml"), join(beside, "link.yaml"));
  await t.rejects(open(join(beside, "link.yaml")).remove(binding, "two", "dev", false), {
    kind: "refused",
    message: /is a link/,
  });
});

t.test("a single file takes no new objects, because nobody would read them again", async (t) => {
  const folder = folderWith(t, { "a.yaml": grantBinding });
  await t.rejects(open(join(folder, "a.yaml")).put(binding, rolebinding("new"), false), {
    kind: "usage",
    message: /cannot be written/,
  });
  t.same(readdirSync(folder), ["a.yaml"]);
});

t.test("comments stay, but never at the price of what the object says", async (t) => {
  const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: dev\n";
  const files = {
    "kept.yaml": `${head}# where\ndata:\n  key: old # of whom\n`,
    // The comment would come into the text.
    "lost.yaml": `${head.replace("name: a", "name: b")}data:\n  # which\n  key: 'x y'\n`,
  };
  const folder = folderWith(t, files);
  const store = open(folder);
  const change = (name: string, key: string) =>
    store.patch(configMap, { name, namespace: "dev" }, { data: { key: null, text: key } }, false);
  await store.patch(configMap, { name: "a", namespace: "dev" }, { data: { key: "new" } }, false);
  await change("b", "first\nkey: x y\n");
  t.equal(readFileSync(join(folder, "kept.yaml"), "utf8"), files["kept.yaml"].replace("old", "new"));
  t.notMatch(readFileSync(join(folder, "lost.yaml"), "utf8"), /#/);
  t.match(open(folder).get(configMap, "b", "dev")?.["data"], { text: "first\nkey: x y\n" });
});
