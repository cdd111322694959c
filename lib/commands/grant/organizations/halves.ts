import type { World } from "../../../cli/world.ts";
import type { Hooks } from "../../../kube/apply/apply.ts";
import type { Change, Cluster, Plan } from "../../../kube/cluster.ts";
import { changedMeanwhile, writePlan } from "../../write-plan.ts";
import type { OrganizationsSeen } from "./change.ts";

/** Of a change in two halves: all that it gives is there before it takes anything. */
export interface Halves {
  /**
   * Written first, once the server has judged the whole: what keeps others from changing the same meanwhile. Throws UserError
   * "usage" where others are at it.
   */
  begin(seen: OrganizationsSeen): Plan;
  /** Takes that back. */
  giveUp(seen: OrganizationsSeen): Plan;
  /** Called between the two, after which the change is decided anew. */
  check(see: () => Promise<OrganizationsSeen>): Promise<void>;
  /** Written then: from now on what goes is taken by this change, and by nobody else. */
  settle(seen: OrganizationsSeen): Plan;
}

interface HalvedPlan {
  plan: Plan;
  hooks: Hooks;
  /** Those of the plan's steps that are left to the second half. */
  takes: ReadonlySet<Change>;
}

/** Writes everything of the change that takes nothing away. */
export async function writeFirstHalf<Planned extends HalvedPlan>(
  { plan, check, settle, ...beginning }: Halves & { plan(): Promise<Planned>; see(): Promise<OrganizationsSeen> },
  cluster: Cluster,
  world: World,
): Promise<Planned> {
  await writePlan(plan, cluster, { world, dryRun: "server" });
  await beginAlone(beginning, cluster, world);
  const planGiven = async () => {
    const planned = await plan().catch(changedMeanwhile);
    return { ...planned, plan: planned.plan.filter((change) => !planned.takes.has(change)) };
  };
  const { planned } = await writePlan(planGiven, cluster, { world, dryRun: "none" });
  const { see } = beginning;
  await check(see);
  const planSettling = async () => ({ plan: await see().then(settle).catch(changedMeanwhile) });
  await writePlan(planSettling, cluster, { world, dryRun: "none" });
  return planned;
}

/**
 * Two that begin at once, at two objects, may not have seen each other. Each looks again when it has begun, so that at least one of
 * them sees the other, and nothing but what began it is there to be taken back.
 */
async function beginAlone(
  { see, begin, giveUp }: Pick<Halves, "begin" | "giveUp"> & { see(): Promise<OrganizationsSeen> },
  cluster: Cluster,
  world: World,
): Promise<void> {
  const wrote: string[] = [];
  const quiet = { ...world, wrote: (lines: readonly string[]) => void wrote.push(...lines) };
  const write = async (step: (seen: OrganizationsSeen) => Plan) =>
    await writePlan(async () => ({ plan: step(await see()) }), cluster, { world: quiet, dryRun: "none" });
  const { written } = await write(begin);
  try {
    if (written) begin(await see());
  } catch (error) {
    // What began it stays where it cannot be taken back: after Ctrl-C nothing is sent.
    await write(giveUp).catch(() => world.wrote?.(wrote));
    throw error;
  }
  world.wrote?.(wrote);
}
