import { setTimeout as delay } from "node:timers/promises";
import { WATCH_INTERVAL_MILLISECONDS } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { chooseSessions } from "../../mirrord/session/session-filter.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { httpStatus } from "../../kubernetes/api-error.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { operatorFailure } from "../../reading/operator.ts";
import { readSessions, type Besides, type ReadSessions } from "../../reading/sessions.ts";
import { sessionColumns, sessionValue, sortSessions, type SortField } from "../session-view.ts";
import { changingList } from "../changing-list.ts";
import type { FilterOptions } from "./select.ts";

const LONGEST_PAUSE_MS = 30_000;

export interface WatchOptions {
  connection: ConnectOptions;
  allNamespaces: boolean;
  filter: FilterOptions;
  /** Undefined: a table on a terminal, else JSON. */
  output: "table" | "wide" | "json" | undefined;
  noHeaders: boolean;
  sortBy: SortField | undefined;
  interval: number | undefined;
}

/**
 * Looks again and again, because the operator's API cannot be watched. The first look must succeed; later ones that fail
 * are tried again, with longer pauses. Ends with Ctrl-C, and when nobody reads any more.
 */
export async function watchSessions(options: WatchOptions, world: World): Promise<number> {
  const { filter, allNamespaces, interval = WATCH_INTERVAL_MILLISECONDS } = options;
  const cluster = await world.connect(options.connection);
  const namespace = allNamespaces ? undefined : (options.connection.namespace ?? cluster.namespace);
  const show = chooseView(options, world);
  let isFirst = true;
  let pause = interval;
  let missing: readonly Besides[] | undefined;
  while (!world.signal.aborted) {
    let wait = interval;
    try {
      const { sessions, failing } = await readSessions(cluster, namespace);
      missing = checkWhole(failing, missing);
      const { sessions: certain, maybe } = chooseSessions(sessions, { ...filter, namespace });
      const chosen = [...certain, ...maybe];
      // Nothing ever comes in a namespace that is not there. One that is deleted later may come back.
      if (isFirst && chosen.length === 0 && !allNamespaces)
        await requireNamespace(cluster, options.connection.namespace);
      await show(chosen);
      if (!(await world.printed())) return 0;
      pause = interval;
    } catch (error) {
      if (isFirst || !canMend(error)) throw error;
      world.note([...error.lines, `Looking again in ${Math.ceil(pause / 1000)} s.`]);
      wait = pause;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    isFirst = false;
    await delay(wait, undefined, { signal: world.signal }).catch(() => {});
  }
  return 0;
}

/**
 * What only the status or the records know must not come and go with their failures: a look without what the one before
 * had is none. What never could be read is not waited for. Returns what is missing now.
 * @param before undefined: this is the first look
 */
function checkWhole(failing: ReadSessions["failing"], before: readonly Besides[] | undefined): Besides[] {
  const lost = failing.find(({ what }) => before?.includes(what) === false);
  if (lost !== undefined) throw operatorFailure(lost.error);
  return failing.map(({ what }) => what);
}

/** Waiting gives nobody rights, and a command line stays wrong. */
function canMend(error: unknown): error is UserError {
  if (!(error instanceof UserError) || error.kind !== "undetermined") return false;
  const status = httpStatus(error) ?? httpStatus(error.cause);
  return status !== 401 && status !== 403;
}

function chooseView(
  { allNamespaces, output, noHeaders, sortBy }: WatchOptions,
  world: World,
): (sessions: readonly Session[]) => Promise<void> {
  const format = output ?? (world.isTerminal.stdout ? "table" : "json");
  const show = changingList(
    {
      item: "session",
      key: sessionKey,
      value: sessionValue,
      comparable: comparableSession,
      columns: () => sessionColumns({ namespace: allNamespaces, staleness: false }),
      empty: "No sessions found.",
    },
    { format, noHeaders },
    world,
  );
  return async (sessions) => await show(format === "json" ? sessions : sortSessions(sessions, sortBy));
}

/** Previews are named by their users, so that two namespaces may have the same. */
function sessionKey({ id, namespace = "", user }: Session): string {
  return JSON.stringify(id === "" ? [namespace, user] : [namespace, "", id]);
}

function comparableSession({ seconds: _seconds, idleSeconds: _idle, ...session }: Session): object {
  return session;
}
