import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { findSessions, type Found } from "./find.ts";
import { readSessions, type ReadSessions } from "../../reading/sessions.ts";
import { selectSessions, type FilterOptions } from "./select.ts";

export interface KillOptions extends FilterOptions {
  ids: string[];
  namespace: string | undefined;
  all: boolean;
  inactive: boolean;
}

/** How the sessions were named, which decides how carefully to ask. */
export type Way = "ids" | "filter" | "all" | "inactive";

export function wayOf({ ids, all, inactive }: KillOptions): Way {
  if (ids.length > 0) return "ids";
  if (all) return "all";
  return inactive ? "inactive" : "filter";
}

export interface ToKill {
  sessions: Session[];
  missing: Found["missing"];
  warnings: string[];
  /** Everything that was listed, so that no name can hit another session. */
  all: Session[];
}

export async function chooseToKill(cluster: Cluster, options: KillOptions, world: Pick<World, "now">): Promise<ToKill> {
  const { ids, namespace } = options;
  if (ids.length > 0) {
    const read = await readSessions(cluster, undefined);
    const { sessions, missing } = findSessions(read.sessions, ids, namespace);
    const previews = sessions
      .filter(isPreview)
      .map(({ id }) => ({ id, reason: `${id} is a preview, not a session; end it with: mirrord preview stop` }));
    return toKill(sessions, [...missing, ...previews], [], read);
  }
  const { rows, unsure, read } = await selectSessions(cluster, undefined, options, world, namespace);
  const sessions = rows.map(({ session }) => session);
  const warnings = unsure.map(
    ({ session: { id }, staleness }) =>
      `session ${id} is left alone: ${staleness?.reason ?? "its user can be read in more than one way"}`,
  );
  return toKill(sessions, [], warnings, read);
}

const isPreview = ({ kind }: Session): boolean => kind === "preview";

function toKill(chosen: readonly Session[], missing: Found["missing"], warnings: string[], read: ReadSessions): ToKill {
  const nameless = chosen.filter(({ id, kind }) => id === "" && kind !== "preview").length;
  return {
    sessions: chosen.filter((session) => !isPreview(session) && session.id !== ""),
    missing,
    warnings:
      nameless === 0 ? warnings : [...warnings, `${nameless} sessions have no id, so they cannot be ended one by one`],
    all: read.sessions,
  };
}
