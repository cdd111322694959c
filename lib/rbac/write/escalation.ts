// Nobody may bind a role whose rules they do not hold: the check that the API server makes on every write of a binding,
// after authorization and before validation.
// Source: pkg/registry/rbac/*binding/policybased/storage.go and ConfirmNoEscalation, pkg/registry/rbac/validation/rule.go.

import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources, RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { goQuote } from "../../text/go-quote.ts";
import { goQuoteList, ruleLines } from "../compact.ts";
import { uncovered } from "../covers.ts";
import { decode, isRole, type DecodedBinding } from "../decode.ts";
import { appliedBindings } from "../decide/applied-bindings.ts";
import { allows, MASTERS, rulesFor } from "../decide/authorize.ts";
import { findRole, type RbacIndex } from "../decide/rbac-index.ts";

/**
 * Why the API server would not let this user write this binding, as it words a 403, or undefined when it would. A binding
 * to a role that is not in the index, which is a 404, is not for this.
 */
export function bindingEscalation(index: RbacIndex, user: UserInfo, object: KubernetesObject): string | undefined {
  const binding = decode(object, []);
  if (binding === undefined || isRole(binding)) return undefined;
  if (user.groups.includes(MASTERS) || mayBind(index, user, binding)) return undefined;
  const { namespace } = binding;
  const rules = findRole(index, binding)?.rules.filter((rule) => rule !== undefined) ?? [];
  const missing = uncovered(rulesFor(index, user, namespace), rules);
  if (missing.length === 0) return undefined;
  const { resource } = nativeResources[binding.kind === "RoleBinding" ? "roleBindings" : "clusterRoleBindings"];
  const unresolved = unresolvedRoles(index, user, { resource, namespace });
  return (
    `${resource}.${RBAC_GROUP} ${goQuote(binding.name)} is forbidden: user ${goQuote(user.name)} (groups=${goQuoteList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n` +
    ruleLines(missing).join("\n") +
    (unresolved === "" ? "" : `; resolution errors: [${unresolved}]`)
  );
}

/** `bind` is asked for the name of the role, so that a limit to names works for a binding that does not exist yet. */
function mayBind(index: RbacIndex, user: UserInfo, { roleRef, namespace }: DecodedBinding): boolean {
  const { apiGroup, kind, name } = roleRef;
  const resource = kind === "Role" ? "roles" : "clusterroles";
  return allows(index, { user, verb: "bind", apiGroup, resource, name, namespace });
}

/** The roles that the user is bound to and that do not exist. The server takes the resource from the request. */
function unresolvedRoles(
  index: RbacIndex,
  user: UserInfo,
  { resource, namespace }: { resource: string; namespace: string },
): string {
  const lines = (namespace === "" ? [""] : ["", namespace])
    .flatMap((scope) => appliedBindings(index, user, scope))
    .filter(({ binding }) => binding.role === undefined)
    .map(({ binding }) => `${resource}.${RBAC_GROUP} ${goQuote(binding.roleRef.name)} not found`);
  const unique = [...new Set(lines)];
  return unique.length > 1 ? `[${unique.join(", ")}]` : unique.join("");
}
