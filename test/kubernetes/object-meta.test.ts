import t from "tap";
import type { JsonObject } from "../../lib/json.ts";
import { metadataFault, withoutNulls } from "../../lib/kubernetes/object-meta.ts";

const cases: [metadata: JsonObject, fault: string | undefined][] = [
  [{ name: "a", namespace: "b", labels: { c: "d" }, annotations: {}, finalizers: ["e"], uid: "f" }, undefined],
  [{ name: "a", ownerReferences: [{ apiVersion: "v1", kind: "K", name: "n", uid: "u", controller: true }] }, undefined],
  [
    { name: "a", managedFields: [{ manager: "m", fieldsV1: { "f:spec": {} } }], generation: 3, unknownField: [] },
    undefined,
  ],
  [{ name: 3 }, "metadata.name is not a string"],
  [{ name: "a", namespace: null }, "metadata.namespace is not a string"],
  [{ name: "a", labels: "x" }, "metadata.labels is not a map of strings"],
  [{ name: "a", labels: { b: 3 } }, "metadata.labels is not a map of strings"],
  [{ name: "a", annotations: ["b"] }, "metadata.annotations is not a map of strings"],
  [{ name: "a", finalizers: "x" }, "metadata.finalizers is not a list of strings"],
  [{ name: "a", ownerReferences: [{ name: {} }] }, "metadata.ownerReferences is not a list of references"],
  [{ name: "a", ownerReferences: [null] }, "metadata.ownerReferences is not a list of references"],
  [{ name: "a", managedFields: [1] }, "metadata.managedFields is not a list of entries"],
];
for (const [metadata, fault] of cases) t.equal(metadataFault(metadata), fault, JSON.stringify(metadata));

t.test("null is unset, and in a map of strings the empty string", async (t) => {
  const given = {
    name: "a",
    creationTimestamp: null,
    finalizers: null,
    annotations: null,
    labels: { b: null, c: "d" },
  };
  t.same(withoutNulls(given), { name: "a", labels: { b: "", c: "d" } });
  t.equal(metadataFault(withoutNulls(given)), undefined);
  const hostile = JSON.parse('{"labels": {"__proto__": null}}') as JsonObject;
  t.same(Object.keys(withoutNulls(hostile)["labels"] as object), ["__proto__"], "a key is never a prototype");
});
