import { isJsonObject, listIn, objectIn, textIn, textsIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { countFields, textFields } from "./session-fields.ts";
import { ownerFrom, type SessionOwner } from "./session-owner.ts";

// Sessions as operators of every age show them. Pure; whatever has another shape than expected counts as absent.

/** `preview` is an environment, nobody's session; `multi-cluster` is known to the primary of several clusters only. */
export type SessionKind = "session" | "ci" | "copy" | "preview" | "multi-cluster";

export interface LockedPort {
  /** Undefined when the operator's word for it is no port. */
  port: number | undefined;
  /** `steal` and `mirror` today; any word. */
  kind: string;
  filter?: string;
}

export interface CiInfo {
  provider?: string;
  environment?: string;
  pipeline?: string;
  triggeredBy?: string;
}

/** One running thing, whichever way it was learned of. */
export interface Session {
  /** As the operator lists it: upper-case hexadecimal, `mc-…`, or the name of a preview; empty when it was left out. */
  id: string;
  kind: SessionKind;
  namespace?: string;
  /** `deployment/web/container/app`; undefined for a session without a target. */
  target?: string;
  /** `REAL NAME/KUBERNETES USER@HOST` as it came, or what a preview has instead. For display. */
  user: string;
  owner: SessionOwner;
  /** The public key of the client's certificate, base64. */
  userId?: string;
  key?: string;
  /** How long it has been running. */
  seconds?: number;
  ports: LockedPort[];
  /** The header filter of the whole session. */
  httpFilter?: string;
  /** Queue splits: the operator's own objects of each kind, as they are. */
  queues: { sqs: unknown[]; rmq: unknown[]; kafka: unknown[] };
  /** Of multi-cluster sessions and previews. */
  phase?: string;
  /** Of multi-cluster sessions. */
  clusters?: string[];
  /** Of previews: how long nobody has used it. */
  idleSeconds?: number;
  /** RFC 3339. */
  startedAt?: string;
  clientVersion?: string;
  /** The git branch that the client ran on. */
  branch?: string;
  ci?: CiInfo;
  /** The multi-cluster session that this one is a part of. */
  parent?: string;
  /** The operator has a record under this id that is of another session; part of a sentence. Nothing of it is used. */
  disputed?: string;
}

/** By this user the operator marks previews. Source: operator contract section 2.2 (crd.rs:490-527). */
const PREVIEW_USER = "preview-env";

/** Of an item of the sessions API. Undefined when it holds no entry. Source: operator contract section 2.5. */
export function sessionOfObject({ metadata, spec }: KubernetesObject): Session | undefined {
  const entry = objectIn(spec)["session"];
  if (!isJsonObject(entry)) return undefined;
  const session = sessionOfEntry(entry);
  const { name = "", namespace } = metadata;
  return {
    ...session,
    id: session.id === "" ? name : session.id,
    ...(session.namespace === undefined && namespace !== undefined ? { namespace } : {}),
  };
}

/** Source: the session entry, operator contract section 2.2 (snake case). */
export function sessionOfEntry(entry: unknown): Session {
  const fields = objectIn(entry);
  const user = textIn(fields["user"]);
  const isPreview = user === PREVIEW_USER;
  return {
    id: textIn(fields["id"]),
    kind: isPreview ? "preview" : "session",
    user,
    owner: isPreview ? {} : ownerFrom(user),
    ports: lockedPorts(fields["locked_ports"]),
    queues: {
      sqs: listIn(fields["sqs"]),
      rmq: listIn(fields["rmq"]),
      kafka: listIn(fields["kafka"]),
    },
    ...textFields({
      namespace: fields["namespace"],
      target: targetIn(fields["target"]),
      userId: fields["user_id"],
      key: fields["key"],
      httpFilter: objectIn(fields["http_filter"])["headerFilter"],
    }),
    ...countFields({ seconds: fields["duration_secs"] }),
  };
}

/** Source: MirrordOperator.status.multi_cluster_sessions and preview_sessions (camel case), operator contract section 2.1. */
export function sessionOfSummary(summary: unknown, kind: "multi-cluster" | "preview"): Session {
  const fields = objectIn(summary);
  const user = textIn(fields["user"]);
  return {
    id: textIn(fields["id"]),
    kind,
    user: kind === "preview" ? PREVIEW_USER : user,
    owner: kind === "preview" ? {} : ownerFrom(user),
    ports: [],
    queues: { sqs: [], rmq: [], kafka: [] },
    ...textFields({
      namespace: fields["namespace"],
      target: targetIn(fields["target"]),
      key: fields["key"],
      phase: fields["phase"],
    }),
    ...countFields({ seconds: fields["durationSecs"], idleSeconds: fields["idleSecs"] }),
    ...(Array.isArray(fields["clusters"]) ? { clusters: textsIn(fields["clusters"]) } : {}),
  };
}

/** A session without a target has null, nothing, or the word itself. */
function targetIn(value: unknown): unknown {
  return value === "targetless" ? undefined : value;
}

/** Objects of today and 3-tuples of before 2025; what is neither is left out. Source: operator contract section 2.2. */
function lockedPorts(value: unknown): LockedPort[] {
  return listIn(value).flatMap((lock): LockedPort[] => {
    if (Array.isArray(lock)) return [lockedPort(lock[0], lock[1], lock[2])];
    return isJsonObject(lock) ? [lockedPort(lock["port"], lock["kind"], lock["filter"])] : [];
  });
}

function lockedPort(port: unknown, kind: unknown, filter: unknown): LockedPort {
  return {
    port: typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined,
    kind: textIn(kind) || "unknown",
    ...textFields({ filter }),
  };
}

/** `80 steal header=^x-user: jim$`. */
export function portText({ port, kind, filter }: LockedPort): string {
  return [port ?? "?", kind, ...(filter === undefined ? [] : [filter])].join(" ");
}
