import { timestamp } from "../text/instant.ts";
import { anchorState } from "./anchor.ts";
import { chooseAnchor } from "./choose-anchor.ts";
import { about, type GrantFinding, type GrantRule } from "./grant-rules.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { StoredGrant, StoredObject } from "./stored.ts";

/**
 * Whether a grant that is to end by itself will, and whether other Jobs pass for what ends it. `now` is in milliseconds since
 * 1970.
 */
export function anchorFindings({ binding, objects, expiresAt = 0 }: StoredGrant, now: number): GrantFinding[] {
  const ownerUid = binding?.metadata.uid;
  const jobs = objects.filter(({ type }) => type.resource === "jobs").map(({ object }) => object);
  const states = new Map(jobs.map((job) => [job.metadata.uid, anchorState(job, ownerUid, now)]));
  const children = objects.filter(({ type, object }) => type.namespaced && object.kind === "RoleBinding");
  const faultOf = (uid: string | undefined): [rule: GrantRule, text: string] | undefined => {
    const anchor = states.get(uid);
    if (anchor?.state === "unsound") return ["unanchored", `hangs on a job that ${anchor.why}`];
    if (anchor === undefined) return ["unanchored", "has nothing that ends it"];
    const drift = anchor.state === "sound" ? anchor.endsAt - expiresAt : 0;
    if (Math.abs(drift) <= CLOCK_MILLISECONDS) return undefined;
    return ["expiry-not-enforced", `ends at ${timestamp(expiresAt + drift)} and not when the grant does`];
  };
  const ownerOf = ({ object }: StoredObject) => object.metadata.ownerReferences?.[0]?.uid;
  const faults = children.flatMap((child) => {
    const fault = faultOf(ownerOf(child));
    return fault === undefined ? [] : [about(fault[0], child.object, fault[1])];
  });
  const owners = new Set(children.map(ownerOf));
  const isBlamed = ({ metadata: { uid } }: KubernetesObject) => owners.has(uid) && faultOf(uid) !== undefined;
  const ending = new Set(
    [...Map.groupBy(jobs, ({ metadata }) => metadata.namespace).values()].map((there) => {
      const owning = there.filter((job) => owners.has(job.metadata.uid) && !isBlamed(job));
      return chooseAnchor(owning.length > 0 ? owning : there, { ownerUid, end: expiresAt, now })?.metadata.uid;
    }),
  );
  // One too many is said even where it would end the grant as well: two commands at once may leave two that own half of it each.
  const others = jobs.filter((job) => !ending.has(job.metadata.uid) && !isBlamed(job));
  const surplus = others.map((job) => {
    const state = states.get(job.metadata.uid);
    const why = state?.state === "unsound" ? `: it ${state.why}` : "";
    return about("detached", job, `carries the grant's label and is not what ends it${why}`);
  });
  return [...faults, ...surplus];
}

/** More than a busy controller explains. */
const CLOCK_MILLISECONDS = 60_000;
