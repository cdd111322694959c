import { isJsonObject } from "../json.ts";

const isText = (value: unknown): boolean => typeof value === "string";
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
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
  creationTimestamp: { what: "a string", is: isTextOrNull },
  deletionTimestamp: { what: "a string", is: isTextOrNull },
  labels: textMap,
  annotations: textMap,
  finalizers: { what: "a list of strings", is: listWith(isText) },
  ownerReferences: { what: "a list of references", is: listWith(isOwner) },
  managedFields: { what: "a list of entries", is: listWith(isJsonObject) },
};

/**
 * Why the API server would not have sent this as an object's metadata: `metadata.labels is not a map of strings`. Only times may
 * be null, which older servers say of objects that are not stored.
 */
export function metadataFault(metadata: unknown): string | undefined {
  if (!isJsonObject(metadata)) return "metadata is not an object";
  for (const field in fields) {
    const value = metadata[field];
    const rule = fields[field];
    if (value !== undefined && rule?.is(value) === false) return `metadata.${field} is not ${rule.what}`;
  }
  return undefined;
}
