import { humanDuration } from "../text/duration.ts";
import type { Session } from "../mirrord/session/session.ts";
import type { Columns } from "../view/columns.ts";
import type { Staleness } from "./session/stale.ts";

/** A session with what was found out about it. */
export interface SessionRow {
  session: Session;
  /** Only where it was asked for. */
  staleness?: Staleness;
}

export interface ColumnOptions {
  /** As kubectl: a column first when the list is over several namespaces. */
  namespace: boolean;
  staleness: boolean;
}

export function sessionColumns({ namespace, staleness }: ColumnOptions): Columns<SessionRow> {
  return {
    ...(namespace ? { NAMESPACE: ({ session }: SessionRow) => session.namespace } : {}),
    ID: ({ session: { id } }) => id,
    USER: ({ session }) => userText(session),
    TARGET: ({ session }) => targetText(session),
    KIND: ({ session: { kind } }) => kind,
    PORTS: ({ session: { ports } }) => ports.map(({ port, kind }) => `${port ?? "?"}/${kind}`).join(","),
    AGE: ({ session }) => durationText(session.seconds),
    ...(staleness ? { STALE: ({ staleness: found }: SessionRow) => found?.reason } : {}),
    KEY: { wide: ({ session: { key } }) => key },
    NAME: { wide: ({ session: { owner } }) => owner.name },
    HOST: { wide: ({ session: { owner } }) => owner.host },
    FILTER: { wide: ({ session }) => filterText(session) },
    PHASE: { wide: ({ session: { phase } }) => phase },
    CLUSTERS: { wide: ({ session: { clusters = [] } }) => clusters.join(",") },
    CI: { wide: ({ session: { ci } }) => [ci?.provider, ci?.pipeline].filter((part) => part !== undefined).join("/") },
    CLIENT: { wide: ({ session: { clientVersion } }) => clientVersion },
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
export function sessionValue({ session, staleness }: SessionRow): object {
  const { user, owner, userId, queues, ...rest } = session;
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
export function sortRows(rows: readonly SessionRow[], by: SortField | undefined): SessionRow[] {
  const oldest = rows.toSorted(
    (one, other) => sessionAge(other) - sessionAge(one) || compare(one.session.id, other.session.id),
  );
  if (by === "age") return oldest;
  const text = ({ session }: SessionRow): string => {
    if (by === "user") return userText(session);
    return by === undefined ? (session.namespace ?? "") : (session[by] ?? "");
  };
  return oldest.toSorted((one, other) => compare(text(one), text(other)));
}

const sessionAge = ({ session }: SessionRow): number => session.seconds ?? -1;

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
