import { shellCommand } from "../text/shell-quote.ts";
import { UserError, usageError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import { formatTarget, workloadKinds, workloadType, type Target } from "../mirrord/target.ts";
import type { TypedTarget } from "../mirrord/typed-target.ts";
import { readObject } from "./read.ts";
import { isTarget, noTargetReason, SEE_GRANTS } from "./targets.ts";

/**
 * The target that was typed; a name alone is looked up. Throws as `targetByName`, and UserError "usage" for a Job that ends a
 * grant.
 */
export async function knownTarget(cluster: Cluster, typed: TypedTarget, namespace: string): Promise<Target> {
  if (typed.kind === "bare") return await targetByName(cluster, typed.name, namespace);
  if (typed.kind === "job") await refuseGrantEnd(cluster, typed.name, namespace);
  return typed;
}

async function refuseGrantEnd(cluster: Cluster, name: string, namespace: string): Promise<void> {
  const read = await readObject(cluster, workloadType("job"), name, namespace);
  if (!read.failed && read.value !== undefined && !isTarget(read.value))
    throw usageError(noTargetReason(name), SEE_GRANTS);
}

/**
 * The one target of that name in the namespace. Throws UserError "usage" when there is none or more than one kind has it,
 * with the ways to write it, and "undetermined" when the caller may not look.
 */
export async function targetByName(cluster: Cluster, name: string, namespace: string): Promise<Target> {
  const reads = await Promise.all(
    workloadKinds.map(async (kind) => ({ kind, read: await readObject(cluster, workloadType(kind), name, namespace) })),
  );
  const found = reads.flatMap(({ kind, read }) =>
    !read.failed && read.value !== undefined && isTarget(read.value) ? [kind] : [],
  );
  const hidden = reads.flatMap(({ kind, read }) => (read.failed ? [kind] : []));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0 && hidden.length === 0) return { kind: only, name };
  const paths = found.map((kind) => formatTarget({ kind, name }));
  if (found.length > 1) {
    throw usageError(
      `${JSON.stringify(name)} is ${paths.join(" and ")} in namespace ${JSON.stringify(namespace)}`,
      `Write which one: ${paths.join(" or ")}.`,
    );
  }
  if (hidden.length > 0) {
    throw new UserError(
      "undetermined",
      `you may not read every kind of target to find ${JSON.stringify(name)} (${hidden.join(", ")})`,
      `Write the kind as well: ${paths[0] ?? `deployment/${name}`}.`,
    );
  }
  throw usageError(
    `nothing in namespace ${JSON.stringify(namespace)} that mirrord could target is called ${JSON.stringify(name)}`,
    `See what is there: ${shellCommand(["kubectl", "get", "deployments,statefulsets,pods", "-n", namespace])}`,
  );
}
