import { DEFAULT_OPERATOR_NAMESPACE, isSystemNamespace } from "../../access/system-namespace.ts";
import { isCollectionLabel } from "../../access/names.ts";
import type { Intent } from "../../access/intent.ts";
import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { findOperator } from "../../reading/operator.ts";
import { readObject, unlessForbidden, type Read } from "../../reading/read.ts";
import { selects, parseSelectorText } from "../../kubernetes/label-selector.ts";

export interface Places {
  /** Where the grant holds today, in code-point order; empty for a grant that holds everywhere. */
  namespaces: string[];
  /** Those of them that only a selector chose. */
  selected: string[];
  warnings: string[];
}

/**
 * The namespaces of a grant: those it names, which must be there, and those whose labels match. Throws UserError "usage"
 * for what is missing or needs a flag; what the caller may not read becomes a warning.
 */
export async function placesOf(cluster: Cluster, { set }: Intent, flags: { allowSystem: boolean }): Promise<Places> {
  if (set.kind === "all") return { namespaces: [], selected: [], warnings: [] };
  const { namespaces, selectors = [] } = set;
  const [named, own, listed] = await Promise.all([
    Promise.all(namespaces.map((namespace) => checkNamespace(cluster, namespace))),
    operatorNamespace(cluster),
    selectors.length === 0 ? [] : listNamespaces(cluster),
  ]);
  if (!flags.allowSystem && namespaces.includes(own)) {
    throw new UserError(
      "usage",
      `namespace ${own} is the operator's own`,
      "Add --allow-system if that is what you mean.",
    );
  }
  const selected = selectNamespaces(listed, selectors, own).filter((name) => !namespaces.includes(name));
  return { namespaces: [...new Set([...namespaces, ...selected])].toSorted(), selected, warnings: named.flat() };
}

async function checkNamespace(cluster: Cluster, namespace: string): Promise<string[]> {
  const found = await readObject(cluster, nativeResources.namespaces, namespace);
  if (found.failed) return [`you may not read namespace ${namespace}: whether it exists shows when it is written to`];
  if (found.value === undefined) {
    throw new UserError(
      "usage",
      `namespace ${JSON.stringify(namespace)} was not found`,
      "See what is there: kubectl get namespaces",
    );
  }
  if (isTerminating(found.value)) {
    throw new UserError(
      "usage",
      `namespace ${JSON.stringify(namespace)} is being deleted`,
      "Grant access once it is there again.",
    );
  }
  return [];
}

export const isTerminating = ({ metadata }: KubernetesObject) => metadata.deletionTimestamp !== undefined;

export async function operatorNamespace(cluster: Cluster): Promise<string> {
  const operator = await findOperator(cluster);
  return (operator.state === "installed" ? operator.info.namespace : undefined) ?? DEFAULT_OPERATOR_NAMESPACE;
}

/** All namespaces: labels are compared here, so that many grants need one list. */
export function readNamespaces(cluster: Cluster): Promise<Read<KubernetesObject[]>> {
  return unlessForbidden(() => Array.fromAsync(cluster.list(nativeResources.namespaces)));
}

/** The same for whoever cannot do without them. */
async function listNamespaces(cluster: Cluster): Promise<KubernetesObject[]> {
  const listed = await readNamespaces(cluster);
  if (!listed.failed) return listed.value;
  throw new UserError(
    "undetermined",
    "you may not list namespaces, so nobody can say which ones a selector matches",
    "Name them instead: --ns NAMESPACE.",
  );
}

/** The names of those that one of the selectors matches, but never a namespace of Kubernetes or of the operator. */
export function selectNamespaces(
  namespaces: readonly KubernetesObject[],
  selectors: readonly string[],
  operator: string,
): string[] {
  const chosen = selectors.map(parseSelectorText);
  return namespaces
    .filter((namespace) => !isTerminating(namespace))
    .filter(({ metadata: { labels = {} } }) => chosen.some((selector) => selects(selector, labels)))
    .map(({ metadata: { name = "" } }) => name)
    .filter((name) => !isSystemNamespace(name, operator))
    .toSorted();
}

/** Whether everything that the selectors look at is guarded by the access model. */
export function isGuardedSelector(selectors: readonly string[]): boolean {
  return selectors.every((text) => parseSelectorText(text).requirements.every(({ key }) => isCollectionLabel(key)));
}
