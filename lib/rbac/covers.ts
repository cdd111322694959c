import { withoutTrailingStars } from "./decide/rule-match.ts";
import type { PolicyRule } from "./types.ts";

/**
 * What of `servant` somebody who holds the rules `owner` does not hold, as rules with one value in each list: each atom must
 * be in one owner rule. A wildcard is covered by a wildcard only, never by all the values there are.
 * Source: Covers, component-helpers auth/rbac/validation/policy_comparator.go.
 */
export function uncovered(owner: readonly PolicyRule[], servant: readonly PolicyRule[]): PolicyRule[] {
  return servant.flatMap(breakDown).filter((atom) => !owner.some((held) => ruleCovers(held, atom)));
}

/** A rule as rules of one verb and one group, resource and name each, or one path. An incomplete rule grants nothing. */
function breakDown({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const atoms: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const atom: PolicyRule = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) atoms.push(atom);
        else for (const name of resourceNames) atoms.push({ ...atom, resourceNames: [name] });
      }
    }
  }
  for (const path of nonResourceURLs) for (const verb of verbs) atoms.push({ nonResourceURLs: [path], verbs: [verb] });
  return atoms;
}

/** Whether every path that a pattern stands for is in another. Inside a covered pattern a star is a character like others. */
export function pathPatternCovers(owner: string, servant: string): boolean {
  return owner === servant || (owner.endsWith("*") && servant.startsWith(withoutTrailingStars(owner)));
}

/** `atom` has at most one value in each list, as breakDown makes it. */
function ruleCovers(owner: PolicyRule, atom: PolicyRule): boolean {
  const {
    apiGroups: [group] = [],
    resources: [resource] = [],
    resourceNames: [name] = [],
    nonResourceURLs: [path] = [],
  } = atom;
  const [verb = ""] = atom.verbs;
  const names = owner.resourceNames ?? [];
  return (
    holds(owner.verbs, verb) &&
    (group === undefined || holds(owner.apiGroups ?? [], group)) &&
    (resource === undefined || resourceCovers(owner.resources ?? [], resource)) &&
    (names.length === 0 || (name !== undefined && names.includes(name))) &&
    (path === undefined || (owner.nonResourceURLs ?? []).some((pattern) => pathPatternCovers(pattern, path)))
  );
}

const holds = (held: readonly string[], value: string): boolean => held.includes("*") || held.includes(value);

/** A star before a slash covers the same subresource of any resource: also the literal resource `deployments/*`. */
function resourceCovers(held: readonly string[], resource: string): boolean {
  if (holds(held, resource)) return true;
  const slash = resource.indexOf("/");
  return slash !== -1 && held.includes(`*${resource.slice(slash)}`);
}
