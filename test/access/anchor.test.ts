import t from "tap";
import { anchorJob, anchorState, ttlUntil } from "../../lib/access/anchor.ts";
import { operatorRoleDifference } from "../../lib/access/operator-roles.ts";
import { roleRules } from "../../lib/rbac/decode.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { operatorClusterRoles } from "./operator-roles.ts";

/** A sound anchor: complete, owned, an hour to live. Tests change what they are about. */
function anchor(change: { metadata?: object; spec?: object; status?: object } = {}): KubernetesObject {
  const job = anchorJob({ slug: "jim-dev", namespace: "dev", labels: {}, ttlSeconds: 3600 });
  const conditions = [{ type: "Complete", status: "True", lastTransitionTime: "2026-11-22T12:00:00Z" }];
  const owner = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: "x", uid: "u" };
  return {
    ...job,
    metadata: { ...job.metadata, ownerReferences: [owner], ...change.metadata },
    spec: { ...(job["spec"] as object), ...change.spec },
    status: change.status ?? { conditions },
  };
}

t.test("a sound anchor ends so many seconds after it was complete", async (t) => {
  t.same(anchorState(anchor(), "u"), { state: "sound", endsAt: Date.parse("2026-11-22T13:00:00Z") });
  t.same(anchorState(anchor({ status: {} }), "u"), { state: "pending" });
});

const unsound: [what: string, change: Parameters<typeof anchor>[0], why: RegExp][] = [
  ["managed by somebody else", { spec: { managedBy: "example.com/x" } }, /no controller completes it/],
  ["being deleted", { metadata: { deletionTimestamp: "2026-11-22T12:00:00Z" } }, /being deleted/],
  ["with a finalizer", { metadata: { finalizers: ["orphan"] } }, /finalizer "orphan"/],
  ["without a ttl", { spec: { ttlSecondsAfterFinished: undefined } }, /no ttlSecondsAfterFinished/],
  ["with pods", { spec: { completions: 1 } }, /runs pods/],
  ["without an owner", { metadata: { ownerReferences: [] } }, /not owned/],
  [
    "of another owner",
    { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "x", name: "x", uid: "other" }] } },
    /not owned/,
  ],
];
for (const [what, change, why] of unsound) {
  t.test(`an anchor ${what} ends nothing`, async (t) => {
    t.match(anchorState(anchor(change), "u"), { state: "unsound", why });
  });
}

t.test("a suspended anchor is sound: it completes and goes like another", async (t) => {
  t.match(anchorState(anchor({ spec: { suspend: true } }), "u"), { state: "sound" });
});

t.test("an anchor that is not complete long after it was made never will be", async (t) => {
  const made = { metadata: { creationTimestamp: "2026-11-22T12:00:00Z" }, status: {} };
  const owned = anchor({ status: {} }).metadata.ownerReferences;
  const job = anchor({ ...made, metadata: { ...made.metadata, ownerReferences: owned } });
  const at = Date.parse("2026-11-22T12:00:00Z");
  t.match(anchorState(job, "u", at + 29_000), { state: "pending" });
  t.match(anchorState(job, "u", at + 31_000), { state: "unsound", why: "was not completed" });
  t.match(anchorState(job, "u"), { state: "pending" });
});

t.test("the ttl is counted from the completion, and is never nothing", async (t) => {
  const now = Date.parse("2026-11-22T12:30:00Z");
  t.equal(ttlUntil(now + 60_000, now), 60);
  t.equal(ttlUntil(now + 60_000, now, anchor()), 1860);
  t.equal(ttlUntil(now - 60_000, now), 1);
});

t.test("an anchor passes Pod Security restricted and states resources", async (t) => {
  t.match(anchor(), {
    spec: {
      completions: 0,
      parallelism: 0,
      template: {
        spec: {
          restartPolicy: "Never",
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: { requests: { cpu: "1m" }, limits: { memory: "1Mi" } },
            },
          ],
        },
      },
    },
  });
});

t.test("the chart's roles are as the chart installs them", async (t) => {
  for (const role of operatorClusterRoles) {
    const { lacks, adds } = operatorRoleDifference(role.metadata.name ?? "", roleRules(role)) ?? {};
    t.same({ lacks, adds }, { lacks: [], adds: [] });
  }
  t.equal(operatorRoleDifference("view", []), undefined);
  t.ok((operatorRoleDifference("mirrord-operator-user", [])?.lacks.length ?? 0) > 0);
});
