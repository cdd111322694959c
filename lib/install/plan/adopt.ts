// What Helm manages becomes ours. Its fields belong to a field manager of its own, whose values would stay for ever: what this
// command leaves out later would still be set. So its entries in managedFields are rewritten to be ours before the first apply.
// Source: client-go util/csaupgrade (UpgradeManagedFields).

import { isJsonObject, type JsonObject } from "../../json.ts";
import type { Change } from "../../kube/cluster.ts";
import { FIELD_MANAGER } from "../../kubernetes/field-manager.ts";
import type { KubernetesObject, ObjectMeta } from "../../kubernetes/object.ts";

type Entry = NonNullable<ObjectMeta["managedFields"]>[number];

/** `helm`, or the program that Helm is built into: a field manager is named after the executable. */
const isHelm = (manager = "") => /helm/i.test(manager);

/** What has to be rewritten so that the object is ours; undefined where Helm manages nothing of it. */
export function adoption({ apiVersion, metadata }: KubernetesObject): Change["adopts"] {
  const entries = metadata.managedFields ?? [];
  const taken = entries.filter(({ manager, subresource }) => isHelm(manager) && !subresource);
  if (taken.length === 0) return undefined;
  const isOwn = ({ manager, operation, subresource }: Entry) =>
    manager === FIELD_MANAGER && operation === "Apply" && !subresource;
  const merged = [...entries.filter(isOwn), ...taken];
  const fieldsV1 = merged.map(({ fieldsV1: fields }) => fields).reduce<JsonObject>(united, {});
  const own = {
    apiVersion,
    ...merged[0],
    manager: FIELD_MANAGER,
    operation: "Apply",
    fieldsType: "FieldsV1",
    fieldsV1,
  };
  return {
    managers: [...new Set(taken.map(({ manager = "" }) => manager))],
    managedFields: [...entries.filter((entry) => !merged.includes(entry)), own],
  };
}

/** Trees of FieldsV1 have no values: what is in either is in both. */
function united(one: unknown, other: unknown): JsonObject {
  const both: JsonObject = isJsonObject(one) ? { ...one } : {};
  for (const [key, fields] of Object.entries(isJsonObject(other) ? other : {})) {
    both[key] = key in both ? united(both[key], fields) : fields;
  }
  return both;
}

/** The object as it is after that. */
export function adopted(object: KubernetesObject, adopts: Change["adopts"]): KubernetesObject {
  if (adopts === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: [...adopts.managedFields] } };
}
