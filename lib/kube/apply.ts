import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { ApiError, isNotFound } from "./api-error.ts";
import type { Change, Cluster, KubernetesObject, OwnerReference, Plan, WriteOptions } from "./cluster.ts";

/** What became of one step. `unchanged` steps and objects that were gone already count as done, without a write. */
export interface Outcome {
  change: Change;
  /** False: a deletion found nothing, or another object of the same name. */
  written: boolean;
}

export interface ApplyOptions {
  signal: AbortSignal;
  /** The object as it is sent, made at the last moment: for what depends on the time. */
  prepare?: (change: Change) => KubernetesObject;
  /** Whether what is stored may be built upon: `wait` asks again, a text is why not, and ends the plan. */
  settled?: (change: Change, stored: KubernetesObject) => "ready" | "wait" | { fault: string };
  /** How long to wait for that; default 30 seconds. */
  settleMilliseconds?: number;
  /** Goes on where it can after a failure: only what needs the failed object is left out. */
  keepGoing?: boolean;
  /** After each step that was sent. */
  onProgress?: (done: number, total: number) => void;
}

/** As many requests as may be under way at once. */
const MAX_IN_FLIGHT = 16;

/**
 * Carries a plan out, stage by stage. A failure ends it with a UserError "refused" that lists what was done and what was
 * not; running the same command again does the rest.
 */
export async function apply(plan: Plan, cluster: Cluster, options: ApplyOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  const lost = new Set<string>();
  const stored = new Map<string, KubernetesObject>();
  const total = plan.filter(({ action }) => action !== "unchanged").length;
  let done = 0;
  for (const stage of stagesOf(plan)) {
    if (failures.length > 0 && options.keepGoing !== true) break;
    await inParallel(stage, cluster.offline ? stage.length : MAX_IN_FLIGHT, async (change) => {
      if (failures.length > 0 && options.keepGoing !== true) return;
      if (needs(change).some((key) => lost.has(key))) {
        lost.add(keyOf(change));
        return;
      }
      try {
        options.signal.throwIfAborted();
        const { object, written } = await carryOut(change, { cluster, stored, options });
        if (object !== undefined) stored.set(keyOf(change), object);
        outcomes.push({ change, written });
        if (change.action !== "unchanged") options.onProgress?.((done += 1), total);
      } catch (error) {
        lost.add(keyOf(change));
        failures.push(error);
      }
    });
  }
  if (failures.length > 0) throw failure(plan, outcomes, failures[0]);
  return outcomes;
}

/**
 * Has the server judge every write of a plan without storing any (`dryRun=All` runs validation, admission, quota and the
 * escalation check). Throws what a refused write throws. Resolves to the bindings that it could not judge, because they
 * bind a role that this very plan makes.
 */
export async function dryRun(
  plan: Plan,
  cluster: Cluster,
  options: Pick<ApplyOptions, "signal" | "onProgress">,
): Promise<Change[]> {
  const made = new Set(plan.filter(({ action }) => action === "create").map(({ object }) => object.metadata.name));
  const unjudged: Change[] = [];
  const failures: unknown[] = [];
  let done = 0;
  // Steps that come after a deletion of the same name cannot be judged while the object is still there.
  const deleted = new Set(plan.filter(({ action }) => action === "delete").map(keyOf));
  const judged = plan.filter((change) => change.action !== "create" || !deleted.has(keyOf(change)));
  await inParallel(judged, cluster.offline ? judged.length : MAX_IN_FLIGHT, async (change) => {
    if (failures.length > 0) return;
    try {
      options.signal.throwIfAborted();
      const judge = () => step(change, { cluster, stored: new Map(), object: change.object, dryRun: true });
      await repeated(change.object, options.signal, judge);
      options.onProgress?.((done += 1), judged.length);
    } catch (error) {
      // The escalation check of a binding looks its role up; a role that this very plan makes cannot be found yet.
      const role = (change.object["roleRef"] as { name?: string } | undefined)?.name;
      if (isNotFound(error) && role !== undefined && made.has(role)) unjudged.push(change);
      else failures.push(error);
    }
  });
  if (failures.length > 0) throw failure(plan, [], failures[0]);
  return unjudged;
}

/** Steps that follow each other with the same stage; a step without one is a stage of its own. */
function stagesOf(plan: Plan): Plan[] {
  const stages: Plan[] = [];
  for (const change of plan) {
    const last = stages.at(-1);
    if (last !== undefined && change.stage !== undefined && last[0]?.stage === change.stage) last.push(change);
    else stages.push([change]);
  }
  return stages;
}

async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

interface Context {
  cluster: Cluster;
  stored: ReadonlyMap<string, KubernetesObject>;
  options: ApplyOptions;
}

async function carryOut(change: Change, { cluster, stored, options }: Context): Promise<StepResult> {
  const object = change.action === "delete" ? change.object : (options.prepare?.(change) ?? change.object);
  const result = await repeated(object, options.signal, () => step(change, { cluster, stored, object, dryRun: false }));
  if (result.object === undefined || options.settled === undefined) return result;
  try {
    return { ...result, object: await settle(change, result.object, { cluster, stored, options }) };
  } catch (error) {
    // What nothing may be built upon must not be found by the next run and taken for good.
    const { name = "", namespace, uid } = result.object.metadata;
    if (change.action === "create") {
      await cluster.delete(change.type, name, namespace, uid === undefined ? {} : { uid }).catch(() => false);
    }
    throw error;
  }
}

const PAUSES_MILLISECONDS = [100, 500];

/**
 * A server that fails or a connection that breaks may or may not have done the write. Applying and deleting again does no
 * harm: both name one object, and updates name the version they are for. A POST makes another object, so it is sent once.
 */
async function repeated<Result>(
  object: KubernetesObject,
  signal: AbortSignal,
  act: () => Promise<Result>,
): Promise<Result> {
  for (const pause of object.metadata.name === undefined ? [] : PAUSES_MILLISECONDS) {
    try {
      return await act();
    } catch (error) {
      const fails = error instanceof ApiError ? error.status >= 500 : isUnreachable(error);
      if (!fails || signal.aborted) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
  return await act();
}

const isUnreachable = (error: unknown) => error instanceof UserError && error.kind === "undetermined";

const SETTLE_MILLISECONDS = 30_000;

async function settle(
  change: Change,
  written: KubernetesObject,
  { cluster, options: { signal, settled, settleMilliseconds = SETTLE_MILLISECONDS } }: Context,
): Promise<KubernetesObject> {
  const { name = "", namespace, uid } = written.metadata;
  const until = performance.now() + settleMilliseconds;
  let seen: KubernetesObject | undefined = written;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    if (seen === undefined || seen.metadata.uid !== uid) {
      throw new UserError(
        "refused",
        `${describeObject({ type: change.type, object: written })} is gone or another one`,
      );
    }
    const state = settled?.(change, seen) ?? "ready";
    if (state === "ready") return seen;
    const what = describeObject({ type: change.type, object: written });
    if (typeof state === "object") throw new UserError("refused", `${what} ${state.fault}`);
    if (performance.now() > until) {
      throw new UserError(
        "refused",
        `${what} was not completed within ${settleMilliseconds / 1000} seconds`,
        "Does the controller-manager run? Without it no access ends by itself.",
      );
    }
    await sleep(pause, undefined, { signal });
    seen = await cluster.get(change.type, name, namespace);
  }
}

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
      const { uid } = object.metadata;
      const written = await cluster.delete(type, name, namespace, { ...dry, ...(uid === undefined ? {} : { uid }) });
      return { object: undefined, written };
    }
    case "create":
    case "update": {
      const owned = withOwner(change, options);
      if (object.metadata.name === undefined) return { object: await cluster.create(type, owned, dry), written: true };
      // The version that the plan was made for: somebody else's write in between is a conflict, not overwritten.
      const version = current?.metadata.resourceVersion;
      const guarded =
        version === undefined ? owned : { ...owned, metadata: { ...owned.metadata, resourceVersion: version } };
      const write = { ...dry, ...(force === true ? { force } : {}) };
      return { object: await cluster.apply(type, guarded, write), written: true };
    }
  }
}

// A dry run has no uid yet; any well-formed one passes, because the garbage collector never sees it.
const PLACEHOLDER_UID = "00000000-0000-0000-0000-000000000000";

function withOwner(
  { owner }: Change,
  {
    cluster,
    stored,
    object,
    dryRun: placeholder,
  }: { cluster: Cluster; stored: ReadonlyMap<string, KubernetesObject>; object: KubernetesObject; dryRun: boolean },
): KubernetesObject {
  if (owner === undefined || cluster.offline) return object;
  const { metadata } = stored.get(ownerKey(owner)) ?? {};
  const uid = metadata?.uid ?? (placeholder ? PLACEHOLDER_UID : undefined);
  if (uid === undefined) throw new Error(`${owner.type.kind} ${owner.name} is not in the plan before what it owns`);
  const reference: OwnerReference = {
    apiVersion: `${owner.type.group}/${owner.type.version}`,
    kind: owner.type.kind,
    name: metadata?.name ?? owner.name,
    uid,
  };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}

const ownerKey = ({ type, namespace = "", name }: NonNullable<Change["owner"]>) =>
  [type.resource, namespace, name].join("\0");

function keyOf({ type, object: { metadata } }: Change): string {
  return ownerKey({ type, namespace: metadata.namespace ?? "", name: metadata.name ?? metadata.generateName ?? "" });
}

/** What has to be there before this step: its owner, and the role that it binds. */
function needs(change: Change): string[] {
  const { owner, object, type } = change;
  const role = object["roleRef"] as { kind?: string; name?: string } | undefined;
  const resource = role?.kind === "Role" ? "roles" : "clusterroles";
  const namespace = role?.kind === "Role" ? (object.metadata.namespace ?? "") : "";
  return [
    keyOf(change),
    ...(owner === undefined ? [] : [ownerKey(owner)]),
    ...(role?.name === undefined ? [] : [ownerKey({ type: { ...type, resource }, namespace, name: role.name })]),
  ];
}

function failure(plan: Plan, outcomes: readonly Outcome[], error: unknown): unknown {
  // A pause that is cut short wraps the reason of the signal.
  const cause = error instanceof Error && error.name === "AbortError" ? error.cause : error;
  if (!(cause instanceof UserError)) return error;
  const kind = cause.kind === "interrupted" ? "interrupted" : "refused";
  const done = outcomes.filter(({ written }) => written).map(({ change }) => change);
  const undone = plan.filter((change) => change.action !== "unchanged" && !done.includes(change));
  const own = cause.hint === undefined ? [] : [cause.hint];
  if (done.length === 0)
    return new UserError(kind, cause.message, [...own, "Nothing was written."].join("\n"), { cause });
  const list = (title: string, changes: readonly Change[]) => [
    `${title}:`,
    ...changes.map((change) => `  ${change.action} ${describeObject(change)}`),
  ];
  const hint = [
    ...own,
    ...list("Done", done),
    ...list("Not done", undone),
    "Run the same command again to finish.",
  ].join("\n");
  return new UserError(kind, `${cause.message}; only part was done`, hint, { cause });
}

/** `rolebinding.rbac.authorization.k8s.io/NAME in namespace NS`, kubectl's way of naming an object. */
export function describeObject({ type, object }: Pick<Change, "type" | "object">): string {
  const { name, generateName = "", namespace } = object.metadata;
  const kind = type.group === "" ? type.kind.toLowerCase() : `${type.kind.toLowerCase()}.${type.group}`;
  return `${kind}/${name ?? `${generateName}…`}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
