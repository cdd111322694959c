// What another field manager set becomes ours. Its values would stay for ever: what is left out later would still be set. So its
// entries in managedFields are rewritten to be ours before the next apply.
// Source: client-go util/csaupgrade (UpgradeManagedFields).

import { isJsonObject, setField, type JsonObject } from "../json.ts";
import type { Change } from "../kube/cluster.ts";
import { FIELD_MANAGER } from "./field-manager.ts";
import type { KubernetesObject, ObjectMeta } from "./object.ts";

type Entry = NonNullable<ObjectMeta["managedFields"]>[number];

/** Whose entries are taken: `helm`, or the program that Helm is built into: a field manager is named after the executable. */
export const isHelm = ({ manager = "" }: Entry): boolean => /helm/i.test(manager);

/** What a patch of ours set: to the server, that is another manager than the apply of the same name. */
export const isOwnPatch = ({ manager, operation }: Entry): boolean =>
  manager === FIELD_MANAGER && operation === "Update";

/** What has to be rewritten so that the object is ours; undefined where nothing in it is to be taken. */
export function adoption(
  { apiVersion, metadata }: KubernetesObject,
  isTaken: (entry: Entry) => boolean,
): Change["adopts"] {
  const entries = metadata.managedFields ?? [];
  const taken = entries.filter((entry) => isTaken(entry) && !entry.subresource);
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
    setField(both, key, Object.hasOwn(both, key) ? united(both[key], fields) : fields);
  }
  return both;
}

/** The object as it is after that. */
export function adopted(object: KubernetesObject, adopts: Change["adopts"]): KubernetesObject {
  if (adopts === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: [...adopts.managedFields] } };
}
