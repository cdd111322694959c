import { usageError } from "../errors.ts";
import { isJsonObject, listIn, objectIn, textIn, textsIn } from "../json.ts";
import { referenceText } from "../kubernetes/object.ts";
import { narrowed } from "./apply-configuration.ts";
import type { AuditFinding } from "./finding.ts";

/** What an earlier report found: a key for each finding, its cluster, and person. */
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
      const { cluster, rule, object, who } = objectIn(item);
      const { kind, name, namespace } = objectIn(object);
      const place = typeof namespace === "string" ? { namespace } : {};
      const known = {
        ...(typeof cluster === "string" ? { cluster } : {}),
        rule: textIn(rule),
        subject: { kind: textIn(kind), name: textIn(name), ...place },
      };
      return keys(known, textsIn(who));
    }),
  );
}

/** Only what is new: of a finding about several people, those who are. */
export function sinceBaseline(findings: readonly AuditFinding[], baseline: Baseline): AuditFinding[] {
  return findings.flatMap((finding) => {
    const isKnown = (names: readonly string[]) => keys(finding, names).some((key) => baseline.has(key));
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
