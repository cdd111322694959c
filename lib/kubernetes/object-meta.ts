import { isJsonObject, type JsonObject } from "../json.ts";

const isText = (value: unknown): boolean => typeof value === "string";
const isOwner = (value: unknown): boolean => isJsonObject(value) && Object.values(value).every(isScalar);
const isScalar = (value: unknown): boolean => typeof value !== "object" || value === null;
const isTextMap = (value: unknown): boolean => isJsonObject(value) && Object.values(value).every(isText);
const listWith = (isItem: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(isItem);

const text = { what: "a string", is: isText };
const textMap = { what: "a map of strings", is: isTextMap };

/** Source: ObjectMeta in apimachinery pkg/apis/meta/v1/types.go; the fields that are read anywhere. */
const fields: Readonly<Record<string, { what: string; is: (value: unknown) => boolean }>> = {
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  creationTimestamp: text,
  deletionTimestamp: text,
  labels: textMap,
  annotations: textMap,
  finalizers: { what: "a list of strings", is: listWith(isText) },
  ownerReferences: { what: "a list of references", is: listWith(isOwner) },
  managedFields: { what: "a list of entries", is: listWith(isJsonObject) },
};

/** What JSON null means to the API server: a field is unset, and in a map of strings it is the empty string. */
export function withoutNulls<Metadata extends JsonObject>(metadata: Metadata): Metadata | JsonObject {
  // Nearly no object of a long list has one: it is not copied.
  if (!hasNull(metadata) && !hasNull(metadata["labels"]) && !hasNull(metadata["annotations"])) return metadata;
  const set = Object.entries(metadata).filter(([, value]) => value !== null);
  return Object.fromEntries(
    set.map(([field, value]) => {
      if (fields[field] !== textMap || !isJsonObject(value)) return [field, value];
      return [field, Object.fromEntries(Object.entries(value).map(([key, one]) => [key, one ?? ""]))];
    }),
  );
}

function hasNull(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  for (const field in value) if (value[field] === null) return true;
  return false;
}

/** Why the API server would not have taken this as an object's metadata: `metadata.labels is not a map of strings`. */
export function metadataFault(metadata: Readonly<JsonObject>): string | undefined {
  for (const field in fields) {
    const value = metadata[field];
    const rule = fields[field];
    if (value !== undefined && rule?.is(value) === false) return `metadata.${field} is not ${rule.what}`;
  }
  return undefined;
}
