import { UserError } from "../errors.ts";
import { UnreadableAnswer } from "../kubernetes/api-error.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { withDetails } from "../mirrord/session/session-details.ts";
import { operatorStatus, type LiveStatus, type OperatorStatus } from "../mirrord/session/session-status.ts";
import { sessionOfObject, type Session } from "../mirrord/session/session.ts";
import { operatorFailure, operatorMissing } from "./operator.ts";
import { attempt, type FailedRead, type Read } from "./read.ts";
import { allObjects } from "../kubernetes/object-list.ts";

export interface ReadSessions {
  sessions: Session[];
  /** `status`: the sessions API is missing or forbidden, and they are those of the operator's status. */
  source: "sessions" | "status";
  /** Undefined when it could not be read. */
  status: OperatorStatus | undefined;
  /** What may be missing, and why; whole sentences. */
  notes: string[];
  /** Of what is read besides the list: what failed for another reason than rights, and may be there the next time. */
  failing: { what: Besides; error: UserError }[];
}

/** `status` knows previews and sessions over several clusters, `records` who is behind a session, and CI. */
export type Besides = "status" | "records";

/**
 * Every session of a namespace, or of all; what the status adds may be of others. From the sessions API, or from the
 * operator's status where that API answers 403 or 404, as the client does. The status and the operator's own records are
 * read at the same time, for what only they know. Throws UserError "undetermined" when neither can be read.
 * Source: operator contract section 2.5.
 */
export async function readSessions(cluster: Cluster, namespace: string | undefined): Promise<ReadSessions> {
  const [listed, operator, records] = await Promise.all([
    attempt(() => listSessions(cluster, namespace)),
    attempt(() => cluster.get(mirrordResources.operators, "operator")),
    attempt(() => allObjects(cluster.list(mirrordResources.clusterSessions))),
  ]);
  const status = !operator.failed && operator.value !== undefined ? operatorStatus(operator.value) : undefined;
  const found = listed.failed ? fromStatus(cluster, listed, operator) : listed.value;
  const all = withDetails(found, records.failed ? [] : records.value, status?.live);
  return {
    sessions: all,
    source: listed.failed ? "status" : "sessions",
    status,
    notes: incompleteNotes(listed, status, records),
    failing: [...transientFailure("status", operator), ...transientFailure("records", records)],
  };
}

function transientFailure(what: Besides, read: Read<unknown>): ReadSessions["failing"] {
  const isFinal = !read.failed || [403, 404].includes(read.status ?? 0);
  return isFinal ? [] : [{ what, error: read.error }];
}

async function listSessions(cluster: Cluster, namespace: string | undefined): Promise<Session[]> {
  const scope = namespace === undefined ? {} : { namespace };
  const objects = await allObjects(cluster.list(mirrordResources.sessions, scope));
  return objects.map((object) => {
    const session = sessionOfObject(object);
    if (session === undefined) throw new UnreadableAnswer("the server's answer is no list of sessions");
    return session;
  });
}

function fromStatus(cluster: Cluster, listed: FailedRead, operator: Read<KubernetesObject | undefined>): Session[] {
  if (listed.status !== 403 && listed.status !== 404) throw operatorFailure(listed.error);
  // Of two refusals the first says in which namespace.
  if (operator.failed)
    throw operatorFailure(operator.status === 403 && listed.status === 403 ? listed.error : operator.error);
  if (operator.value === undefined)
    throw listed.status === 404 ? operatorMissing(cluster) : operatorFailure(listed.error);
  const { live } = operatorStatus(operator.value);
  if (live === undefined) throw operatorFailure(listed.error);
  return live.sessions;
}

function incompleteNotes(listed: Read<unknown>, status: OperatorStatus | undefined, records: Read<unknown>): string[] {
  return [
    ...(listed.failed
      ? [
          listed.status === 403
            ? "You may not list sessions: only those that the operator's status shows are known."
            : "The operator has no sessions API: only those that its status shows are known.",
        ]
      : []),
    ...(status === undefined
      ? [
          "The operator's status cannot be read: sessions over several clusters are missing, and copies look like other sessions.",
        ]
      : []),
    ...(records.failed
      ? [
          "The operator's session records cannot be read: CI sessions look like others, and whose they are is taken from what each client says of its user.",
        ]
      : []),
  ];
}

/** What the operator says of itself, with what is live. Throws UserError "undetermined" when there is none of it. */
export async function readOperatorStatus(cluster: Cluster): Promise<OperatorStatus & { live: LiveStatus }> {
  const read = await attempt(() => cluster.get(mirrordResources.operators, "operator"));
  if (read.failed) throw operatorFailure(read.error);
  if (read.value === undefined) throw operatorMissing(cluster);
  const { live, ...status } = operatorStatus(read.value);
  if (live !== undefined) return { ...status, live };
  throw new UserError(
    "undetermined",
    "the mirrord operator shows no status",
    "See it: kubectl get mirrordoperators.operator.metalbear.co operator -o yaml",
  );
}
