import type { Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "./object.ts";
import { keyByKind } from "./object-key.ts";

/** The objects as they are when a plan has been carried out; what it makes comes last. */
export function afterPlan(objects: readonly KubernetesObject[], plan: Plan): KubernetesObject[] {
  const byKey = new Map(objects.map((object) => [keyByKind(object.kind, object.metadata), object]));
  for (const { action, object, merged, current } of plan) {
    const key = keyByKind(object.kind, object.metadata);
    if (action === "delete") byKey.delete(key);
    else byKey.set(key, merged ?? current ?? object);
  }
  return [...byKey.values()];
}
