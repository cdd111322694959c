import type { KubernetesObject } from "../kubernetes/object.ts";
import { anchorState } from "./anchor.ts";

/**
 * The Job that ends a grant in a namespace, of those with the grant's label there; undefined: none will. Two commands at once may
 * have made two, and anybody who may create Jobs can add one. A sound one comes first, the nearest to the grant's end; one that is
 * not complete yet counts only where there is no other. Times in milliseconds since 1970, by the server's clock.
 */
export function chooseAnchor(
  jobs: readonly KubernetesObject[],
  { ownerUid, end, now }: { ownerUid: string | undefined; end: number; now: number },
): KubernetesObject | undefined {
  const usable = jobs.flatMap((job) => {
    const state = anchorState(job, ownerUid, now);
    if (state.state === "unsound") return [];
    return [{ job, distance: state.state === "sound" ? Math.abs(state.endsAt - end) : Infinity }];
  });
  const [first] = usable.toSorted((a, b) => {
    if (a.distance !== b.distance) return a.distance < b.distance ? -1 : 1;
    return age(a.job) < age(b.job) ? -1 : 1;
  });
  return first?.job;
}

// Equally good ones: everybody chooses the same.
const age = ({ metadata: { creationTimestamp = "", uid = "" } }: KubernetesObject) => `${creationTimestamp} ${uid}`;
