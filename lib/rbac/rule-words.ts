import type { PolicyRule } from "./types.ts";

/** A rule as people say it: `get, list pods and services`, `proxy targets named deployment.web`, `get /version`. */
export function ruleWords({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string {
  const every = apiGroups.includes("*") ? " of every group" : "";
  const others = resourceNames.length > 1 ? ` and ${resourceNames.length - 1} more` : "";
  const named = resourceNames.length === 0 ? "" : ` named ${resourceNames[0]}${others}`;
  const types = resources.map((resource) => (resource === "*" ? "everything" : resource)).join(", ");
  const does = verbs.includes("*") ? "do anything to" : verbs.join(", ");
  const what = resources.length === 0 ? nonResourceURLs.join(", ") : `${types}${every}${named}`;
  return `${does} ${what}`;
}
