import process from "node:process";
import type { IncomingHttpHeaders } from "node:http";
import { isTime } from "../../text/instant.ts";

/** What time it is at the server, by the `Date` header of its answers. */
export interface ServerClock {
  hear(headers: IncomingHttpHeaders): void;
  /** Milliseconds since 1970; undefined: no answer has said. It goes on without this machine's clock, which may be set at any time. */
  time(): number | undefined;
}

export function createServerClock(): ServerClock {
  // As `performance.now()`, for which Node.js would load a part of its own that nothing else here needs (1 ms).
  const now = (): number => process.uptime() * 1000;
  let last: { said: number; at: number } | undefined;
  return {
    hear({ date = "" }) {
      const said = Date.parse(date);
      if (isTime(said)) last = { said, at: now() };
    },
    time: () => (last === undefined ? undefined : last.said + now() - last.at),
  };
}
