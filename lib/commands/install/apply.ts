import type { ConnectOptions, World } from "../../cli/world.ts";
import { UserError, usageError } from "../../errors.ts";
import { readCurrent } from "../../install/plan/current.ts";
import { installPlan } from "../../install/plan/plan.ts";
import { refuseMove } from "../../install/plan/faults.ts";
import { typedObjects } from "../../install/plan/typed-objects.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { connectBounded } from "../connection.ts";
import { printDiff } from "../plan-diff.ts";
import { foldedPlan, printPlan } from "../show-plan.ts";
import { writePlan, writes } from "../write-plan.ts";
import { helmTakeover } from "./helm-release.ts";
import { definitionHooks } from "./hooks.ts";
import { showResult } from "./result.ts";
import { readSource, type Source, type SourceOptions } from "./source.ts";
import { waitForOperator } from "./waits.ts";

export interface ApplyOptions extends SourceOptions, ConnectOptions {
  adopt: boolean;
  forceConflicts: boolean;
  diff: boolean;
  dryRun: "none" | "client" | "server";
  yes: boolean;
  noWait: boolean;
  /** Milliseconds. */
  timeout: number;
  namespace?: string | undefined;
}

/** What else is to be said of a plan before it is carried out. */
export type Preview = (cluster: Cluster, plan: Plan) => Promise<{ notes: string[]; warnings: string[] }>;

/** Installs; resolves to the exit code. */
export async function applyInstallation(options: ApplyOptions, world: World, preview?: Preview): Promise<number> {
  const source = readSource(options);
  try {
    return await applySource(source, options, world, preview);
  } catch (error) {
    throw error instanceof UserError ? withoutTexts(error, source.secrets) : error;
  }
}

async function applySource(
  source: Source,
  options: ApplyOptions,
  world: World,
  preview: Preview | undefined,
): Promise<number> {
  const { namespace: _operators, diff, dryRun, ...connection } = options;
  if (source.hooks.length > 0) {
    world.note(`Left out, because Helm runs it at a time of its own: ${source.hooks.join(", ")}`);
  }
  const cluster = await connectBounded(connection, world);
  refuseFiles(cluster, source);
  const makePlan = async () => previewed(await makeInstallPlan(source, cluster, options), cluster, preview);
  const { planned, written } = await writePlan(makePlan, cluster, {
    world,
    dryRun: diff && dryRun === "none" ? "server" : dryRun,
    confirmsJudged: true,
    confirm: (judged) => confirm(judged, options, world),
    way: "kubectl mirrord install -o yaml",
  });
  for (const warning of planned.warnings) world.warn(warning);
  if (diff) return await printDiff(planned.plan, world);
  if (dryRun !== "none") {
    if (preview !== undefined) world.note(planned.notes);
    printPlan(planned.plan, { dryRun, output: "table" }, world);
    refuseConflicts(planned.plan);
    return 0;
  }
  if (!written && writes(planned.plan).length > 0) {
    world.note("Nothing was written.");
    return 1;
  }
  const objects = planned.plan.filter(({ action }) => action !== "delete").map(({ object }) => object);
  const isWaitedFor = !cluster.offline && !options.noWait;
  const waits = { world, timeoutMilliseconds: options.timeout };
  const info = isWaitedFor ? await waitForOperator(objects, cluster, waits) : undefined;
  return showResult({ plan: planned.plan, info, objects }, world);
}

/** A server, or a log, may repeat what it was given. */
function withoutTexts(error: UserError, secrets: readonly string[]): UserError {
  const hide = (line: string) => secrets.reduce((text, secret) => text.replaceAll(secret, "***"), line);
  const isHeld = [...error.lines, ...error.hints].some((line) => hide(line) !== line);
  return isHeld ? new UserError(error.kind, error.lines.map(hide), error.hints.map(hide)) : error;
}

/** Files are kept in repositories. */
function refuseFiles({ offline }: Cluster, { secrets }: Source): void {
  if (!offline || secrets.length === 0) return;
  throw usageError("the values hold a secret, which would be written into a file", [
    "Put the licence key into a Secret of the cluster, as OPERATOR_LICENSE_KEY, and name it: --license-secret NAME",
  ]);
}

interface Planned {
  plan: Plan;
  warnings: string[];
  notes: string[];
  hooks: ReturnType<typeof definitionHooks>;
}

async function makeInstallPlan(source: Source, cluster: Cluster, options: ApplyOptions): Promise<Planned> {
  const objects = await typedObjects(source.objects, cluster, source.namespace ?? cluster.namespace);
  const state = await readCurrent(cluster, objects);
  const current = state.stored.map(({ object }) => object);
  refuseMove(source.objects, current);
  const helm = await helmTakeover(cluster, current, options.adopt);
  const planned = installPlan(objects, state, { helm, forceConflicts: options.forceConflicts });
  return { ...planned, hooks: definitionHooks(cluster) };
}

async function previewed(planned: Planned, cluster: Cluster, preview: Preview | undefined): Promise<Planned> {
  if (preview === undefined) return planned;
  const { notes, warnings } = await preview(cluster, planned.plan);
  return { ...planned, notes: [...notes, ...planned.notes], warnings: [...planned.warnings, ...warnings] };
}

/** Shows the plan, and asks where nobody has said yes. */
async function confirm({ plan, warnings, notes }: Planned, { yes }: ApplyOptions, world: World): Promise<boolean> {
  if (writes(plan).length === 0) return true;
  world.note(["To be done:", "", ...foldedPlan(plan), ...notes.map((note) => `  note: ${note}`), ""]);
  for (const warning of warnings) world.warn(warning);
  refuseConflicts(plan);
  return yes || (await world.ask.confirm("Go on?", "--yes"));
}

function refuseConflicts(plan: Plan): void {
  const count = plan.filter(({ conflict }) => conflict !== undefined).length;
  if (count === 0) return;
  throw new UserError(
    "refused",
    `somebody else manages fields of ${count === 1 ? "one object" : `${count} objects`} that would change`,
    ["To take them over: --force-conflicts", "Nothing was written."],
  );
}
