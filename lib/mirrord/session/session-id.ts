import { usageError } from "../../errors.ts";
import type { Session } from "./session.ts";

// One session has two names: hexadecimal as it is listed, and the same number in decimal, which `mirrord operator session
// stop` sends. Sessions of several clusters (`mc-…`) have the one. Source: operator contract section 2.5.

const MAX_ID = 2n ** 64n;

/** The number behind an id as it is listed; undefined for one that is no number. */
function parseHexId(id: string): bigint | undefined {
  return /^[0-9a-f]{1,16}$/i.test(id) ? BigInt(`0x${id}`) : undefined;
}

function parseDecimalId(text: string): bigint | undefined {
  const number = /^\d{1,20}$/.test(text) ? BigInt(text) : MAX_ID;
  return number < MAX_ID ? number : undefined;
}

/** The other spelling of an id as it is listed; undefined when it has none. */
export function decimalName(id: string): string | undefined {
  return parseHexId(id)?.toString();
}

/** What a user may have in hand: `session.operator.metalbear.co/ID` as `-o name` prints it, `session/ID`, or the id alone. */
export function bareId(text: string): string {
  return text.replace(/^sessions?(?:\.operator\.metalbear\.co)?\//, "");
}

/**
 * The sessions that an id from the user means: as it is listed, in whichever case, or else as a decimal number. More than
 * one only when the operator lists one id twice.
 */
export function findById<Entry extends { id: string }>(sessions: readonly Entry[], text: string): Entry[] {
  const wanted = bareId(text);
  if (wanted === "") return [];
  const listed = sessions.filter(({ id }) => id.toLowerCase() === wanted.toLowerCase());
  if (listed.length > 0) return listed;
  // Decimal first: whoever has digits only has them from `mirrord operator session stop`, or they are as listed.
  const numbers = [parseDecimalId(wanted), parseHexId(wanted)].filter((number) => number !== undefined);
  for (const number of numbers) {
    const same = sessions.filter(({ id }) => parseHexId(id) === number);
    if (same.length > 0) return same;
  }
  return [];
}

export interface FoundSessions {
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
): FoundSessions {
  const found: FoundSessions = { sessions: [], missing: [] };
  for (const id of new Set(ids)) {
    const [session, other] = findById(sessions, id);
    if (session === undefined) {
      found.missing.push({ id, reason: `session ${JSON.stringify(id)} not found${beginsWith(sessions, id)}` });
    } else if (other !== undefined) {
      throw usageError(`the operator lists two sessions with the id ${JSON.stringify(id)}`);
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

/** The numbers of all ids that are one; the second argument of deletionNames. */
export function idNumbers(ids: readonly string[]): ReadonlySet<bigint> {
  return new Set(ids.map(parseHexId).filter((number) => number !== undefined));
}

/**
 * The resource names under which a session can be ended, best first. A name of digits only could be read either way: one
 * that would be another live session's when it is read so is left out, because that session must not end instead.
 * @param taken the numbers of all live sessions, its own among them
 */
export function deletionNames(id: string, taken: ReadonlySet<bigint>): string[] {
  const number = parseHexId(id);
  if (number === undefined) return isName(id) ? [id] : [];
  const names = [...new Set([id, number.toString()])];
  return names.filter((name) => readings(name).every((reading) => reading === number || !taken.has(reading)));
}

/** Neither nothing, which would be the collection, nor the operator's own word for all that nobody is connected to. */
function isName(id: string): boolean {
  return /^[a-z\d][-a-z\d.]*$/i.test(id) && id.toLowerCase() !== "inactive";
}

function readings(name: string): bigint[] {
  return [parseHexId(name), parseDecimalId(name)].filter((number) => number !== undefined);
}
