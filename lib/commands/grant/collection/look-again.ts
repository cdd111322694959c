// What others wrote between the reads and the writes of a change of collections: whoever writes second has to see it.
import { isWithin, membership, type CollectionPath } from "../../../access/collection.ts";
import { createdIn, type CollectionsSeen } from "../../../access/collections-seen.ts";
import { UserError } from "../../../errors.ts";
import type { Hooks } from "../../../kube/apply/apply.ts";
import type { Plan } from "../../../kube/cluster.ts";
import { oneByOne } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { listWords } from "../../../text/list-words.ts";
import { placeNamespace } from "./members.ts";

/** What a second look finds. */
export interface SecondLook {
  plan: Plan;
  hooks?: Hooks;
  /** Why the change is not done after all, once the plan is carried out. */
  fault?: UserError;
}

/** What was written into a collection is taken back, because somebody has deleted that: `so` says what there is not now. */
export function deletedMeanwhile(collection: string, so: string): UserError {
  return new UserError(
    "refused",
    `somebody deleted collection ${collection} at the same time, so ${so}`,
    "See what there is: kubectl mirrord grant collection list",
  );
}

export interface Places {
  /** Notes where a plan is about to put namespaces, and which collections were created by then, or are by it. */
  add(plan: Plan, seen: Pick<CollectionsSeen, "created">): void;
  /** No plan was about to. */
  isEmpty(): boolean;
  /**
   * Takes those back whose collection somebody has deleted since. One that nobody created is there as long as a namespace is in it, or
   * a collection below it: whoever puts one there keeps it, although the others leave.
   */
  lost(seen: CollectionsSeen): SecondLook;
}

/** Where a command puts namespaces, in all of its attempts. */
export function places(): Places {
  const moves = new Map<string, { from: CollectionPath | undefined; to: CollectionPath }>();
  const created = new Set<CollectionPath>();
  return {
    add(plan, seen) {
      for (const path of seen.created) created.add(path);
      const stored = plan.filter(({ type }) => type.resource === nativeResources.configMaps.resource);
      for (const { object, merged = object } of stored) for (const path of createdIn(merged).keys()) created.add(path);
      for (const { type, action, current, merged } of plan) {
        const isPlaced = type.resource === nativeResources.namespaces.resource && action === "update";
        if (!isPlaced || current === undefined || merged === undefined) continue;
        const [{ namespace, path: now }, { path: to }] = [membership(current), membership(merged)];
        const earlier = moves.get(namespace);
        // In its second attempt it may find what it wrote in its first.
        const from = earlier !== undefined && earlier.to === now ? earlier.from : now;
        // Labels that are mended where it stays are no reason to take it out of there.
        if (to !== undefined && to !== from) moves.set(namespace, { from, to });
      }
    },
    isEmpty: () => moves.size === 0,
    lost({ created: left, members, namespaces }) {
      const others = members.filter(({ namespace }) => !moves.has(namespace)).map(({ path }) => path);
      const isKnown = (path: CollectionPath): boolean =>
        [...left, ...others].some((other) => other !== undefined && isWithin(other, path));
      const lost = members.filter(({ namespace, path }) => {
        const move = moves.get(namespace);
        return path !== undefined && path === move?.to && created.has(path) && !isKnown(path);
      });
      const names = lost.map(({ namespace }) => namespace);
      if (names.length === 0) return { plan: [] };
      const plan = namespaces
        .filter(({ metadata: { name = "" } }) => names.includes(name))
        .map((namespace) => {
          const path = moves.get(namespace.metadata.name ?? "")?.from;
          const isThere = path !== undefined && (isKnown(path) || !created.has(path));
          return placeNamespace(namespace, isThere ? path : undefined);
        });
      const gone = listWords([...new Set(lost.flatMap(({ path }) => path ?? []))]);
      const fault = deletedMeanwhile(gone, `${listWords(names)} did not come into it`);
      return { plan: oneByOne(plan), fault };
    },
  };
}
