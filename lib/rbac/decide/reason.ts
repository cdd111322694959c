import type { DecodedBinding } from "../decode.ts";
import { goQuote } from "../../text/go-quote.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { Match, RbacRef, Subject } from "../types.ts";

/**
 * SubjectAccessReview.status.reason of an allowed request, as the API server words it. Names come before namespaces.
 * Source: clusterRoleBindingDescriber and roleBindingDescriber, pkg/registry/rbac/validation/rule.go.
 */
export function allowedReason({ binding, role, subject }: Pick<Match, "binding" | "role" | "subject">): string {
  return `RBAC: allowed by ${binding.kind} ${goQuote(nameAndNamespace(binding))} of ${role.kind} ${goQuote(role.name)} to ${describeSubject(subject, binding)}`;
}

/** status.reason of a request that nothing allows: empty, or the roles that the user is bound to and that do not exist. */
export function notAllowedReason(missing: readonly string[]): string {
  const [first] = missing;
  if (first === undefined) return "";
  return missing.length === 1 ? `RBAC: ${first}` : `RBAC: [${missing.join(", ")}]`;
}

/** The line for a binding whose role does not exist: it grants something as soon as somebody creates the role. */
export function missingRole({ roleRef }: Pick<DecodedBinding, "roleRef">): string {
  return `${roleRef.kind.toLowerCase()}.${RBAC_GROUP} ${goQuote(roleRef.name)} not found`;
}

const nameAndNamespace = ({ name, namespace }: RbacRef): string =>
  namespace === undefined ? name : `${name}/${namespace}`;

function describeSubject(subject: Subject, binding: RbacRef): string {
  if (subject.kind !== "ServiceAccount") return `${subject.kind} ${goQuote(subject.name)}`;
  const namespace = subject.namespace ? subject.namespace : (binding.namespace ?? "");
  return `ServiceAccount ${goQuote(`${subject.name}/${namespace}`)}`;
}
