import type { PolicyRule } from "../../rbac/types.ts";

export interface RuleLists {
  /** Each rule is in one list, once. Those of one list are never without each other. */
  lists: PolicyRule[][];
  /** For each of the rights the places of its lists, ascending. */
  places: number[][];
}

/**
 * The rules of many rights, each written once: one role may stand in the rights of everybody whom it is bound to, and
 * nearly the same rules of it are then missed by each. The rules of a right are those of all its lists.
 */
export function ruleLists(rights: readonly { rules: readonly PolicyRule[] }[]): RuleLists {
  const known = new Map<string, { rule: PolicyRule; group: number }>();
  // A group is the rules that have been in the same rights so far: each right takes those that it has out of theirs.
  let groups = 1;
  const entries = rights.map(({ rules }) => {
    const taken = new Map<number, number>();
    return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule]))].map(([text, rule]) => {
      const entry = known.get(text) ?? { rule, group: 0 };
      known.set(text, entry);
      const group = taken.get(entry.group) ?? groups++;
      taken.set(entry.group, group);
      entry.group = group;
      return entry;
    });
  });
  const byGroup = Map.groupBy(known.values(), ({ group }) => group);
  const place = new Map([...byGroup.keys()].map((group, at) => [group, at]));
  return {
    lists: [...byGroup.values()].map((list) => list.map(({ rule }) => rule)),
    places: entries.map((list) =>
      [...new Set(list.map(({ group }) => place.get(group) ?? 0))].toSorted((a, b) => a - b),
    ),
  };
}
