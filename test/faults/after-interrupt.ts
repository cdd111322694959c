// What a process does from Ctrl-C to its end, counted so that a busy machine changes nothing: no clock that others slow down.

/** In the file descriptor 3 of a process that heard Ctrl-C, as JSON. */
export interface AfterInterrupt {
  /** What it would have waited for timers if it had been alone. */
  waitedMs: number;
  /** On a processor. */
  busyMs: number;
  /** Requests that it began. */
  requests: number;
}

/** Loaded before the program. Each timer that ends counts from when it was set, or from Ctrl-C where that came later. */
const count = `
  import { createHook } from "node:async_hooks";
  import { subscribe } from "node:diagnostics_channel";
  import { writeSync } from "node:fs";

  let interrupted;
  let waitedMs = 0;
  let requests = 0;
  const ends = new Map();
  createHook({
    init(id, type, trigger, timer) {
      if (type !== "Timeout") return;
      ends.set(id, interrupted === undefined ? performance.now() + timer._idleTimeout : waitedMs + timer._idleTimeout);
    },
    before(id) {
      const end = ends.get(id);
      if (end === undefined || interrupted === undefined) return;
      waitedMs = Math.max(waitedMs, end);
    },
    destroy: (id) => void ends.delete(id),
  }).enable();
  for (const channel of ["http2.client.stream.created", "http.client.request.created"])
    subscribe(channel, () => void (requests += interrupted === undefined ? 0 : 1));
  process.once("SIGINT", () => {
    const now = performance.now();
    for (const [id, end] of ends) ends.set(id, Math.max(0, end - now));
    interrupted = process.cpuUsage();
  });
  process.on("exit", () => {
    if (interrupted === undefined) return;
    const { user, system } = process.cpuUsage(interrupted);
    writeSync(3, JSON.stringify({ waitedMs, busyMs: (user + system) / 1000, requests }));
  });
`;

/** Options of Node.js for a process whose file descriptor 3 is a pipe. */
export const countAfterInterrupt = ["--import", `data:text/javascript,${encodeURIComponent(count)}`];
