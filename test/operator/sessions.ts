import { randomBytes } from "node:crypto";
import type { Identity } from "./identity.ts";
import { Refusal, tooMany } from "./status.ts";
import { displayTarget } from "./target.ts";
import type { Target } from "./target.ts";

/** A session entry, as `status.sessions` and Session objects carry it. Source: mirrord crd.rs `Session`. */
export interface SessionEntry {
  /** Upper-case hexadecimal of an unsigned 64-bit number. */
  id: string;
  duration_secs: number;
  /** `REAL NAME/KUBERNETES USER@HOST`. */
  user: string;
  target: string;
  namespace: string;
  locked_ports: LockedPort[];
  user_id: string | null;
  sqs: null;
  rmq: null;
  kafka: null;
  key?: string;
  http_filter?: { headerFilter: string };
}

export interface LockedPort {
  port: number;
  kind: "steal" | "mirror";
  filter: string | null;
}

export interface Session {
  id: bigint;
  namespace: string;
  target: Target;
  identity: Identity;
  client: Client;
  key?: string;
  headerFilter?: string;
  startedAt: Date;
  lockedPorts: LockedPort[];
  /** Whether a connection holds it. */
  active: boolean;
  /** The name of the copy that it uses, if any. */
  copyTarget?: string;
  /** Closes its connection. */
  disconnect(reason: string): void;
}

/** What the client's own headers say of it. */
export interface Client {
  name: string;
  hostname: string;
  /** The public key of the client's certificate, in base64 without padding. */
  userId: string | null;
}

export interface Sessions {
  all(): Session[];
  /** Takes the place of a session with the same id, whose connection is closed. Throws a Refusal (429) when full. */
  add(session: Session): void;
  /** @param name hexadecimal as listed, or decimal */
  find(name: string, namespace: string | undefined): Session | undefined;
  /** Closes its connection, and remembers that it cannot come back. */
  stop(session: Session): void;
  /** The connection is gone. */
  end(session: Session): void;
  /** Throws a Refusal (410) for a session that was stopped. */
  checkResumable(id: bigint): void;
}

const maxSessions = 10_000;

/** @param onChange called after each change */
export function createSessions(onChange: () => void): Sessions {
  const live = new Map<bigint, Session>();
  const stopped = new Set<bigint>();

  function end(session: Session): void {
    if (live.get(session.id) !== session) return;
    live.delete(session.id);
    onChange();
  }

  return {
    all: () => [...live.values()],
    add(session) {
      const previous = live.get(session.id);
      if (previous === undefined && live.size >= maxSessions) throw tooMany(`${maxSessions} sessions`);
      live.set(session.id, session);
      previous?.disconnect("resumed by another connection");
      onChange();
    },
    find(name, namespace) {
      const found = candidateIds(name).map((id) => live.get(id));
      return found.find((session) => session !== undefined && (namespace ?? session.namespace) === session.namespace);
    },
    stop(session) {
      if (stopped.size >= maxSessions) stopped.clear();
      stopped.add(session.id);
      end(session);
      session.disconnect("session stopped");
    },
    end,
    checkResumable(id) {
      if (stopped.has(id)) {
        throw new Refusal(410, "ReconnectNotPossible", "session can no longer be resumed");
      }
    },
  };
}

const maxId = 2n ** 64n - 1n;

/** One session has two names: hexadecimal as listed, and decimal as one client command sends it. */
function candidateIds(name: string): bigint[] {
  const ids: bigint[] = [];
  if (/^[0-9a-f]{1,16}$/i.test(name)) ids.push(BigInt(`0x${name}`));
  const decimal = parseSessionId(name);
  if (decimal !== undefined) ids.push(decimal);
  return ids;
}

/** The decimal form of the `x-session-id` header; undefined for what is no unsigned 64-bit number. */
export function parseSessionId(text: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const id = BigInt(text);
  return id <= maxId ? id : undefined;
}

export function randomSessionId(): bigint {
  return randomBytes(8).readBigUInt64BE();
}

export function displaySessionId(id: bigint): string {
  return id.toString(16).toUpperCase();
}

export function sessionEntry(session: Session, now: Date): SessionEntry {
  const { client, identity, key, headerFilter } = session;
  const elapsedMs = Math.max(0, now.getTime() - session.startedAt.getTime());
  return {
    id: displaySessionId(session.id),
    duration_secs: Math.floor(elapsedMs / 1000),
    user: `${client.name}/${identity.name}@${client.hostname}`,
    target: displayTarget(session.target),
    namespace: session.namespace,
    locked_ports: [...session.lockedPorts],
    user_id: client.userId,
    sqs: null,
    rmq: null,
    kafka: null,
    ...(key === undefined ? {} : { key }),
    ...(headerFilter === undefined ? {} : { http_filter: { headerFilter } }),
  };
}
