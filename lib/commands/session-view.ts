import { byCodePoint } from "../text/order.ts";
import { humanDuration } from "../text/duration.ts";
import type { Session } from "../mirrord/session/session.ts";
import type { Columns } from "../view/columns.ts";
import type { Staleness } from "./session/stale.ts";

/** A session with what was found out about it. */
export interface ListedSession extends Session {
  /** Only where it was asked for. */
  staleness?: Staleness | undefined;
}

export interface ColumnOptions {
  /** As kubectl: a column first when the list is over several namespaces. */
  namespace: boolean;
  staleness: boolean;
}

export function sessionColumns({ namespace, staleness }: ColumnOptions): Columns<ListedSession> {
  return {
    ...(namespace ? { NAMESPACE: (session: Session) => session.namespace } : {}),
    ID: ({ id }) => id,
    USER: userText,
    TARGET: targetText,
    KIND: ({ kind }) => kind,
    PORTS: { items: ({ ports }) => ports.map(({ port, kind }) => `${port ?? "?"}/${kind}`).join(",") },
    AGE: ({ seconds }) => durationText(seconds),
    ...(staleness ? { STALE: { short: ({ staleness: found }: ListedSession) => found?.reason } } : {}),
    KEY: { wide: ({ key }) => key },
    NAME: { wide: ({ owner }) => owner.name },
    HOST: { wide: ({ owner }) => owner.host },
    FILTER: { wide: filterText },
    PHASE: { wide: { word: ({ phase }) => phase } },
    CLUSTERS: { wide: ({ clusters = [] }) => clusters.join(",") },
    CI: { wide: ({ ci }) => [ci?.provider, ci?.pipeline].filter((part) => part !== undefined).join("/") },
    CLIENT: { wide: ({ clientVersion }) => clientVersion },
  };
}

export function userText({ kind, owner, user }: Session): string {
  return kind === "preview" ? "" : (owner.kubernetesUser ?? user);
}

export function targetText({ target, kind }: Session): string {
  return target ?? (kind === "preview" || kind === "multi-cluster" ? "" : "targetless");
}

export function durationText(seconds: number | undefined): string {
  return seconds === undefined ? "<unknown>" : humanDuration(seconds * 1000);
}

function filterText({ ports, httpFilter }: Session): string {
  const filters = [...ports.map(({ filter }) => filter), httpFilter].filter((filter) => filter !== undefined);
  return [...new Set(filters)].join(",");
}

/** What the operator's records say of other sessions under the same ids; whole sentences, without a full stop. */
export function disputes(sessions: readonly Session[]): string[] {
  return sessions.flatMap(({ id, disputed }) => (disputed === undefined ? [] : [`session ${id}: ${disputed}`]));
}

/** For `-o name`, and for `kill` to take back. */
export function sessionName({ id }: Session): string {
  return `session.operator.metalbear.co/${id}`;
}

/** The form of a session in JSON and YAML. */
export function sessionValue({ user, owner, userId, queues, staleness, ...rest }: ListedSession): object {
  const splits = Object.fromEntries(Object.entries(queues).filter(([, list]) => list.length > 0));
  return {
    ...rest,
    user: { text: user, ...owner, ...(userId === undefined ? {} : { id: userId }) },
    ...(Object.keys(splits).length === 0 ? {} : { queues: splits }),
    ...(staleness === undefined ? {} : { stale: staleness.answer, staleReason: staleness.reason }),
  };
}

export const sortFields = ["age", "id", "key", "kind", "namespace", "target", "user"] as const;
export type SortField = (typeof sortFields)[number];

/** By namespace and then the longest first, unless another order is asked for; in code-point order. */
export function sortSessions<Listed extends Session>(sessions: readonly Listed[], by?: SortField): Listed[] {
  const oldest = sessions.toSorted(
    (one, other) => (other.seconds ?? -1) - (one.seconds ?? -1) || byCodePoint(one.id, other.id),
  );
  if (by === "age") return oldest;
  const text = (session: Session) => (by === "user" ? userText(session) : (session[by ?? "namespace"] ?? ""));
  return oldest.toSorted((one, other) => byCodePoint(text(one), text(other)));
}
