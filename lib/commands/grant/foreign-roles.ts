import { MANAGED_BY, MANAGED_BY_LABEL } from "../../access/names.ts";
import { UserError } from "../../errors.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readObject } from "../../reading/read.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

/** A ClusterRole that has one of our names and is not ours, and why. */
export interface ForeignRole {
  name: string;
  /** A clause: `clusterrole "x" is aggregated: …` */
  why: string;
}

/**
 * The shared roles of a plan that somebody else made under our name, or that a controller fills: they could hold any
 * rights, so nothing may bind them, and they are not ours to change. `ownRoles` are those that carry our label. One that
 * may not be read counts as not there: the server shows when it is written.
 */
export async function foreignRoles(
  cluster: Cluster,
  plan: Plan,
  ownRoles: ReadonlyMap<string, KubernetesObject>,
): Promise<ForeignRole[]> {
  const names = [...new Set(sharedRoles(plan))];
  const judged = names.map(async (name): Promise<ForeignRole[]> => {
    const role = ownRoles.get(name) ?? (await readRole(cluster, name));
    const why = role === undefined ? undefined : whyForeign(role);
    return why === undefined ? [] : [{ name, why: `clusterrole ${JSON.stringify(name)} ${why}` }];
  });
  return (await Promise.all(judged)).flat();
}

async function readRole(cluster: Cluster, name: string): Promise<KubernetesObject | undefined> {
  const found = await readObject(cluster, nativeResources.clusterRoles, name);
  return found.failed ? undefined : found.value;
}

function whyForeign(role: KubernetesObject): string | undefined {
  if (role.metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY)
    return "is there already and was not made by kubectl-mirrord";
  return role["aggregationRule"] === undefined ? undefined : "is aggregated: its rules are not ours";
}

/** The names of the shared roles that a plan needs, unchanged ones included. */
export function sharedRoles(plan: Plan): string[] {
  const { resource } = nativeResources.clusterRoles;
  return plan.flatMap(({ type, action, object }) =>
    type.resource === resource && action !== "delete" ? (object.metadata.name ?? []) : [],
  );
}

export function foreignRole({ name, why }: ForeignRole): UserError {
  return new UserError("refused", why, `Look at it: kubectl get clusterrole ${name} -o yaml`);
}
