// Nobody may grant what they do not hold: the check that the API server makes on every write of a role or a binding,
// after authorization and before validation.
// Source: pkg/registry/rbac/*/policybased/storage.go and ConfirmNoEscalation, pkg/registry/rbac/validation/rule.go.

import { isJsonObject } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { appliedBindings } from "../decide/applied-bindings.ts";
import { allows, MASTERS, rulesFor } from "../decide/authorize.ts";
import { compactRules, goQuoteList, ruleLines } from "../compact.ts";
import { uncovered } from "../covers.ts";
import { roleRules } from "../decode.ts";
import { goQuote } from "../../text/go-quote.ts";
import { findRole, type RbacIndex } from "../decide/rbac-index.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { parseRoleRef } from "./validate.ts";
import { pathSegmentFaults } from "../../kubernetes/names.ts";
import type { PolicyRule, RoleKind } from "../types.ts";

export type Escalation =
  /** 403. `missing` are the rules that the user would grant and does not hold. */
  | { refusal: "escalation"; missing: PolicyRule[]; detail: string }
  /** 404: the role that the binding names does not exist, and the user may not `bind` it. */
  | { refusal: "no-role"; name: string }
  /** 400 or 500: a binding whose roleRef the server cannot even look up. */
  | { refusal: "bad-reference"; code: 400 | 500; detail: string };

export interface EscalationQuestion {
  index: RbacIndex;
  user: UserInfo;
  /** In the form in which it would be stored. */
  object: KubernetesObject;
  stored: KubernetesObject | undefined;
  /** The resource in the URL, such as `rolebindings`: the server names it where it means a role. */
  resource: string;
  /** The name in the URL: "" for a POST. */
  urlName: string;
  /** The namespace in the URL: "" at cluster scope. */
  namespace: string;
}

/** Why the write is refused, or undefined when it is not. A change of owner references and finalizers alone is not for this. */
export function escalation(question: EscalationQuestion): Escalation | undefined {
  if (question.user.groups.includes(MASTERS)) return undefined;
  const { kind } = question.object;
  return kind === "Role" || kind === "ClusterRole" ? roleEscalation(question, kind) : bindingEscalation(question);
}

/** `escalate` is asked for the name in the URL, so that a limit to names works for updates and apply, and never for a POST. */
function roleEscalation(question: EscalationQuestion, kind: RoleKind): Escalation | undefined {
  const { index, user, object, stored, urlName, namespace } = question;
  if (maySay(index, user, { verb: "escalate", kind, name: urlName, namespace })) return undefined;
  const refused = confirmNoEscalation(question, roleRules(object));
  if (refused !== undefined) return refused;
  if (kind === "Role" || !(aggregates(object) || aggregates(stored))) return undefined;
  const missing = uncovered(rulesFor(index, user, namespace), fullAuthority);
  return missing.length === 0
    ? undefined
    : {
        refusal: "escalation",
        missing: compactRules(missing),
        detail: "must have cluster-admin privileges to use the aggregationRule",
      };
}

/** `bind` is asked for the name of the role, so that a limit to names works for a POST too. */
function bindingEscalation(question: EscalationQuestion): Escalation | undefined {
  const { index, user, object, namespace } = question;
  const { apiGroup, kind, name } = parseRoleRef(object["roleRef"]);
  if (kind !== "Role" && kind !== "ClusterRole") {
    return { refusal: "bad-reference", code: 500, detail: `unsupported role reference kind: ${goQuote(kind)}` };
  }
  if (maySay(index, user, { verb: "bind", kind, name, namespace, apiGroup })) return undefined;
  const detail = lookupFault(kind, name, namespace);
  if (detail !== undefined) return { refusal: "bad-reference", code: 400, detail };
  const role = findRole(index, { roleRef: { apiGroup, kind, name }, namespace });
  if (role === undefined) return { refusal: "no-role", name };
  const rules = role.rules.filter((rule) => rule !== undefined);
  return confirmNoEscalation(question, rules);
}

/** Names that the server's storage refuses before it looks. Source: NamespaceKeyFunc, apiserver pkg/registry/generic/registry/store.go. */
function lookupFault(kind: RoleKind, name: string, namespace: string): string | undefined {
  if (kind === "Role" && namespace === "") return "Namespace parameter required.";
  if (name === "") return "Name parameter required.";
  const [fault] = pathSegmentFaults(name);
  return fault && `Name parameter invalid: ${goQuote(name)}: ${fault}`;
}

const fullAuthority: readonly PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
];

interface Verb {
  verb: "escalate" | "bind";
  kind: RoleKind;
  name: string;
  namespace: string;
  apiGroup?: string;
}

function maySay(
  index: RbacIndex,
  user: UserInfo,
  { verb, kind, name, namespace, apiGroup = RBAC_GROUP }: Verb,
): boolean {
  return allows(index, { user, verb, apiGroup, resource: kind === "Role" ? "roles" : "clusterroles", name, namespace });
}

function confirmNoEscalation(question: EscalationQuestion, rules: readonly PolicyRule[]): Escalation | undefined {
  const { index, user, namespace } = question;
  const missing = uncovered(rulesFor(index, user, namespace), rules);
  if (missing.length === 0) return undefined;
  const unresolved = unresolvedRoles(question);
  const detail =
    `user ${goQuote(user.name)} (groups=${goQuoteList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n` +
    ruleLines(missing).join("\n") +
    (unresolved === "" ? "" : `; resolution errors: [${unresolved}]`);
  return { refusal: "escalation", missing: compactRules(missing), detail };
}

/** The roles that the user is bound to and that do not exist. The server takes the resource from the request. */
function unresolvedRoles({ index, user, namespace, resource }: EscalationQuestion): string {
  const lines = (namespace === "" ? [""] : ["", namespace])
    .flatMap((scope) => appliedBindings(index, user, scope))
    .filter(({ binding }) => binding.role === undefined)
    .map(({ binding }) => `${resource}.${RBAC_GROUP} ${goQuote(binding.roleRef.name)} not found`);
  const unique = [...new Set(lines)];
  return unique.length > 1 ? `[${unique.join(", ")}]` : unique.join("");
}

function aggregates(object: KubernetesObject | undefined): boolean {
  const rule = object?.["aggregationRule"];
  return isJsonObject(rule) && Array.isArray(rule["clusterRoleSelectors"]) && rule["clusterRoleSelectors"].length > 0;
}
