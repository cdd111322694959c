import { withoutTrailingStars } from "./decide/rule-match.ts";
import type { PolicyRule } from "./types.ts";

/**
 * What of `servant` somebody who holds the rules `owner` does not hold, as rules with one value in each list: each atom must
 * be in one owner rule. A wildcard is covered by a wildcard only, never by all the values there are.
 * Source: Covers, component-helpers auth/rbac/validation/policy_comparator.go.
 */
export function uncovered(owner: readonly PolicyRule[], servant: readonly PolicyRule[]): PolicyRule[] {
  const held = ownerIndex(owner);
  return servant.flatMap(breakDown).filter((atom) => !coveringRules(held, atom).some((rule) => ruleCovers(rule, atom)));
}

/** Rules by `VERB RESOURCE`, and those about paths by their verb: an atom is compared only with those that may cover it. */
interface OwnerIndex {
  resources: Map<string, Set<PolicyRule>>;
  paths: Map<string, Set<PolicyRule>>;
}

function ownerIndex(owner: readonly PolicyRule[]): OwnerIndex {
  const index: OwnerIndex = { resources: new Map(), paths: new Map() };
  const add = (rules: Map<string, Set<PolicyRule>>, key: string, rule: PolicyRule): void => {
    const known = rules.get(key);
    if (known === undefined) rules.set(key, new Set([rule]));
    else known.add(rule);
  };
  for (const rule of owner)
    for (const verb of rule.verbs) {
      for (const resource of rule.resources ?? []) add(index.resources, `${verb} ${resource}`, rule);
      if ((rule.nonResourceURLs ?? []).length > 0) add(index.paths, verb, rule);
    }
  return index;
}

function coveringRules({ resources, paths }: OwnerIndex, atom: PolicyRule): PolicyRule[] {
  const [verb = ""] = atom.verbs;
  const [resource] = atom.resources ?? [];
  if (resource === undefined) return [verb, "*"].flatMap((key) => [...(paths.get(key) ?? [])]);
  const slash = resource.indexOf("/");
  const names = [resource, "*", ...(slash === -1 ? [] : [`*${resource.slice(slash)}`])];
  return [verb, "*"].flatMap((held) => names.flatMap((name) => [...(resources.get(`${held} ${name}`) ?? [])]));
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
