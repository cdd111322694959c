import type { Cluster } from "../kube/cluster.ts";
import { GRANT_LABEL } from "../access/names.ts";
import { objectIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { workloadKinds, workloadType, type WorkloadKind } from "../mirrord/target.ts";
import { readList } from "./read.ts";
import { withTemplate } from "./workload.ts";

/** What mirrord itself hides from its list of targets: its own agents and copies. Source: operator contract section 3.6. */
export const TARGETS_ONLY = "app!=mirrord,!operator.metalbear.co/owner";

/** Not the Jobs that end grants: they run no pod. */
export function isTarget({ kind, metadata, spec }: KubernetesObject): boolean {
  const { completions, parallelism } = objectIn(spec);
  return kind !== "Job" || metadata.labels?.[GRANT_LABEL] === undefined || completions !== 0 || parallelism !== 0;
}

/** Why a Job that ends a grant is refused, and what to look at instead. */
export const noTargetReason = (name: string): string =>
  `job ${JSON.stringify(name)} ends a grant: it runs no pod, and is no target`;
export const SEE_GRANTS = "See the grants: kubectl mirrord grant list";

/** An object that could be targeted. */
export interface TargetObject {
  kind: WorkloadKind;
  object: KubernetesObject;
}

export interface ListedTargets {
  targets: TargetObject[];
  /** The plural names of what may not be listed: there may be more targets. */
  incomplete: string[];
}

/**
 * Reads everything that could be targeted. `namespace` left out: everywhere. In manifests, which show no pods, a Rollout has
 * the template that it refers to.
 */
export async function readTargets(cluster: Cluster, namespace: string | undefined): Promise<ListedTargets> {
  const scope = namespace === undefined ? {} : { namespace };
  const lists = await Promise.all(
    workloadKinds.map(async (kind) => {
      const read = await readList(cluster, workloadType(kind), { ...scope, labelSelector: TARGETS_ONLY });
      const objects = read.failed ? [] : read.value.filter(isTarget);
      const complete = cluster.offline ? await Promise.all(objects.map((one) => withTemplate(cluster, one))) : objects;
      return { kind, failed: read.failed, targets: complete.map((object): TargetObject => ({ kind, object })) };
    }),
  );
  return {
    targets: lists.flatMap(({ targets }) => targets),
    incomplete: lists.filter(({ failed }) => failed).map(({ kind }) => workloadType(kind).resource),
  };
}
