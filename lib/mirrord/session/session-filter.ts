import { isOwnedBy } from "./session-owner.ts";
import type { Session } from "./session.ts";
import { formatTarget, parseTarget, targetIn } from "../target.ts";

/** Which sessions are meant; all that are given must hold. */
export interface SessionFilter {
  namespace?: string | undefined;
  /** The Kubernetes user, exactly. */
  user?: string | undefined;
  /** Without a container: whichever container. */
  target?: string | undefined;
  key?: string | undefined;
  /** Milliseconds. */
  longerThan?: number | undefined;
}

export interface Chosen {
  sessions: Session[];
  /** These may be of the user that was asked for, by an unusual reading of the user's text; they are not in `sessions`. */
  maybe: Session[];
}

/** Throws UserError "usage" for a target that cannot be one. */
export function chooseSessions(sessions: readonly Session[], filter: SessionFilter): Chosen {
  const { namespace, user, target, key, longerThan } = filter;
  const path = target === undefined ? undefined : formatTarget(parseTarget(target));
  const others = sessions
    .filter((session) => namespace === undefined || session.namespace === namespace)
    .filter((session) => path === undefined || isOn(session, path))
    .filter((session) => key === undefined || session.key === key)
    .filter(({ seconds }) => longerThan === undefined || (seconds !== undefined && seconds * 1000 > longerThan));
  if (user === undefined) return { sessions: others, maybe: [] };
  const owned = Map.groupBy(others, (session) => isOwnedBy(session, user));
  return { sessions: owned.get("yes") ?? [], maybe: owned.get("maybe") ?? [] };
}

/** @param path as formatTarget writes it */
function isOn(session: Session, path: string): boolean {
  const own = canonicalTarget(session);
  return own === path || own.startsWith(`${path}/container/`);
}

/** Clients of every age write the kind in their own way; what is no target is compared as it is. */
function canonicalTarget({ target = "targetless" }: Session): string {
  const parsed = targetIn(target);
  return parsed === undefined ? target : formatTarget(parsed);
}
