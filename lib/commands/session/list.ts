import { command } from "../../cli/grammar/command.ts";
import { noHeadersFlag, outputFlag, intervalFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { printOutput } from "../../view/output.ts";
import { booleanFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { filterFlags, liveFlags, placeFlags } from "./flags.ts";
import {
  disputes,
  sessionColumns,
  sessionName,
  sessionValue,
  sortFields,
  sortSessions,
  type ListedSession,
} from "../session-view.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { doubt, selectSessions, type Selected } from "./select.ts";
import { watchSessions } from "./watch-sessions.ts";

export const list = command({
  name: "session list",
  summary: "List the sessions that are running.",
  description: [
    "Sessions come from the operator's sessions API, or from its status where that API is missing or forbidden. KIND tells CI",
    "sessions, sessions on a copy of the target, previews, and sessions over several clusters apart, as far as you may read that.",
    "With --stale: the sessions whose owner could not start them any more, because access was revoked or has ended.",
  ].join(" "),
  usage: "[-n NAMESPACE | -A] [flags]",
  examples: {
    "kubectl mirrord session list -n dev": "The sessions in namespace dev",
    "kubectl mirrord session list -A --longer-than 2h -o wide": "Those of all namespaces that are older than two hours",
    "kubectl mirrord session list -A --user jim@acme.example": "Those of one user",
    "kubectl mirrord session list -A --stale": "Those that their owners could not start any more",
    "kubectl mirrord session list -w": "Go on watching",
  },
  flags: {
    ...placeFlags,
    ...filterFlags,
    sortBy: stringFlag(
      "FIELD",
      "age, id, key, kind, namespace, target or user; without it, by namespace and the longest first.",
      { values: sortFields },
    ),
    watch: booleanFlag("Go on watching, as session watch does.", { short: "w" }),
    interval: intervalFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...liveFlags,
  },
  conflicts: [
    {
      option: "watch",
      excludes: ["stale"],
      message: (_watch, stale) => `${stale} is not for watching`,
      hint: "Ask once: kubectl mirrord session list --stale",
    },
  ],
  waits: "Reading the sessions",
  async run(
    { allNamespaces, watch, sortBy, output, noHeaders, interval, user, target, key, longerThan, stale, ...connection },
    world,
  ) {
    const filter = { user, target, key, longerThan, stale };
    if (watch) {
      if (output !== "table" && output !== "wide" && output !== "json") {
        throw usageError(`-o ${output} is not for watching`, "Watch as a table, or as lines of JSON: -o json.");
      }
      const shown = { output: output === "table" ? undefined : output, noHeaders, sortBy, interval };
      return await watchSessions({ connection, allNamespaces, filter, ...shown }, world);
    }
    const cluster = await world.connect(connection);
    const namespace = allNamespaces ? undefined : (connection.namespace ?? cluster.namespace);
    const selected = await selectSessions(cluster, namespace, filter, world);
    if (selected.sessions.length + selected.unsure.length === 0 && namespace !== undefined)
      await requireNamespace(cluster, connection.namespace);
    sayWhatIsUnsure(selected, filter, world);
    for (const dispute of disputes(selected.read.sessions)) world.warn(dispute);
    const listed = (sessions: readonly Session[]): ListedSession[] =>
      sortSessions(sessions, sortBy).map((one) => ({ ...one, staleness: selected.staleness.get(one) }));
    const rows = listed(selected.sessions);
    const { source, notes } = selected.read;
    await printOutput(
      {
        kind: "SessionList",
        value: {
          source,
          ...(notes.length === 0 ? {} : { notes }),
          items: rows.map(sessionValue),
          ...(selected.unsure.length === 0 ? {} : { unsure: listed(selected.unsure).map(sessionValue) }),
        },
        rows,
        columns: sessionColumns({ namespace: allNamespaces, staleness: stale }),
        name: sessionName,
        // STALE is a sentence: cut, it would say nothing.
        bounded: stale,
        empty: namespace === undefined ? "No sessions found." : `No sessions found in namespace ${namespace}.`,
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

/** A list that could be longer must not pass for the whole. */
function sayWhatIsUnsure(
  selected: Selected,
  { user, stale }: { user: string | undefined; stale: boolean },
  world: World,
): void {
  for (const [reason, sessions] of Map.groupBy(selected.unsure, (session) => doubt(selected, session))) {
    const ids = sessions.map(({ id }) => id).join(", ");
    const what = sessions.length === 1 ? `session ${ids}` : `sessions ${ids}`;
    const unknown = stale ? "it is not known whether access is gone" : `may be of ${user ?? ""} as well`;
    world.warn(`${what}: ${unknown}: ${reason}`);
  }
}
