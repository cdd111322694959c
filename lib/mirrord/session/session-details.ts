import { isJsonObject, objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { CiInfo, Session } from "./session.ts";
import { textFields } from "./session-fields.ts";
import type { LiveStatus } from "./session-status.ts";

/** What a MirrordClusterSession knows of a session besides. Source: the CRD, operator contract appendix A. */
type SessionDetails = Partial<
  Pick<Session, "owner" | "startedAt" | "clientVersion" | "branch" | "ci" | "parent" | "key" | "httpFilter">
> & { isCopy: boolean };

/**
 * The sessions with what else is known of them: CI and copies are told apart, owners in parts that came one by one, and what
 * only the operator's status shows (sessions over several clusters, previews) is added once. Nothing is taken away.
 */
export function withDetails(
  sessions: readonly Session[],
  clusterSessions: readonly KubernetesObject[],
  live: LiveStatus | undefined,
): Session[] {
  const details = new Map(
    clusterSessions.map((object) => [recordName(object.metadata.name ?? ""), parseDetails(object)]),
  );
  const copies = new Set(live?.copyTargets.map(({ creator = "" }) => recordName(creator)));
  const summaries = new Map(
    [...(live?.multiCluster ?? []), ...(live?.previews ?? [])].map((one) => [previewKey(one), one]),
  );
  const known = sessions.map((session) => {
    const key = recordName(session.id);
    const place = [previewKey(session), previewKey({ id: session.id })].find((one) => summaries.has(one)) ?? "";
    const summary = summaries.get(place);
    summaries.delete(place);
    const merged = summary === undefined ? session : { ...summary, ...session, kind: summary.kind };
    return detailed(merged, details.get(key), copies.has(key) && key !== "");
  });
  return [...known, ...summaries.values()];
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

function parseDetails({ metadata, spec, status }: KubernetesObject): SessionDetails {
  const fields = objectIn(spec);
  const owner = objectIn(fields["owner"]);
  const kubernetesUser = textIn(owner["k8sUsername"]);
  const startedAt = textIn(objectIn(status)["connectedTimestamp"]) || metadata.creationTimestamp || "";
  const ci = isJsonObject(fields["ciInfo"]) ? ciInfo(fields["ciInfo"]) : undefined;
  return {
    isCopy: isJsonObject(fields["copyTarget"]),
    ...(kubernetesUser === ""
      ? {}
      : {
          owner: { ...textFields({ name: owner["username"], host: owner["hostname"] }), kubernetesUser, certain: true },
        }),
    ...textFields({
      startedAt,
      clientVersion: fields["clientCliVersion"],
      branch: objectIn(fields["jiraMetrics"])["branchName"],
      parent: fields["multiClusterParentName"],
      key: fields["key"],
      httpFilter: objectIn(fields["httpFilter"])["headerFilter"],
    }),
    ...(ci === undefined ? {} : { ci }),
  };
}

function ciInfo(info: Record<string, unknown>): CiInfo {
  const { provider, environment, pipeline, triggeredBy } = info;
  return textFields({ provider, environment, pipeline, triggeredBy });
}
