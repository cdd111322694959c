import type { World } from "../cli/world.ts";
import type { Columns } from "../view/columns.ts";
import { lineText } from "../view/lines.ts";
import { fittedTable, printJsonLine } from "../view/output.ts";

/** A list that is watched. */
export interface ChangingList<Row> {
  /** The name of one in JSON: `session`. */
  item: string;
  /** Tells one from all others. */
  key: (row: Row) => string;
  /** Its JSON form. */
  value: (row: Row) => object;
  /** What has to differ for it to count as changed; that time goes by is no change. */
  comparable: (row: Row) => unknown;
  /** By what is true at the time. */
  columns: () => Columns<Row>;
  empty: string;
}

export type ChangingFormat = "table" | "wide" | "json";

/**
 * Shows the rows of now each time it is called: on a terminal the table is drawn anew, elsewhere it follows when it differs;
 * in JSON only what changed, `{"type": "ADDED", "session": {…}}` in a line.
 */
export function changingList<Row>(
  list: ChangingList<Row>,
  { format, noHeaders }: { format: ChangingFormat; noHeaders: boolean },
  world: World,
): (rows: readonly Row[]) => Promise<void> {
  return format === "json" ? jsonLines(list, world) : redrawnTable(list, { wide: format === "wide", noHeaders }, world);
}

function redrawnTable<Row>(
  { columns, empty }: ChangingList<Row>,
  options: { wide: boolean; noHeaders: boolean },
  world: World,
): (rows: readonly Row[]) => Promise<void> {
  let drawn = "";
  return async (rows) => {
    const lines =
      rows.length === 0 ? [empty] : await fittedTable(columns(), rows, { ...options, bounded: false }, world);
    if (world.isTerminal.stdout) return world.redraw(lines);
    const text = lineText(lines);
    if (text === drawn) return;
    drawn = text;
    world.print([...lines, ""]);
  };
}

function jsonLines<Row>(
  { item, key, value, comparable }: ChangingList<Row>,
  world: World,
): (rows: readonly Row[]) => Promise<void> {
  let known = new Map<string, { text: string; row: Row }>();
  return async (rows) => {
    const now = new Map(rows.map((row) => [key(row), { text: JSON.stringify(comparable(row)), row }]));
    for (const [name, { text, row }] of now) {
      const before = known.get(name);
      if (before?.text !== text) await line(before === undefined ? "ADDED" : "MODIFIED", row);
    }
    for (const [name, { row }] of known) if (!now.has(name)) await line("DELETED", row);
    known = now;
  };

  async function line(type: "ADDED" | "MODIFIED" | "DELETED", row: Row): Promise<void> {
    await printJsonLine({ type, [item]: value(row) }, world);
  }
}
