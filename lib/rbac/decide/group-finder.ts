import type { AccessAttributes } from "../../kubernetes/access.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { authorizer } from "../authorizer.ts";

export type GroupsThatMay = { known: true; groups: string[] } | { known: false; why: string };

/**
 * Finds the groups that some binding allows to do a thing. Kubernetes' own groups (`system:…`) are left out: who is in
 * them is known, or is an administrator by other means.
 */
export function groupFinder(
  rbac: { objects: readonly KubernetesObject[]; unreadable: readonly string[] } | undefined,
): (attributes: AccessAttributes) => GroupsThatMay {
  if (rbac === undefined || rbac.unreadable.length > 0) {
    const what = rbac?.unreadable.join(", ") ?? "RBAC objects";
    return () => ({ known: false, why: `you may not list ${what} to see what groups could add` });
  }
  let engine: ReturnType<typeof authorizer> | undefined;
  return (attributes) => {
    engine ??= authorizer(rbac.objects);
    const groups = engine
      .whoCan(attributes)
      .subjects.filter(({ kind, name }) => kind === "Group" && !name.startsWith("system:"));
    return { known: true, groups: [...new Set(groups.map(({ name }) => name))].toSorted() };
  };
}
