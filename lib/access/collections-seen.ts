import { objectIn, textIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { ancestry, membership, type CollectionPath, type Membership } from "./collection.ts";
import { isSystemNamespace } from "./system-namespace.ts";

/** The collections of a cluster, as its namespaces and the list of those that were created show them. */
export interface CollectionsSeen {
  /** Every path that was created, that a namespace is in, or that lies above one of those, with its description. */
  known: ReadonlyMap<CollectionPath, string>;
  /** Those of them that were created. */
  created: ReadonlySet<CollectionPath>;
  /** As they are stored; undefined: none was. */
  stored: KubernetesObject | undefined;
  /** All namespaces. */
  namespaces: readonly KubernetesObject[];
  /** Of those that can be in a collection: not of Kubernetes, nor of mirrord. */
  members: readonly Membership[];
  /** Where the operator runs. */
  operator: string;
}

export function seeCollections({
  stored,
  namespaces,
  operator,
}: Pick<CollectionsSeen, "stored" | "namespaces" | "operator">): CollectionsSeen {
  const members = namespaces
    .filter(({ metadata: { name = "" } }) => !isSystemNamespace(name, operator))
    .map(membership);
  const created = createdIn(stored);
  const paths = [...created.keys(), ...members.flatMap(({ path }) => path ?? [])].flatMap(ancestry);
  const known = new Map([...new Set(paths)].toSorted().map((path) => [path, created.get(path) ?? ""]));
  return { known, created: new Set(created.keys()), stored, namespaces, members, operator };
}

/** The paths that were created, as they are stored, with their descriptions. */
export function createdIn(stored: KubernetesObject | undefined): Map<CollectionPath, string> {
  const data = Object.entries(objectIn(stored?.["data"]));
  return new Map(data.map(([key, text]) => [key.replaceAll(".", "/"), textIn(text)]));
}
