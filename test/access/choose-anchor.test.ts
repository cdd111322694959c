import t from "tap";
import { chooseAnchor } from "../../lib/access/choose-anchor.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const now = Date.parse("2026-01-02T04:00:00Z");
const HOUR = 3_600_000;
const ownerUid = "uid-grant";

/** An anchor that was completed at `now`. */
function job(
  uid: string,
  spec: object = {},
  { created = "2026-01-02T04:00:00Z", complete = true, owner = ownerUid, ...metadata } = {},
): KubernetesObject {
  const ownerReferences = [{ apiVersion: "v1", kind: "ClusterRoleBinding", name: "g", uid: owner }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: uid, uid, creationTimestamp: created, ownerReferences, ...metadata },
    spec: { completions: 0, parallelism: 0, ttlSecondsAfterFinished: 3600, ...spec },
    ...(complete
      ? { status: { conditions: [{ type: "Complete", status: "True", lastTransitionTime: "2026-01-02T04:00:00Z" }] } }
      : {}),
  };
}

const cases: { name: string; jobs: KubernetesObject[]; want: string | undefined; at?: number; owner?: undefined }[] = [
  { name: "none", jobs: [], want: undefined },
  { name: "the only one", jobs: [job("a")], want: "a" },
  {
    name: "of two sound ones that which goes nearest to the end of the grant, whoever was first",
    jobs: [job("late", { ttlSecondsAfterFinished: 9000 }), job("near", { ttlSecondsAfterFinished: 3590 })],
    want: "near",
  },
  {
    name: "a sound one before one that is not complete yet",
    jobs: [job("young", {}, { complete: false }), job("sound", { ttlSecondsAfterFinished: 9000 })],
    want: "sound",
  },
  {
    name: "one that is not complete yet where there is no other",
    jobs: [job("young", {}, { complete: false })],
    want: "young",
  },
  {
    name: "none that should have been completed long ago",
    jobs: [job("stuck", {}, { complete: false })],
    at: now + 31_000,
    want: undefined,
  },
  { name: "none of another owner", jobs: [job("forged", {}, { owner: "uid-other" })], want: undefined },
  { name: "none where the grant's own uid is not known", jobs: [job("a")], owner: undefined, want: undefined },
  { name: "none that another controller completes", jobs: [job("a", { managedBy: "example.com/x" })], want: undefined },
  { name: "none that runs pods", jobs: [job("a", { parallelism: 1 })], want: undefined },
  {
    name: "none that a finalizer keeps, or that is going already",
    jobs: [
      job("kept", {}, { finalizers: ["x/y"] } as object),
      job("going", {}, { deletionTimestamp: "2026-01-02T04:00:00Z" } as object),
    ],
    want: undefined,
  },
  { name: "a suspended one, which completes as another", jobs: [job("a", { suspend: true })], want: "a" },
  {
    name: "of equally good ones the oldest, so that everybody chooses the same",
    jobs: [job("b", {}, { created: "2026-01-02T04:00:01Z" }), job("c"), job("a")],
    want: "a",
  },
];
for (const { name, jobs, want, at = now, ...more } of cases) {
  for (const order of [jobs, jobs.toReversed()]) {
    const owner = "owner" in more ? undefined : ownerUid;
    t.equal(chooseAnchor(order, { ownerUid: owner, end: now + HOUR, now: at })?.metadata.uid, want, name);
  }
}
