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

/** The rights, of mirrord or not, that one subject has on the one side and not on the other. */
export function rightsChanges({ subject, namespaces }: AffectedSubject, { base, head }: Sides): RightsChange[] {
  const user = subjectIdentity(subject);
  const changes = (["gains", "loses"] as const).flatMap((change): RightsChange[] => {
    const [from, to] = change === "gains" ? [base, head] : [head, base];
    const whole = missing(from.rulesFor(user, ""), to.rulesFor(user, ""));
    const places = namespaces.map((namespace) => ({
      namespaces: [namespace],
      rules: missing([...from.rulesFor(user, namespace), ...whole], to.rulesFor(user, namespace)),
    }));
    return [{ namespaces: [EVERYWHERE], rules: whole }, ...places].map((place) => ({ subject, change, ...place }));
  });
  const some = changes.filter(({ rules }) => rules.length > 0);
  return [...Map.groupBy(some, ({ change, rules }) => JSON.stringify([change, rules])).values()].flatMap(
    ([first, ...rest]) =>
      first === undefined ? [] : [{ ...first, namespaces: [first, ...rest].flatMap((each) => each.namespaces) }],
  );
}

/** A rule that is missing twice is missing once. */
function missing(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const atoms = new Map(uncovered(held, wanted).map((atom) => [JSON.stringify(atom), atom]));
  return compactRules([...atoms].toSorted(([a], [b]) => byCodePoint(a, b)).map(([, atom]) => atom));
}
