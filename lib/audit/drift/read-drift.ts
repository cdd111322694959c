import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readSyncPlan } from "../../reading/sync-plan.ts";
import { listWords } from "../../text/list-words.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { readGrantsAmong } from "../read-grants.ts";
import { matchGrants, type Declarations } from "./declarations.ts";
import { drift, uncompared, type Drift } from "./drift.ts";
import { organizationDrift } from "./organizations.ts";

export interface ReadDrift extends Drift {
  /** What was not compared, and why: clauses. */
  skipped: string[];
  warnings: string[];
}

export interface DriftOptions {
  /** What counts in place of the cluster's own intents and organizations. */
  declared?: Declarations;
  /** By this machine's clock, in milliseconds since 1970. */
  local: number;
  connection: readonly string[];
  paths: readonly string[];
}

/**
 * What is bound in the cluster against what is declared. Throws UserError "undetermined" where roles or bindings may not be listed:
 * of half of them, the rest would look as if it had been taken away.
 */
export async function readDrift(
  cluster: Cluster,
  { declared, local, connection, paths }: DriftOptions,
): Promise<ReadDrift> {
  const { objects: rbac, unreadable } = await readAllRbac(cluster);
  if (unreadable.length > 0) {
    const question = ["kubectl", "mirrord", "audit", "who-can", "list", `${unreadable[0]}.rbac.authorization.k8s.io`];
    throw new UserError(
      "undetermined",
      `you may not list ${listWords(unreadable)}, so nobody can say what is bound`,
      `See who may: ${shellCommand(question)}`,
    );
  }
  const [{ grants: stored, anchorsRead }, there] = await Promise.all([
    readGrantsAmong(cluster, rbac),
    declared?.organizations === undefined ? undefined : readDirectory(cluster),
  ]);
  const matched = declared?.grants === undefined ? undefined : matchGrants(declared.grants, stored);
  const { organizations } = declared ?? {};
  const planned = await readSyncPlan(cluster, {
    acceptAnew: false,
    local,
    stored: { grants: matched?.declared ?? stored, anchorsRead },
    ...(organizations === undefined ? {} : { directory: organizations }),
  });
  const isUnread = organizations !== undefined && there === undefined;
  const found = drift({
    rbac,
    stored,
    planned,
    ...(declared === undefined ? {} : { declared }),
    organizations:
      organizations === undefined || there === undefined ? [] : organizationDrift(organizations, there, connection),
    now: local + planned.skew,
    connection,
    paths,
  });
  const told = new Set([...planned.skipped, ...planned.dangling].map(({ id }) => id));
  return {
    ...found,
    skipped: [
      ...planned.unread,
      ...(anchorsRead ? [] : ["you may not list jobs: whether grants end by themselves is not compared"]),
      ...(isUnread ? ["you may not list organizations: they are not compared with the folder's"] : []),
      ...uncompared(planned).map(({ id, why }) => `grant ${id} is not compared: ${why}`),
    ],
    warnings: planned.warnings.filter(
      (text) => !planned.unread.includes(text) && ![...told].some((id) => text.startsWith(`grant ${id} `)),
    ),
  };
}
