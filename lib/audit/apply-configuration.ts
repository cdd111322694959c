import { formatSubject } from "../access/subject.ts";
import type { Finding } from "../findings/finding.ts";
import { referenceText, type KubernetesObject } from "../kubernetes/object.ts";
import type { CustomRule, Exception } from "./configuration.ts";
import { isControlPlane } from "./control-plane.ts";
import { someOf, type AuditFinding } from "./finding.ts";
import { heldRights, wayPlaces } from "./rights.ts";
import { auditRules } from "./rules.ts";

/** Who has all rights of a rule of one's own, in one place that it is about. Pure. */
export function customFindings(rbac: readonly KubernetesObject[], rules: readonly CustomRule[]): AuditFinding[] {
  return rules.flatMap((rule) => {
    const { id, severity, summary, fix } = rule;
    const { holders } = heldRights(rbac, rule.rights, (_binding, _role, subject) => !isControlPlane(subject));
    const isThere = (namespace: string) =>
      namespace === "" || rule.namespaces.length === 0 || rule.namespaces.some((pattern) => fits(pattern, namespace));
    return [...holders.values()].flatMap((holder): AuditFinding[] => {
      const name = formatSubject(holder.subject);
      if (rule.except.some((pattern) => fits(pattern, name))) return [];
      const place = wayPlaces(holder, Object.keys(rule.rights)).find(({ namespace }) => isThere(namespace));
      if (place === undefined) return [];
      const { binding, role } = place.through;
      const where = place.namespace === "" ? "everywhere" : `in ${place.namespace}`;
      const message = `${name} may ${Object.keys(rule.rights).join(" and ")} ${where}: ${summary}`;
      return [{ rule: id, severity, subject: binding, message, fix, who: [name], evidence: [binding, role] }];
    });
  });
}

export interface Excepted {
  findings: AuditFinding[];
  /** How many findings an exception took away altogether. */
  count: number;
}

/**
 * Without what is accepted. Of a finding about several people only those go whom an exception names. One that is over does
 * nothing and is found itself; one that fits nothing as well. `now` is in milliseconds since 1970.
 */
export function withoutExceptions(
  findings: readonly AuditFinding[],
  exceptions: readonly Exception[],
  now: number,
): Excepted {
  const standing = exceptions.filter(({ expires }) => expires > now);
  const used = new Set<Exception>();
  const left = findings.flatMap((finding): AuditFinding[] => {
    const fitting = standing.filter((each) => isAbout(each, finding));
    const isTaken = (who: string | undefined) =>
      fitting.filter(({ subject }) => subject === undefined || (who !== undefined && fits(subject, who)));
    const takers = finding.who.length === 0 ? isTaken(undefined) : [];
    const who = finding.who.filter((name) => {
      const taking = isTaken(name);
      takers.push(...taking);
      return taking.length === 0;
    });
    for (const taker of takers) used.add(taker);
    if (takers.length === 0) return [finding];
    return who.length === 0 ? [] : [narrowed(finding, who)];
  });
  const over = exceptions.filter(({ expires }) => expires <= now);
  const unused = standing.filter((each) => !used.has(each));
  return {
    findings: [
      ...left,
      ...over.map((each) => about("exception-over", each)),
      ...unused.map((each) => about("exception-unused", each)),
    ],
    count: findings.length - left.length,
  };
}

/** The finding about some of those whom it was about. */
export function narrowed(finding: AuditFinding, who: string[]): AuditFinding {
  if (who.length === finding.who.length) return finding;
  const all = someOf(finding.who);
  const message = finding.message.startsWith(all)
    ? `${someOf(who)}${finding.message.slice(all.length)}`
    : finding.message;
  return { ...finding, who, message };
}

function isAbout({ rule, object }: Exception, finding: Finding): boolean {
  if (!fits(rule, finding.rule)) return false;
  return object === undefined || fits(object, referenceText(finding.subject)) || fits(object, finding.subject.name);
}

function about(rule: "exception-over" | "exception-unused", exception: Exception): AuditFinding {
  const { severity, fix } = auditRules[rule] ?? { severity: "note", fix: "" };
  const { subject = "anybody", owner, reason } = exception;
  const what = rule === "exception-over" ? "is over" : "fits nothing";
  const message = `the exception from ${exception.rule} for ${subject} (${owner}: ${reason}) ${what}`;
  return { rule, severity, subject: { kind: "Exception", name: exception.rule }, message, fix, who: [], evidence: [] };
}

/** `*` stands for any text, everything else for itself. */
export function fits(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return first === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? "";
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length >= at + last.length && text.endsWith(last);
}
