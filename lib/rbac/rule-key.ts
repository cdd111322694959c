import type { PolicyRule } from "./types.ts";

/** Equal for two rules that say the same in the same words: an absent list is an empty one, and order counts. */
export function ruleKey({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string {
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs]);
}
