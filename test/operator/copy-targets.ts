import type { Session, SessionEntry } from "./sessions.ts";
import { sessionEntry } from "./sessions.ts";
import { apiVersion } from "./lists.ts";
import { tooMany } from "./status.ts";
import type { Target } from "./target.ts";

/** A copy of a workload's pod, as the operator keeps it. */
export interface CopyTarget {
  name: string;
  namespace: string;
  podName: string;
  /** The workload that was copied. */
  target: Target;
  /** As it was sent. */
  spec: Record<string, unknown>;
  phase: "InProgress" | "Ready" | "Failed";
  failureMessage: string | null;
  /** How many more GETs find it in progress. */
  pollsLeft: number;
  /** Not connected yet; its id is what the client connects with. */
  creator: Session;
  /** Since when no session has used it; undefined while one does. */
  idleSince: Date | undefined;
  idleTtlSeconds: number;
}

export interface CopyTargets {
  /** Without those that have been idle for too long. */
  all(): CopyTarget[];
  find(namespace: string, name: string): CopyTarget | undefined;
  nextName(): string;
  /** Throws a Refusal (429) when full. */
  add(copy: CopyTarget): void;
  remove(copy: CopyTarget): void;
}

const maxCopyTargets = 1000;

/** @param onChange called after each change */
export function createCopyTargets(now: () => Date, onChange: () => void): CopyTargets {
  const copies = new Set<CopyTarget>();
  let made = 0;

  function remove(copy: CopyTarget): void {
    if (copies.delete(copy)) onChange();
  }

  function all(): CopyTarget[] {
    for (const copy of copies) if (isExpired(copy, now())) remove(copy);
    return [...copies];
  }

  return {
    all,
    find: (namespace, name) => all().find((copy) => copy.namespace === namespace && copy.name === name),
    nextName() {
      made += 1;
      return `copy-${made}`;
    },
    add(copy) {
      if (all().length >= maxCopyTargets) throw tooMany(`${maxCopyTargets} copy targets`);
      copies.add(copy);
      onChange();
    },
    remove,
  };
}

function isExpired({ idleSince, idleTtlSeconds }: CopyTarget, now: Date): boolean {
  return idleSince !== undefined && now.getTime() - idleSince.getTime() > idleTtlSeconds * 1000;
}

/** The CopyTarget object, status included. */
export function copyTargetObject(copy: CopyTarget, now: Date) {
  const creator: SessionEntry = sessionEntry(copy.creator, now);
  return {
    apiVersion,
    kind: "CopyTarget",
    metadata: { name: copy.name, namespace: copy.namespace },
    spec: copy.spec,
    status: { creator_session: creator, phase: copy.phase, failure_message: copy.failureMessage },
  };
}
