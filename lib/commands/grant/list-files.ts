import { annotations, GRANT_LABEL } from "../../access/names.ts";
import type { StoredGrant, StoredObject } from "../../access/stored.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import type { Plan } from "../../kube/cluster.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { plan } from "../../kubernetes/plan.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { connectBounded } from "../connection.ts";
import { readGrants, readShownGrants } from "../../reading/grants.ts";
import { grantRow, type GrantRow } from "../../access/grant-row.ts";
import { arranged, concerns, type GrantFilter } from "./read-listed.ts";
import { printDiff } from "../plan-diff.ts";

/** The grants that files hold. */
export async function listFiles(
  paths: readonly string[],
  filter: GrantFilter,
  { exclude = [] }: ConnectOptions,
  world: World,
): Promise<{ rows: GrantRow[]; now: Date }> {
  const files = await connectBounded({ manifests: [...paths], exclude }, world);
  const grants = (await readGrants(files)).filter((grant) => concerns(grant, filter));
  const now = world.now();
  const contexts = await readGrantContexts(files, grants, { now: now.getTime(), weakness: false });
  return {
    rows: arranged(
      grants.map((grant) => grantRow(grant, contexts.of(grant))),
      filter,
      now,
    ),
    now,
  };
}

/**
 * Prints what would have to change in the cluster so that its grants are those of the files. Owners, anchors and the uids
 * of namespaces are the cluster's own and no difference. Resolves to the exit code.
 */
export async function diffWithFiles(
  paths: readonly string[],
  connection: ConnectOptions,
  world: World,
): Promise<number> {
  const [files, cluster] = await Promise.all([
    connectBounded({ manifests: [...paths], exclude: connection.exclude ?? [] }, world),
    connectBounded(connection, world),
  ]);
  const [wanted, stored] = await Promise.all([readGrants(files), readShownGrants(cluster)]);
  return await printDiff(differences(wanted, stored.grants), world);
}

function differences(wanted: readonly StoredGrant[], stored: readonly StoredGrant[]): Plan {
  const there = labelledObjects(stored).filter(({ type }) => type.resource !== "jobs");
  const known = new Map(there.map(({ type, object: { metadata } }) => [objectKey(type, metadata), metadata]));
  const inFiles = labelledObjects(wanted).map(({ type, object }) => {
    const { uid: _uid, ownerReferences: _files, ...metadata } = object.metadata;
    const { ownerReferences, annotations: present } = known.get(objectKey(type, metadata)) ?? {};
    const uids = present?.[annotations.namespaceUids];
    const kept = {
      ...metadata,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(uids === undefined ? {} : { annotations: { ...metadata.annotations, [annotations.namespaceUids]: uids } }),
    };
    return { type, object: { ...object, metadata: kept }, stage: 0 };
  });
  return plan(there, inFiles);
}

function labelledObjects(grants: readonly StoredGrant[]): StoredObject[] {
  return grants
    .flatMap(({ objects }) => objects)
    .filter(({ object }) => object.metadata.labels?.[GRANT_LABEL] !== undefined);
}
