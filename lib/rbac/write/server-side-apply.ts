// What a server-side apply makes of a stored RBAC object. Every list in RBAC is atomic: whoever applies `rules` or
// `subjects` replaces them whole. Source: api/rbac/v1/types.go (listType=atomic).

import { isJsonObject } from "../../json.ts";
import type { KubernetesObject, OwnerReference } from "../../kubernetes/object.ts";
import { canonical } from "./stored-form.ts";

export interface Applied {
  object: KubernetesObject;
  /** `.rules (owned by m1)`: fields that another manager owns with another value. Without force the server answers 409. */
  conflicts: string[];
}

/** All but `given` in stored form; `given` is the request as sent, where an empty list is there and an absent one is not. */
export interface Apply {
  stored: KubernetesObject;
  applied: KubernetesObject;
  given: KubernetesObject;
  manager: string;
}

export function applyTo({ stored, applied, given, manager }: Apply): Applied {
  const fields = fieldsOf(stored, manager);
  const object: KubernetesObject = { ...stored, metadata: { ...stored.metadata } };
  for (const [field, path] of atomicFields) {
    if (given[field] === undefined || given[field] === null) {
      if (fields.ownedAlone(path)) delete object[field];
    } else {
      fields.set(path, applied[field], stored[field]);
      object[field] = applied[field];
    }
  }
  for (const field of ["labels", "annotations"] as const) {
    const wanted = new Map(Object.entries(applied.metadata[field] ?? {}));
    const merged = new Map(Object.entries(stored.metadata[field] ?? {}));
    for (const key of merged.keys()) {
      if (!wanted.has(key) && fields.ownedAlone(`.metadata.${field}.${key}`)) merged.delete(key);
    }
    for (const [key, value] of wanted) {
      fields.set(`.metadata.${field}.${key}`, value, merged.get(key));
      merged.set(key, value);
    }
    if (merged.size > 0) object.metadata[field] = Object.fromEntries(merged);
    else delete object.metadata[field];
  }
  if (applied.metadata.ownerReferences !== undefined) object.metadata.ownerReferences = mergedOwners(stored, applied);
  return { object, conflicts: fields.conflicts };
}

/** Field → its path in managedFields. */
const atomicFields = [
  ["rules", ".rules"],
  ["subjects", ".subjects"],
  ["roleRef", ".roleRef"],
  ["aggregationRule", ".aggregationRule.clusterRoleSelectors"],
] as const;

/** metadata.ownerReferences is a list map by uid. */
function mergedOwners(stored: KubernetesObject, applied: KubernetesObject): OwnerReference[] {
  const owners = [...(stored.metadata.ownerReferences ?? []), ...(applied.metadata.ownerReferences ?? [])];
  return [...new Map(owners.map((owner) => [owner.uid, owner])).values()];
}

interface ManagedFields {
  conflicts: string[];
  /** Notes a conflict when others own the field and the value changes. */
  set(path: string, value: unknown, was: unknown): void;
  /** A field that this manager applied before, and nobody else owns: it goes when it is no longer applied. */
  ownedAlone(path: string): boolean;
}

function fieldsOf({ metadata }: KubernetesObject, manager: string): ManagedFields {
  const own = new Set<string>();
  const others = new Map<string, string>();
  const entries: unknown[] = Array.isArray(metadata["managedFields"]) ? metadata["managedFields"] : [];
  for (const entry of entries) {
    if (!isJsonObject(entry) || typeof entry["manager"] !== "string" || !isJsonObject(entry["fieldsV1"])) continue;
    // The same name with another operation is another manager.
    const isOwn = entry["manager"] === manager && entry["operation"] === "Apply";
    for (const path of leafPaths(entry["fieldsV1"], "")) {
      if (isOwn) own.add(path);
      else others.set(path, entry["manager"]);
    }
  }
  const conflicts: string[] = [];
  return {
    conflicts,
    set(path, value, was) {
      const owner = others.get(path);
      if (owner !== undefined && canonical(value) !== canonical(was)) conflicts.push(`${path} (owned by ${owner})`);
    },
    ownedAlone: (path) => own.has(path) && !others.has(path),
  };
}

/** FieldsV1 as paths: `{"f:metadata": {"f:labels": {"f:a": {}}}}` is `.metadata.labels.a`. */
function leafPaths(fields: Record<string, unknown>, path: string): string[] {
  const children = Object.entries(fields).filter(([key]) => key.startsWith("f:"));
  if (children.length === 0) return [path];
  return children.flatMap(([key, child]) => leafPaths(isJsonObject(child) ? child : {}, `${path}.${key.slice(2)}`));
}
