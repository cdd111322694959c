import { isJsonObject } from "../../lib/json.ts";

/** A plan or a step of one, without what was there before and what a patch makes of it: for texts that are kept. */
export function shownPlan(planned: unknown): unknown {
  if (Array.isArray(planned)) return planned.map(shownPlan);
  if (!isJsonObject(planned) || !isJsonObject(planned["type"])) return planned;
  const { type: _type, current, merged: _merged, ...step } = planned;
  return { ...step, type: planned["type"]["resource"], hasCurrent: current !== undefined };
}
