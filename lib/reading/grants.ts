import { whyForeign } from "../access/check-roles.ts";
import { GRANT_LABEL, GRANT_PREFIX, MANAGED_BY, MANAGED_BY_LABEL } from "../access/names.ts";
import { storedGrants, withLeftovers, type StoredGrant, type StoredObject } from "../access/stored.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { lookUp } from "./look-up.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { isForbidden } from "../kubernetes/api-error.ts";
import { allObjects } from "../kubernetes/object-list.ts";

const types: readonly [ResourceType, ...ResourceType[]] = [
  nativeResources.clusterRoleBindings,
  nativeResources.roleBindings,
  nativeResources.roles,
  nativeResources.jobs,
];

/**
 * The grants of the cluster: everything that carries the grant label, and what lost it, found by its name: a label can be taken off,
 * and the access stays. With `id` only what carries the label of that grant. Throws when a list is refused or incomplete, because
 * half of the grants must never pass for all; with `unreadable` a refused list is told to it instead.
 */
export async function readGrants(
  cluster: Cluster,
  { id, unreadable }: { id?: string; unreadable?: (type: ResourceType, error: unknown) => void } = {},
): Promise<StoredGrant[]> {
  let isRefused = false;
  const wanted = cluster.offline ? types.filter(({ resource }) => resource !== "jobs") : types;
  const lists = await Promise.all(
    wanted.map(async (type): Promise<StoredObject[]> => {
      // Jobs have names that the server made up.
      const byName = id === undefined && type.resource !== "jobs";
      const labelSelector = id === undefined ? GRANT_LABEL : `${GRANT_LABEL}=${id}`;
      try {
        const objects = await allObjects(cluster.list(type, byName ? {} : { labelSelector }));
        return objects.map((object) => ({ type, object }));
      } catch (error) {
        if (unreadable === undefined || !isForbidden(error)) throw error;
        unreadable(type, error);
        isRefused ||= type === types[0];
        return [];
      }
    }),
  );
  const found = lists.flat();
  const grants = sortedGrants(found, id);
  const headless = grants.flatMap((grant) => (grant.binding === undefined ? [grant.id] : []));
  if (headless.length === 0 || cluster.offline || isRefused) return grants;
  const late = await readMadeMeanwhile(cluster, headless);
  return late.length === 0 ? grants : sortedGrants([...found, ...late], id);
}

function sortedGrants(found: readonly StoredObject[], id: string | undefined): StoredGrant[] {
  if (id !== undefined) return storedGrants(found);
  const named = found.filter(({ object }) => object.metadata.name?.startsWith(GRANT_PREFIX));
  return withLeftovers(storedGrants(found), named);
}

const MOST_IDS = 50;

/**
 * The lists are of different moments. A grant's ClusterRoleBinding is made first: one that was not there yet when its other bindings were
 * listed is there now, and the grant is no leftover.
 */
async function readMadeMeanwhile(cluster: Cluster, ids: readonly string[]): Promise<StoredObject[]> {
  const [type] = types;
  const labelSelector = ids.length > MOST_IDS ? GRANT_LABEL : `${GRANT_LABEL} in (${ids.join(",")})`;
  const objects = await allObjects(cluster.list(type, { labelSelector }));
  const wanted = new Set(ids);
  return objects
    .filter(({ metadata }) => wanted.has(metadata.labels?.[GRANT_LABEL] ?? ""))
    .map((object) => ({ type, object }));
}

/** What grants say, of their ClusterRoleBindings alone: all that choosing one by its subject and place takes. Throws as `readGrants`. */
export async function readIntents(cluster: Cluster): Promise<StoredGrant[]> {
  const [type] = types;
  const objects = await allObjects(cluster.list(type, { labelSelector: GRANT_LABEL }));
  return storedGrants(objects.map((object) => ({ type, object })));
}

export interface ShownGrants {
  grants: StoredGrant[];
  /** False: the Jobs that end grants may not be listed. */
  anchorsRead: boolean;
  warnings: string[];
}

/**
 * Grants for those who only look: without the right to list jobs nobody can say whether they end, and all else can be
 * shown. Throws for any other list that is refused.
 */
export async function readShownGrants(cluster: Cluster): Promise<ShownGrants> {
  let anchorsRead = true;
  const refuse = ({ resource }: ResourceType, error: unknown) => {
    if (resource !== nativeResources.jobs.resource) throw error;
    anchorsRead = false;
  };
  const grants = await readGrants(cluster, { unreadable: refuse });
  return shownGrants(grants, anchorsRead);
}

/** The same for commands that show more than grants: `unlisted` are plural names of what the caller may not list, other than jobs. */
export async function readListedGrants(cluster: Cluster): Promise<ShownGrants | { unlisted: string[] }> {
  const refused: string[] = [];
  const all = await readGrants(cluster, { unreadable: ({ resource }) => void refused.push(resource) });
  const unlisted = refused.filter((resource) => resource !== nativeResources.jobs.resource);
  return unlisted.length > 0 ? { unlisted } : shownGrants(all, refused.length === 0);
}

function shownGrants(grants: StoredGrant[], anchorsRead: boolean): ShownGrants {
  const text = "you may not list jobs: whether grants end by themselves is not compared";
  return { grants, anchorsRead, warnings: anchorsRead ? [] : [text] };
}

/** The ClusterRoles that this project brought, by name. */
export async function readOwnRoles(cluster: Cluster): Promise<Map<string, KubernetesObject>> {
  const labelSelector = `${MANAGED_BY_LABEL}=${MANAGED_BY}`;
  const roles = await allObjects(cluster.list(nativeResources.clusterRoles, { labelSelector }));
  return new Map(roles.map((role) => [role.metadata.name ?? "", role]));
}

/**
 * Which of these ClusterRoles under our names are not ours, and why. `ownRoles` are those that carry our label. One that may not
 * be read counts as not there: the server shows when it is written.
 */
export async function readForeignRoles(
  cluster: Cluster,
  names: readonly string[],
  ownRoles: ReadonlyMap<string, KubernetesObject>,
): Promise<Map<string, string>> {
  const foreign = names.map(async (name): Promise<[string, string][]> => {
    const role = ownRoles.get(name) ?? (await lookUp(cluster, nativeResources.clusterRoles, name));
    const why = typeof role === "string" ? undefined : whyForeign(role);
    return why === undefined ? [] : [[name, why]];
  });
  return new Map((await Promise.all(foreign)).flat());
}
