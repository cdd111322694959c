import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { LintTarget } from "../../mirrord/policy/lint/finding.ts";
import type { RelatedTarget } from "../../mirrord/plan/session-use.ts";
import { relatedObjects } from "../../reading/related-objects.ts";
import { readTargets } from "../../reading/targets.ts";
import { containerNames } from "../../mirrord/workload.ts";

/** Something to target, with its object. */
export interface ListedTarget extends LintTarget {
  object: KubernetesObject;
  /** Its pods and owners, as the evaluator takes them; `related` has services and children besides. */
  behind: readonly RelatedTarget[] | undefined;
}

export interface ListedTargets {
  /** By namespace, then kind and name. */
  targets: ListedTarget[];
  /** What could not be listed, as plural resource names. */
  incomplete: string[];
  /** Pods were made up from the templates, because manifests show none. */
  podsAssumed: boolean;
}

/** Everything that could be targeted, with what stands for the same pods. `namespace` left out: everywhere. */
export async function readPolicyTargets(cluster: Cluster, namespace: string | undefined): Promise<ListedTargets> {
  const read = await readTargets(cluster, namespace);
  const index = relatedObjects(read, cluster);
  const targets = read.targets.map((listed): ListedTarget => {
    const { kind, object } = listed;
    const { name = "", namespace: place = "", labels = {} } = object.metadata;
    const given = { target: { kind, name }, namespace: place, labels, object, behind: index.behind(listed) };
    // A matrix of thousands of targets needs neither; what is asked for once is asked for again.
    let containers: string[] | undefined;
    let related: { known: RelatedTarget[] | undefined } | undefined;
    return {
      ...given,
      get containers() {
        return (containers ??= containerNames(object));
      },
      get related() {
        return (related ??= { known: index.all(listed) }).known;
      },
    };
  });
  return {
    targets: targets.toSorted(byPlace),
    incomplete: read.incomplete.toSorted(),
    podsAssumed: index.podsAssumed(),
  };
}

function byPlace(one: ListedTarget, other: ListedTarget): number {
  const key = ({ namespace, target }: ListedTarget) => [namespace, target.kind, target.name].join("\0");
  const [first, second] = [key(one), key(other)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
