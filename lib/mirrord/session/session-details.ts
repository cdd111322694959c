import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Session } from "./session.ts";
import { parseRecord, recordDispute, type SessionDetails } from "./session-record.ts";
import type { CopyTargetStatus, LiveStatus } from "./session-status.ts";

/**
 * The sessions with what else is known of them: CI and copies are told apart, owners in parts that came one by one, and what
 * only the operator's status shows (sessions over several clusters, previews) is added once. Nothing is taken away. Clients
 * choose their ids, so an id alone joins nothing: a record must be of the same user, namespace and target, and not closed. One
 * that is of another session is named in `disputed`.
 */
export function withDetails(
  sessions: readonly Session[],
  clusterSessions: readonly KubernetesObject[],
  live: LiveStatus | undefined,
): Session[] {
  const records = new Map(
    clusterSessions
      .map(parseRecord)
      .filter(({ closed }) => !closed)
      .map((record) => [recordName(record.name), record]),
  );
  const copies = Map.groupBy(live?.copyTargets ?? [], ({ creator = "" }) => recordName(creator));
  const summaries = new Map(
    [...(live?.multiCluster ?? []), ...(live?.previews ?? [])].map((one) => [previewKey(one), one]),
  );
  const known = sessions.map((session) => {
    const key = recordName(session.id);
    const place = [previewKey(session), previewKey({ id: session.id })].find((one) => {
      const summary = summaries.get(one);
      return summary !== undefined && isSummaryOf(summary, session);
    });
    const summary = place === undefined ? undefined : summaries.get(place);
    if (place !== undefined) summaries.delete(place);
    const merged = summary === undefined ? session : { ...summary, ...session, kind: summary.kind };
    const record = key === "" ? undefined : records.get(key);
    const disputed = record === undefined ? undefined : recordDispute(record, session);
    const hasCopy = key !== "" && (copies.get(key) ?? []).some((copy) => isMadeFor(copy, session));
    return {
      ...detailed(merged, disputed === undefined ? record?.details : undefined, hasCopy),
      ...(disputed === undefined ? {} : { disputed }),
    };
  });
  return [...known, ...summaries.values()];
}

/** A summary of a session over several clusters, or of a preview, says whose it is. */
function isSummaryOf(summary: Session, session: Session): boolean {
  return summary.kind === "preview" ? session.kind === "preview" : summary.user === session.user;
}

/** A copy names the session that it was made for; an old operator leaves out whose that was. */
function isMadeFor({ namespace, creatorUser }: CopyTargetStatus, session: Session): boolean {
  const isHere = namespace === "" || session.namespace === undefined || namespace === session.namespace;
  return isHere && (creatorUser === undefined || creatorUser === session.user);
}

/** CRD names are lower case, listed ids upper case. */
const recordName = (id: string): string => id.toLowerCase();

/** A preview is named by its user: two namespaces may have one of the same name. */
const previewKey = ({ id, namespace = "" }: Pick<Session, "id" | "namespace">): string =>
  JSON.stringify([recordName(id), namespace]);

function detailed(session: Session, details: SessionDetails | undefined, hasCopy: boolean): Session {
  const { isCopy, ...known } = details ?? noDetails;
  if (session.kind !== "session") return { ...session, ...known };
  const kind = known.ci !== undefined ? "ci" : isCopy || hasCopy ? "copy" : "session";
  return { ...session, ...known, kind };
}

const noDetails: SessionDetails = { isCopy: false };
