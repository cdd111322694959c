import type { ReadDrift } from "../../audit/drift/read-drift.ts";
import type { DriftItem } from "../../audit/drift/item.ts";
import { driftRules } from "../../audit/drift/rules.ts";
import { grades } from "../../audit/grades.ts";
import type { World } from "../../cli/world.ts";
import { referenceText } from "../../kubernetes/object.ts";
import manifest from "../../../package.json" with { type: "json" };
import { formatSubject } from "../../access/subject.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownTable, markdownText } from "../../view/markdown.ts";
import { printDocument, printOutput, printTable, type OutputFormat } from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";
import { accessFields, foldedRights, rightsColumns, sessionColumns } from "./access-tables.ts";

export type DriftFormat = Exclude<OutputFormat, "name"> | "markdown" | "sarif";

/** Items that say the same of several objects: the first of them, and how many there are. */
interface ShownItem {
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

export async function showDrift(
  found: ReadDrift,
  { format, noHeaders }: { format: DriftFormat; noHeaders: boolean },
  world: World,
): Promise<void> {
  const { items, skipped } = found;
  if (format === "sarif") {
    const tool = { name: "kubectl-mirrord audit drift", version: manifest.version };
    return await printDocument(sarifLog(tool, driftRules, items, { fingerprint, skipped }), "json", world);
  }
  if (format === "markdown") return world.document(markdown(found));
  const value = {
    complete: skipped.length === 0,
    skipped,
    ...accessFields(found),
    items: items.map(itemValue),
  };
  const isTable = format === "table" || format === "wide";
  const lines = isTable ? folded(items) : items.map((item) => ({ item, objects: 1 }));
  if (isTable && items.length > 0) await showAccess(found, { noHeaders }, world);
  const empty = skipped.length === 0 ? NOTHING : "What was compared is as it is declared.";
  await printOutput({ kind: "Drift", value, rows: lines, columns, bounded: true, empty }, { format, noHeaders }, world);
  if (!isTable || items.length === 0) return;
  world.print(["", "To mend it:", ...commands(items).map((line) => `  ${line}`)]);
}

/** Actions of mirrord, and the rights of those of whom nothing else is said. */
async function showAccess(
  { sessions, rights, items }: ReadDrift,
  { noHeaders }: { noHeaders: boolean },
  world: World,
): Promise<void> {
  const named = items.flatMap(({ who }) => who.map(({ subject }) => subject));
  const told = new Set([...named, ...sessions.map(({ subject }) => formatSubject(subject))]);
  const others = rights.filter(({ subject }) => !told.has(formatSubject(subject)));
  if (sessions.length > 0) {
    await printTable(sessionColumns, sessions, { noHeaders }, world);
    world.print("");
  }
  if (others.length > 0) {
    await printTable(rightsColumns, others, { noHeaders }, world);
    world.print("");
  }
}

/** Schema: docs/schema/audit-drift.json. */
function itemValue({ rule, severity, subject, fix: _fix, field: _field, ...item }: DriftItem): object {
  return { rule, severity: grades[severity], object: subject, ...item };
}

const fingerprint = ({ rule, subject, differences }: DriftItem): string =>
  [rule, referenceText(subject), ...differences.map(({ field }) => field)].join(" ");

const commands = (items: readonly DriftItem[]): string[] => [...new Set(items.flatMap((item) => item.commands))];

/** The objects of one kind in many namespaces are told once. */
function folded(items: readonly DriftItem[]): ShownItem[] {
  const alike = Map.groupBy(items, ({ rule, grant, subject, differences, who }) =>
    JSON.stringify([
      rule,
      grant ?? referenceText(subject),
      subject.kind,
      differences,
      who.map(({ namespace: _namespace, ...change }) => change),
    ]),
  );
  return [...alike.values()].flatMap(([item, ...rest]) =>
    item === undefined ? [] : [{ item, objects: 1 + rest.length }],
  );
}

function markdown(found: ReadDrift): string {
  const { items, sessions, rights, skipped } = found;
  const count = items.length;
  const head = count === 0 ? NOTHING : `${count} ${count === 1 ? "object is" : "objects are"} not as declared.`;
  const fence = commands(items).map((line) => `    ${line}\n`);
  return [
    `### mirrord access: drift\n\n${head}\n`,
    ...(skipped.length === 0 ? [] : [`Not complete: ${markdownText(skipped.join("; "))}.\n`]),
    ...(sessions.length === 0 ? [] : [markdownTable(sessionColumns, sessions)]),
    ...(count === 0 ? [] : [markdownTable(columns, folded(items)), `To mend it:\n\n${fence.join("")}`]),
    ...foldedRights(rights),
  ].join("\n");
}
