// From when to when a log reaches, whatever it is about: a log of five days proves nothing about ninety. Few of its lines are read
// for it: the first ones, and the last ones of each piece that comes.

import { lineTime } from "./records.ts";
import type { CoveredDays, Period } from "./totals.ts";

export const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

const LINE_FEED = 10;
const FIRST_LINES = 20;
/** Behind the last line with a time there may be text, and the other kind of log may end a few lines before. */
const LAST_LINES = 20;
const LONGEST_LINE = 1024 * 1024;
/** No log is older; a time that is wrong must not count as years of it. */
const MOST_DAYS = 3660;

const kinds = ["operator", "api-server"] as const;
type Kind = (typeof kinds)[number];

export interface SpanReader {
  push(chunk: Uint8Array): void;
  /** The log has ended: its days are added. */
  end(): void;
}

/** Adds the days that one log reaches over, from its first line to its last. */
export function spanReader(days: CoveredDays): SpanReader {
  const spans: Record<Kind, Period> = { operator: {}, "api-server": {} };
  let firstLines = 0;
  let rest: Buffer = Buffer.alloc(0);

  const note = (line: Buffer): Kind | undefined => {
    const found = line.length === 0 || line.length > LONGEST_LINE ? undefined : lineTime(line.toString("utf8"));
    if (found === undefined) return undefined;
    const span = spans[found.from];
    span.first = Math.min(span.first ?? found.time, found.time);
    span.last = Math.max(span.last ?? found.time, found.time);
    return found.from;
  };

  return {
    push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const last = chunk.lastIndexOf(LINE_FEED);
      if (last < 0) {
        rest = rest.length > LONGEST_LINE ? rest : Buffer.concat([rest, chunk]);
        return;
      }
      const line = (start: number, end: number): Buffer =>
        start === 0 ? Buffer.concat([rest, chunk.subarray(0, end)]) : chunk.subarray(start, end);
      for (let start = 0; firstLines < FIRST_LINES && start <= last; firstLines += 1) {
        const end = chunk.indexOf(LINE_FEED, start);
        note(line(start, end));
        start = end + 1;
      }
      const missing = new Set<Kind>(kinds.filter((kind) => spans[kind].last !== undefined));
      for (let [looked, end] = [0, last]; looked < LAST_LINES && end >= 0; looked += 1) {
        const before = end === 0 ? -1 : chunk.lastIndexOf(LINE_FEED, end - 1);
        const found = note(line(before + 1, end));
        if (found !== undefined) missing.delete(found);
        if (found !== undefined && missing.size === 0) break;
        end = before;
      }
      rest = Buffer.from(chunk.subarray(last + 1));
    },
    end() {
      note(rest);
      addDays(days.operator, spans.operator);
      addDays(days.apiServer, spans["api-server"]);
    },
  };
}

function addDays(days: Set<number>, { first, last }: Period): void {
  if (first === undefined || last === undefined) return;
  const [from, to] = [Math.floor(first / DAY_MILLISECONDS), Math.floor(last / DAY_MILLISECONDS)];
  if (from < 0 || to - from > MOST_DAYS) return;
  for (let day = from; day <= to; day += 1) days.add(day);
}
