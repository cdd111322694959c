import { customFindings, withoutExceptions } from "../../audit/apply-configuration.ts";
import { parseBaseline, sinceBaseline } from "../../audit/baseline.ts";
import { parseConfiguration, type AuditConfiguration } from "../../audit/configuration.ts";
import type { AuditFinding } from "../../audit/finding.ts";
import { auditFindings, type AuditFacts } from "../../audit/findings.ts";
import { failOnSeverity } from "../../audit/grades.ts";
import { readAuditFacts } from "../../audit/read-facts.ts";
import type { AuditRule } from "../../audit/rules.ts";
import type { ParsedOptions } from "../../cli/grammar/flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import { mostSevereFirst } from "../../findings/finding.ts";
import { readNamed } from "../../kube/config/files.ts";
import { currentTime } from "../../reading/current-time.ts";
import { parseDocuments } from "../../yaml.ts";
import { connectBounded } from "../connection.ts";
import type { findingsFlags } from "./findings-flags.ts";
import { printAuditRules, reportFindings, type FindingsFormat } from "./report-findings.ts";

interface Shown {
  kind: "Audit" | "AuditFindings";
  /** What is said before the findings, and further fields of the documents. */
  summary?: (facts: AuditFacts, found: readonly AuditFinding[]) => { lines: string[]; value: object };
}

/** @returns the exit code */
export async function runFindings(
  {
    failOn,
    baseline,
    config,
    rules,
    output,
    noHeaders,
    quiet: _quiet,
    ...connection
  }: ParsedOptions<typeof findingsFlags>,
  world: World,
  { kind, summary }: Shown,
): Promise<number> {
  const format: FindingsFormat = output;
  if (rules) {
    await printAuditRules(format, noHeaders, world);
    return 0;
  }
  const known = baseline === undefined ? undefined : parseBaseline(readFile(baseline), baseline);
  const configuration: AuditConfiguration =
    config === undefined ? { rules: [], exceptions: [] } : parseConfiguration(readFile(config), config);
  const cluster = await connectBounded(connection, world);
  const now = currentTime(cluster, world.now()).getTime();
  const { facts, skipped } = await readAuditFacts(cluster, now);
  const { findings: own, errors } = auditFindings(facts);
  for (const error of errors) world.warn(error);
  const all = mostSevereFirst([...own, ...customFindings(facts.rbac, configuration.rules)]);
  const excepted = withoutExceptions(all, configuration.exceptions, now);
  const found = known === undefined ? excepted.findings : sinceBaseline(excepted.findings, known);
  const customRules: Record<string, AuditRule> = Object.fromEntries(configuration.rules.map((rule) => [rule.id, rule]));
  const more = summary?.(facts, found);
  if (more !== undefined && (format === "table" || format === "wide")) world.print(more.lines);
  await reportFindings(
    {
      kind,
      findings: mostSevereFirst(found),
      rules: customRules,
      skipped,
      excepted: excepted.count,
      ...(more === undefined ? {} : { more: more.value }),
    },
    format,
    noHeaders,
    world,
  );
  if (excepted.count > 0)
    world.note(`${excepted.count} more ${excepted.count === 1 ? "is" : "are"} excepted in ${config ?? ""}.`);
  for (const why of skipped) world.warn(`${why}: not everything was looked at`);
  return findingsExitCode(found, { failOn: failOnSeverity(failOn), incomplete: skipped.length > 0 });
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
