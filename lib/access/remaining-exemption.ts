import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import type { Authorizer } from "../rbac/authorizer.ts";
import { groupFinder } from "../rbac/decide/group-finder.ts";
import type { RbacSeen } from "./limits.ts";
import { CANARY, type PrivilegedAttribute } from "./privileged-options.ts";
import type { Remaining } from "./remaining.ts";
import { attributeUse } from "./session-access.ts";
import { formatSubject, subjectIdentity, type RbacSubject } from "./subject.ts";

/** What somebody was exempt from, and where; an empty namespace is everywhere. */
export interface LostExemption {
  subject: RbacSubject;
  namespace: string;
  attributes: readonly PrivilegedAttribute[];
}

/** What to ask about the subject: each attribute, and the name that no exemption gives. */
export function exemptionQuestions({ namespace, attributes }: LostExemption): AccessAttributes[] {
  return [...attributes, CANARY].map((name) => attributeUse(name, namespace));
}

/** What the policies let the subject do there after the grant is gone. `answers` are to exemptionQuestions. */
export function remainingExemption(
  lost: LostExemption,
  answers: readonly { answer: Answer; reason: string }[],
  { engine, rbac }: { engine: Authorizer; rbac: RbacSeen },
): Remaining {
  const { subject, namespace, attributes } = lost;
  const questions = exemptionQuestions(lost);
  const base = { subject: formatSubject(subject), namespace, exempted: [...attributes], through: [], groups: [] };
  // Whoever holds a wildcard is not exempt by it, and is none of our business here.
  if (answers.at(-1)?.answer === "yes") return { ...base, state: "gone" };
  const unknown = answers.find(({ answer }) => answer === "unknown");
  const kept = attributes.filter((_name, at) => answers[at]?.answer === "yes");
  if (kept.length > 0) {
    const user = subjectIdentity(subject);
    const via = kept.flatMap((name) => engine.explain({ user, ...attributeUse(name, namespace) }).via);
    const through = [...new Set(via.map(({ binding }) => `${binding.kind.toLowerCase()}/${binding.name}`))].toSorted();
    return { ...base, exempted: kept, state: "remains", through };
  }
  if (unknown !== undefined) return { ...base, state: "unknown", reason: unknown.reason };
  const find = groupFinder(rbac);
  const found = subject.kind === "User" ? questions.slice(0, -1).map(find) : [];
  const unlisted = found.find((each) => !each.known);
  if (unlisted !== undefined) return { ...base, state: "unknown", reason: unlisted.why };
  const groups = [...new Set(found.flatMap((each) => (each.known ? each.groups : [])))].toSorted();
  return groups.length === 0 ? { ...base, state: "gone" } : { ...base, state: "may-remain", groups };
}
