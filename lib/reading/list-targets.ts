import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { workloadKinds, workloadType, type WorkloadKind } from "../mirrord/target.ts";
import { readList } from "./read.ts";

/** What mirrord itself hides from its list of targets: its own agents and copies. Source: operator contract section 3.6. */
export const TARGETS_ONLY = "app!=mirrord,!operator.metalbear.co/owner";

/** An object that could be targeted. */
export interface Listed {
  kind: WorkloadKind;
  object: KubernetesObject;
}

/** Everything that could be targeted; `incomplete` has the plural names of what may not be listed. `namespace` left out: everywhere. */
export async function listTargets(
  cluster: Cluster,
  namespace: string | undefined,
): Promise<{ listed: Listed[]; incomplete: string[] }> {
  const scope = namespace === undefined ? {} : { namespace };
  const lists = await Promise.all(
    workloadKinds.map(async (kind) => ({
      kind,
      read: await readList(cluster, workloadType(kind), { ...scope, labelSelector: TARGETS_ONLY }),
    })),
  );
  return {
    listed: lists.flatMap(({ kind, read }) =>
      read.failed ? [] : read.value.map((object): Listed => ({ kind, object })),
    ),
    incomplete: lists.filter(({ read }) => read.failed).map(({ kind }) => workloadType(kind).resource),
  };
}
