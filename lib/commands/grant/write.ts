import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { ApiError, isAlreadyExists, isConflict } from "../../kubernetes/api-error.ts";
import { apply, type ApplyOptions, type Outcome } from "../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { preflight } from "./preflight.ts";

const ATTEMPTS = 3;

/**
 * Plans, has the server judge the plan, and carries it out. When somebody else wrote at the same time, the plan is made
 * again from what is there now: two grants of the same thing at once end as one. `checked: false` leaves out the server's
 * judgement of the whole, where one part that fails must not keep the others from being done (`keepGoing`).
 */
export async function writePlan<Planned extends { plan: Plan; hooks?: Pick<ApplyOptions, "prepare" | "settled"> }>(
  plan: () => Promise<Planned>,
  cluster: Cluster,
  options: {
    world: World;
    way?: string;
    keepGoing?: boolean;
    checked?: boolean;
    judge: (planned: Planned) => Promise<boolean> | boolean;
  },
): Promise<{ planned: Planned; written: boolean }> {
  const { world, way, keepGoing = false, checked = true, judge } = options;
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan();
    if (!(await judge(planned))) return { planned, written: false };
    const progress = world.progress("checking");
    try {
      const told = (what: string) => (done: number, total: number) => progress.update(`${what} ${done} of ${total}`);
      const changes = planned.plan.filter(({ action }) => action !== "unchanged");
      if (checked && changes.length > 0 && !cluster.offline) {
        await preflight(planned.plan, cluster, {
          signal: world.signal,
          onProgress: told("checked"),
          ...(way === undefined ? {} : { way }),
        });
      }
      const outcomes = await apply(planned.plan, cluster, {
        signal: world.signal,
        keepGoing,
        onProgress: told("wrote"),
        ...planned.hooks,
      });
      return { planned: { ...planned, plan: named(planned.plan, outcomes) }, written: changes.length > 0 };
    } catch (error) {
      if (attempt >= ATTEMPTS || !isRace(error)) throw error;
    } finally {
      progress.end();
    }
  }
}

/** The plan with the names that the server made up. */
function named(plan: Plan, outcomes: readonly Outcome[]): Plan {
  const made = new Map(outcomes.map(({ change, stored }) => [change, stored?.metadata.name]));
  return plan.map((change) => {
    const { object } = change;
    const name = object.metadata.name ?? made.get(change);
    return name === undefined ? change : { ...change, object: { ...object, metadata: { ...object.metadata, name } } };
  });
}

/** Somebody else's write came in between. A conflict of field managers is drift, and stays one. */
function isRace(error: unknown): boolean {
  const cause = rootCause(error);
  if (isAlreadyExists(cause)) return true;
  return isConflict(cause) && cause instanceof ApiError && !cause.detail.startsWith("Apply failed");
}

function rootCause(error: unknown): unknown {
  return error instanceof UserError && !(error instanceof ApiError) ? rootCause(error.cause) : error;
}
