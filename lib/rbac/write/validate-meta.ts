import { isJsonObject } from "../../json.ts";
import { isStringList } from "../decode.ts";
import { invalid, required, tooLong, type FieldError } from "../../kubernetes/field-error.ts";
import { labelErrors } from "../../kubernetes/label-selector.ts";
import { dns1123Label, pathSegmentFaults, qualifiedName, utf8Bytes } from "../../kubernetes/names.ts";

const ANNOTATION_BYTES = 262_144;

/**
 * What is wrong with `metadata`. Source: ValidateObjectMeta, apimachinery pkg/api/validation/objectmeta.go. A namespace of what is
 * cluster-scoped is not wrong: the server clears it first (EnsureObjectNamespaceMatchesRequestNamespace).
 */
export function metaErrors(metadata: Record<string, unknown>, namespaced: boolean): FieldError[] {
  const { name, generateName, namespace } = metadata;
  const errors: FieldError[] = [];
  if (typeof generateName === "string") errors.push(...pathSegmentErrors("metadata.generateName", generateName));
  if (typeof name !== "string" || name === "")
    errors.push(required("metadata.name", "name or generateName is required"));
  else errors.push(...pathSegmentErrors("metadata.name", name));
  if (namespaced) errors.push(...namespaceErrors(namespace));
  errors.push(...labelErrors(metadata["labels"], "metadata.labels"), ...annotationErrors(metadata["annotations"]));
  errors.push(...ownerErrors(metadata["ownerReferences"]), ...finalizerErrors(metadata["finalizers"]));
  return errors;
}

function namespaceErrors(namespace: unknown): FieldError[] {
  if (typeof namespace !== "string" || namespace === "") return [required("metadata.namespace")];
  return dns1123Label(namespace).map((fault) => invalid("metadata.namespace", namespace, fault));
}

export const pathSegmentErrors = (path: string, name: string): FieldError[] =>
  pathSegmentFaults(name).map((fault) => invalid(path, name, fault));

function annotationErrors(annotations: unknown): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of isJsonObject(annotations) ? Object.entries(annotations) : []) {
    errors.push(...qualifiedName(key.toLowerCase()).map((fault) => invalid("metadata.annotations", key, fault)));
    bytes += utf8Bytes(key) + (typeof value === "string" ? utf8Bytes(value) : 0);
  }
  if (bytes > ANNOTATION_BYTES) errors.push(tooLong("metadata.annotations", ANNOTATION_BYTES));
  return errors;
}

function ownerErrors(owners: unknown): FieldError[] {
  const errors: FieldError[] = [];
  let controllers = 0;
  for (const [position, owner] of (Array.isArray(owners) ? owners : []).entries()) {
    const path = `metadata.ownerReferences[${position}]`;
    const fields: Record<string, unknown> = isJsonObject(owner) ? owner : {};
    for (const field of ["apiVersion", "kind", "name", "uid"]) {
      if (typeof fields[field] !== "string" || fields[field] === "")
        errors.push(invalid(`${path}.${field}`, "", "must not be empty"));
    }
    if (fields["controller"] === true) controllers += 1;
  }
  if (controllers > 1)
    errors.push(invalid("metadata.ownerReferences", owners, "Only one reference can have Controller set to true"));
  return errors;
}

function finalizerErrors(value: unknown): FieldError[] {
  const finalizers = isStringList(value) ? value : [];
  const errors = finalizers.flatMap((name) =>
    qualifiedName(name).map((fault) => invalid("metadata.finalizers", name, fault)),
  );
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(
      invalid("metadata.finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set"),
    );
  }
  return errors;
}
