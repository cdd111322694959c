import { UserError } from "../errors.ts";
import { mayBeDone } from "../kube/apply/failure.ts";
import type { Cluster } from "../kube/cluster.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { decimalName, deletionNames, idNumbers } from "../mirrord/session/session-id.ts";
import type { Session } from "../mirrord/session/session.ts";
import { attempt } from "../reading/read.ts";
import { readSessions } from "../reading/sessions.ts";

export interface KillResult {
  session: Session;
  /** `over`: it was not there any more. */
  outcome: "ended" | "over" | "failed";
  /** Of a failure. */
  reason?: string;
}

/**
 * Ends each session by its own name at cluster scope, never a collection: what was not shown goes on.
 * @param all every session that was listed, the same objects: no name that could be read as another of them is used
 */
export async function killEach(
  cluster: Cluster,
  sessions: readonly Session[],
  all: readonly Session[],
): Promise<KillResult[]> {
  const taken = idNumbers(all.map(({ id }) => id));
  const chosen = new Set(sessions);
  const others = new Set(all.filter((session) => !chosen.has(session)).map(({ id }) => sessionIdKey(id)));
  const results = await Promise.all(
    sessions.map(async (session): Promise<Tried> => {
      if (!others.has(sessionIdKey(session.id))) return await killOne(cluster, session, taken);
      return { session, outcome: "failed", reason: "the operator lists another session with the same id" };
    }),
  );
  const isVerified = results.every(({ outcome, isUnclear }) => outcome !== "over" && isUnclear !== true);
  const looked = isVerified ? results : await verified(cluster, results);
  return looked.map(({ isUnclear: _isUnclear, ...result }) => result);
}

/** `isUnclear`: it was sent, and no answer says whether it was done. */
type Tried = KillResult & { isUnclear?: boolean };

/** Equal for two spellings of one id. */
const sessionIdKey = (id: string): string => decimalName(id) ?? id.toLowerCase();

/**
 * An operator that cannot end sessions answers as if there were none, and one whose answer is lost may have ended them: a second
 * look tells. Keeps what was done.
 */
async function verified(cluster: Cluster, results: readonly Tried[]): Promise<Tried[]> {
  const read = await attempt(() => readSessions(cluster, undefined));
  if (read.failed) {
    const reason = `the operator answered that it does not know it, and could not be asked whether it is over: ${read.error.message}`;
    return results.map((result) => {
      if (result.outcome === "over") return { ...result, outcome: "failed", reason };
      return result.isUnclear === true ? { ...result, reason: `${result.reason}; it may be over by now` } : result;
    });
  }
  const { sessions, status } = read.value;
  const live = new Set(sessions.map(({ id }) => id));
  const operator = `mirrord operator${status?.version === undefined ? "" : ` ${status.version}`}`;
  return results.map((result): Tried => {
    if (result.isUnclear === true && !live.has(result.session.id)) return { session: result.session, outcome: "ended" };
    return result.outcome === "over" && live.has(result.session.id)
      ? {
          ...result,
          outcome: "failed",
          reason: `${operator} answers that it does not know it; it may not support ending sessions`,
        }
      : result;
  });
}

/**
 * A session has two names. A rule may allow only one of them, and an old operator know only one: the other is tried where
 * the first is forbidden or not found.
 */
async function killOne(cluster: Cluster, session: Session, taken: ReadonlySet<bigint>): Promise<Tried> {
  const names = deletionNames(session.id, taken);
  if (names.length === 0) {
    return { session, outcome: "failed", reason: "its name could be read as that of another session, or is none" };
  }
  let reason: string | undefined;
  let isUnclear = false;
  for (const name of names) {
    const tried = await attempt(() => cluster.delete(mirrordResources.sessions, name, undefined));
    if (!tried.failed && tried.value) return { session, outcome: "ended" };
    if (tried.failed) {
      reason ??= tried.error.message;
      isUnclear ||= mayBeDone(tried.error);
      if (![403, 400].includes(tried.status ?? 0)) break;
    }
  }
  return reason === undefined ? { session, outcome: "over" } : { session, outcome: "failed", reason, isUnclear };
}

export interface SecondLook {
  /** Of those that were shown: what is still there. */
  sessions: Session[];
  /** The others: over, or another session by now. */
  results: KillResult[];
  /** Everything that is listed now. */
  all: Session[];
}

/**
 * A question can stand for long. What ended in between is over, and an id that is somebody else's session by now (clients
 * choose their ids) was never shown: it goes on. Throws what reading throws, with nothing ended.
 */
export async function lookAgain(cluster: Cluster, shown: readonly Session[]): Promise<SecondLook> {
  const { sessions: all } = await readSessions(cluster, undefined);
  const now = Map.groupBy(all, ({ id }) => id);
  const left: Session[] = [];
  const results: KillResult[] = [];
  for (const session of shown) {
    const listed = now.get(session.id) ?? [];
    const same = listed.find((one) => isSame(one, session));
    if (same !== undefined) left.push(same);
    else if (listed.length === 0) results.push({ session, outcome: "over" });
    else results.push({ session, outcome: "failed", reason: "its id is that of another session now" });
  }
  return { sessions: left, results, all };
}

/** What a client cannot change while it is connected. */
function isSame(one: Session, other: Session): boolean {
  return one.user === other.user && one.namespace === other.namespace && one.target === other.target;
}

/** Which sessions are inactive only the operator knows: it ends them, and a second look shows which they were. */
export async function killInactive(cluster: Cluster, sessions: readonly Session[]): Promise<KillResult[]> {
  await cluster.delete(mirrordResources.sessions, "inactive", undefined);
  const read = await attempt(() => readSessions(cluster, undefined));
  if (read.failed) {
    throw new UserError(
      "undetermined",
      `the operator was told to end its inactive sessions, but which have ended could not be read: ${read.error.message}`,
      "See what is left: kubectl mirrord session list -A",
      { cause: read.error },
    );
  }
  const ids = new Set(read.value.sessions.map(({ id }) => id));
  return sessions.filter(({ id }) => !ids.has(id)).map((session) => ({ session, outcome: "ended" }));
}
