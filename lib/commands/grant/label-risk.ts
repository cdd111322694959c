import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import type { Subject } from "../../rbac/types.ts";
import { isGuardedSelector } from "./places.ts";

const SHOWN = 10;

/**
 * Whoever may change the labels of a namespace may bring it into the grant, or take it out. Labels of collections are
 * guarded by the access model; others need `--accept-label-risk`. Returns the warning that names who may change them today.
 */
export async function labelRisk(
  cluster: Cluster,
  selectors: readonly string[],
  { namespaces, accepted }: { namespaces: readonly string[]; accepted: boolean },
): Promise<string[]> {
  if (selectors.length === 0 || isGuardedSelector(selectors)) return [];
  const editors = await labelEditors(cluster, namespaces);
  const text = `whoever may change the labels of a namespace decides where this grant holds; today: ${editors}`;
  if (accepted) return [text];
  throw new UserError("usage", text, "Add --accept-label-risk if that is what you mean, or name the namespaces.");
}

async function labelEditors(cluster: Cluster, namespaces: readonly string[]): Promise<string> {
  const { objects, unreadable } = await readAllRbac(cluster);
  if (unreadable.length > 0) return `unknown, because you may not list ${unreadable.join(", ")}`;
  const { whoCan } = authorizer(objects);
  // The API server fills the namespace of a request for a Namespace with its own name, so that a Role inside it is enough.
  const places = [{}, ...namespaces.map((namespace) => ({ namespace, name: namespace }))];
  const names = places.flatMap((place) =>
    ["patch", "update"].flatMap((verb) =>
      whoCan({ verb, apiGroup: "", resource: "namespaces", ...place }).subjects.map(subjectText),
    ),
  );
  const distinct = [...new Set(names)].toSorted();
  const more = distinct.length > SHOWN ? ` and ${distinct.length - SHOWN} more` : "";
  return `${distinct.slice(0, SHOWN).join(", ")}${more}`;
}

export function subjectText({ kind, name, namespace }: Subject): string {
  return kind === "ServiceAccount" ? `serviceaccount ${namespace ?? ""}/${name}` : `${kind.toLowerCase()} ${name}`;
}
