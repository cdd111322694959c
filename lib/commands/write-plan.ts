import type { World } from "../cli/world.ts";
import { NOTHING_WRITTEN, UserError } from "../errors.ts";
import { apply, dryRun, type ApplyOptions, type Hooks, type Outcome } from "../kube/apply/apply.ts";
import { changeText, changeTexts } from "../kube/apply/failure.ts";
import type { Change, Cluster, Plan } from "../kube/cluster.ts";
import { listIn, objectIn } from "../json.ts";
import { ApiError, isAlreadyExists, isConflict, isNotFound, serverLines } from "../kubernetes/api-error.ts";
import { rbacIndex } from "../rbac/decide/rbac-index.ts";
import { bindingEscalation } from "../rbac/write/escalation.ts";
import { readAllRbac } from "../reading/rbac-objects.ts";

export interface WriteOptions<Planned> {
  world: Pick<World, "signal" | "progress" | "warn"> & Partial<Pick<World, "wrote">>;
  /** `client`: only planned. `server`: judged by the server too. `none`: carried out. */
  dryRun: "none" | "client" | "server";
  /** Called with the plan before anything is written; false: nothing is. */
  confirm?: (planned: Planned) => Promise<boolean> | boolean;
  /** It is called with the plan as the server judged it, conflicts with other field managers among it. */
  confirmsJudged?: boolean;
  /** One part that fails must not keep the others from being done: the server's judgement of the whole is left out. */
  keepGoing?: boolean;
  /** The command whose output somebody else can apply when the caller may not. */
  way?: string;
  /**
   * Plans what follows from what is there after the writes. Somebody else may have written between this command's reads and its
   * writes: then each has seen only part, and whoever writes last has to bring both together.
   */
  followUp?: (planned: Planned) => Promise<{ plan: Plan; hooks?: Hooks }>;
}

const ATTEMPTS = 8;
const FOLLOW_UPS = 8;

/**
 * The one way in which commands write, but for `install uninstall`, which deletes in stages: plans, has the server judge the whole
 * plan, and carries it out. When somebody else wrote at the same time, the plan is made again from what is there now, so two that
 * want the same end as one.
 */
export async function writePlan<Planned extends { plan: Plan; hooks?: Hooks }>(
  makePlan: () => Promise<Planned>,
  cluster: Cluster,
  options: WriteOptions<Planned>,
): Promise<{ planned: Planned; written: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    const given = attempt === 1 ? await makePlan() : await makePlan().catch(changedMeanwhile);
    const done: Change[] = [];
    try {
      const result = await writeOnce(given, cluster, { ...options, written: (change) => done.push(change) });
      // An attempt before this one may have written all there was.
      if ((result.written || attempt > 1) && !cluster.offline) await bringTogether(result.planned, cluster, options);
      return result;
    } catch (error) {
      if (attempt >= ATTEMPTS || !isRace(error)) throw error;
      options.world.wrote?.(done.map(changeText));
    }
  }
}

/** Carries out what follows until nothing does. What was to be written is written by then: a failure here is a warning. */
async function bringTogether<Planned>(
  planned: Planned,
  cluster: Cluster,
  { world, followUp }: Pick<WriteOptions<Planned>, "world" | "followUp">,
): Promise<void> {
  if (followUp === undefined) return;
  let failure: unknown;
  for (let round = 1; round <= FOLLOW_UPS; round += 1) {
    try {
      const { plan, hooks } = await followUp(planned);
      if (writes(plan).length === 0) return;
      const outcomes = await apply(plan, cluster, { signal: world.signal, keepGoing: true, ...hooks });
      world.wrote?.(changeTexts(outcomes));
    } catch (error) {
      if (!(error instanceof UserError) || error.kind === "interrupted") throw error;
      // What the same words say is not there any more: a team that was moved, a namespace that was deleted.
      if (error.kind === "usage") changedMeanwhile(error);
      failure = error;
      if (!isRace(error)) break;
    }
  }
  const why = failure instanceof UserError ? failure.message : "others go on changing it";
  world.warn(
    `this is done, but what others changed at the same time may not be in it (${why}). Finish it: kubectl mirrord grant sync`,
  );
}

/** The same words could be planned a moment ago: since then somebody else has written, or this command has and the answer was lost. */
export function changedMeanwhile(error: unknown): never {
  if (!(error instanceof UserError) || error.kind !== "usage") throw error;
  throw new UserError(
    "refused",
    ["what was to be changed has changed meanwhile; the change may have been made already:", ...error.lines],
    ["Look at what there is now: where it is not what you want, run the same command again."],
    { cause: error },
  );
}

async function writeOnce<Planned extends { plan: Plan; hooks?: Hooks }>(
  given: Planned,
  cluster: Cluster,
  {
    world,
    dryRun: mode,
    confirm,
    confirmsJudged = false,
    keepGoing = false,
    way,
    written,
  }: WriteOptions<Planned> & { written: (change: Change) => void },
): Promise<{ planned: Planned; written: boolean }> {
  if (mode === "client") return { planned: given, written: false };
  const isConfirmed = async (planned: Planned) => mode !== "none" || (await confirm?.(planned)) !== false;
  if (!confirmsJudged && !(await isConfirmed(given))) return { planned: given, written: false };
  const { signal } = world;
  const plan = keepGoing
    ? given.plan
    : await withProgress("checking", "checked", world, (onProgress) =>
        judgedPlan(given.plan, cluster, { signal, onProgress, way, marksConflicts: confirmsJudged }),
      );
  const planned = { ...given, plan };
  if (mode === "server" || (confirmsJudged && !(await isConfirmed(planned)))) return { planned, written: false };
  const outcomes = await withProgress("writing", "wrote", world, (onProgress) =>
    apply(plan, cluster, {
      signal,
      keepGoing,
      onProgress,
      ...given.hooks,
      written: both(written, given.hooks?.written),
    }),
  );
  world.wrote?.(changeTexts(outcomes));
  return { planned: { ...given, plan: asStored(plan, outcomes) }, written: plan.some(isWrite) };
}

const both = (one: (change: Change) => void, other: ((change: Change) => void) | undefined) => (change: Change) => {
  one(change);
  other?.(change);
};

async function withProgress<Result>(
  label: string,
  done: string,
  world: Pick<World, "progress">,
  act: (onProgress: (count: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = world.progress(label);
  try {
    return await act((count, total) => progress.update(`${done} ${count} of ${total}`));
  } finally {
    progress.end();
  }
}

const isWrite = ({ action }: Plan[number]) => action !== "unchanged";

/** What would change; the steps of a plan that are no writes are left out. */
export const writes = (plan: Plan): Plan => plan.filter(isWrite);

/**
 * Has the server judge the whole plan before anything is written: rights, escalation, quota, admission. What needs an object that
 * the plan itself makes cannot be judged so: that is foreseen from access reviews, and a binding from the RBAC objects, where
 * they may be read.
 */
async function judgedPlan(
  plan: Plan,
  cluster: Cluster,
  {
    way,
    ...options
  }: Pick<ApplyOptions, "signal" | "onProgress"> & { way: string | undefined; marksConflicts: boolean },
): Promise<Plan> {
  try {
    if (!plan.some(isWrite)) return plan;
    const judged = await dryRun(plan, cluster, options);
    if (judged.unjudged.length > 0) await foresee(plan, judged.unjudged, cluster);
    return judged.plan;
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== "refused" || way === undefined) throw error;
    const hints = [...error.hints, `Somebody who may can apply what this prints: ${way}`];
    throw new UserError("refused", error.lines, hints, { cause: error });
  }
}

async function foresee(plan: Plan, unjudged: Plan, cluster: Cluster): Promise<void> {
  const [user, rbac] = await Promise.all([cluster.identity(), readAllRbac(cluster), foreseeRights(unjudged, cluster)]);
  if (rbac.unreadable.length > 0) return;
  const made = plan.filter(({ action, type }) => action === "create" && type.kind.endsWith("Role"));
  const index = rbacIndex([...rbac.objects, ...made.map(({ object }) => object)]);
  for (const { object } of unjudged) {
    const message = bindingEscalation(index, user, object);
    if (message === undefined) continue;
    throw new UserError("refused", serverLines(`Error from server (Forbidden): ${message}`), NOTHING_WRITTEN);
  }
}

/** A server-side apply of what is not there takes two verbs. */
async function foreseeRights(unjudged: Plan, cluster: Cluster): Promise<void> {
  const questions = unjudged.flatMap(({ type, object }) =>
    ["patch", "create"].map((verb) => ({
      verb,
      apiGroup: type.group,
      resource: type.resource,
      namespace: object.metadata.namespace ?? "",
      name: verb === "create" ? "" : (object.metadata.name ?? ""),
    })),
  );
  const answers = await cluster.review(questions);
  const refused = questions.find((_, index) => answers[index]?.answer === "no");
  if (refused === undefined) return;
  const { verb, apiGroup, resource, namespace } = refused;
  const where = namespace === "" ? "" : ` in namespace ${namespace}`;
  const what = `${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${where}`;
  throw new UserError("refused", `you may not ${verb} ${what}`, NOTHING_WRITTEN);
}

/** The plan with what is stored now, and the names that the server made up. */
function asStored(plan: Plan, outcomes: readonly Outcome[]): Plan {
  const stored = new Map(outcomes.map((outcome) => [outcome.change, outcome.stored]));
  return plan.map((change) => {
    const merged = stored.get(change);
    if (merged === undefined || merged === change.current) return change;
    const { object } = change;
    const { name = "" } = merged.metadata;
    return { ...change, merged, object: { ...object, metadata: { ...object.metadata, name } } };
  });
}

/** Somebody else's write came in between. A conflict of field managers is drift, and stays one. */
function isRace(error: unknown): boolean {
  const cause = rootCause(error);
  if (isAlreadyExists(cause) || isNamespaceGoing(cause)) return true;
  return isConflict(cause) && cause instanceof ApiError && !cause.detail.startsWith("Apply failed");
}

/** It was there when the plan was made. Source: apimachinery CauseType NamespaceTerminating, a 403. */
function isNamespaceGoing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const causes = listIn(error.details["causes"]).map(objectIn);
  return (
    causes.some(({ reason }) => reason === "NamespaceTerminating") ||
    (isNotFound(error) && error.details["kind"] === "namespaces")
  );
}

function rootCause(error: unknown): unknown {
  return error instanceof UserError && !(error instanceof ApiError) ? rootCause(error.cause) : error;
}
