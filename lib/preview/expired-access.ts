import { grantName } from "../access/stored.ts";
import { annotations } from "../access/names.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { readRbac, type RbacObjects } from "../reading/rbac-objects.ts";
import { attempt } from "../reading/read.ts";
import { parseTime } from "../text/instant.ts";
import { explainDecision } from "./explain.ts";
import type { Preview } from "./preview.ts";
import { parseReason } from "./reason.ts";

export interface ExpiredAccess {
  /** `EXPIRED, still bound: grant ID ended at TIME`. */
  text: string;
  rbac: RbacObjects;
}

/**
 * Whether a yes stands only on a grant that is over: the server's reasons name the binding, so that nothing is read where
 * access came by another way. Undefined where it does not, or where nobody could say.
 */
export async function findExpiredAccess(
  cluster: Cluster,
  preview: Preview,
  now: Date,
): Promise<ExpiredAccess | undefined> {
  const allowed = preview.checks.filter(({ required, answer }) => required && answer === "yes");
  const names = new Set(allowed.flatMap(({ reason }) => grantName(parseReason(reason)?.binding.name ?? "") ?? []));
  const ended = await Promise.all([...names].map((name) => isOver(cluster, name, now)));
  if (!ended.includes(true)) return undefined;
  const spaces = allowed.flatMap(({ attributes }) => ("namespace" in attributes ? (attributes.namespace ?? []) : []));
  const rbac = preview.rbac ?? (await readRbac(cluster, spaces));
  const explain = explainDecision({ rbac, identity: preview.identity }, now);
  for (const check of allowed) {
    const { by = [] } = explain(check);
    const [first] = by;
    if (first?.grant === undefined || !by.every(({ grant }) => grant?.expired === true)) continue;
    const { id, expiresAt = "" } = first.grant;
    return { text: `EXPIRED, still bound: grant ${id} ended at ${expiresAt}`, rbac };
  }
  return undefined;
}

async function isOver(cluster: Cluster, name: string, now: Date): Promise<boolean> {
  const binding = await attempt(() => cluster.get(nativeResources.clusterRoleBindings, name));
  if (binding.failed) return false;
  const end = parseTime(binding.value?.metadata.annotations?.[annotations.expiresAt]);
  return end !== undefined && end <= now.getTime();
}
