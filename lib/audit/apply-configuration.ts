import { entryOf } from "../json.ts";
import { formatSubject } from "../access/subject.ts";
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

/** Of a report about several clusters. */
export interface LookedAt {
  /** Names of the clusters that were read. */
  clusters: readonly string[];
  /** None could not be read. */
  all: boolean;
}

/**
 * Without what is accepted. Of a finding about several people only those go whom an exception names. One that is over does
 * nothing and is found itself; one that fits nothing as well, where all was looked at that it may be about. `now` is in
 * milliseconds since 1970.
 * @param lookedAt undefined for a report about a single cluster, which has no name
 */
export function withoutExceptions(
  findings: readonly AuditFinding[],
  exceptions: readonly Exception[],
  now: number,
  lookedAt?: LookedAt,
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
  const isLookedAt = ({ cluster }: Exception): boolean =>
    cluster === undefined ? lookedAt?.all !== false : lookedAt?.clusters.some((name) => fits(cluster, name)) === true;
  const unused = standing.filter((each) => !used.has(each) && isLookedAt(each));
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

function isAbout({ rule, cluster, object }: Exception, finding: AuditFinding): boolean {
  if (!fits(rule, finding.rule)) return false;
  if (cluster !== undefined && (finding.cluster === undefined || !fits(cluster, finding.cluster))) return false;
  return object === undefined || fits(object, referenceText(finding.subject)) || fits(object, finding.subject.name);
}

function about(rule: "exception-over" | "exception-unused", exception: Exception): AuditFinding {
  const { severity, fix } = entryOf(auditRules, rule) ?? { severity: "note", fix: "" };
  const { cluster, subject = "anybody", owner, reason } = exception;
  const what = rule === "exception-over" ? "is over" : "fits nothing";
  const message = `the exception from ${exception.rule} for ${subject}${cluster === undefined ? "" : ` in cluster ${cluster}`} (${owner}: ${reason}) ${what}`;
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
