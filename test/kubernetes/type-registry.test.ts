import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { typeRegistry } from "../../lib/kubernetes/type-registry.ts";

const definition = (spec: unknown, kind = "CustomResourceDefinition"): KubernetesObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind,
  metadata: { name: "x" },
  spec,
});
const spec = {
  group: "acme.io",
  scope: "Namespaced",
  names: { plural: "widgets", kind: "Widget", shortNames: ["wd", 3] },
  versions: [{ name: "v1" }, { name: "v2" }, { name: "" }, "v3"],
};
const widget = { group: "acme.io", resource: "widgets", kind: "Widget", namespaced: true, shortNames: ["wd"] };

t.test("a definition declares its kind once for each version", async (t) => {
  const types = typeRegistry([definition(spec)], []);
  t.same(types.inGroup("acme.io"), [
    { ...widget, version: "v1" },
    { ...widget, version: "v2" },
  ]);
  t.same(types.inGroup("acme.io", "v2"), [{ ...widget, version: "v2" }]);
  t.same(types.inGroup("acme.io", "v3"), []);
  t.match(types.groups(), [{ group: "", version: "v1" }]);
  t.same(
    types.groups().filter(({ group }) => group === "acme.io"),
    [
      { group: "acme.io", version: "v1" },
      { group: "acme.io", version: "v2" },
    ],
  );
});

t.test("an object has its type whatever version it spells", async (t) => {
  const types = typeRegistry([definition({ ...spec, scope: "Cluster" })], []);
  const found = types.typeOf({ apiVersion: "acme.io/v1alpha1", kind: "Widget", metadata: {} });
  t.match(found, { resource: "widgets", namespaced: false });
  t.equal(types.typeOf({ apiVersion: "other.io/v1", kind: "Widget", metadata: {} }), undefined);
  t.match(types.typeOf({ apiVersion: "v1", kind: "Pod", metadata: {} }), { resource: "pods" });
  t.match(types.typeOf({ apiVersion: "apps/v1beta1", kind: "Deployment", metadata: {} }), { resource: "deployments" });
});

const malformed: { name: string; object: KubernetesObject }[] = [
  { name: "of another kind", object: definition(spec, "ConfigMap") },
  { name: "without a spec", object: definition(undefined) },
  { name: "without a group", object: definition({ ...spec, group: "" }) },
  { name: "without a plural", object: definition({ ...spec, names: { kind: "Widget" } }) },
  { name: "without a kind", object: definition({ ...spec, names: { plural: "widgets" } }) },
  { name: "without versions", object: definition({ ...spec, versions: {} }) },
];
for (const { name, object } of malformed)
  t.test(`an object ${name} declares nothing`, async (t) => {
    t.same(typeRegistry([object], []).groups(), typeRegistry([], []).groups());
  });

t.test("kinds that are given are known", async (t) => {
  const type = { ...widget, version: "v1" };
  t.same(typeRegistry([], [type]).inGroup("acme.io"), [type]);
});
