// What a server-side apply makes of a stored RBAC object. Every list in RBAC is atomic: whoever applies `rules` or
// `subjects` replaces them whole. Source: api/rbac/v1/types.go (listType=atomic).

import type { KubernetesObject, OwnerReference } from "../kube/cluster.ts";
import { isRecord } from "./decode.ts";
import { canonical } from "./stored-form.ts";

export interface Applied {
  object: KubernetesObject;
  /** Fields that another manager owns with another value: without force the server answers 409. */
  conflicts: string[];
}

/** Both in stored form. `fields` are what the request names, also when empty. */
export function applyTo(
  stored: KubernetesObject,
  applied: KubernetesObject,
  given: KubernetesObject,
  manager: string,
): Applied {
  const owners = fieldOwners(stored);
  const conflicts: string[] = [];
  const object: KubernetesObject = { ...stored, metadata: { ...stored.metadata } };
  const note = (field: string, value: unknown, was: unknown): void => {
    const others = [...(owners.get(field) ?? [])].filter((owner) => owner !== manager);
    if (canonical(value) !== canonical(was))
      conflicts.push(...others.map((owner) => `conflict with ${JSON.stringify(owner)}: ${field}`));
  };
  for (const field of ["rules", "subjects", "roleRef", "aggregationRule"]) {
    const path = field === "aggregationRule" ? ".aggregationRule.clusterRoleSelectors" : `.${field}`;
    if (isGiven(given[field])) {
      note(path, applied[field], stored[field]);
      object[field] = applied[field];
    } else if (ownsAlone(owners, path, manager)) delete object[field];
  }
  for (const field of ["labels", "annotations"] as const) {
    const before = new Map(Object.entries(stored.metadata[field] ?? {}));
    const wanted = new Map(Object.entries(applied.metadata[field] ?? {}));
    for (const [key, value] of wanted) {
      note(`.metadata.${field}.${key}`, value, before.get(key));
      before.set(key, value);
    }
    for (const key of before.keys()) {
      if (!wanted.has(key) && ownsAlone(owners, `.metadata.${field}.${key}`, manager)) before.delete(key);
    }
    if (before.size > 0) object.metadata[field] = Object.fromEntries(before);
    else delete object.metadata[field];
  }
  if (applied.metadata.ownerReferences !== undefined) object.metadata.ownerReferences = mergedOwners(stored, applied);
  return { object, conflicts };
}

/** metadata.ownerReferences is a list map by uid. */
function mergedOwners(stored: KubernetesObject, applied: KubernetesObject): OwnerReference[] {
  const owners = [...(stored.metadata.ownerReferences ?? []), ...(applied.metadata.ownerReferences ?? [])];
  return [...new Map(owners.map((owner) => [owner.uid, owner])).values()];
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Field path → the managers that own it, from metadata.managedFields. */
function fieldOwners({ metadata }: KubernetesObject): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  const entries: unknown[] = Array.isArray(metadata["managedFields"]) ? metadata["managedFields"] : [];
  for (const entry of entries) {
    if (!isRecord(entry) || typeof entry["manager"] !== "string" || !isRecord(entry["fieldsV1"])) continue;
    const owner = entry["operation"] === "Apply" ? entry["manager"] : `${entry["manager"]} (${OTHER_OPERATION})`;
    for (const path of leafPaths(entry["fieldsV1"], ""))
      owners.set(path, (owners.get(path) ?? new Set()).add(entry["manager"]));
  }
  return owners;
}

/** FieldsV1 as paths: `{"f:metadata": {"f:labels": {"f:a": {}}}}` is `.metadata.labels.a`. */
function leafPaths(fields: Record<string, unknown>, path: string): string[] {
  const children = Object.entries(fields).filter(([key]) => key.startsWith("f:"));
  if (children.length === 0) return [path];
  return children.flatMap(([key, child]) => leafPaths(isRecord(child) ? child : {}, `${path}.${key.slice(2)}`));
}

function ownsAlone(owners: Map<string, Set<string>>, path: string, manager: string): boolean {
  const all = owners.get(path);
  return all !== undefined && all.size === 1 && all.has(manager);
}
