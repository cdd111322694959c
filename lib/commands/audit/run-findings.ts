import { warnAboutObjects } from "./warn-objects.ts";
import { accessSummary, type AccessSummary } from "../../audit/access-summary.ts";
import { customFindings, withoutExceptions } from "../../audit/apply-configuration.ts";
import { parseBaseline, sinceBaseline, type Baseline } from "../../audit/baseline.ts";
import { parseConfiguration, type AuditConfiguration } from "../../audit/configuration.ts";
import type { AuditFinding } from "../../audit/finding.ts";
import { auditFindings } from "../../audit/findings.ts";
import { failOnSeverity } from "../../audit/grades.ts";
import { readAuditFacts } from "../../audit/read-facts.ts";
import type { AuditRule } from "../../audit/rules.ts";
import type { ParsedOptions } from "../../cli/grammar/flags.ts";
import type { World } from "../../cli/world.ts";
import { computing } from "../../computing.ts";
import { usageError } from "../../errors.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import { mostSevereFirst } from "../../findings/finding.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { currentTime } from "../../reading/current-time.ts";
import { fixesInPlace } from "../../text/next-step.ts";
import { parseDocuments } from "../../yaml.ts";
import { severalClusters, type ClustersOptions } from "./clusters/contexts.ts";
import { readClusters, type ClusterAnswer } from "./clusters/read-clusters.ts";
import { clusterRows, skippedParts } from "./clusters/report.ts";
import type { findingsFlags } from "./findings-flags.ts";
import { clusterPage, printFindingsPage, printRulesPage, type ClusterPage } from "./findings-page.ts";
import { readNamedText } from "../../kube/config/files.ts";
import type { ConfigMapName } from "./job/flags.ts";
import { printAuditRules, reportFindings, type FindingsReport } from "./report-findings.ts";
import { summaryLines } from "./summary.ts";
import { withPlaces } from "../with-places.ts";

/** @returns the exit code */
export async function runFindings(
  {
    failOn,
    baseline,
    config,
    rules,
    output: format,
    noHeaders,
    quiet: _quiet,
    withoutSecrets,
    reportTo,
    summaryTo,
    ...clusters
  }: ParsedOptions<typeof findingsFlags> & Delivery,
  world: World,
  kind: FindingsReport["kind"],
): Promise<number> {
  if (rules) {
    await (format === "html" ? printRulesPage(world) : printAuditRules(format, noHeaders, world));
    return 0;
  }
  const known = baseline === undefined ? undefined : parseBaseline(readDocuments(baseline), baseline);
  const configuration: AuditConfiguration =
    config === undefined ? { rules: [], exceptions: [] } : parseConfiguration(readDocuments(config), config);
  if (summaryTo !== undefined) refuseSeveral(clusters, world);
  const scope = { configuration, withoutSecrets, isPage: format === "html", kind, manifests: clusters.manifests };
  const answers = await readClusters(clusters, world, (cluster, said) => judgeCluster(cluster, scope, said));
  const report = findingsReport(kind, answers, { ...scope, known, now: world.now() });
  if (kind === "Audit" && (format === "table" || format === "wide")) world.print(await summaryLines(report, world));
  if (format === "html") await printFindingsPage(report, clusterPages(answers), world);
  else await reportFindings(report, format, noHeaders, world);
  if (reportTo !== undefined) (await import("./job/deliver.ts")).writeReport(report, reportTo);
  if (summaryTo !== undefined)
    await (await import("./job/deliver.ts")).writeSummary(report, summaryTo, clusters, world);
  const { excepted, skipped } = report;
  if (excepted > 0) world.note(`${excepted} more ${excepted === 1 ? "is" : "are"} excepted in ${config ?? ""}.`);
  for (const why of skipped) world.warn(`${why}: not everything was looked at`);
  return findingsExitCode(report.findings, { failOn: failOnSeverity(failOn), incomplete: skipped.length > 0 });
}

/** Where a report goes beside stdout. */
interface Delivery {
  /** A folder. */
  reportTo?: string | undefined;
  summaryTo?: ConfigMapName | undefined;
}

/** @throws UserError "usage": the summary is that of the cluster that it is written to */
function refuseSeveral(clusters: ClustersOptions, world: World): void {
  if (severalClusters(clusters, world) === undefined) return;
  throw usageError("--summary-to is a ConfigMap of the one cluster that is looked at", "Name one context.");
}

interface Scope {
  configuration: AuditConfiguration;
  withoutSecrets: boolean;
  /** A page shows more than the other formats. */
  isPage: boolean;
  kind: FindingsReport["kind"];
  /** The paths of `--manifests`. */
  manifests: ClustersOptions["manifests"];
}

interface JudgedCluster {
  findings: AuditFinding[];
  /** What was not looked at, and why: clauses. */
  skipped: string[];
  access: AccessSummary;
  /** By the cluster's clock, in milliseconds since 1970. */
  now: number;
  /** Of a report that is a page. */
  page?: ClusterPage;
}

async function judgeCluster(
  cluster: Cluster,
  { configuration: { rules }, withoutSecrets, isPage, kind, manifests }: Scope,
  world: World,
): Promise<JudgedCluster> {
  const now = currentTime(cluster, world.now()).getTime();
  const { facts, skipped } = await readAuditFacts(cluster, now, { withoutSecrets });
  const { findings, errors, held } = await computing(world.signal, () => auditFindings(facts));
  warnAboutObjects(errors, world);
  return {
    findings: fixesInPlace(withPlaces([...findings, ...customFindings(facts.rbac, rules)], cluster), manifests),
    skipped,
    access: accessSummary(facts, held),
    now,
    ...(isPage ? { page: clusterPage(cluster, facts, kind) } : {}),
  };
}

const clusterPages = (answers: readonly ClusterAnswer<JudgedCluster>[]): Map<string | undefined, ClusterPage> =>
  new Map(
    answers.flatMap((answer) =>
      "value" in answer && answer.value.page !== undefined ? [[answer.cluster, answer.value.page]] : [],
    ),
  );

interface Judging extends Pick<Scope, "configuration" | "withoutSecrets"> {
  known: Baseline | undefined;
  now: Date;
}

/** What was found in all clusters together, without what is accepted or known. */
function findingsReport(
  kind: FindingsReport["kind"],
  answers: readonly ClusterAnswer<JudgedCluster>[],
  { configuration, withoutSecrets, known, now }: Judging,
): FindingsReport {
  const names = answers.flatMap((answer) =>
    "unread" in answer || answer.cluster === undefined ? [] : [answer.cluster],
  );
  const [first] = answers;
  const isSeveral = first?.cluster !== undefined;
  const clock = first !== undefined && "value" in first && !isSeveral ? first.value.now : now.getTime();
  const excepted = withoutExceptions(
    mostSevereFirst(clusterRows(answers, ({ findings }) => findings)),
    configuration.exceptions,
    clock,
    isSeveral ? { clusters: names, all: names.length === answers.length } : undefined,
  );
  const found = known === undefined ? excepted.findings : sinceBaseline(excepted.findings, known);
  const ownRules: Record<string, AuditRule> = Object.fromEntries(configuration.rules.map((rule) => [rule.id, rule]));
  return {
    kind,
    findings: mostSevereFirst(found),
    rules: ownRules,
    skipped: skippedParts(answers),
    leftOut: withoutSecrets ? ["secrets"] : [],
    excepted: excepted.count,
    clusters: answers.map((answer) => ({
      cluster: answer.cluster,
      complete: "value" in answer && answer.value.skipped.length === 0,
      skipped: "value" in answer ? answer.value.skipped : [],
      ...("value" in answer ? { access: answer.value.access } : { unread: answer.unread }),
    })),
    now,
  };
}

const readDocuments = (path: string): unknown[] => parseDocuments(readNamedText(path), { source: path });
