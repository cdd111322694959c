import { timestamp } from "../text/instant.ts";
import { anchorState } from "./anchor.ts";
import { chooseAnchor } from "./choose-anchor.ts";
import { about, type GrantFinding } from "./grant-rules.ts";
import type { StoredGrant } from "./stored.ts";

/**
 * Whether a grant that is to end by itself will, and whether other Jobs pass for what ends it. `now` is in milliseconds since
 * 1970.
 */
export function anchorFindings({ binding, objects, expiresAt = 0 }: StoredGrant, now: number): GrantFinding[] {
  const ownerUid = binding?.metadata.uid;
  const jobs = objects.filter(({ type }) => type.resource === "jobs").map(({ object }) => object);
  const states = new Map(jobs.map((job) => [job.metadata.uid, anchorState(job, ownerUid, now)]));
  const children = objects.filter(({ type, object }) => type.namespaced && object.kind === "RoleBinding");
  const faults = children.flatMap(({ object }): GrantFinding[] => {
    const anchor = states.get(object.metadata.ownerReferences?.[0]?.uid);
    if (anchor?.state === "unsound") return [about("unanchored", object, `hangs on a job that ${anchor.why}`)];
    if (anchor === undefined) return [about("unanchored", object, "has nothing that ends it")];
    const drift = anchor.state === "sound" ? anchor.endsAt - expiresAt : 0;
    if (Math.abs(drift) <= CLOCK_MILLISECONDS) return [];
    const ends = timestamp(expiresAt + drift);
    return [about("expiry-not-enforced", object, `ends at ${ends} and not when the grant does`)];
  });
  const owners = new Set(children.map(({ object }) => object.metadata.ownerReferences?.[0]?.uid));
  const chosen = new Set(
    [...Map.groupBy(jobs, ({ metadata }) => metadata.namespace).values()].map(
      (there) => chooseAnchor(there, { ownerUid, end: expiresAt, now })?.metadata.uid,
    ),
  );
  const others = jobs.filter(({ metadata: { uid } }) => !owners.has(uid) && !chosen.has(uid));
  const surplus = others.map((job) => {
    const state = states.get(job.metadata.uid);
    const why = state?.state === "unsound" ? `: it ${state.why}` : "";
    return about("detached", job, `carries the grant's label and is not what ends it${why}`);
  });
  return [...faults, ...surplus];
}

/** More than a busy controller explains. */
const CLOCK_MILLISECONDS = 60_000;
