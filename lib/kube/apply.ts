import { UserError } from "../errors.ts";
import { isNotFound } from "./api-error.ts";
import type { Change, Cluster, KubernetesObject, OwnerReference, Plan, WriteOptions } from "./cluster.ts";

/** What became of one step. `unchanged` steps and objects that were gone already count as done, without a write. */
export interface Outcome {
  change: Change;
  /** False: a deletion found nothing, or another object of the same name. */
  written: boolean;
}

/**
 * Carries a plan out, step by step and in its order. The first failure ends it with a UserError "refused" that lists
 * what was done and what was not; running the same command again does the rest.
 */
export async function apply(plan: Plan, cluster: Cluster, signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const stored = new Map<string, KubernetesObject>();
  for (const change of plan) {
    try {
      signal.throwIfAborted();
      const { object, written } = await step(change, cluster, stored);
      if (object !== undefined) stored.set(ownerKey(change.type.resource, object.metadata.name), object);
      outcomes.push({ change, written });
    } catch (cause) {
      throw failure(plan, outcomes, cause);
    }
  }
  return outcomes;
}

/**
 * Has the server judge every write of a plan without storing any (`dryRun=All` runs validation, admission and the
 * escalation check). Throws what the first refused write throws.
 */
export async function dryRun(plan: Plan, cluster: Cluster): Promise<void> {
  const made = new Set(plan.filter(({ action }) => action === "create").map(({ object }) => object.metadata.name));
  for (const change of plan) {
    try {
      await step(change, cluster, new Map(), { dryRun: true });
    } catch (error) {
      // The escalation check of a binding looks its role up; a role that this very plan makes cannot be found yet.
      const role = (change.object["roleRef"] as { name?: string } | undefined)?.name;
      if (!(isNotFound(error) && role !== undefined && made.has(role))) throw failure(plan, [], error);
    }
  }
}

async function step(
  change: Change,
  cluster: Cluster,
  stored: ReadonlyMap<string, KubernetesObject>,
  options: WriteOptions = {},
): Promise<{ object: KubernetesObject | undefined; written: boolean }> {
  const { action, type, object, current } = change;
  const { name = "", namespace } = object.metadata;
  switch (action) {
    case "unchanged":
      return { object: current, written: false };
    case "delete": {
      const { uid } = object.metadata;
      const written = await cluster.delete(type, name, namespace, {
        ...options,
        ...(uid === undefined ? {} : { uid }),
      });
      return { object: undefined, written };
    }
    case "create":
    case "update": {
      const owned = withOwner(change, cluster, stored, options.dryRun === true);
      // The version that the plan was made for: somebody else's write in between is a conflict, not overwritten.
      const version = current?.metadata.resourceVersion;
      const guarded =
        version === undefined ? owned : { ...owned, metadata: { ...owned.metadata, resourceVersion: version } };
      return { object: await cluster.apply(type, guarded, options), written: true };
    }
  }
}

// A dry run has no uid yet; any well-formed one passes, because the garbage collector never sees it.
const PLACEHOLDER_UID = "00000000-0000-0000-0000-000000000000";

function withOwner(
  { object, owner }: Change,
  cluster: Cluster,
  stored: ReadonlyMap<string, KubernetesObject>,
  placeholder: boolean,
): KubernetesObject {
  if (owner === undefined || cluster.offline) return object;
  const uid =
    stored.get(ownerKey(owner.type.resource, owner.name))?.metadata.uid ?? (placeholder ? PLACEHOLDER_UID : undefined);
  if (uid === undefined) throw new Error(`${owner.type.kind} ${owner.name} is not in the plan before what it owns`);
  const reference: OwnerReference = {
    apiVersion: `${owner.type.group}/${owner.type.version}`,
    kind: owner.type.kind,
    name: owner.name,
    uid,
  };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}

const ownerKey = (resource: string, name = "") => `${resource}/${name}`;

function failure(plan: Plan, outcomes: readonly Outcome[], cause: unknown): unknown {
  if (!(cause instanceof UserError)) return cause;
  const done = outcomes.filter(({ written }) => written).map(({ change }) => change);
  const undone = plan.filter((change) => change.action !== "unchanged" && !done.includes(change));
  if (done.length === 0) return new UserError("refused", cause.message, "Nothing was written.", { cause });
  const list = (title: string, changes: readonly Change[]) => [
    `${title}:`,
    ...changes.map((change) => `  ${change.action} ${describeObject(change)}`),
  ];
  const hint = [...list("Done", done), ...list("Not done", undone), "Run the same command again to finish."].join("\n");
  return new UserError("refused", `${cause.message}; only part was done`, hint, { cause });
}

/** `rolebinding.rbac.authorization.k8s.io/NAME in namespace NS`, kubectl's way of naming an object. */
export function describeObject({ type, object }: Pick<Change, "type" | "object">): string {
  const { name = "", namespace } = object.metadata;
  const kind = type.group === "" ? type.kind.toLowerCase() : `${type.kind.toLowerCase()}.${type.group}`;
  return `${kind}/${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
