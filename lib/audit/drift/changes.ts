import { wasWrittenByUs } from "../../access/findings.ts";
import { GRANT_LABEL } from "../../access/names.ts";
import { idInName } from "../../access/stored.ts";
import type { Change, Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { ownerReference } from "../../kubernetes/plan.ts";

/** An object as it is declared and as it is; undefined: not at all. */
export interface ChangedObject {
  declared: KubernetesObject | undefined;
  bound: KubernetesObject | undefined;
}

/** What a plan changes, object by object: what is deleted and made anew is one. */
export function changedObjects(plan: Plan): ChangedObject[] {
  const uids = new Map(
    plan.flatMap(({ type, object, current, action }) =>
      action === "delete" || current === undefined
        ? []
        : [[objectKey(type, object.metadata), current.metadata.uid] as const],
    ),
  );
  const found = new Map<string, ChangedObject>();
  for (const change of plan) {
    if (change.action === "unchanged") continue;
    const { type, object, current, action } = change;
    const key = objectKey(type, (current ?? object).metadata);
    const known = found.get(key) ?? { declared: undefined, bound: undefined };
    found.set(key, {
      declared: action === "delete" ? known.declared : declaredObject(change, uids),
      bound: known.bound ?? (action === "create" ? undefined : (current ?? object)),
    });
  }
  return [...found.values()];
}

function declaredObject(
  { object, merged = object, current, owner }: Change,
  uids: ReadonlyMap<string, string | undefined>,
): KubernetesObject {
  const { ownerReferences: _owners, ...metadata } = merged.metadata;
  const owners = current?.metadata.ownerReferences ?? [];
  // What came from a file has no owner yet.
  if (owner === undefined || (current !== undefined && owners.length === 0 && !wasWrittenByUs(current)))
    return { ...merged, metadata };
  const uid = uids.get(objectKey(owner.type, owner)) ?? "";
  return { ...merged, metadata: { ...metadata, ownerReferences: [{ ...ownerReference(owner), uid }] } };
}

/** The id of the grant that an object belongs to: by its name, and where that says nothing, by its label. */
export function objectGrant({ metadata: { name = "", labels = {} } }: KubernetesObject): string | undefined {
  return idInName(name) ?? labels[GRANT_LABEL];
}
