import { definitionReadiness } from "../../install/wait/states.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

/** Nothing is written after the definitions before the cluster serves them. */
export function definitionHooks({ offline }: Pick<Cluster, "offline">): Hooks {
  if (offline) return {};
  const { resource } = nativeResources.customResourceDefinitions;
  return {
    settleHint: "Does the API server answer in time? See: kubectl get --raw='/readyz?verbose'",
    settled: (change, stored) =>
      change.type.resource === resource && change.action !== "delete" ? definitionReadiness(stored) : "ready",
  };
}
