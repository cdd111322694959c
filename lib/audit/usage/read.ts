import { usageWords, recordsIn, type UsageRecord } from "./records.ts";
import { lineScanner } from "./scan.ts";
import { spanReader } from "./span.ts";
import { addRecord, type UsageTotals } from "./totals.ts";

export interface UsageReader {
  /** The next bytes of a log. */
  push(chunk: Uint8Array): void;
  /** The log has ended. */
  end(): void;
}

export interface ReadOptions {
  /** Milliseconds since 1970: what is earlier is left out; what has no time is not. */
  from?: number | undefined;
  /** Each record as it is counted. */
  onRecord?: (record: UsageRecord) => void;
}

/** Adds what one log says to `totals`. Of several logs each has a reader: a line never begins in one and ends in the next. */
export function usageReader(totals: UsageTotals, { from = -Infinity, onRecord }: ReadOptions): UsageReader {
  const scanner = lineScanner(usageWords, (line) => {
    const records = recordsIn(line);
    if (records === undefined) totals.log.unreadable += 1;
    for (const record of records ?? []) {
      if ((record.time ?? Infinity) < from) continue;
      addRecord(totals, record);
      onRecord?.(record);
    }
  });
  const span = spanReader(totals.days);
  return {
    push(chunk) {
      totals.log.bytes += chunk.length;
      span.push(chunk);
      scanner.push(chunk);
    },
    end() {
      span.end();
      scanner.end();
      totals.log.unreadable += scanner.tooLong;
    },
  };
}
