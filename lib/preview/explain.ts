import { authorizer } from "../rbac/authorizer.ts";
import type { Match, NearMiss, RbacRef } from "../rbac/types.ts";
import type { Check, Preview } from "./preview.ts";

/** Who decided a check, as far as it can be known. */
export interface Decision {
  /** One line. */
  text: string;
  /** Of a yes: binding, role, rule and subject; several ways are all listed. */
  by?: Match[];
  /** Of a no: the rules that allow it but for one attribute, nearest first. */
  nearest?: NearMiss[];
}

/** Explains checks from the RBAC objects where they could be read, else from the API server's own words. */
export function decisionOf({ rbac, identity }: Pick<Preview, "rbac" | "identity">): (check: Check) => Decision {
  const readable = rbac !== undefined && rbac.unreadable.length === 0;
  const engine = readable ? authorizer(rbac.objects) : undefined;
  return (check) => {
    if (check.answer === "unknown" || engine === undefined) return { text: check.reason };
    const { via, nearest, answer, reason } = engine.explain({ user: identity.user, ...check.attributes });
    // Another authorizer of the cluster decided (a webhook, the node authorizer): its word is all there is.
    if (answer !== check.answer)
      return { text: check.reason === "" ? "decided by something other than RBAC" : check.reason };
    if (check.answer === "yes") return { text: via[0] === undefined ? reason : describeMatch(via[0]), by: via };
    return { text: nearest[0] === undefined ? "nothing grants it" : describeNearMiss(nearest[0]), nearest };
  };
}

const reference = ({ kind, name, namespace }: RbacRef) =>
  `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`;

function describeMatch({ binding, role, subject }: Match): string {
  const who = subject.kind === "ServiceAccount" ? `${subject.namespace ?? ""}/${subject.name}` : subject.name;
  return `${reference(binding)} gives ${reference(role)} to ${subject.kind} ${who}`;
}

function describeNearMiss({ attribute, binding, role }: NearMiss): string {
  if (attribute === "role") return `${reference(binding)} names ${reference(role)}, which does not exist`;
  const missed =
    attribute === "namespace" ? "holds elsewhere" : `has another ${attribute === "apiGroup" ? "API group" : attribute}`;
  return `nearest: ${reference(binding)} with ${reference(role)} ${missed}`;
}
