// One step of a plan: what is sent, again where that does no harm, until it can be built upon.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { isSameJson, mergePatch, objectIn, type JsonObject } from "../../json.ts";
import { ApiError, isConflict } from "../../kubernetes/api-error.ts";
import type { Change, Cluster, WriteOptions } from "../cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { FIELD_MANAGER } from "../../kubernetes/field-manager.ts";
import { withOwner } from "../../kubernetes/plan.ts";
import { applyTo } from "../../kubernetes/server-side-apply.ts";
import { applyFirst } from "./apply-first.ts";
import { fieldConflicts } from "./field-conflicts.ts";
import { settle, type SettleOptions } from "./settle.ts";

export interface StepOptions extends SettleOptions {
  /** The object as it is sent, made at the last moment: for what depends on the time. */
  prepare?: (change: Change) => KubernetesObject;
}

interface Context {
  cluster: Cluster;
  /** What was stored before, by `objectKey`: owners have their uid from here. */
  stored: ReadonlyMap<string, KubernetesObject>;
  options: StepOptions;
}

/** Sends the step, and waits for what it must be before anything is built upon it. Throws what the server answers. */
export async function carryOut(change: Change, { cluster, stored, options }: Context): Promise<StepResult> {
  const object = change.action === "delete" ? change.object : (options.prepare?.(change) ?? change.object);
  const result = await repeated(
    object,
    options.signal,
    () => step(change, { cluster, stored, object, dryRun: false }),
    () => storedBefore(change, object, { cluster, stored }),
  );
  if (result.object === undefined || options.settled === undefined) return result;
  try {
    return { ...result, object: await settle(change, result.object, cluster, options) };
  } catch (error) {
    // What nothing may be built upon must not be found by the next run and taken for good.
    const { name = "", namespace, uid } = result.object.metadata;
    if (change.action === "create") {
      await cluster.delete(change.type, name, namespace, uid === undefined ? {} : { uid }).catch(() => false);
    }
    throw error;
  }
}

/** Has the server judge the step without storing anything. Resolves to what it would store; undefined: a deletion. */
export async function judge(
  change: Change,
  { cluster, stored, signal }: Pick<Context, "cluster" | "stored"> & { signal: AbortSignal },
): Promise<KubernetesObject | undefined> {
  const { object } = change;
  const act = (force?: true) => () =>
    step(force === undefined ? change : { ...change, force }, { cluster, stored, object, dryRun: true });
  try {
    return (await repeated(object, signal, act())).object;
  } catch (error) {
    const { managers = [] } = change.adopts ?? {};
    const conflicts = fieldConflicts(error);
    if (conflicts.length === 0 || !conflicts.every(({ manager }) => managers.includes(manager))) throw error;
    // What these managers have will be ours by then.
    return (await repeated(object, signal, act(true))).object;
  }
}

const PAUSES_MILLISECONDS = [100, 500];

/**
 * A server that fails or a connection that breaks may or may not have done the write. Applying and deleting again does no
 * harm: both name one object, and updates name the version they are for. A POST makes another object, so it is sent once.
 * @param lookAgain what is there when a later try finds another version: it may be that of a try whose answer was lost
 */
async function repeated<Result>(
  object: KubernetesObject,
  signal: AbortSignal,
  act: () => Promise<Result>,
  lookAgain: () => Promise<Result | undefined> = async () => await Promise.resolve(undefined),
): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const found = tries > 0 && isConflict(error) ? await lookAgain() : undefined;
      if (found !== undefined) return found;
      const fails = error instanceof ApiError ? error.status >= 500 : isUnreachable(error);
      const pause = object.metadata.name === undefined ? undefined : PAUSES_MILLISECONDS[tries];
      if (!fails || pause === undefined || signal.aborted) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}

/** What is stored already, as the only thing that a try whose answer was lost could have done. */
async function storedBefore(
  change: Change,
  object: KubernetesObject,
  context: Pick<Context, "cluster" | "stored">,
): Promise<StepResult | undefined> {
  const { action, type, current, patch } = change;
  if (action !== "update" && change.isFirst !== true) return undefined;
  const { name = "", namespace, uid } = current?.metadata ?? object.metadata;
  const found = await context.cluster.get(type, name, namespace);
  if (found === undefined || (current !== undefined && found.metadata.uid !== uid)) return undefined;
  const isStored =
    patch === undefined
      ? applyTo(found, owned(change, { ...context, object, dryRun: false }), FIELD_MANAGER) === found
      : isSameJson(mergePatch(found, withoutVersion(patch)), found);
  return isStored ? { object: found, written: true } : undefined;
}

/** What the patch changes, whatever version it is for. */
function withoutVersion(patch: JsonObject): JsonObject {
  const { resourceVersion: _version, ...metadata } = objectIn(patch["metadata"]);
  return { ...patch, metadata };
}

const isUnreachable = (error: unknown) => error instanceof UserError && error.kind === "undetermined";

interface StepResult {
  object: KubernetesObject | undefined;
  written: boolean;
}

async function step(
  change: Change,
  options: {
    cluster: Cluster;
    stored: ReadonlyMap<string, KubernetesObject>;
    object: KubernetesObject;
    dryRun: boolean;
  },
): Promise<StepResult> {
  const { action, type, current, force } = change;
  const { cluster, object } = options;
  const { name = "", namespace } = object.metadata;
  const dry: WriteOptions = options.dryRun ? { dryRun: true } : {};
  switch (action) {
    case "unchanged":
      return { object: current, written: false };
    case "delete": {
      const { uid, resourceVersion } = object.metadata;
      const exact = change.isExact === true && resourceVersion !== undefined ? { resourceVersion } : {};
      const guard = { ...(uid === undefined ? {} : { uid }), ...exact };
      const written = await cluster.delete(type, name, namespace, { ...dry, ...guard });
      return { object: undefined, written };
    }
    case "create":
    case "update": {
      if (change.patch !== undefined)
        return { object: await patched(change, change.patch, cluster, dry), written: true };
      const sent = owned(change, options);
      if (object.metadata.name === undefined || change.isNew === true)
        return { object: await cluster.create(type, sent, dry), written: true };
      // The version that the plan was made for: somebody else's write in between is a conflict, not overwritten. Of an object that is
      // gone the server looks at the uid alone: without it an apply would make it anew.
      const { uid, resourceVersion } = (await takenOver(change, options))?.metadata ?? {};
      const version = resourceVersion === undefined ? {} : { resourceVersion, ...(uid === undefined ? {} : { uid }) };
      const guarded = { ...sent, metadata: { ...sent.metadata, ...version } };
      const write = { ...dry, ...(force === true ? { force } : {}) };
      const stored = await (action === "create" && change.isFirst === true && !cluster.offline
        ? applyFirst(cluster, type, sent, write)
        : cluster.apply(type, guarded, write));
      return { object: await withoutOtherOwners(stored, sent, { ...options, type }), written: true };
    }
  }
}

/** The stored object, after what is to be taken over with it is ours. */
async function takenOver(
  { type, current, adopts }: Change,
  { cluster, dryRun }: { cluster: Cluster; dryRun: boolean },
): Promise<KubernetesObject | undefined> {
  if (adopts === undefined || current === undefined || dryRun) return current;
  const { name = "", namespace, uid, resourceVersion } = current.metadata;
  const metadata = { uid, resourceVersion, managedFields: adopts.managedFields };
  return (await cluster.patch?.(type, name, namespace, { metadata })) ?? current;
}

/** The patch is for the object that the plan was made for; which version of it, where that matters, is in the patch. */
async function patched(
  { type, object, current }: Change,
  patch: Record<string, unknown>,
  cluster: Cluster,
  options: WriteOptions,
): Promise<KubernetesObject> {
  const { name = "", namespace } = object.metadata;
  const { uid } = current?.metadata ?? {};
  const metadata = { ...objectIn(patch["metadata"]), ...(uid === undefined ? {} : { uid }) };
  const stored = await cluster.patch?.(type, name, namespace, { ...patch, metadata }, options);
  if (stored === undefined) throw new Error(`${cluster.place} takes no patches`);
  return stored;
}

/**
 * What is to have one owner has no other: server-side apply leaves the references that somebody else added, and each of them
 * would keep the object when its owner goes.
 */
async function withoutOtherOwners(
  stored: KubernetesObject,
  { metadata: { ownerReferences } }: KubernetesObject,
  { cluster, type, dryRun }: { cluster: Cluster; type: Change["type"]; dryRun: boolean },
): Promise<KubernetesObject> {
  const { name = "", namespace, uid, resourceVersion } = stored.metadata;
  const count = stored.metadata.ownerReferences?.length ?? 0;
  if (ownerReferences === undefined || count <= ownerReferences.length) return stored;
  if (dryRun) return { ...stored, metadata: { ...stored.metadata, ownerReferences } };
  const metadata = { uid, resourceVersion, ownerReferences };
  return (await cluster.patch?.(type, name, namespace, { metadata })) ?? stored;
}

// A dry run has no uid yet; any well-formed one passes, because the garbage collector never sees it.
const PLACEHOLDER_UID = "00000000-0000-0000-0000-000000000000";

function owned(
  { owner }: Change,
  {
    cluster,
    stored,
    object,
    dryRun,
  }: Pick<Context, "cluster" | "stored"> & { object: KubernetesObject; dryRun: boolean },
): KubernetesObject {
  if (owner === undefined || cluster.offline) return object;
  const { uid = dryRun ? PLACEHOLDER_UID : undefined, name = owner.name } =
    stored.get(objectKey(owner.type, owner))?.metadata ?? {};
  if (uid === undefined) throw new Error(`${owner.type.kind} ${owner.name} is not in the plan before what it owns`);
  return withOwner(object, { ...owner, name }, uid);
}

/** By `objectKey`, what has to be there before this step: its owner, and the role that it binds. */
export function needs({ owner, object, type, after = [] }: Change): string[] {
  const role = object["roleRef"] as { kind?: string; name?: string } | undefined;
  const isRole = role?.kind === "Role";
  const roleType = { ...type, resource: isRole ? "roles" : "clusterroles", namespaced: isRole };
  const { namespace = "" } = object.metadata;
  return [
    ...after,
    objectKey(type, object.metadata),
    ...(owner === undefined ? [] : [objectKey(owner.type, owner)]),
    ...(role?.name === undefined ? [] : [objectKey(roleType, { namespace, name: role.name })]),
  ];
}
