import { usageError } from "../errors.ts";
import { severities, type Severity } from "../findings/finding.ts";
import { isJsonObject, listIn, objectIn, textIn, textsIn } from "../json.ts";
import { referenceText } from "../kubernetes/object.ts";
import { narrowed } from "./apply-configuration.ts";
import type { AuditFinding } from "./finding.ts";
import { gradeSeverity, isGrade } from "./grades.ts";

/** What an earlier report found, and how severe: by a key for each finding, its cluster, and person. */
export type Baseline = ReadonlyMap<string, Severity>;

/** @throws UserError "usage" for anything but what `audit findings -o json` printed */
export function parseBaseline(documents: readonly unknown[], source: string): Baseline {
  const [report, ...more] = documents;
  if (more.length > 0 || !isJsonObject(report) || (report["kind"] !== "AuditFindings" && report["kind"] !== "Audit"))
    throw usageError(
      `${source}: not a report of the audit`,
      "Make one: kubectl mirrord audit findings -o json > baseline.json",
    );
  const known = new Map<string, Severity>();
  for (const item of listIn(report["items"])) {
    const { cluster, rule, object, who, severity } = objectIn(item);
    const { kind, name, namespace } = objectIn(object);
    const place = typeof namespace === "string" ? { namespace } : {};
    const finding = {
      ...(typeof cluster === "string" ? { cluster } : {}),
      rule: textIn(rule),
      subject: { kind: textIn(kind), name: textIn(name), ...place },
    };
    // A report that does not say how severe a finding was knows it at any severity.
    const before = isGrade(severity) ? gradeSeverity(severity) : "error";
    for (const key of keys(finding, textsIn(who)))
      if (isAsSevere(before, known.get(key) ?? "note")) known.set(key, before);
  }
  return known;
}

const isAsSevere = (one: Severity, other: Severity): boolean => severities.indexOf(one) <= severities.indexOf(other);

/** Only what is new, or has become more severe: of a finding about several people, those for whom it has. */
export function sinceBaseline(findings: readonly AuditFinding[], baseline: Baseline): AuditFinding[] {
  return findings.flatMap((finding) => {
    const isKnown = (names: readonly string[]) =>
      keys(finding, names).some((key) => {
        const before = baseline.get(key);
        return before !== undefined && isAsSevere(before, finding.severity);
      });
    if (finding.who.length === 0) return isKnown([]) ? [] : [finding];
    const who = finding.who.filter((name) => !isKnown([name]));
    return who.length === 0 ? [] : [narrowed(finding, who)];
  });
}

function keys(
  { cluster, rule, subject }: Pick<AuditFinding, "cluster" | "rule" | "subject">,
  who: readonly string[],
): string[] {
  const place = cluster === undefined ? [] : [cluster];
  return (who.length === 0 ? [""] : who).map((name) => JSON.stringify([rule, referenceText(subject), name, ...place]));
}
