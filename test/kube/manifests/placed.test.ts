import { join } from "node:path";
import t from "tap";
import { keyByKind } from "../../../lib/kubernetes/object-key.ts";
import { filePlaces, type Placed } from "../../../lib/kube/manifests/placed.ts";
import { openStore } from "../../../lib/kube/manifests/store.ts";

const widgets = (group: string) => ({ group, version: "v1", resource: "widgets", kind: "Widget", namespaced: true });
const nodes = { group: "", version: "v1", resource: "nodes", kind: "Node", namespaced: false };

const placed = (type: Placed["type"], path: string | undefined, name = "a"): Placed => ({
  type,
  object: { apiVersion: "v1", kind: type.kind, metadata: { name, namespace: "dev" } },
  at: {
    file: { text: "", encoding: "utf8", documents: [], ...(path === undefined ? {} : { path }) },
    document: { text: "", objects: [], line: 3 },
  },
  refused: false,
});

const { at: _at, ...stock } = placed(widgets("x.io"), "");
const here = { file: "a.yaml", line: 3 };
const inDev = keyByKind("Widget", { name: "a", namespace: "dev" });

const cases: Record<string, [given: Placed[], places: [key: string, place: object][]]> = {
  "in a file": [[placed(widgets("x.io"), "a.yaml")], [[inDev, here]]],
  "of a kind without namespaces, whatever the file says": [
    [placed(nodes, "a.yaml")],
    [[keyByKind("Node", { name: "a" }), here]],
  ],
  "on standard input": [[placed(widgets("x.io"), undefined)], []],
  "that every cluster has": [[stock], []],
  "that another group has as well": [[placed(widgets("x.io"), "a.yaml"), placed(widgets("y.io"), "b.yaml")], []],
};

for (const [what, [given, places]] of Object.entries(cases))
  t.test(`the place of an object ${what}`, async (t) => t.same([...filePlaces(given)], places));

t.test("the last of two counts, and what no API server would take is nowhere", async (t) => {
  const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
  const role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{verbs: []}]\n";
  const path = t.testdir({ "a.yaml": map, "b.yaml": `# one\n---\n\n${map}---\n${role}` });
  const store = openStore({ paths: [path], stock: [], types: [], warn: () => {} });
  t.same(
    [...store.places()],
    [[keyByKind("ConfigMap", { name: "m", namespace: "default" }), { file: join(path, "b.yaml"), line: 4 }]],
  );
});
