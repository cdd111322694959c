import { isJsonObject, objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { targetIn, workloadKind } from "../target.ts";
import { textFields } from "./session-fields.ts";
import type { CiInfo, Session } from "./session.ts";

/** What a MirrordClusterSession knows of a session besides. Source: the CRD, operator contract appendix A. */
export type SessionDetails = Partial<
  Pick<Session, "owner" | "startedAt" | "clientVersion" | "branch" | "ci" | "parent" | "key" | "httpFilter">
> & { isCopy: boolean };

/** The operator's own record of a session: MirrordClusterSession. */
export interface SessionRecord {
  name: string;
  /** The session is over; its id may be another's by now. */
  closed: boolean;
  namespace: string;
  target: RecordTarget | undefined;
  /** `REAL NAME/KUBERNETES USER@HOST`, put together as the operator's list has it. */
  user: string;
  userId: string;
  details: SessionDetails;
}

interface RecordTarget {
  kind: string;
  name: string;
  container: string;
}

/** Whatever has another shape than expected counts as absent. */
export function parseRecord({ metadata, spec, status }: KubernetesObject): SessionRecord {
  const fields = objectIn(spec);
  const owner = objectIn(fields["owner"]);
  const [name, kubernetesUser, host] = [owner["username"], owner["k8sUsername"], owner["hostname"]].map(textIn);
  return {
    name: metadata.name ?? "",
    closed: isJsonObject(objectIn(status)["closed"]) || metadata.deletionTimestamp !== undefined,
    namespace: textIn(fields["namespace"]),
    target: isJsonObject(fields["target"]) ? parseRecordTarget(fields["target"]) : undefined,
    user: `${name}/${kubernetesUser}@${host}`,
    userId: textIn(owner["userId"]),
    details: parseDetails(fields, textIn(objectIn(status)["connectedTimestamp"]) || metadata.creationTimestamp || ""),
  };
}

function parseRecordTarget({ kind, name, container }: Record<string, unknown>): RecordTarget {
  const word = textIn(kind);
  return { kind: workloadKind(word) ?? word.toLowerCase(), name: textIn(name), container: textIn(container) };
}

/** What the record says that the session is not, as part of a sentence; undefined when it is the session's own. */
export function recordDispute(record: SessionRecord, session: Session): string | undefined {
  const isSame =
    record.namespace === (session.namespace ?? "") && isSameUser(record, session) && isSameTarget(record, session);
  if (isSame) return undefined;
  const { kind, name } = record.target ?? { kind: "targetless", name: "" };
  const target = name === "" ? kind : `${kind}/${name}`;
  const place = record.namespace === "" ? "no namespace" : `namespace ${record.namespace}`;
  return `mirrordclustersession ${record.name} has its id, and is of ${record.user} on ${target} in ${place}`;
}

function isSameUser({ user, userId }: SessionRecord, session: Session): boolean {
  return user === session.user && (userId === "" || session.userId === undefined || userId === session.userId);
}

/** A session on labels has no one workload that its record could name. The record always names a container. */
function isSameTarget({ target }: SessionRecord, session: Session): boolean {
  if (session.target === undefined) return target === undefined;
  const listed = targetIn(session.target);
  if (listed?.kind === "label") return true;
  if (listed === undefined || listed.kind === "targetless" || target === undefined) return false;
  const { kind, name, container = target.container } = listed;
  return kind === target.kind && name === target.name && (target.container === "" || container === target.container);
}

function parseDetails(fields: Record<string, unknown>, startedAt: string): SessionDetails {
  const owner = objectIn(fields["owner"]);
  const kubernetesUser = textIn(owner["k8sUsername"]);
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
