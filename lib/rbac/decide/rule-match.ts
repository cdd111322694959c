import { isPathQuestion, type PathQuestion, type Question, type ResourceQuestion } from "./question.ts";
import type { PolicyRule } from "../types.ts";

/**
 * Whether one rule allows a request. Everything is compared exactly, case included; `*` is the only wildcard and stands
 * alone, but for "any resource with this subresource" and the trailing stars of a path.
 * Source: pkg/apis/rbac/v1/evaluation_helpers.go.
 */
export function ruleAllows(rule: PolicyRule, question: Question): boolean {
  if (!verbMatches(rule, question.verb)) return false;
  if (isPathQuestion(question)) return pathMatches(rule, question);
  return apiGroupMatches(rule, question) && resourceMatches(rule, question) && nameMatches(rule, question);
}

export const verbMatches = (rule: PolicyRule, verb: string): boolean =>
  rule.verbs.includes("*") || rule.verbs.includes(verb);

export function apiGroupMatches({ apiGroups }: PolicyRule, question: ResourceQuestion): boolean {
  return apiGroups !== undefined && (apiGroups.includes("*") || apiGroups.includes(question.apiGroup));
}

/** `*` is every resource and subresource; `pods` is not `pods/log`, and `pods/*` is only the literal subresource `*`. */
export function resourceMatches({ resources }: PolicyRule, question: ResourceQuestion): boolean {
  if (resources === undefined) return false;
  if (resources.includes("*") || resources.includes(question.resource)) return true;
  return question.subresource !== "" && resources.includes(question.anyWithSubresource);
}

/** No names are all names; otherwise a request without a name matches only a rule that lists the empty name. */
export function nameMatches({ resourceNames }: PolicyRule, question: ResourceQuestion): boolean {
  return resourceNames === undefined || resourceNames.length === 0 || resourceNames.includes(question.name);
}

export function pathMatches({ nonResourceURLs }: PolicyRule, question: PathQuestion): boolean {
  return nonResourceURLs !== undefined && nonResourceURLs.some((pattern) => pathPatternMatches(pattern, question.path));
}

/** All trailing stars are cut and the rest is a plain prefix, without regard to slashes; a star elsewhere is a character. */
function pathPatternMatches(pattern: string, path: string): boolean {
  return (
    pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(withoutTrailingStars(pattern)))
  );
}

export function withoutTrailingStars(pattern: string): string {
  let end = pattern.length;
  while (end > 0 && pattern[end - 1] === "*") end -= 1;
  return pattern.slice(0, end);
}
