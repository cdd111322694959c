import { isOwnedBy } from "./session-owner.ts";
import type { Session } from "./session.ts";
import { formatTarget, targetIn } from "../target.ts";
import { parseTypedTarget, type TypedTarget } from "../typed-target.ts";

/** Which sessions are meant; all that are given must hold. */
export interface SessionFilter {
  namespace?: string | undefined;
  /** The Kubernetes user, exactly. */
  user?: string | undefined;
  /** As people type it. Without a container: whichever container; without a kind: whichever kind. */
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
  const wanted = target === undefined ? undefined : parseTypedTarget(target);
  const others = sessions
    .filter((session) => namespace === undefined || session.namespace === namespace)
    .filter((session) => wanted === undefined || isOn(session, wanted))
    .filter((session) => key === undefined || session.key === key)
    .filter(({ seconds }) => longerThan === undefined || (seconds !== undefined && seconds * 1000 > longerThan));
  if (user === undefined) return { sessions: others, maybe: [] };
  const owned = Map.groupBy(others, (session) => isOwnedBy(session, user));
  return { sessions: owned.get("yes") ?? [], maybe: owned.get("maybe") ?? [] };
}

function isOn(session: Session, wanted: TypedTarget): boolean {
  const own = canonicalTarget(session);
  if (wanted.kind === "bare") return own.split("/")[1] === wanted.name && !own.startsWith("label/");
  const path = formatTarget(wanted);
  return own === path || own.startsWith(`${path}/container/`);
}

/** Clients of every age write the kind in their own way; what is no target is compared as it is. */
function canonicalTarget({ target = "targetless" }: Session): string {
  const parsed = targetIn(target);
  return parsed === undefined ? target : formatTarget(parsed);
}
