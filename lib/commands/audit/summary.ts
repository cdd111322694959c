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

/** A cluster that was not read has no number, not even 0. */
const known = ({ unread }: ReportedCluster, value: number | undefined): string | number | undefined =>
  unread === undefined ? value : "-";

/** Subjects are users, groups and service accounts that bindings name. */
export function accessFacts(access: AccessSummary): { name: string; value: string }[] {
  const { administrators, sessions, sessionsEverywhere, namespaces, grants, bindings, roles } = access;
  const limited = sessions - sessionsEverywhere;
  const where = [
    ...(sessionsEverywhere > 0 ? [`${sessionsEverywhere} everywhere`] : []),
    ...(limited > 0 ? [`${limited} in ${counted(namespaces, "namespace")}`] : []),
  ];
  return [
    { name: "Subjects that may start sessions", value: where.join(", ") || "0" },
    { name: "Administrators", value: `${administrators} beside the control plane` },
    { name: "Grants", value: `${grants}` },
    { name: "Looked at", value: `${counted(bindings, "binding")}, ${counted(roles, "role")}` },
  ];
}

function accessLines(access: AccessSummary): string[] {
  const facts = accessFacts(access);
  const width = Math.max(...facts.map(({ name }) => name.length));
  return facts.map(({ name, value }) => `${name.padEnd(width)}   ${value}`);
}
