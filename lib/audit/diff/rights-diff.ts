import { subjectIdentity } from "../../access/subject.ts";
import { byCodePoint } from "../../text/order.ts";
import { compactRules } from "../../rbac/compact.ts";
import { uncovered } from "../../rbac/covers.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import type { AffectedSubject } from "./affected.ts";
import { EVERYWHERE, type Sides } from "./session-diff.ts";

export interface RightsChange {
  subject: AffectedSubject["subject"];
  change: "gains" | "loses";
  /** `*`: in the whole cluster. */
  namespaces: string[];
  /** What the other side does not cover. */
  rules: PolicyRule[];
}

/**
 * Finds the rights, of mirrord or not, that a subject has on the one side and not on the other. Many subjects have the same roles:
 * the same rules are compared once.
 */
export function rightsComparison({ base, head }: Sides): (affected: AffectedSubject) => RightsChange[] {
  const compare = missingRules();
  return ({ subject, namespaces }) => {
    const user = subjectIdentity(subject);
    const changes = (["gains", "loses"] as const).flatMap((change) => {
      const [from, to] = change === "gains" ? [base, head] : [head, base];
      const whole = compare(from.rulesFor(user, ""), to.rulesFor(user, ""));
      const places = namespaces.map((namespace) => ({
        namespaces: [namespace],
        missed: compare([...from.rulesFor(user, namespace), ...whole.rules], to.rulesFor(user, namespace)),
      }));
      return [{ namespaces: [EVERYWHERE], missed: whole }, ...places].map((place) => ({ change, ...place }));
    });
    const some = changes.filter(({ missed }) => missed.rules.length > 0);
    const alike = Map.groupBy(some, ({ change, missed }) => `${change} ${missed.id}`);
    return [...alike.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { change, missed } = first;
      return [{ subject, change, namespaces: group.flatMap((each) => each.namespaces), rules: missed.rules }];
    });
  };
}

interface MissingRules {
  rules: PolicyRule[];
  /** The same for the same rules. */
  id: number;
}

function missingRules(): (held: readonly PolicyRule[], wanted: readonly PolicyRule[]) => MissingRules {
  const listNumber = listNumbers();
  const known = new Map<string, MissingRules>();
  const byText = new Map<string, MissingRules>();
  return (held, wanted) => {
    // Roles that do not differ are the same objects on both sides.
    const here = new Set(held);
    const others = wanted.filter((rule) => !here.has(rule));
    const key = others.length === 0 ? "" : `${listNumber(held)} ${listNumber(others)}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const rules = missing(held, others);
    const text = JSON.stringify(rules);
    const one = byText.get(text) ?? { rules, id: byText.size };
    byText.set(text, one);
    known.set(key, one);
    return one;
  };
}

/** A rule that is missing twice is missing once. */
function missing(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const atoms = new Map(uncovered(held, wanted).map((atom) => [JSON.stringify(atom), atom]));
  return compactRules([...atoms].toSorted(([a], [b]) => byCodePoint(a, b)).map(([, atom]) => atom));
}

/** A number for each list of the same objects in the same order. */
function listNumbers(): (list: readonly PolicyRule[]) => number {
  const rules = new Map<PolicyRule, number>();
  const lists = new Map<string, number>();
  return (list) => numbered(lists, list.map((rule) => numbered(rules, rule)).join());
}

function numbered<Key>(numbers: Map<Key, number>, key: Key): number {
  const known = numbers.get(key) ?? numbers.size;
  numbers.set(key, known);
  return known;
}
