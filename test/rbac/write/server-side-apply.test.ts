import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { applyTo } from "../../../lib/rbac/write/server-side-apply.ts";
import { storedForm } from "../../../lib/rbac/write/stored-form.ts";
import { role, rule } from "../objects.ts";

const rules = [rule("", "pods", "get")];

interface Entry {
  manager: string;
  operation: string;
  fields: Record<string, unknown>;
}

function stored(labels: Record<string, string>, ...entries: Entry[]): KubernetesObject {
  const managedFields = entries.map(({ manager, operation, fields }) => ({ manager, operation, fieldsV1: fields }));
  return { ...role("dev", "r", rules), metadata: { name: "r", namespace: "dev", labels, managedFields } };
}

const labelFields = (...keys: string[]): Record<string, unknown> => ({
  "f:metadata": { "f:labels": Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
});

function apply(current: KubernetesObject, given: KubernetesObject, manager = "m1"): ReturnType<typeof applyTo> {
  const form = storedForm(given);
  if (typeof form === "string") throw new Error(form);
  return applyTo({ stored: current, applied: form, given, manager });
}

const labelled = (labels: Record<string, string>): KubernetesObject => {
  const { rules: _rules, ...rest } = role("dev", "r", []);
  return { ...rest, metadata: { ...rest.metadata, labels } };
};

t.test("labels are merged one by one, and rules that are not named stay", async (t) => {
  const { object, conflicts } = apply(stored({ a: "1", b: "2" }), labelled({ b: "3", c: "4" }));
  t.same([object["rules"], object.metadata.labels, conflicts], [rules, { a: "1", b: "3", c: "4" }, []]);
});

t.test("what this manager applied before and no longer names goes, unless another one owns it too", async (t) => {
  const own = { manager: "m1", operation: "Apply", fields: { ...labelFields("a", "b"), "f:rules": {} } };
  const other = { manager: "m2", operation: "Apply", fields: labelFields("b") };
  const { object } = apply(stored({ a: "1", b: "2" }, own, other), labelled({}));
  t.same([object["rules"], object.metadata.labels], [undefined, { b: "2" }]);
});

t.test("another value for what another manager owns is a conflict, the same value is not", async (t) => {
  const current = stored({ a: "1" }, { manager: "m2", operation: "Apply", fields: labelFields("a") });
  t.same(apply(current, labelled({ a: "2" })).conflicts, [".metadata.labels.a (owned by m2)"]);
  t.same(apply(current, labelled({ a: "1" })).conflicts, []);
});

t.test("the same name with another operation is another manager", async (t) => {
  const current = stored({}, { manager: "m1", operation: "Update", fields: { "f:rules": {} } });
  t.same(apply(current, role("dev", "r", [])).conflicts, [".rules (owned by m1)"]);
});

t.test("the stored object is left as it is", async (t) => {
  const current = stored({ a: "1" });
  const before = structuredClone(current);
  apply(current, {
    ...role("dev", "r", []),
    metadata: {
      name: "r",
      namespace: "dev",
      labels: { a: "2" },
      ownerReferences: [{ apiVersion: "v1", kind: "Job", name: "j", uid: "1" }],
    },
  });
  t.same(current, before);
});
