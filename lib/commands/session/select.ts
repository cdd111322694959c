import type { World } from "../../cli/world.ts";
import { bounded } from "../../kube/live/bounded.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { chooseSessions, type SessionFilter } from "../../mirrord/session/session-filter.ts";
import { readSessions, type ReadSessions } from "../../reading/sessions.ts";
import type { SessionRow } from "../session-row.ts";
import { judgeStaleness } from "./stale.ts";

/** The flags of flags.ts, as typed. */
export interface FilterOptions {
  user: string | undefined;
  target: string | undefined;
  key: string | undefined;
  /** Milliseconds. */
  longerThan: number | undefined;
  stale: boolean;
}

export function sessionFilter(options: Omit<FilterOptions, "stale">, namespace: string | undefined): SessionFilter {
  const { user, target, key, longerThan } = options;
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(user === undefined ? {} : { user }),
    ...(target === undefined ? {} : { target }),
    ...(key === undefined ? {} : { key }),
    ...(longerThan === undefined ? {} : { longerThanSeconds: longerThan / 1000 }),
  };
}

export interface Selected {
  rows: SessionRow[];
  /** These may be meant as well, but it cannot be told for sure; they are not in `rows`. */
  unsure: SessionRow[];
  read: ReadSessions;
}

/**
 * Reads the sessions and keeps those that are meant.
 * @param readFrom where to look; undefined: everywhere
 * @param namespace where they must be
 */
export async function selectSessions(
  cluster: Cluster,
  readFrom: string | undefined,
  options: FilterOptions,
  world: Pick<World, "now">,
  namespace = readFrom,
): Promise<Selected> {
  const filter = sessionFilter(options, namespace);
  const read = await readSessions(cluster, readFrom);
  const { sessions, maybe } = chooseSessions(read.sessions, filter);
  const unsure = maybe.map((session): SessionRow => ({ session }));
  if (!options.stale) return { rows: sessions.map((session) => ({ session })), unsure, read };
  const owned = sessions.filter(({ kind }) => kind !== "preview");
  const features = read.status?.features;
  const found = await judgeStaleness(bounded(cluster), owned, { features, now: world.now() });
  const rows = owned.map((session, index): SessionRow => {
    const staleness = found[index];
    return { session, ...(staleness === undefined ? {} : { staleness }) };
  });
  return {
    rows: rows.filter(({ staleness }) => staleness?.answer === "yes"),
    unsure: [...unsure, ...rows.filter(({ staleness }) => staleness?.answer === "unknown")],
    read,
  };
}
