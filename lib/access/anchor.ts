import type { V1Job, V1JobCondition, V1JobSpec, V1JobStatus } from "@kubernetes/client-node";
import { parseTime } from "../text/instant.ts";
import { listIn, textIn } from "../json.ts";
import { fieldsIn, type ApiObject } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { ANCHOR_PREFIX, annotations } from "./names.ts";

// A Job that is complete at once, runs no pod, and is deleted by Kubernetes' own TTL controller when the grant's time is
// over; what it owns goes with it. Source: design section 3.2, seen on a real control plane.

/** The most that `ttlSecondsAfterFinished` takes is an int32; a year is enough for something that ends. */
export const MAX_GRANT_SECONDS = 366 * 24 * 60 * 60;

/**
 * The anchor of a grant in one namespace, to be POSTed: the server makes up the rest of its name. The template passes Pod
 * Security `restricted` and states resources, so that no admission minds it.
 */
export function anchorJob(options: {
  slug: string;
  namespace: string;
  labels: Record<string, string>;
  ttlSeconds: number;
  /** RFC3339: when the grant ends, for people, and to count the ttl again at the moment of writing. */
  expiresAt?: string;
}): ApiObject<V1Job> {
  const { slug, namespace, labels, ttlSeconds, expiresAt } = options;
  const notes = expiresAt === undefined ? {} : { annotations: { [annotations.expiresAt]: expiresAt } };
  const amounts = { cpu: "1m", memory: "1Mi" };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: `${ANCHOR_PREFIX}${slug}-`, namespace, labels, ...notes },
    spec: {
      completions: 0,
      parallelism: 0,
      backoffLimit: 0,
      ttlSecondsAfterFinished: ttlSeconds,
      template: {
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "never-runs",
              image: "registry.k8s.io/pause:3.10",
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: { requests: amounts, limits: amounts },
            },
          ],
        },
      },
    },
  };
}

/** `sound`: it will go at `endsAt`, in milliseconds since 1970. `pending`: not complete yet. `unsound`: it will not end the grant, and why. */
export type AnchorState = { state: "sound"; endsAt: number } | { state: "pending" } | { state: "unsound"; why: string };

/** The controller completes an anchor at once; a busy one may need so long. */
const COMPLETION_MILLISECONDS = 30_000;

/**
 * Whether an anchor will do its work, as it is stored now. `ownerUid` is the uid of the grant's ClusterRoleBinding.
 * Each fault was seen to keep a Job, or what it owns, for ever (design section 3.2, admission-policies B3); to be suspended is
 * none, such a Job completes and goes like another. With `now`, in milliseconds since 1970, one that should be complete by
 * then and is not never will be: that too can be had, by pods that never end.
 */
export function anchorState(job: KubernetesObject, ownerUid: string | undefined, now?: number): AnchorState {
  const why = anchorFault(job, ownerUid);
  if (why !== undefined) return { state: "unsound", why };
  const completed = completedAt(job);
  if (completed !== undefined) return { state: "sound", endsAt: completed + (anchorTtl(job) ?? 0) * 1000 };
  const created = parseTime(job.metadata.creationTimestamp);
  const isLate = now !== undefined && created !== undefined && now - created > COMPLETION_MILLISECONDS;
  return isLate ? { state: "unsound", why: "was not completed" } : { state: "pending" };
}

function anchorFault(job: KubernetesObject, ownerUid: string | undefined): string | undefined {
  const { metadata } = job;
  const { managedBy, completions, parallelism } = fieldsIn<V1JobSpec>(job["spec"]);
  if (metadata.deletionTimestamp !== undefined) return "is being deleted";
  if (managedBy !== undefined) return `is managed by ${JSON.stringify(managedBy)}, so that no controller completes it`;
  const [finalizer] = listIn(metadata["finalizers"]).map(textIn);
  if (finalizer !== undefined) return `has the finalizer ${JSON.stringify(finalizer)}, which keeps it or what it owns`;
  if (anchorTtl(job) === undefined) return "has no ttlSecondsAfterFinished";
  if (completions !== 0 || parallelism !== 0) return "runs pods";
  const owners = metadata.ownerReferences ?? [];
  if (ownerUid === undefined || owners.length !== 1 || owners[0]?.uid !== ownerUid)
    return "is not owned by the grant's clusterrolebinding";
  return undefined;
}

/** Job.spec.ttlSecondsAfterFinished. */
export function anchorTtl(job: KubernetesObject): number | undefined {
  const ttl = fieldsIn<V1JobSpec>(job["spec"]).ttlSecondsAfterFinished;
  return typeof ttl === "number" ? ttl : undefined;
}

/** The TTL controller counts from the condition's own time (pkg/controller/ttlafterfinished). */
function completedAt(job: KubernetesObject): number | undefined {
  const condition = listIn(fieldsIn<V1JobStatus>(job["status"]).conditions)
    .map((each) => fieldsIn<V1JobCondition>(each))
    .find(({ type, status }) => type === "Complete" && status === "True");
  return parseTime(textIn(condition?.lastTransitionTime));
}

/** The ttl with which an anchor goes at that time, counted from its completion, or from `now`; at least one second. */
export function ttlUntil(end: number, now: number, job?: KubernetesObject): number {
  const from = (job === undefined ? undefined : completedAt(job)) ?? now;
  return Math.max(1, Math.ceil((end - from) / 1000));
}
