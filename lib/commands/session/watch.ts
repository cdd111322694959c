import { command } from "../../cli/grammar/command.ts";
import { intervalFlag, noHeadersFlag } from "../../cli/grammar/shared-flags.ts";
import { stringFlag } from "../../cli/grammar/flags.ts";
import { filterFlags, liveFlags, placeFlags } from "./flags.ts";
import { sortFields } from "../session-view.ts";
import { watchSessions } from "./watch-sessions.ts";

const { stale: _stale, ...watchable } = filterFlags;

export const watch = command({
  name: "session watch",
  summary: "Watch the sessions come and go.",
  description: [
    "On a terminal a table that is redrawn; elsewhere a line of JSON for each session that comes, changes or goes. The operator's",
    "API cannot be watched, so it is asked again and again; when it does not answer for a while, watching goes on afterwards.",
  ].join(" "),
  usage: "[-n NAMESPACE | -A] [flags]",
  examples: {
    "kubectl mirrord session watch -A": "A live table of all sessions",
    "kubectl mirrord session watch -n dev -o json": "Lines of JSON",
  },
  flags: {
    ...placeFlags,
    ...watchable,
    interval: intervalFlag,
    sortBy: stringFlag("FIELD", "The order of the table.", { values: sortFields }),
    output: stringFlag("FORMAT", "table, wide or json; without it, a table on a terminal and JSON elsewhere.", {
      short: "o",
      values: ["table", "wide", "json"],
      templates: true,
    }),
    noHeaders: noHeadersFlag,
    ...liveFlags,
  },
  exitCodes: { 130: "ended by Ctrl-C" },
  waits: "Reading the sessions",
  async run(
    { allNamespaces, interval, sortBy, output, noHeaders, user, target, key, longerThan, ...connection },
    world,
  ) {
    const filter = { user, target, key, longerThan, stale: false };
    return await watchSessions({ connection, allNamespaces, filter, output, noHeaders, sortBy, interval }, world);
  },
});
