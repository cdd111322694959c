import { setTimeout as delay } from "node:timers/promises";
import { WATCH_INTERVAL_MILLISECONDS } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { chooseSessions } from "../../mirrord/session/session-filter.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { httpStatus } from "../../kubernetes/api-error.ts";
import { lineText } from "../../view/lines.ts";
import { fittedTable, printJsonLine } from "../../view/output.ts";
import { operatorFailure } from "../../reading/operator.ts";
import { readSessions, type Besides, type ReadSessions } from "../../reading/sessions.ts";
import { sessionColumns, sessionValue, sortSessions, type SortField } from "../session-view.ts";
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
      const chosen = chooseSessions(sessions, { ...filter, namespace });
      await show([...chosen.sessions, ...chosen.maybe]);
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

type Show = (sessions: readonly Session[]) => Promise<void> | void;

function chooseView(options: WatchOptions, world: World): Show {
  const output = options.output ?? (world.isTerminal.stdout ? "table" : "json");
  return output === "json" ? jsonLines(world) : redrawnTable(options, output, world);
}

/** Where nothing can be redrawn, a table follows the other. */
function redrawnTable(
  { noHeaders, sortBy, allNamespaces }: WatchOptions,
  output: "table" | "wide",
  world: World,
): Show {
  const columns = sessionColumns({ namespace: allNamespaces, staleness: false });
  let drawn = "";
  return async (sessions) => {
    const rows = sortSessions(sessions, sortBy);
    const lines =
      rows.length === 0
        ? ["No sessions found."]
        : await fittedTable(columns, rows, { wide: output === "wide", noHeaders, bounded: false }, world);
    if (world.isTerminal.stdout) return world.redraw(lines);
    const text = lineText(lines);
    if (text === drawn) return;
    drawn = text;
    world.print([...lines, ""]);
  };
}

/** `{"type": "ADDED", "session": {…}}`, one in a line; that time goes by is no change. */
function jsonLines(world: World): Show {
  let known = new Map<string, { text: string; session: Session }>();
  return async (sessions) => {
    const now = new Map(
      sessions.map((session) => [sessionKey(session), { text: comparableSession(session), session }]),
    );
    for (const [key, { text, session }] of now) {
      const before = known.get(key);
      if (before?.text !== text) await line(before === undefined ? "ADDED" : "MODIFIED", session);
    }
    for (const [key, { session }] of known) if (!now.has(key)) await line("DELETED", session);
    known = now;
  };

  async function line(type: "ADDED" | "MODIFIED" | "DELETED", session: Session): Promise<void> {
    await printJsonLine({ type, session: sessionValue(session) }, world);
  }
}

/** Previews are named by their users, so that two namespaces may have the same. */
function sessionKey({ id, namespace = "", user }: Session): string {
  return JSON.stringify(id === "" ? [namespace, user] : [namespace, "", id]);
}

function comparableSession({ seconds: _seconds, idleSeconds: _idle, ...session }: Session): string {
  return JSON.stringify(session);
}
