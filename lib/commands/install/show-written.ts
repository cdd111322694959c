import type { World } from "../../cli/world.ts";
import type { Plan } from "../../kube/cluster.ts";
import { printText, type Paragraph } from "../../view/text.ts";
import { printDiff } from "../plan-diff.ts";
import { planCounts, printPlan } from "../show-plan.ts";
import { writes } from "../write-plan.ts";
import type { WriteMode, Written } from "./write-guarded.ts";

export interface ShownWrite extends Written {
  /** What it means, once it is done. */
  outcome: readonly Paragraph[];
  /** What was carried out of the plan, where that is not all. */
  done?: Plan;
}

/** Prints what was done, or would be; resolves to the exit code. */
export async function showWritten(
  { plan, confirmed, outcome, done = plan }: ShownWrite,
  { diff, dryRun }: Pick<WriteMode, "dryRun"> & { diff: boolean },
  world: World,
): Promise<number> {
  if (diff) return await printDiff(plan, world);
  if (dryRun !== "none") {
    printPlan(plan, { dryRun, output: "table" }, world);
    return 0;
  }
  if (!confirmed) {
    world.note("Nothing was written.");
    return 1;
  }
  const changed = writes(done);
  printText([...outcome, "", ...(changed.length === 0 ? ["Nothing was changed."] : planCounts(changed))], world);
  return 0;
}
