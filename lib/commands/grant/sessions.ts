import type { GrantSubject } from "../../access/subject.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { statusOf } from "../../preview/operator.ts";

/** A session as the operator lists it. Source: operator contract section 2.2. */
export interface LiveSession {
  /** Upper-case hex, as clients show it. */
  id: string;
  /** `<name>/<Kubernetes user>@<host>` */
  user: string;
  target: string;
  namespace: string;
  seconds: number;
}

export type LiveSessions = { known: true; sessions: LiveSession[] } | { known: false; why: string };

/** Of preview environments, which are no sessions of anybody. */
const PREVIEW_USER = "preview-env";

/**
 * The live sessions of a subject in some namespaces, or in all. Operators that cannot list sessions show them in their
 * status. A session says nothing about groups, so those of a group's members cannot be told from others.
 */
export async function liveSessions(
  cluster: Cluster,
  subject: GrantSubject,
  namespaces: readonly string[],
): Promise<LiveSessions> {
  if (cluster.offline) return { known: true, sessions: [] };
  if (subject.kind === "Group") return { known: false, why: "sessions do not say in which groups their users are" };
  const all = await allSessions(cluster);
  if (all === undefined) return { known: false, why: "you may not list them, and the operator does not show them" };
  const user = subject.kind === "User" ? subject.name : `system:serviceaccount:${subject.namespace}:${subject.name}`;
  const own = all
    .filter((session) => isOf(session.user, user))
    .filter(({ namespace }) => namespaces.length === 0 || namespaces.includes(namespace));
  return { known: true, sessions: own };
}

/**
 * Both the real name and the Kubernetes user may hold `/` and `@`, so the parts cannot be told apart; but whether the
 * Kubernetes user is this one can. Source: operator contract section 2.2.
 */
function isOf(shown: string, user: string): boolean {
  const host = shown.lastIndexOf("@");
  return host !== -1 && (shown.slice(0, host) === user || shown.slice(0, host).endsWith(`/${user}`));
}

async function allSessions(cluster: Cluster): Promise<LiveSession[] | undefined> {
  try {
    const listed = await Array.fromAsync(cluster.list(mirrordResources.sessions));
    return listed.map(({ spec }) => sessionOf(objectIn(spec)["session"])).filter(isPersonal);
  } catch (error) {
    // 404: an operator without these routes; 503: none that answers.
    if (![403, 404, 503].includes(statusOf(error) ?? 0)) throw error;
  }
  try {
    const operator = await cluster.get(mirrordResources.operators, "operator");
    if (operator === undefined) return undefined;
    return listIn(objectIn(operator["status"])["sessions"]).map(sessionOf).filter(isPersonal);
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  }
}

const isPersonal = ({ user }: LiveSession) => user !== PREVIEW_USER;

function sessionOf(entry: unknown): LiveSession {
  const { id, user, target, namespace, duration_secs: seconds } = objectIn(entry);
  return {
    id: textIn(id),
    user: textIn(user),
    target: textIn(target),
    namespace: textIn(namespace),
    seconds: typeof seconds === "number" ? seconds : 0,
  };
}

export interface KilledSession extends LiveSession {
  /** Absent: it is over. */
  refusal?: string;
}

/** Ends sessions by the cluster-wide path and the decimal id, as the client does. Source: operator contract section 0. */
export async function killSessions(cluster: Cluster, sessions: readonly LiveSession[]): Promise<KilledSession[]> {
  return await Promise.all(
    sessions.map(async (live): Promise<KilledSession> => {
      try {
        await cluster.delete(mirrordResources.sessions, sessionName(live.id), undefined);
        return live;
      } catch (error) {
        if (statusOf(error) === undefined) throw error;
        return { ...live, refusal: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** `43794` for AB12; sessions over several clusters (`mc-…`) have no number. */
function sessionName(id: string): string {
  return /^[0-9A-Fa-f]{1,16}$/.test(id) ? BigInt(`0x${id}`).toString() : id;
}
