import manifest from "../../../package.json" with { type: "json" };
import { accessChains, type ChainLink } from "../../audit/chain.ts";
import type { AuditFinding } from "../../audit/finding.ts";
import type { AuditFacts } from "../../audit/findings.ts";
import { countByGrade, grades } from "../../audit/grades.ts";
import { auditRules, type AuditRule } from "../../audit/rules.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { listWords } from "../../text/list-words.ts";
import { instant } from "../../text/instant.ts";
import type { HtmlFinding, HtmlReport } from "../../view/html/report.ts";
import type { InCluster } from "./clusters/report.ts";
import { htmlMatrix, subjectLines, type MatrixLine } from "./matrix-lines.ts";
import { printPage, type PageContent } from "./page.ts";
import type { FindingsReport, ReportedCluster } from "./report-findings.ts";
import { accessFacts } from "./summary.ts";

/** What a page needs of a cluster beside the findings. */
export interface ClusterPage {
  place: string;
  /** How the access that a finding is about comes about. */
  chain: (finding: AuditFinding) => ChainLink[];
  /** Of a page about the findings alone none. */
  lines: MatrixLine[];
}

export const clusterPage = (cluster: Cluster, facts: AuditFacts, kind: FindingsReport["kind"]): ClusterPage => ({
  place: cluster.place,
  chain: accessChains(facts),
  lines: kind === "Audit" ? subjectLines(facts.rbac) : [],
});

/** `pages` by the names of their contexts, undefined for a single cluster. */
export async function printFindingsPage(
  report: FindingsReport,
  pages: ReadonlyMap<string | undefined, ClusterPage>,
  world: Pick<World, "document">,
): Promise<void> {
  const { kind, clusters, findings, skipped, now } = report;
  const rules = { ...auditRules, ...report.rules };
  const broken = new Set(findings.map(({ rule }) => rule));
  const lines = [...pages].flatMap(([cluster, page]): InCluster<MatrixLine>[] =>
    page.lines.map((line) => (cluster === undefined ? line : { ...line, cluster })),
  );
  const content: PageContent = {
    title: kind === "Audit" ? "mirrord access audit" : "mirrord access findings",
    facts: kind === "Audit" ? clusters.flatMap((cluster) => clusterFacts(cluster, findings)) : [],
    findings: {
      grades: Object.values(grades),
      items: findings.map((finding) => htmlFinding(finding, pages.get(finding.cluster)?.chain(finding) ?? [])),
    },
    rules: htmlRules(rules, (rule) => broken.has(rule)),
    ...(kind === "Audit" ? { matrix: htmlMatrix(lines, "subject", false) } : {}),
  };
  const place = pages.get(undefined)?.place ?? `contexts ${listWords(clusters.map(({ cluster = "" }) => cluster))}`;
  await printPage(content, { place, now: instant(now.getTime()), missing: skipped }, world);
}

/** Of a single cluster its numbers, of one among several how much was found there. */
function clusterFacts(
  { cluster, access, unread }: ReportedCluster,
  findings: readonly AuditFinding[],
): HtmlReport["facts"] {
  if (cluster === undefined) return access === undefined ? [] : accessFacts(access);
  if (unread !== undefined) return [{ name: cluster, value: "not read" }];
  const { high, medium, low } = countByGrade(findings.filter((finding) => finding.cluster === cluster));
  return [{ name: cluster, value: `${high} high, ${medium} medium, ${low} low` }];
}

function htmlFinding(finding: AuditFinding, chain: readonly ChainLink[]): HtmlFinding {
  const { severity, rule, subject, message, fix, who, evidence, cluster } = finding;
  return {
    grade: grades[severity],
    rule,
    object: `${referenceText(subject)}${cluster === undefined ? "" : `, in ${cluster}`}`,
    message,
    fix,
    who,
    evidence: evidence.map(referenceText),
    chain,
  };
}

function htmlRules(
  rules: Readonly<Record<string, AuditRule>>,
  isWanted: (rule: string) => boolean,
): HtmlReport["rules"] {
  return Object.entries(rules).flatMap(([rule, { summary, explanation, fix }]) =>
    isWanted(rule) ? [{ rule, summary, explanation, fix }] : [],
  );
}

/** Everything that is looked for, explained. */
export const printRulesPage = (world: Pick<World, "document" | "now">): Promise<void> =>
  printPage(
    { title: "What the audit looks for", rules: htmlRules(auditRules, () => true) },
    { place: `kubectl-mirrord ${manifest.version}`, now: world.now(), missing: [] },
    world,
  );
