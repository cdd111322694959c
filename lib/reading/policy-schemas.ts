import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { builtInSchema, definitionName, policyTypes, type StructuralSchema } from "../mirrord/policy/schema/crds.ts";
import { installedSchema } from "../mirrord/policy/schema/schema.ts";
import { readObject } from "./read.ts";

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
