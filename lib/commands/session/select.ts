import { currentTime } from "../../reading/current-time.ts";
import type { ParsedOptions } from "../../cli/grammar/flags.ts";
import type { World } from "../../cli/world.ts";
import { bounded } from "../../kube/live/bounded.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { chooseSessions } from "../../mirrord/session/session-filter.ts";
import { readSessions, type ReadSessions } from "../../reading/sessions.ts";
import type { Answer } from "../../kubernetes/access.ts";
import type { Session } from "../../mirrord/session/session.ts";
import type { filterFlags } from "./flags.ts";
import { judgeStaleness, type Staleness } from "./stale.ts";

/** The flags of flags.ts, as typed. */
export type FilterOptions = ParsedOptions<typeof filterFlags>;

/** The sessions are the very objects that were read. */
export interface Selected {
  sessions: Session[];
  /** These may be meant as well, but it cannot be told for sure; they are not in `sessions`. */
  unsure: Session[];
  /** Only where it was asked for. */
  staleness: ReadonlyMap<Session, Staleness>;
  read: ReadSessions;
}

/** Why it cannot be told whether a session of `unsure` is meant. */
export function doubt({ staleness }: Selected, session: Session): string {
  return staleness.get(session)?.reason ?? "its user can be read in more than one way";
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
  const read = await readSessions(cluster, readFrom);
  const { sessions, maybe } = chooseSessions(read.sessions, { ...options, namespace });
  if (!options.stale) return { sessions, unsure: maybe, staleness: new Map(), read };
  const owned = sessions.filter(({ kind }) => kind !== "preview");
  const features = read.status?.features;
  const staleness = await judgeStaleness(bounded(cluster), owned, { features, now: currentTime(cluster, world.now()) });
  const judged = (answer: Answer) => owned.filter((session) => staleness.get(session)?.answer === answer);
  return { sessions: judged("yes"), unsure: [...maybe, ...judged("unknown")], staleness, read };
}
