import t from "tap";
import { metadataFault } from "../../lib/kubernetes/object-meta.ts";

const cases: [metadata: unknown, fault: string | undefined][] = [
  [{ name: "a", namespace: "b", labels: { c: "d" }, annotations: {}, finalizers: ["e"], uid: "f" }, undefined],
  [{ name: "a", creationTimestamp: null, deletionTimestamp: null }, undefined],
  [{ name: "a", ownerReferences: [{ apiVersion: "v1", kind: "K", name: "n", uid: "u", controller: true }] }, undefined],
  [
    { name: "a", managedFields: [{ manager: "m", fieldsV1: { "f:spec": {} } }], generation: 3, unknownField: [] },
    undefined,
  ],
  [undefined, "metadata is not an object"],
  [[], "metadata is not an object"],
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
