import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { builtInSchema, definitionName, policyTypes, type StructuralSchema } from "../../mirrord/policy/schema/crds.ts";
import { installedSchema } from "../../mirrord/policy/schema/schema.ts";
import { POLICIES_GROUP } from "../../mirrord/resources.ts";
import { readObject } from "../../reading/read.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

/** The schema of each kind of policy, by kind. */
export interface InstalledSchemas {
  schemas: ReadonlyMap<string, StructuralSchema>;
  /** `built-in`: the installed definitions may not be read, or there is no cluster that has any. */
  source: "installed" | "built-in";
  /** Kinds that the cluster does not serve. */
  missing: readonly ResourceType[];
}

/**
 * The definitions that are installed decide what a policy may say. In a folder of manifests without them, and for a caller who
 * may not read them, ours stand in; the API server still checks what is sent.
 */
export async function readSchemas(cluster: Cluster): Promise<InstalledSchemas> {
  const reads = await Promise.all(
    policyTypes.map((type) => readObject(cluster, nativeResources.customResourceDefinitions, definitionName(type))),
  );
  const schemas = new Map<string, StructuralSchema>();
  const missing: ResourceType[] = [];
  let isForbidden = false;
  for (const [index, type] of policyTypes.entries()) {
    const read = reads[index];
    const found = read === undefined || read.failed || read.value === undefined ? undefined : read.value;
    const schema = found === undefined ? undefined : installedSchema(found, type);
    if (schema === undefined && read?.failed !== true && !cluster.offline) missing.push(type);
    if (schema === undefined) isForbidden = true;
    schemas.set(type.kind, schema ?? builtInSchema);
  }
  return { schemas, source: isForbidden ? "built-in" : "installed", missing };
}

/**
 * Throws when a kind that is needed is not installed; warns when nobody could look.
 * @param isSent false: nothing is sent to the cluster, so it need not have the kinds
 */
export function requireKinds(
  installed: InstalledSchemas,
  kinds: ReadonlySet<string>,
  { cluster, isSent }: { cluster: Cluster; isSent: boolean },
  world: World,
): void {
  const absent = installed.missing.filter(({ kind }) => kinds.has(kind));
  if (absent.length > 0) {
    const message = `${cluster.place} has no ${absent.map(({ kind }) => kind).join(" and no ")} (${POLICIES_GROUP}/v1alpha)`;
    if (isSent) {
      throw new UserError(
        "undetermined",
        message,
        "The mirrord operator's chart installs these kinds: kubectl get crds | grep mirrord",
      );
    }
    world.warn(`${message}: checked against the definitions of chart 3.187.0`);
  }
  if (installed.source === "built-in" && installed.missing.length === 0 && !cluster.offline) {
    world.warn(
      "you may not read the installed definitions of the policies: checked against those of chart 3.187.0 instead",
    );
  }
}
