import type { UserInfo } from "../../kubernetes/access.ts";
import { appliedBindings, reference, questionScopes, type AppliedBinding } from "./applied-bindings.ts";
import { isPathQuestion, type Question, type ResourceQuestion } from "./question.ts";
import { scopesOfPrincipal, type RbacIndex } from "./rbac-index.ts";
import { apiGroupMatches, nameMatches, pathMatches, resourceMatches, ruleAllows, verbMatches } from "./rule-match.ts";
import { smallestRule } from "./smallest-rule.ts";
import type { MissedAttribute, NearMiss, PolicyRule } from "../types.ts";

const nearestFirst: readonly MissedAttribute[] = [
  "name",
  "subresource",
  "verb",
  "apiGroup",
  "namespace",
  "resource",
  "path",
  "role",
];

/**
 * What almost allows a question that nothing allows: rules in scope that match all but one attribute, rules that
 * match but are bound in another namespace, and bindings in scope to a role that does not exist.
 * A rule that reaches the user by several bindings is listed once. `applied` is what applies in scope.
 */
export function nearMisses(
  index: RbacIndex,
  user: UserInfo,
  question: Question,
  applied: readonly AppliedBinding[],
): NearMiss[] {
  const fix = smallestRule(question);
  const seen = new Set<PolicyRule>();
  const found: NearMiss[] = [];
  for (const each of applied) {
    if (each.binding.role === undefined) found.push({ ...missingRole(each), fix });
    for (const [ruleIndex, rule] of (each.binding.role?.rules ?? []).entries()) {
      if (rule === undefined || seen.has(rule)) continue;
      seen.add(rule);
      const attribute = onlyMiss(rule, question);
      if (attribute !== undefined) found.push(ruleMiss(each, attribute, rule, ruleIndex, fix));
    }
  }
  for (const each of outOfScope(index, user, question)) {
    for (const [ruleIndex, rule] of (each.binding.role?.rules ?? []).entries()) {
      if (rule !== undefined && ruleAllows(rule, question))
        found.push(ruleMiss(each, "namespace", rule, ruleIndex, fix));
    }
  }
  return found.toSorted((a, b) => nearestFirst.indexOf(a.attribute) - nearestFirst.indexOf(b.attribute));
}

/** The attribute in which a rule that does not allow a question differs, when it is only one. */
function onlyMiss(rule: PolicyRule, question: Question): MissedAttribute | undefined {
  const missed: MissedAttribute[] = verbMatches(rule, question.verb) ? [] : ["verb"];
  if (isPathQuestion(question)) {
    if ((rule.nonResourceURLs ?? []).length === 0) return undefined;
    if (!pathMatches(rule, question)) missed.push("path");
  } else {
    if (!apiGroupMatches(rule, question)) missed.push("apiGroup");
    if (!resourceMatches(rule, question)) missed.push(sameBase(rule, question) ? "subresource" : "resource");
    if (!nameMatches(rule, question)) missed.push("name");
  }
  return missed.length === 1 ? missed[0] : undefined;
}

/** Whether the rule is about the same resource, only not about this subresource of it (or only about some subresource). */
function sameBase({ resources = [] }: PolicyRule, question: ResourceQuestion): boolean {
  const base = withoutSubresource(question.resource);
  return resources.some((resource) => withoutSubresource(resource) === base);
}

const withoutSubresource = (resource: string): string => resource.split("/", 1)[0] ?? "";

/** What applies to the user in namespaces that do not count for the question. */
function outOfScope(index: RbacIndex, user: UserInfo, question: Question): AppliedBinding[] {
  const scopes = new Set<string>(scopesOfPrincipal(index.users.get(user.name))?.keys());
  for (const group of user.groups)
    for (const scope of scopesOfPrincipal(index.groups.get(group))?.keys() ?? []) scopes.add(scope);
  for (const scope of questionScopes(question)) scopes.delete(scope);
  return [...scopes].toSorted().flatMap((scope) => appliedBindings(index, user, scope));
}

function ruleMiss(
  { binding, subject }: AppliedBinding,
  attribute: MissedAttribute,
  rule: PolicyRule,
  ruleIndex: number,
  fix: PolicyRule,
): NearMiss {
  const role = binding.role ?? roleOfRef(binding);
  return {
    attribute,
    binding: reference(binding),
    role: reference(role),
    subject,
    rule,
    ruleIndex,
    fix,
  };
}

function missingRole({ binding, subject }: AppliedBinding): Omit<NearMiss, "fix"> {
  return {
    attribute: "role",
    binding: reference(binding),
    role: reference(roleOfRef(binding)),
    subject,
  };
}

function roleOfRef({ roleRef, namespace }: AppliedBinding["binding"]): {
  kind: "Role" | "ClusterRole";
  name: string;
  namespace: string;
} {
  return { kind: roleRef.kind, name: roleRef.name, namespace: roleRef.kind === "Role" ? namespace : "" };
}
