import { shellCommand } from "../../text/shell-quote.ts";
import { subjectIdentity, type RbacSubject } from "../../access/subject.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { isOwnedBy } from "../../mirrord/session/session-owner.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { attempt } from "../../reading/read.ts";
import { killEach, type KillResult } from "../kill-each.ts";
import { readSessions } from "../../reading/sessions.ts";
import type { Paragraph } from "../../view/text.ts";
import { targetText } from "../session-view.ts";

/** A session as `grant revoke` tells of it. */
export interface LiveSession {
  /** As the operator lists it. */
  id: string;
  /** `REAL NAME/KUBERNETES USER@HOST` */
  user: string;
  target: string;
  namespace: string;
  seconds: number;
  /** Why it could not be ended. */
  refusal?: string;
}

export type SubjectSessions =
  | {
      known: true;
      sessions: LiveSession[];
      /** By an unusual reading of their user's text these may be the subject's, too; they are never ended. */
      unsure?: LiveSession[];
      killed: boolean;
      /** What may be missing, and why; whole sentences. */
      notes?: string[];
    }
  | { known: false; why: string; killed: false };

export interface Ownership {
  subject: RbacSubject;
  /** Undefined: all. None is none: a selector may match nothing. */
  namespaces: readonly string[] | undefined;
}

/**
 * The live sessions of each subject, in order, and their end when `kill` is set: read once, and each ended once, as `session
 * kill` ends it. What cannot be read or ended is said, never thrown: the access is gone by now, and that must be told.
 */
export async function subjectSessions(
  cluster: Cluster,
  wanted: readonly Ownership[],
  kill: boolean,
): Promise<SubjectSessions[]> {
  if (cluster.offline) return wanted.map(() => ({ known: true, sessions: [], killed: false }));
  if (wanted.length === 0) return [];
  const listed = await attempt(() => readSessions(cluster, undefined));
  if (listed.failed) return wanted.map(() => ({ known: false, why: listed.error.message, killed: false }));
  const { notes } = listed.value;
  const live = listed.value.sessions.filter(({ kind, id }) => kind !== "preview" && id !== "");
  const found = wanted.map((ownership) => ownedBy(live, ownership));
  const chosen = new Set(found.flatMap((owned) => owned?.sure ?? []));
  const results = kill ? await killEach(cluster, [...chosen], listed.value.sessions) : [];
  const bySession = new Map(results.map((result) => [result.session, result]));
  return found.map((owned): SubjectSessions => {
    if (owned === undefined) {
      return { known: false, why: "sessions do not say in which groups their users are", killed: false };
    }
    return {
      known: true,
      sessions: owned.sure.map((session) => shown(session, bySession.get(session))),
      ...(owned.unsure.length === 0 ? {} : { unsure: owned.unsure.map((session) => shown(session, undefined)) }),
      killed: kill,
      ...(notes.length === 0 ? {} : { notes }),
    };
  });
}

/** Undefined for a group: nobody can tell its members' sessions from others. */
function ownedBy(
  live: readonly Session[],
  { subject, namespaces }: Ownership,
): { sure: Session[]; unsure: Session[] } | undefined {
  if (subject.kind === "Group") return undefined;
  const user = subjectIdentity(subject).name;
  const here = live.filter(({ namespace = "" }) => namespaces === undefined || namespaces.includes(namespace));
  const owned = Map.groupBy(here, (session) => isOwnedBy(session, user));
  return { sure: owned.get("yes") ?? [], unsure: owned.get("maybe") ?? [] };
}

function shown(session: Session, result: KillResult | undefined): LiveSession {
  const { id, user, namespace = "", seconds = 0 } = session;
  const refusal = result?.outcome === "failed" ? { refusal: result.reason ?? "" } : {};
  return { id, user, target: targetText(session), namespace, seconds, ...refusal };
}

/** Whether what was to be ended goes on, or may. */
export function isLeft(sessions: SubjectSessions, kill: boolean): boolean {
  if (!sessions.known) return kill;
  return sessions.sessions.some(({ refusal }) => refusal !== undefined);
}

/** A sentence for each session, and for what may be missing. */
export function sessionLines(found: SubjectSessions): string[] {
  if (!found.known) return [`Live sessions are not known: ${found.why}.`];
  const { sessions, unsure = [], killed, notes = [] } = found;
  return [
    ...sessions.map((session) => {
      if (session.refusal !== undefined) return `${describe(session)} could not be ended: ${session.refusal}`;
      return `${describe(session)} ${killed ? "was ended" : "goes on"}.`;
    }),
    ...unsure.map((session) => `${describe(session)} may be of the same user, and goes on.`),
    ...notes,
  ];
}

/** How to end those that go on. */
export function killText(found: readonly SubjectSessions[]): Paragraph[] {
  const known = found.flatMap((one) => (one.known ? [one] : []));
  const ids = (sessions: readonly LiveSession[]) => [...new Set(sessions.map(({ id }) => id))];
  const sure = ids(known.flatMap(({ killed, sessions }) => (killed ? [] : sessions)));
  const unsure = ids(known.flatMap(({ unsure: some = [] }) => some));
  const them = (of: readonly string[]) => (of.length === 1 ? "it" : "them");
  return [
    ...(sure.length === 0 ? [] : [`To end ${them(sure)} (--kill-sessions does so at once):`, killCommand(sure)]),
    ...(unsure.length === 0 ? [] : [`To end what may be of the same user:`, killCommand(unsure)]),
  ];
}

const killCommand = (ids: readonly string[]) => ({
  paste: shellCommand(["kubectl", "mirrord", "session", "kill"], ids),
});

function describe({ id, user, target, namespace }: LiveSession): string {
  return `session ${id} of ${user} on ${target}${namespace === "" ? "" : ` in namespace ${namespace}`}`;
}
