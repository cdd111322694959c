import { goQuote } from "../text/go-quote.ts";
import { byCodePoint } from "../text/order.ts";
import type { PolicyRule } from "./types.ts";

/**
 * Joins the verbs of rules about the same single resource, in the order in which they are first seen; other rules stay as
 * they are, and come first. This is how the API server shortens the rules it names in an escalation error.
 * Source: CompactRules, pkg/registry/rbac/validation/policy_compact.go.
 */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const others: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const resource = singleResource(rule);
    if (resource === undefined) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify(resource);
    const known = simple.get(key);
    if (known === undefined) simple.set(key, { ...rule, verbs: [...rule.verbs] });
    else known.verbs.push(...rule.verbs);
  }
  return [...others, ...simple.values()];
}

export interface SingleResource {
  group: string;
  resource: string;
  /** Absent: every name. */
  name?: string;
}

/** What a rule is about when that is one resource of one group, with at most one name, and nothing else. */
export function singleResource({
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs,
}: PolicyRule): SingleResource | undefined {
  const [group] = apiGroups;
  const [resource] = resources;
  const [name] = resourceNames;
  if (group === undefined || resource === undefined || nonResourceURLs !== undefined) return undefined;
  if (apiGroups.length > 1 || resources.length > 1 || resourceNames.length > 1) return undefined;
  return name === undefined ? { group, resource } : { group, resource, name };
}

/** A rule on one line, as the API server prints it. Source: CompactString, pkg/apis/rbac/v1/evaluation_helpers.go. */
export function ruleText({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string {
  const parts: [string, string[]][] = [
    ["APIGroups", apiGroups],
    ["Resources", resources],
    ["NonResourceURLs", nonResourceURLs],
    ["ResourceNames", resourceNames],
    ["Verbs", verbs],
  ];
  return `{${parts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}:${goQuoteList(values)}`)
    .join(", ")}}`;
}

/** One line for each compacted rule, sorted, each once. */
export function ruleLines(rules: readonly PolicyRule[]): string[] {
  return [...new Set(compactRules(rules).map(ruleText))].toSorted(byCodePoint);
}

/** `%q` of a list in Go. */
export const goQuoteList = (values: readonly string[]): string => `[${values.map(goQuote).join(" ")}]`;
