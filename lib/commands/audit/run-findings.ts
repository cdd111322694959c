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
import { usageError } from "../../errors.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import { mostSevereFirst } from "../../findings/finding.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readNamed } from "../../kube/config/files.ts";
import { currentTime } from "../../reading/current-time.ts";
import { parseDocuments } from "../../yaml.ts";
import { readClusters, type ClusterAnswer } from "./clusters/read-clusters.ts";
import { clusterRows } from "./clusters/report.ts";
import type { findingsFlags } from "./findings-flags.ts";
import { clusterPage, printFindingsPage, printRulesPage, type ClusterPage } from "./findings-page.ts";
import { printAuditRules, reportFindings, type FindingsReport } from "./report-findings.ts";
import { summaryLines } from "./summary.ts";

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
    ...clusters
  }: ParsedOptions<typeof findingsFlags>,
  world: World,
  kind: FindingsReport["kind"],
): Promise<number> {
  if (rules) {
    await (format === "html" ? printRulesPage(world) : printAuditRules(format, noHeaders, world));
    return 0;
  }
  const known = baseline === undefined ? undefined : parseBaseline(readFile(baseline), baseline);
  const configuration: AuditConfiguration =
    config === undefined ? { rules: [], exceptions: [] } : parseConfiguration(readFile(config), config);
  const answers = await readClusters(clusters, world, (cluster, said) =>
    judgeCluster(cluster, configuration, { isPage: format === "html", kind }, said),
  );
  const report = findingsReport(kind, answers, { configuration, known, now: world.now().getTime() });
  if (kind === "Audit" && (format === "table" || format === "wide")) world.print(await summaryLines(report, world));
  if (format === "html") await printFindingsPage(report, clusterPages(answers), world);
  else await reportFindings(report, format, noHeaders, world);
  const { excepted, skipped } = report;
  if (excepted > 0) world.note(`${excepted} more ${excepted === 1 ? "is" : "are"} excepted in ${config ?? ""}.`);
  for (const why of skipped) world.warn(`${why}: not everything was looked at`);
  return findingsExitCode(report.findings, { failOn: failOnSeverity(failOn), incomplete: skipped.length > 0 });
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
  { rules }: AuditConfiguration,
  { isPage, kind }: { isPage: boolean; kind: FindingsReport["kind"] },
  world: World,
): Promise<JudgedCluster> {
  const now = currentTime(cluster, world.now()).getTime();
  const { facts, skipped } = await readAuditFacts(cluster, now);
  const { findings, errors, held } = auditFindings(facts);
  warnAboutObjects(errors, world);
  return {
    findings: [...findings, ...customFindings(facts.rbac, rules)],
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

interface Judging {
  configuration: AuditConfiguration;
  known: Baseline | undefined;
  /** In milliseconds since 1970. */
  now: number;
}

/** What was found in all clusters together, without what is accepted or known. */
function findingsReport(
  kind: FindingsReport["kind"],
  answers: readonly ClusterAnswer<JudgedCluster>[],
  { configuration, known, now }: Judging,
): FindingsReport {
  const names = answers.flatMap((answer) =>
    "unread" in answer || answer.cluster === undefined ? [] : [answer.cluster],
  );
  const [first] = answers;
  const isSeveral = first?.cluster !== undefined;
  const clock = first !== undefined && "value" in first && !isSeveral ? first.value.now : now;
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
    skipped: answers.flatMap(skippedIn),
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

/** Clauses. */
function skippedIn(answer: ClusterAnswer<JudgedCluster>): string[] {
  if ("unread" in answer) return [`${answer.cluster ?? ""}: nothing of this cluster was read: ${answer.unread}`];
  const where = answer.cluster === undefined ? "" : `${answer.cluster}: `;
  return answer.value.skipped.map((why) => `${where}${why}`);
}

function readFile(path: string): unknown[] {
  try {
    return parseDocuments(readNamed(path).toString("utf8"), { source: path });
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    throw usageError(
      `cannot read ${JSON.stringify(path)}: ${cause.code === "ENOENT" ? "there is no such file" : String(cause.code)}`,
      undefined,
      { cause },
    );
  }
}
