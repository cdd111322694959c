import type { World } from "../../cli/world.ts";
import type { Plan } from "../../kube/cluster.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { describeChanges, printPlan } from "../show-plan.ts";
import { writes } from "../write-plan.ts";

export interface ChangeOptions {
  dryRun: "none" | "client" | "server";
  output: "table" | "json" | "yaml" | "name";
}

/** What a command changed, or would: as a document of this kind, by its objects, or in the sentences that say what it means. */
export async function showChange(
  kind: string,
  { plan, sentences }: { plan: Plan; sentences: readonly string[] },
  { dryRun, output }: ChangeOptions,
  world: World,
): Promise<void> {
  const changes = writes(plan);
  if (output === "json" || output === "yaml") {
    await printDocument({ apiVersion: API_VERSION, kind, dryRun, changes: describeChanges(changes) }, output, world);
    return;
  }
  if (output === "name" || dryRun !== "none") {
    printPlan(changes, { dryRun, output: output === "name" ? output : "table" }, world);
    if (changes.length === 0 && output !== "name") world.note("Nothing would change.");
    return;
  }
  printText(changes.length === 0 ? ["Nothing was changed."] : sentences, world);
}
