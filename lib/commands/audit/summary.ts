import { counted } from "../../text/counted.ts";
import type { AccessSummary } from "../../audit/access-summary.ts";
import { countByGrade, type Grade } from "../../audit/grades.ts";
import type { Columns } from "../../view/columns.ts";
import type { Line } from "../../view/lines.ts";
import { fittedTable, type Printer } from "../../view/output.ts";
import type { FindingsReport, ReportedCluster } from "./report-findings.ts";

/** What stands above the findings: of one cluster its numbers, of several a line for each; then an empty line. */
export async function summaryLines({ clusters, findings }: FindingsReport, printer: Printer): Promise<Line[]> {
  const [first] = clusters;
  if (first?.cluster === undefined) return first?.access === undefined ? [] : [...accessLines(first.access), ""];
  const shown = clusters.map((each) => ({
    ...each,
    ...countByGrade(findings.filter(({ cluster }) => cluster === each.cluster)),
  }));
  return [...(await fittedTable(columns, shown, {}, printer)), ""];
}

const columns: Columns<ReportedCluster & Record<Grade, number>> = {
  CLUSTER: ({ cluster }) => cluster,
  HIGH: (each) => known(each, each.high),
  MEDIUM: (each) => known(each, each.medium),
  LOW: (each) => known(each, each.low),
  SESSIONS: (each) => known(each, each.access?.sessions),
  ADMINS: (each) => known(each, each.access?.administrators),
  GRANTS: (each) => known(each, each.access?.grants),
  READ: { word: ({ complete, unread }) => (unread === undefined ? (complete ? "all" : "partly") : "nothing") },
};

/** A cluster that was not read has no number, not even 0, and neither has what may not be listed. */
const known = ({ unread }: ReportedCluster, value: number | undefined): string | number =>
  unread === undefined && value !== undefined ? value : "-";

/** Subjects are users, groups and service accounts that bindings name. What could not be counted is `unknown`. */
export function accessFacts(access: AccessSummary): { name: string; value: string }[] {
  const { administrators, grants, bindings, roles } = access;
  const lookedAt = [
    bindings === undefined ? "bindings unknown" : counted(bindings, "binding"),
    roles === undefined ? "roles unknown" : counted(roles, "role"),
  ];
  const isNothingRead = bindings === undefined && roles === undefined;
  return [
    { name: "Subjects that may start sessions", value: sessionsText(access) },
    {
      name: "Administrators",
      value: administrators === undefined ? "unknown" : `${administrators} beside the control plane`,
    },
    { name: "Grants", value: grants === undefined ? "unknown" : `${grants}` },
    { name: "Looked at", value: isNothingRead ? "unknown" : lookedAt.join(", ") },
  ];
}

/** `2 everywhere, 3 in 7 namespaces`. */
function sessionsText({ sessions, sessionsEverywhere = 0, namespaces = 0 }: AccessSummary): string {
  if (sessions === undefined) return "unknown";
  const limited = sessions - sessionsEverywhere;
  const where = [
    ...(sessionsEverywhere > 0 ? [`${sessionsEverywhere} everywhere`] : []),
    ...(limited > 0 ? [`${limited} in ${counted(namespaces, "namespace")}`] : []),
  ];
  return where.join(", ") || "0";
}

function accessLines(access: AccessSummary): string[] {
  const facts = accessFacts(access);
  const width = Math.max(...facts.map(({ name }) => name.length));
  return facts.map(({ name, value }) => `${name.padEnd(width)}   ${value}`);
}
