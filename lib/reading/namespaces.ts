import { DEFAULT_OPERATOR_NAMESPACE } from "../access/system-namespace.ts";
import { usageError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { lookUp } from "./look-up.ts";
import { readOperator } from "./operator.ts";
import { unlessForbidden } from "./read.ts";
import { allObjects } from "../kubernetes/object-list.ts";

/** All namespaces, or undefined when they may not be listed. Selectors are compared here, so that many grants need one list. */
export async function readNamespaces(cluster: Cluster): Promise<KubernetesObject[] | undefined> {
  const listed = await unlessForbidden(() => allObjects(cluster.list(nativeResources.namespaces)));
  return listed.failed ? undefined : listed.value;
}

/** Where the operator says it runs, or where its chart puts it. */
export async function readOperatorNamespace(cluster: Cluster): Promise<string> {
  const operator = await readOperator(cluster);
  return (operator.state === "installed" ? operator.info.namespace : undefined) ?? DEFAULT_OPERATOR_NAMESPACE;
}

/**
 * For a namespace that somebody typed, and where nothing was found: a slip must not look like an empty answer. Throws UserError
 * "usage" when it does not exist. Whoever may not read one is believed, and so is a folder that holds no namespaces at all.
 */
export async function requireNamespace(cluster: Cluster, namespace: string | undefined): Promise<void> {
  if (namespace === undefined || (await lookUp(cluster, nativeResources.namespaces, namespace)) !== "absent") return;
  const message = `namespace ${JSON.stringify(namespace)} was not found`;
  if (!cluster.offline) throw usageError(message, "See what is there: kubectl get namespaces");
  const names = ((await readNamespaces(cluster)) ?? []).map(({ metadata }) => metadata.name ?? "").toSorted();
  if (names.length === 0 || (await holdsAnything(cluster, namespace))) return;
  throw usageError(`${message} in the manifests, nor anything that is in it`, `They have: ${names.join(", ")}`);
}

async function holdsAnything(cluster: Cluster, namespace: string): Promise<boolean> {
  const types = [...Object.values(nativeResources), mirrordResources.policies, mirrordResources.profiles];
  for (const type of types.filter(({ namespaced }) => namespaced))
    for await (const _ of cluster.list(type, { namespace })) return true;
  return false;
}
