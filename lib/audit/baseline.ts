import { usageError } from "../errors.ts";
import { isJsonObject, listIn, objectIn, textIn, textsIn } from "../json.ts";
import { referenceText } from "../kubernetes/object.ts";
import { narrowed } from "./apply-configuration.ts";
import type { AuditFinding } from "./finding.ts";

/** What an earlier report found: a key for each finding and person. */
export type Baseline = ReadonlySet<string>;

/** @throws UserError "usage" for anything but what `audit findings -o json` printed */
export function parseBaseline(documents: readonly unknown[], source: string): Baseline {
  const [report, ...more] = documents;
  if (more.length > 0 || !isJsonObject(report) || (report["kind"] !== "AuditFindings" && report["kind"] !== "Audit"))
    throw usageError(
      `${source}: not a report of the audit`,
      "Make one: kubectl mirrord audit findings -o json > baseline.json",
    );
  return new Set(
    listIn(report["items"]).flatMap((item) => {
      const { rule, object, who } = objectIn(item);
      const { kind, name, namespace } = objectIn(object);
      const place = typeof namespace === "string" ? { namespace } : {};
      return keys(textIn(rule), referenceText({ kind: textIn(kind), name: textIn(name), ...place }), textsIn(who));
    }),
  );
}

/** Only what is new: of a finding about several people, those who are. */
export function sinceBaseline(findings: readonly AuditFinding[], baseline: Baseline): AuditFinding[] {
  return findings.flatMap((finding) => {
    const reference = referenceText(finding.subject);
    if (finding.who.length === 0)
      return keys(finding.rule, reference, []).some((key) => baseline.has(key)) ? [] : [finding];
    const who = finding.who.filter((name) => !keys(finding.rule, reference, [name]).some((key) => baseline.has(key)));
    return who.length === 0 ? [] : [narrowed(finding, who)];
  });
}

const keys = (rule: string, reference: string, who: readonly string[]): string[] =>
  (who.length === 0 ? [""] : who).map((name) => JSON.stringify([rule, reference, name]));
