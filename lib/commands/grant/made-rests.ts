import { annotations, GRANT_LABEL } from "../../access/names.ts";
import { stages } from "../../access/plan.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import type { Change } from "../../kube/cluster.ts";
import { parseTime } from "../../text/instant.ts";
import type { PlannedRevocation } from "./plan-revocation.ts";

export interface MadeRests {
  /**
   * What earlier attempts made of grants that somebody else has taken back first: it goes as well, unless it is what the other lets go
   * on, too.
   */
  lost(all: readonly StoredGrant[]): StoredGrant[];
  /** When the grant of this id ends that an earlier attempt has made, in milliseconds since 1970. */
  madeEnd(id: string): number | undefined;
  /** Notes what the plan is about to make. */
  add(planned: Pick<PlannedRevocation, "narrowed">, chosen: readonly StoredGrant[]): void;
  /** Notes what this command took back itself. For `Hooks.written`. */
  written(change: Change): void;
}

/**
 * A grant that is taken back in one namespace goes on in the others as another grant, which is made before the first one goes.
 * Who marks the first one as revoked decides what becomes of it, and the mark says what goes on: where that is somebody else's,
 * nothing more does.
 */
export function madeRests(): MadeRests {
  const origins = new Map<string, Set<string | undefined>>();
  const taken = new Set<string | undefined>();
  /** By id, when they end. */
  const made = new Map<string, number | undefined>();
  return {
    madeEnd: (id) => made.get(id),
    lost(all) {
      const standing = new Set(all.filter((each) => !isRevoked(each)).map(({ binding }) => binding?.metadata.uid));
      const goingOn = new Set(all.map(({ binding }) => binding?.metadata.annotations?.[annotations.goesOnAs]));
      return all.filter(({ id }) => {
        const from = origins.get(id);
        if (from === undefined || !made.has(id) || goingOn.has(id)) return false;
        return [...from].every((uid) => !standing.has(uid) && !taken.has(uid));
      });
    },
    add({ narrowed }, chosen) {
      for (const { from, to } of narrowed) {
        const uid = chosen.find(({ id }) => id === from)?.binding?.metadata.uid;
        origins.set(to, new Set([...(origins.get(to) ?? []), uid]));
      }
    },
    written({ action, stage = 0, object: { metadata } }) {
      const id = metadata.labels?.[GRANT_LABEL] ?? "";
      const end = parseTime(metadata.annotations?.[annotations.expiresAt]);
      if (stage === stages.main && (action === "create" || made.has(id))) made.set(id, end);
      if (stage >= stages.mark && stage < stages.remove) taken.add(metadata.uid);
    },
  };
}
