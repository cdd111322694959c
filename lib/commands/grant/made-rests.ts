import { stages } from "../../access/plan.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import type { Change } from "../../kube/cluster.ts";
import type { PlannedRevocation } from "./plan-revocation.ts";

export interface MadeRests {
  /** What earlier attempts made of grants that somebody else has taken back first, and whole: it goes as well. */
  lost(all: readonly StoredGrant[]): StoredGrant[];
  /** Notes what the plan is about to make. */
  add(planned: Pick<PlannedRevocation, "narrowed">, chosen: readonly StoredGrant[]): void;
  /** Notes what this command took back itself. For `Hooks.written`. */
  written(change: Change): void;
}

/**
 * A grant that is taken back in one namespace goes on in the others as another grant, which is made before the first one goes.
 * Who marks the first one as revoked decides what becomes of it: where that is somebody else, nothing of it goes on.
 */
export function madeRests(): MadeRests {
  let known: ReadonlySet<string> | undefined;
  const origins = new Map<string, Set<string | undefined>>();
  const taken = new Set<string | undefined>();
  return {
    lost(all) {
      known ??= new Set(all.map(({ id }) => id));
      const standing = new Set(all.filter((each) => !isRevoked(each)).map(({ binding }) => binding?.metadata.uid));
      return all.filter(({ id }) => {
        const from = origins.get(id);
        if (from === undefined || known?.has(id) === true) return false;
        return [...from].every((uid) => !standing.has(uid) && !taken.has(uid));
      });
    },
    add({ narrowed }, chosen) {
      for (const { from, to } of narrowed) {
        const uid = chosen.find(({ id }) => id === from)?.binding?.metadata.uid;
        origins.set(to, new Set([...(origins.get(to) ?? []), uid]));
      }
    },
    written({ stage = 0, object }) {
      if (stage >= stages.mark && stage < stages.remove) taken.add(object.metadata.uid);
    },
  };
}
