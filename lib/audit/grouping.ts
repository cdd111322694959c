// Findings about many subjects are told once: of the binding, or of the role, that has to change.

import { formatSubject, type GrantSubject } from "../access/subject.ts";
import type { RbacRef } from "../rbac/types.ts";
import { auditFinding, someOf, type AuditFinding } from "./finding.ts";
import type { Holder, Holding } from "./rights.ts";

/** A finding for each binding, with all subjects to whom it gives something that is looked for. */
export function byBinding(holders: readonly Holder[], find: (holder: Holder) => readonly Holding[]) {
  const found = holders.flatMap((holder) => find(holder).map((through) => ({ through, subject: holder.subject })));
  const grouped = Map.groupBy(
    found,
    ({ through: { binding } }) => `${binding.kind}/${binding.namespace}/${binding.name}`,
  );
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ through: first.through, who: group.map(({ subject }) => subject) }];
  });
}

/** One finding for each role, whoever holds it: the role is what has to change. */
export function byRole(
  rule: string,
  people: readonly Holder[],
  ids: readonly string[],
  text: (role: string) => string,
): AuditFinding[] {
  const found = people.flatMap(({ subject, rights }) =>
    ids.flatMap((id) => (rights.get(id) ?? []).map(({ role, binding }) => ({ role, binding, subject }))),
  );
  const grouped = Map.groupBy(found, ({ role }) => roleText(role));
  return [...grouped].flatMap(([name, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const evidence: RbacRef[] = group.map(({ binding }) => binding);
    return [
      auditFinding(rule, {
        subject: first.role,
        who: group.map(({ subject }) => subject),
        message: text(name),
        evidence,
      }),
    ];
  });
}

/** `role dev/web`, `clusterrole view`. */
export const roleText = ({ kind, name, namespace }: { kind: string; name: string; namespace?: string }) =>
  `${kind.toLowerCase()} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** `ana, jim and 3 more`. */
export const names = (who: readonly GrantSubject[]): string => someOf([...new Set(who.map(formatSubject))].toSorted());
