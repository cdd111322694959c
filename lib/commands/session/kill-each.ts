import type { Cluster } from "../../kube/cluster.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { deletionNames } from "../../mirrord/session-id.ts";
import type { Session } from "../../mirrord/session.ts";
import { attempt } from "./failure.ts";
import { readSessions } from "./read.ts";

export interface KillResult {
  session: Session;
  /** `over`: it was not there any more. */
  outcome: "ended" | "over" | "failed";
  /** Of a failure. */
  reason?: string;
}

/**
 * Ends each session by its own name at cluster scope, never a collection: what was not shown goes on.
 * @param all every session that was listed: no name that could be read as another of them is used
 */
export async function killEach(
  cluster: Cluster,
  sessions: readonly Session[],
  all: readonly Session[],
): Promise<KillResult[]> {
  const ids = all.map(({ id }) => id);
  const results = await Promise.all(sessions.map((session) => killOne(cluster, session, ids)));
  return results.some(({ outcome }) => outcome === "over") ? await verified(cluster, results) : results;
}

/** An operator that cannot end sessions answers as if there were none: a second look tells. */
async function verified(cluster: Cluster, results: readonly KillResult[]): Promise<KillResult[]> {
  const { sessions, status } = await readSessions(cluster, undefined);
  const live = new Set(sessions.map(({ id }) => id));
  const operator = `mirrord operator${status?.version === undefined ? "" : ` ${status.version}`}`;
  return results.map((result) =>
    result.outcome === "over" && live.has(result.session.id)
      ? {
          ...result,
          outcome: "failed",
          reason: `${operator} answers that it does not know it; it may not support ending sessions`,
        }
      : result,
  );
}

/**
 * A session has two names. A rule may allow only one of them, and an old operator know only one: the other is tried where
 * the first is forbidden or not found.
 */
async function killOne(cluster: Cluster, session: Session, ids: readonly string[]): Promise<KillResult> {
  const names = deletionNames(session.id, ids);
  if (names.length === 0) {
    return { session, outcome: "failed", reason: "its name could be read as that of another session" };
  }
  let reason: string | undefined;
  for (const name of names) {
    const tried = await attempt(() => cluster.delete(mirrordResources.sessions, name, undefined));
    if (tried.done && tried.value) return { session, outcome: "ended" };
    if (!tried.done) {
      reason ??= tried.error.message;
      if (tried.status !== 403 && tried.status !== 400) break;
    }
  }
  return reason === undefined ? { session, outcome: "over" } : { session, outcome: "failed", reason };
}

/** Which sessions are inactive only the operator knows: it ends them, and a second look shows which they were. */
export async function killInactive(cluster: Cluster, sessions: readonly Session[]): Promise<KillResult[]> {
  await cluster.delete(mirrordResources.sessions, "inactive", undefined);
  const left = await readSessions(cluster, undefined);
  const ids = new Set(left.sessions.map(({ id }) => id));
  return sessions.filter(({ id }) => !ids.has(id)).map((session) => ({ session, outcome: "ended" }));
}
