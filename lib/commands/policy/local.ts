import type { ConnectOptions, World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { checkPolicies, policyType } from "./check.ts";
import { readPolicyFiles, type FilePolicy } from "./files.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { requireKinds } from "./require-kinds.ts";

/** The policies of files, checked, each with its namespace, and the cluster that they are for. */
export async function localPolicies(
  paths: readonly string[],
  options: ConnectOptions & { isSent: boolean },
  world: World,
): Promise<{ cluster: Cluster; policies: MirrordPolicy[] }> {
  const found = readPolicyFiles(paths, { exclude: options.exclude, warn: (text) => world.warn(text) });
  const { isSent, ...connection } = options;
  const cluster = await world.connect(connection);
  const placed = found.map((one) => inNamespace(one, options.namespace, cluster.namespace));
  const schemas = await readSchemas(cluster);
  requireKinds(schemas, new Set(placed.map(({ policy }) => policy.kind)), { cluster, isSent }, world);
  checkPolicies(placed, schemas, world);
  return { cluster, policies: placed.map(({ policy }) => policy) };
}

/** As kubectl does: the flag and the file must not name different namespaces. */
export function inNamespace(one: FilePolicy, asked: string | undefined, fallback: string): FilePolicy {
  const { policy, file, line } = one;
  const { namespace } = policy.metadata;
  if (!policyType(policy).namespaced) return one;
  if (namespace === undefined || namespace === "") {
    return { ...one, policy: { ...policy, metadata: { ...policy.metadata, namespace: asked ?? fallback } } };
  }
  if (asked === undefined || asked === namespace) return one;
  throw usageError(
    `${file}, line ${line}: the namespace from the provided object ${JSON.stringify(namespace)} does not match the namespace ${JSON.stringify(asked)}`,
    `You must pass '--namespace=${namespace}' to perform this operation.`,
  );
}
