import { PARTIAL_KIND, usageDocument } from "../../../audit/usage/document.ts";
import { impersonations, refusals, usageRows, type UsageRow } from "../../../audit/usage/rows.ts";
import { missingShards, missingTexts } from "../../../audit/usage/shards.ts";
import type { RequestTotals, UsageTotals } from "../../../audit/usage/totals.ts";
import type { World } from "../../../cli/world.ts";
import { timestamp } from "../../../text/instant.ts";
import { counted } from "../../../text/counted.ts";
import { humanDuration } from "../../../text/duration.ts";
import type { Columns } from "../../../view/columns.ts";
import { markdownParts, markdownTable, markdownText } from "../../../view/markdown.ts";
import {
  API_VERSION,
  printJsonLine,
  printOutput,
  printTable,
  printTexts,
  type OutputFormat,
} from "../../../view/output.ts";

export type UsageFormat = OutputFormat | "markdown" | "partial";

/**
 * Who used what, and what was refused; or the sums, for another machine to add, which says nothing of what is missing in them.
 * @returns the exit code
 */
export async function showUsage(
  totals: UsageTotals,
  { format, noHeaders }: { format: UsageFormat; noHeaders: boolean },
  world: World,
): Promise<number> {
  if (format === "partial") {
    await printJsonLine({ apiVersion: API_VERSION, kind: PARTIAL_KIND, ...usageDocument(totals) }, world);
    return 0;
  }
  const rows = usageRows(totals);
  const refused = refusals(totals);
  const missing = missingShards(totals.shards.values());
  const value = {
    complete: missing.length === 0,
    missingShards: missing.flatMap(({ first }) => first),
    missingCount: missing.reduce((sum, each) => sum + each.missing, 0),
    log: { ...totals.log, ...period(totals.log) },
    items: rows.map((row) => ({ ...row, ...period(row) })),
    refusals: refused.map((each) => ({ ...each, ...period(each) })),
    impersonations: impersonations(totals).map((each) => ({ ...each, ...period(each) })),
  };
  const shown = { rows, columns: columns(totals), empty: NOTHING };
  const gaps = missingTexts(missing).map((text) => `${text}: more may have been used and refused`);
  if (format === "markdown") printTexts(markdown(totals, { ...shown, refused, gaps }), world);
  else await printOutput({ kind: "Usage", value, ...shown }, { format, noHeaders }, world);
  if (format === "table" || format === "wide") {
    if (refused.length > 0) {
      world.print("");
      await printTable(refusalColumns, refused, { wide: format === "wide", noHeaders, bounded: false }, world);
    }
    world.note(logText(totals));
  }
  for (const text of gaps) world.warn(text);
  return missing.length === 0 ? 0 : 3;
}

const NOTHING = "No session and no refusal in it.";

interface ShownUsage {
  rows: readonly UsageRow[];
  columns: Columns<UsageRow>;
  refused: readonly RequestTotals[];
  /** What is missing: clauses. */
  gaps: readonly string[];
}

const markdown = (totals: UsageTotals, { rows, columns: all, refused, gaps }: ShownUsage): Iterable<string> =>
  markdownParts([
    "### mirrord usage\n",
    ...gaps.map((text) => `Not complete: ${markdownText(text)}.\n`),
    rows.length === 0 ? `${NOTHING}\n` : markdownTable(all, rows),
    ...(refused.length === 0 ? [] : ["Refused:\n", markdownTable(refusalColumns, refused)]),
    `${logText(totals).map(markdownText).join("\n")}\n`,
  ]);

/** As documents have times. */
function period({ first, last }: { first?: number; last?: number }): { first?: string; last?: string } {
  return {
    ...(first === undefined ? {} : { first: timestamp(first) }),
    ...(last === undefined ? {} : { last: timestamp(last) }),
  };
}

/** Of a kind of log that was not read there is nothing to show. */
function columns({ log }: UsageTotals): Columns<UsageRow> {
  const hasEvents = log.operator > 0 || log.apiServer === 0;
  const connected = ({ connections }: UsageRow): number => connections;
  const last = ({ last: time }: UsageRow): string | undefined => (time === undefined ? undefined : timestamp(time));
  const byOperator: Columns<UsageRow> = {
    SESSIONS: ({ sessions }) => sessions,
    TIME: { wide: ({ seconds }) => humanDuration(seconds * 1000) },
    STOLEN: ({ stolen }) => stolen,
    UNFILTERED: { wide: ({ unfiltered }) => unfiltered },
    MIRRORED: ({ mirrored }) => mirrored,
    COPIES: ({ copies }) => copies,
  };
  return {
    USER: { short: ({ user }) => user },
    NAMESPACE: { short: ({ namespace }) => namespace },
    TARGET: { short: ({ target }) => target },
    ...(hasEvents ? byOperator : {}),
    ...(log.apiServer > 0
      ? { CONNECTED: hasEvents ? { wide: connected } : connected, REFUSED: ({ refused }) => refused }
      : {}),
    LAST: hasEvents ? { wide: last } : last,
  };
}

const refusalColumns: Columns<RequestTotals> = {
  REFUSED: ({ refused }) => refused,
  USER: { short: ({ user }) => user },
  REQUEST: ({ verb, resource }) => `${verb} ${resource}`,
  NAMESPACE: { short: ({ namespace }) => namespace },
  TARGET: { wide: ({ target }) => target },
  LAST: { wide: ({ last }) => (last === undefined ? undefined : timestamp(last)) },
};

function logText({ log }: UsageTotals): string[] {
  const { bytes, operator, apiServer, unreadable, first, last } = log;
  const mebibytes = (bytes / 1024 / 1024).toFixed(1);
  const when = first === undefined || last === undefined ? "" : `, from ${timestamp(first)} to ${timestamp(last)}`;
  const read = `${mebibytes} MiB: ${counted(operator, "event")} of the operator, ${counted(apiServer, "request")} to the API server${when}.`;
  return [
    read,
    ...(unreadable > 0 ? [`${counted(unreadable, "line")} about mirrord could not be read.`] : []),
    ...(operator + apiServer === 0
      ? [
          "The operator writes its events with the chart's value operator.jsonLog: true; an API server, with an audit policy.",
        ]
      : []),
  ];
}
