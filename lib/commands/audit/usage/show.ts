import { PARTIAL_KIND, usageDocument } from "../../../audit/usage/document.ts";
import { impersonations, refusals, usageRows, type UsageRow } from "../../../audit/usage/rows.ts";
import type { RequestTotals, UsageTotals } from "../../../audit/usage/totals.ts";
import type { World } from "../../../cli/world.ts";
import { timestamp } from "../../../text/instant.ts";
import { humanDuration } from "../../../text/duration.ts";
import type { Columns } from "../../../view/columns.ts";
import { API_VERSION, printJsonLine, printOutput, printTable, type OutputFormat } from "../../../view/output.ts";

export type UsageFormat = OutputFormat | "partial";

/** Who used what, and what was refused; or the sums, for another machine to add. */
export async function showUsage(
  totals: UsageTotals,
  { format, noHeaders }: { format: UsageFormat; noHeaders: boolean },
  world: World,
): Promise<void> {
  if (format === "partial") {
    await printJsonLine({ apiVersion: API_VERSION, kind: PARTIAL_KIND, ...usageDocument(totals) }, world);
    return;
  }
  const rows = usageRows(totals);
  const refused = refusals(totals);
  const value = {
    log: { ...totals.log, ...period(totals.log) },
    items: rows.map((row) => ({ ...row, ...period(row) })),
    refusals: refused.map((each) => ({ ...each, ...period(each) })),
    impersonations: impersonations(totals).map((each) => ({ ...each, ...period(each) })),
  };
  await printOutput(
    { kind: "Usage", value, rows, columns: columns(totals), empty: "No session and no refusal in it." },
    { format, noHeaders },
    world,
  );
  if (format !== "table" && format !== "wide") return;
  if (refused.length > 0) {
    world.print("");
    await printTable(refusalColumns, refused, { wide: format === "wide", noHeaders, bounded: false }, world);
  }
  world.note(logText(totals));
}

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
  const read = `${mebibytes} MiB: ${operator} ${plural(operator, "event")} of the operator, ${apiServer} ${plural(apiServer, "request")} to the API server${when}.`;
  return [
    read,
    ...(unreadable > 0 ? [`${unreadable} ${plural(unreadable, "line")} about mirrord could not be read.`] : []),
    ...(operator + apiServer === 0
      ? [
          "The operator writes its events with the chart's value operator.jsonLog: true; an API server, with an audit policy.",
        ]
      : []),
  ];
}

const plural = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`);
