import { usageError } from "../errors.ts";
import { authorizer } from "../rbac/authorizer.ts";
import type { Subject } from "../rbac/types.ts";
import { guardDoubts } from "./guard.ts";
import type { RbacSeen } from "./limits.ts";

const SHOWN = 10;

/**
 * Whoever may change the labels of a namespace may bring it into a grant with a selector, or take it out. Returns the warning
 * that names who may today; throws it as UserError "usage" unless the risk was accepted.
 */
export function labelRisk(
  rbac: RbacSeen,
  selected: readonly string[],
  { accepted, unreadGuards }: { accepted: boolean; unreadGuards: readonly string[] },
): string[] {
  const text = `whoever may change the labels of a namespace decides where this grant holds; today: ${labelEditors(rbac, selected)}`;
  const lines = [text, ...guardDoubts(unreadGuards, "the labels of collections")];
  if (accepted) return lines;
  throw usageError(lines, "Add --accept-label-risk if that is what you mean, or name the namespaces.");
}

function labelEditors({ objects, unreadable }: RbacSeen, namespaces: readonly string[]): string {
  if (unreadable.length > 0) return `unknown, because you may not list ${unreadable.join(", ")}`;
  const { whoCan } = authorizer(objects);
  // The API server fills the namespace of a request for a Namespace with its own name, so that a Role inside it is enough.
  const places = [{}, ...namespaces.map((namespace) => ({ namespace, name: namespace }))];
  const names = places.flatMap((place) =>
    ["patch", "update"].flatMap((verb) =>
      whoCan({ verb, apiGroup: "", resource: "namespaces", ...place }).subjects.map(describeSubject),
    ),
  );
  const distinct = [...new Set(names)].toSorted();
  const more = distinct.length > SHOWN ? ` and ${distinct.length - SHOWN} more` : "";
  return `${distinct.slice(0, SHOWN).join(", ")}${more}`;
}

/** `user jim`, `group web`, `service account ci/runner`. */
export function describeSubject({ kind, name, namespace }: Subject): string {
  return kind === "ServiceAccount" ? `service account ${namespace ?? ""}/${name}` : `${kind.toLowerCase()} ${name}`;
}
