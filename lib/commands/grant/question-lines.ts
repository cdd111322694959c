import { bindingText } from "../../access/change-text.ts";
import type { Plan } from "../../kube/cluster.ts";
import { planLines } from "../show-plan.ts";

/** Each change with whom it gives or takes what, and where. */
export function questionLines(changes: Plan): string[] {
  const lines = planLines(changes, "client");
  return changes.map((change, at) => [lines[at] ?? "", bindingText(change)].filter((part) => part !== "").join(": "));
}
