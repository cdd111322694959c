import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { finishDeletions, untilGone } from "../../../lib/kube/apply/finish-deletions.ts";
import type { Change, Cluster } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure } from "../memory-cluster.ts";

const type = nativeResources.roleBindings;
const options = { signal: new AbortController().signal, waitMilliseconds: 0 };

function binding(more: Record<string, unknown> = {}): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "b", namespace: "dev", uid: "1", ...more },
    subjects: [{ kind: "User", name: "jim" }],
  };
}

const deletion: Change = { action: "delete", type, object: binding(), current: binding(), stage: 0 };

/** A cluster that holds one object, or fails, and takes finalizers off it as a server does. */
function holding(object: KubernetesObject | undefined, { get, patch }: { get?: UserError; patch?: UserError } = {}) {
  const patched: unknown[] = [];
  let held = object;
  const cluster = {
    get: async () => {
      if (get !== undefined) throw get;
      return held;
    },
    patch: async (_type: unknown, _name: unknown, _namespace: unknown, body: unknown) => {
      patched.push(body);
      if (patch !== undefined) throw patch;
      held = undefined;
    },
  } as unknown as Cluster;
  return { cluster, patched };
}

const terminating = { deletionTimestamp: "2026-11-22T12:00:00Z", finalizers: ["example.org/keep"] };
const forbidden = new UserError("refused", "patch is forbidden");

const cases: { name: string; cluster: ReturnType<typeof holding>; patches: number; says?: RegExp }[] = [
  { name: "what is gone is done", cluster: holding(undefined), patches: 0 },
  { name: "a namesake made since is somebody else's", cluster: holding(binding({ uid: "2" })), patches: 0 },
  { name: "finalizers come off what is being deleted", cluster: holding(binding(terminating)), patches: 1 },
  {
    name: "a live object keeps its finalizers, and is named with whom it binds",
    cluster: holding(binding({ finalizers: ["example.org/keep"] })),
    patches: 0,
    says: /b.* is still there: finalizer "example\.org\/keep" keeps it, and it binds User jim/,
  },
  {
    name: "who may not take them off is told why",
    cluster: holding(binding(terminating), { patch: forbidden }),
    patches: 1,
    says: /is still there[^]*patch is forbidden/,
  },
  {
    name: "what may not be read is not proved to be gone",
    cluster: holding(undefined, { get: new UserError("undetermined", "get is forbidden") }),
    patches: 0,
    says: /whether .*b.* is gone is not known[^]*get is forbidden/,
  },
];

for (const { name, cluster, patches, says } of cases)
  t.test(name, async (t) => {
    const left = await finishDeletions([deletion], cluster.cluster, options);
    t.equal(cluster.patched.length, patches);
    if (patches > 0) t.same(cluster.patched[0], { metadata: { uid: "1", finalizers: null } });
    if (says === undefined) t.equal(left, undefined);
    else t.match(left?.error.lines.join("\n"), says);
    t.same(left?.unfinished ?? [], says === undefined ? [] : [deletion]);
  });

t.test("a look that is refused is not made again: nobody waits for it", async (t) => {
  const { cluster } = holding(undefined, { get: apiFailure(403, "Forbidden", "get is forbidden") });
  let looks = 0;
  const counting: Cluster = {
    ...cluster,
    get: async (...asked) => {
      looks += 1;
      return await cluster.get(...asked);
    },
  };
  const left = await untilGone([deletion], counting, { ...options, waitMilliseconds: 60_000 });
  t.equal(left.length, 1);
  t.equal(looks, 1);
});
