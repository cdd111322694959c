import { isDeepStrictEqual } from "node:util";
import { ApiError, isForbidden, isNotFound } from "../../kubernetes/api-error.ts";
import { carryOut, judge, needs, type StepOptions } from "./apply-step.ts";
import { fieldConflicts } from "./field-conflicts.ts";
import { failure, mayBeDone } from "./failure.ts";
import { FINISH_MILLISECONDS, finishDeletions } from "./finish-deletions.ts";
import { MAX_IN_FLIGHT } from "../live/bounded.ts";
import type { Change, Cluster, Plan } from "../cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";

/** What became of one step. `unchanged` steps and objects that were gone already count as done, without a write. */
export interface Outcome {
  change: Change;
  /** False: a deletion found nothing, or another object of the same name. */
  written: boolean;
  /** As it was read back; a name that only the server could make up (`generateName`) is known from here. */
  stored?: KubernetesObject;
}

/** What is done with single steps while a plan is carried out. */
export interface Hooks extends Pick<StepOptions, "prepare" | "settled" | "settleHint"> {
  /**
   * Which deletions are done only when the object is gone: all, or those with a number of milliseconds. What finalizers still
   * hold after that time (default 5 seconds) has them taken off.
   */
  finishesDeletions?: true | ((change: Change) => number | undefined);
  /** Called after each step that was written: also where the plan fails, and is made again. */
  written?: (change: Change) => void;
}

export interface ApplyOptions extends StepOptions, Hooks {
  /** Goes on where it can after a failure: only what needs the failed object is left out. */
  keepGoing?: boolean;
  /** After each step that was sent. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Carries a plan out, stage by stage. A failure ends it with a UserError "refused" that lists what was done, what was not,
 * and of what nobody knows; running the same command again does the rest.
 */
export async function apply(plan: Plan, cluster: Cluster, options: ApplyOptions): Promise<Outcome[]> {
  let outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  const lost = new Set<string>();
  const unclear: Change[] = [];
  const stored = new Map<string, KubernetesObject>();
  const total = plan.filter(({ action }) => action !== "unchanged").length;
  let done = 0;
  for (const stage of splitStages(plan)) {
    if (lost.size === 0 && stage.every((change) => isSettled(change, options))) {
      // Of a plan without writes nobody looks up an owner.
      if (total > 0) for (const change of stage) if (change.current) stored.set(changeKey(change), change.current);
      outcomes = outcomes.concat(stage.map(unwritten));
      continue;
    }
    await inParallel(stage, cluster.offline ? stage.length : MAX_IN_FLIGHT, async (change) => {
      if (failures.length > 0 && options.keepGoing !== true) return;
      if (needs(change).some((key) => lost.has(key))) {
        lost.add(changeKey(change));
        return;
      }
      let isSent = false;
      try {
        options.signal.throwIfAborted();
        isSent = change.action !== "unchanged" && !cluster.offline;
        const { object, written } = await carryOut(change, { cluster, stored, options });
        if (object !== undefined) stored.set(changeKey(change), object);
        outcomes.push({ change, written, ...(object === undefined ? {} : { stored: object }) });
        if (written) options.written?.(change);
        if (change.action !== "unchanged") options.onProgress?.((done += 1), total);
      } catch (error) {
        if (change.optional === true && isNotAllowed(error)) return;
        lost.add(changeKey(change));
        failures.push(error);
        if (isSent && mayBeDone(error)) unclear.push(change);
      }
    });
    const { finishesDeletions } = options;
    if (finishesDeletions === undefined || cluster.offline) continue;
    const wait = (change: Change) => (finishesDeletions === true ? FINISH_MILLISECONDS : finishesDeletions(change));
    const sent = outcomes.filter(
      ({ change, written }) =>
        written && change.action === "delete" && stage.includes(change) && wait(change) !== undefined,
    );
    const waitMilliseconds = Math.max(0, ...sent.map(({ change }) => wait(change) ?? 0));
    try {
      const deletions = sent.map(({ change }) => change);
      const held = await finishDeletions(deletions, cluster, { signal: options.signal, waitMilliseconds });
      if (held === undefined) continue;
      for (const change of held.unfinished) lost.add(changeKey(change));
      failures.push(held.error);
      outcomes = outcomes.filter(({ change }) => !held.unfinished.includes(change));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failure(plan, { outcomes, unclear }, failures[0]);
  return outcomes;
}

/** A step that nothing is sent for, and nothing waited for: a sync has thousands of them. */
function isSettled(change: Change, { settled }: StepOptions): boolean {
  const { action, current } = change;
  if (action !== "unchanged") return false;
  return settled === undefined || (current !== undefined && settled(change, current) === "ready");
}

const unwritten = (change: Change): Outcome => ({
  change,
  written: false,
  ...(change.current === undefined ? {} : { stored: change.current }),
});

export interface Judged {
  /** With what the server would store; an update that would change nothing is "unchanged". */
  plan: Plan;
  /** What could not be judged, because it needs what this very plan makes: a role, a namespace, a definition. */
  unjudged: Change[];
}

/**
 * Has the server judge every write of a plan without storing any (`dryRun=All` runs validation, admission, quota and the
 * escalation check). Throws what a refused write throws.
 */
export async function dryRun(
  plan: Plan,
  cluster: Cluster,
  options: Pick<ApplyOptions, "signal" | "onProgress"> & {
    /** Every step that somebody else's fields are in the way of says so, instead of the first failing the plan. */
    marksConflicts?: boolean;
  },
): Promise<Judged> {
  const needsMade = createdNeeds(plan);
  const stored = new Map(plan.flatMap((change) => (change.current ? [[changeKey(change), change.current]] : [])));
  const unjudged: Change[] = [];
  const refused = new Set<Change>();
  const failures: unknown[] = [];
  const settled = new Map<Change, Change>();
  let done = 0;
  // A step that comes after a deletion of the same name cannot be judged while the object is still there.
  const deleted = new Set(plan.filter(({ action }) => action === "delete").map(changeKey));
  const judged = plan.filter((change) => change.action !== "create" || !deleted.has(changeKey(change)));
  await inParallel(judged, cluster.offline ? judged.length : MAX_IN_FLIGHT, async (change) => {
    if (failures.length > 0) return;
    try {
      options.signal.throwIfAborted();
      const merged = await judge(change, { cluster, stored, signal: options.signal });
      settled.set(change, asJudged(change, merged));
      options.onProgress?.((done += 1), judged.length);
    } catch (error) {
      const conflicts = options.marksConflicts === true ? fieldConflicts(error) : [];
      if (change.optional === true && isNotAllowed(error)) refused.add(change);
      else if ((isNotFound(error) && needsMade(change)) || takesNoDryRun(error)) unjudged.push(change);
      else if (conflicts.length > 0) {
        const forced = await judge({ ...change, force: true }, { cluster, stored, signal: options.signal });
        const taken = asJudged(change, forced);
        // The server fills in defaults after it compares: what would be stored can be what is there.
        settled.set(
          change,
          taken.action === "unchanged" ? taken : { ...change, conflict: conflicts.map(conflictText) },
        );
      } else failures.push(error);
    }
  });
  if (failures.length > 0) throw failure(plan, { outcomes: [], unclear: [] }, failures[0]);
  const kept = plan.filter((change) => !refused.has(change));
  return { plan: kept.map((change) => settled.get(change) ?? change), unjudged };
}

const conflictText = ({ manager, field }: { manager: string; field: string }) => `${field} is managed by ${manager}`;

/**
 * Whether a step needs what the plan itself makes, which cannot be found yet: the escalation check of a binding looks its role
 * up, everything namespaced its namespace, and of a kind without its definition there is nothing.
 */
function createdNeeds(plan: Plan): (change: Change) => boolean {
  const made = new Set(
    plan
      .filter(({ action }) => action === "create")
      .map(({ object: { kind, metadata } }) => `${kind} ${metadata.name}`),
  );
  return ({ type, object }) => {
    const role = object["roleRef"] as { kind?: string; name?: string } | undefined;
    return [
      `${role?.kind} ${role?.name}`,
      `Namespace ${object.metadata.namespace}`,
      `CustomResourceDefinition ${type.resource}.${type.group}`,
    ].some((name) => made.has(name));
  };
}

/** Some webhooks refuse every dry run. Source: apiserver admission/plugin/webhook (sideEffects). */
const takesNoDryRun = (error: unknown) =>
  error instanceof ApiError && error.status === 400 && error.detail.includes("does not support dry run");

function asJudged(change: Change, merged: KubernetesObject | undefined): Change {
  // A name that the server made up for a dry run will not be the one that it makes up afterwards.
  if (merged === undefined || change.object.metadata.name === undefined) return change;
  const { action, current } = change;
  // Before it is taken over, what its old managers no longer apply is still there.
  if (change.adopts !== undefined) return change;
  const isSame = action === "update" && current !== undefined && isSameContent(current, merged);
  return { ...change, merged, ...(isSame ? { action: "unchanged" } : {}) };
}

/** Whether two forms of one object differ only in what the server counts and notes by itself. */
function isSameContent(one: KubernetesObject, other: KubernetesObject): boolean {
  return isDeepStrictEqual(content(one), content(other));
}

function content(object: KubernetesObject): KubernetesObject {
  const {
    managedFields: _f,
    resourceVersion: _v,
    generation: _g,
    creationTimestamp: _c,
    uid: _u,
    ...metadata
  } = object.metadata;
  return { ...object, metadata };
}

/** Also for what it refers to, which the server looks up to judge it. */
const isNotAllowed = (error: unknown) => isForbidden(error) || isNotFound(error);

const changeKey = ({ type, object }: Change) => objectKey(type, object.metadata);

/** Steps that follow each other with the same stage; a step without one is a stage of its own. */
function splitStages(plan: Plan): Plan[] {
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
