import { UserError } from "../../errors.ts";
import { bareId, findById } from "../../mirrord/session/session-id.ts";
import type { Session } from "../../mirrord/session/session.ts";

export interface Found {
  sessions: Session[];
  /** The ids that are no session's, and why; whole sentences. */
  missing: { id: string; reason: string }[];
}

/**
 * The sessions that the ids mean. One of another namespace than was asked for is not taken. Throws UserError "usage" for an
 * id that means two sessions.
 * @param namespace undefined: any
 */
export function findSessions(
  sessions: readonly Session[],
  ids: readonly string[],
  namespace: string | undefined,
): Found {
  const found: Found = { sessions: [], missing: [] };
  for (const id of new Set(ids)) {
    const [session, other] = findById(sessions, id);
    if (session === undefined) {
      found.missing.push({ id, reason: `session ${JSON.stringify(id)} not found${beginsWith(sessions, id)}` });
    } else if (other !== undefined) {
      throw new UserError("usage", `the operator lists two sessions with the id ${JSON.stringify(id)}`);
    } else if (namespace !== undefined && session.namespace !== namespace) {
      const place = session.namespace === undefined ? "no namespace" : `namespace ${JSON.stringify(session.namespace)}`;
      found.missing.push({
        id,
        reason: `session ${JSON.stringify(id)} is in ${place}, not in ${JSON.stringify(namespace)}`,
      });
    } else if (!found.sessions.includes(session)) {
      found.sessions.push(session);
    }
  }
  return found;
}

/** A beginning is no id, but whoever types one wants to know how it goes on. */
function beginsWith(sessions: readonly Session[], text: string): string {
  const begin = bareId(text).toLowerCase();
  const longer = begin === "" ? [] : sessions.filter(({ id }) => id.toLowerCase().startsWith(begin));
  const [first, ...more] = longer.map(({ id }) => id);
  if (first === undefined) return "";
  return more.length < 3 ? `; it begins ${[first, ...more].join(", ")}` : `; it begins ${longer.length} ids`;
}
