import type { RightsChange } from "../../audit/diff/rights-diff.ts";
import type { SessionChange } from "../../audit/diff/session-diff.ts";
import type { ReadDrift } from "../../audit/drift/read-drift.ts";
import type { DriftItem } from "../../audit/drift/item.ts";
import { driftRules } from "../../audit/drift/rules.ts";
import { grades } from "../../audit/grades.ts";
import type { World } from "../../cli/world.ts";
import { referenceText } from "../../kubernetes/object.ts";
import manifest from "../../../package.json" with { type: "json" };
import { formatSubject } from "../../access/subject.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownCode, markdownParts, markdownTable, markdownText } from "../../view/markdown.ts";
import { printDocument, printOutput, printTable, printTexts, type OutputFormat } from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";
import type { ClusterAnswer } from "./clusters/read-clusters.ts";
import { clusterColumn, clusterRows, lookedAt, skippedParts, type InCluster } from "./clusters/report.ts";
import { accessFields, foldedRights, rightsColumns, sessionColumns } from "./access-tables.ts";

export type DriftFormat = Exclude<OutputFormat, "name"> | "markdown" | "sarif";

/** Items that say the same of several objects: the first of them, and how many there are. */
interface ShownItem {
  cluster?: string;
  item: DriftItem;
  objects: number;
}

const columns: Columns<ShownItem> = {
  DRIFT: { word: ({ item: { rule } }) => rule.replace("drift-", "") },
  OBJECT: ({ item, objects }) => `${referenceText(item.subject)}${objects > 1 ? ` and ${objects - 1} more` : ""}`,
  DIFFERENCE: ({ item }) => item.message,
  SEVERITY: { wide: ({ item }) => grades[item.severity] },
  GRANT: { wide: ({ item }) => item.grant },
  FIX: { wide: ({ item }) => item.commands.join("; ") },
};

const NOTHING = "Everything is as it is declared.";

/** What differs in all clusters together. */
interface Found {
  items: InCluster<DriftItem>[];
  sessions: InCluster<SessionChange>[];
  rights: InCluster<RightsChange>[];
  /** What was not compared, and why: clauses. */
  skipped: string[];
  /** Of every table. */
  cluster: Columns<InCluster<unknown>>;
}

export async function showDrift(
  answers: readonly ClusterAnswer<ReadDrift>[],
  { format, noHeaders }: { format: DriftFormat; noHeaders: boolean },
  world: World,
): Promise<void> {
  const found: Found = {
    items: clusterRows(answers, ({ items }) => items),
    sessions: clusterRows(answers, ({ sessions }) => sessions),
    rights: clusterRows(answers, ({ rights }) => rights),
    skipped: skippedParts(answers),
    cluster: clusterColumn(answers),
  };
  const { items, skipped, cluster } = found;
  if (format === "sarif") {
    const tool = { name: "kubectl-mirrord audit drift", version: manifest.version };
    return await printDocument(sarifLog(tool, driftRules, items, { fingerprint, skipped }), "json", world);
  }
  if (format === "markdown") return printTexts(markdown(found), world);
  const value = { ...lookedAt(answers), ...accessFields(found), items: items.map(itemValue) };
  const isTable = format === "table" || format === "wide";
  const lines = isTable ? folded(items) : items.map((item) => shownItem(item, 1));
  if (isTable && items.length > 0) await showAccess(found, { noHeaders }, world);
  const empty = skipped.length === 0 ? NOTHING : "What was compared is as it is declared.";
  const output = { kind: "Drift", value, rows: lines, columns: { ...cluster, ...columns }, bounded: true, empty };
  await printOutput(output, { format, noHeaders }, world);
  if (!isTable || items.length === 0) return;
  world.print(["", "To mend it:", ...commands(items).map((line) => `  ${line}`)]);
}

/** Actions of mirrord, and the rights of those of whom nothing else is said. */
async function showAccess(
  { sessions, rights, items, cluster }: Found,
  { noHeaders }: { noHeaders: boolean },
  world: World,
): Promise<void> {
  const place = (where: string | undefined, subject: string) => JSON.stringify([where, subject]);
  const named = items.flatMap((item) => item.who.map(({ subject }) => place(item.cluster, subject)));
  const told = new Set([...named, ...sessions.map((each) => place(each.cluster, formatSubject(each.subject)))]);
  const others = rights.filter((each) => !told.has(place(each.cluster, formatSubject(each.subject))));
  if (sessions.length > 0) {
    await printTable({ ...cluster, ...sessionColumns }, sessions, { noHeaders }, world);
    world.print("");
  }
  if (others.length > 0) {
    await printTable({ ...cluster, ...rightsColumns }, others, { noHeaders }, world);
    world.print("");
  }
}

/** Schema: docs/schema/audit-drift.json. */
function itemValue(item: InCluster<DriftItem>): object {
  const { cluster, rule, severity, subject, fix: _fix, field: _field, at: _at, ...more } = item;
  return { ...(cluster === undefined ? {} : { cluster }), rule, severity: grades[severity], object: subject, ...more };
}

const fingerprint = ({ cluster, rule, subject, differences }: InCluster<DriftItem>): string =>
  [
    ...(cluster === undefined ? [] : [cluster]),
    rule,
    referenceText(subject),
    ...differences.map(({ field }) => field),
  ].join(" ");

const shownItem = (item: InCluster<DriftItem>, objects: number): ShownItem => ({
  ...(item.cluster === undefined ? {} : { cluster: item.cluster }),
  item,
  objects,
});

const commands = (items: readonly DriftItem[]): string[] => [...new Set(items.flatMap((item) => item.commands))];

/** The objects of one kind in many namespaces are told once. */
function folded(items: readonly InCluster<DriftItem>[]): ShownItem[] {
  const alike = Map.groupBy(items, ({ cluster, rule, grant, subject, differences, who }) =>
    JSON.stringify([
      cluster,
      rule,
      grant ?? referenceText(subject),
      subject.kind,
      differences,
      who.map(({ namespace: _namespace, ...change }) => change),
    ]),
  );
  return [...alike.values()].flatMap(([item, ...rest]) =>
    item === undefined ? [] : [shownItem(item, 1 + rest.length)],
  );
}

function markdown({ items, sessions, rights, skipped, cluster }: Found): Iterable<string> {
  const count = items.length;
  const head = count === 0 ? NOTHING : `${count} ${count === 1 ? "object is" : "objects are"} not as declared.`;
  return markdownParts([
    `### mirrord access: drift\n\n${head}\n`,
    ...(skipped.length === 0 ? [] : [`Not complete: ${markdownText(skipped.join("; "))}.\n`]),
    ...(sessions.length === 0 ? [] : [markdownTable({ ...cluster, ...sessionColumns }, sessions)]),
    ...(count === 0
      ? []
      : [
          markdownTable({ ...cluster, ...columns }, folded(items)),
          markdownParts(["To mend it:\n", markdownCode(commands(items))]),
        ]),
    ...foldedRights(rights, { ...cluster, ...rightsColumns }),
  ]);
}
