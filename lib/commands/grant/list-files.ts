import { GRANT_LABEL } from "../../access/names.ts";
import { keyOf, holds } from "../../access/plan.ts";
import type { StoredGrant, StoredObject } from "../../access/stored.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Change, Plan } from "../../kube/cluster.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { connectBounded } from "../connection.ts";
import { readGrants, readShownGrants } from "../../reading/grants.ts";
import { grantRow, type GrantRow } from "../../access/grant-row.ts";
import { planDiff } from "../show-plan.ts";

/** The grants that files hold. */
export async function listFiles(paths: readonly string[], world: World): Promise<GrantRow[]> {
  const files = await connectBounded({ manifests: [...paths] }, world);
  const grants = await readGrants(files);
  const contexts = await readGrantContexts(files, grants, { now: world.now().getTime(), weakness: false });
  return grants.map((grant) => grantRow(grant, contexts.of(grant)));
}

/**
 * Prints what would have to change in the cluster so that its grants are those of the files. Owners and anchors are the
 * cluster's own and no difference. Resolves to the exit code.
 */
export async function diffWithFiles(
  paths: readonly string[],
  connection: ConnectOptions,
  world: World,
): Promise<number> {
  if (paths.length === 0) throw new UserError("usage", "--diff compares the cluster with files", "Name them: -f PATH.");
  const [files, cluster] = await Promise.all([
    connectBounded({ manifests: [...paths] }, world),
    connectBounded(connection, world),
  ]);
  const [wanted, stored] = await Promise.all([readGrants(files), readShownGrants(cluster)]);
  const lines = planDiff(differences(wanted, stored.grants));
  world.print(lines);
  return lines.length === 0 ? 0 : 1;
}

function differences(wanted: readonly StoredGrant[], stored: readonly StoredGrant[]): Plan {
  const there = new Map(objectsOf(stored).map((item) => [keyOf(item.type, item.object), item.object]));
  const inFiles = new Set(objectsOf(wanted).map(({ type, object }) => keyOf(type, object)));
  const changed = objectsOf(wanted).map(({ type, object }): Change => {
    const current = there.get(keyOf(type, object));
    if (current === undefined) return { action: "create", type, object };
    return { action: holds(current, object) ? "unchanged" : "update", type, object, current };
  });
  const gone = objectsOf(stored)
    .filter(({ type, object }) => type.resource !== "jobs" && !inFiles.has(keyOf(type, object)))
    .map(({ type, object }): Change => ({ action: "delete", type, object, current: object }));
  return [...changed, ...gone];
}

function objectsOf(grants: readonly StoredGrant[]): StoredObject[] {
  return grants
    .flatMap(({ objects }) => objects)
    .filter(({ object }) => object.metadata.labels?.[GRANT_LABEL] !== undefined);
}
