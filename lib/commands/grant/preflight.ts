import { UserError } from "../../errors.ts";
import { serverLines } from "../../kubernetes/api-error.ts";
import { dryRun, type ApplyOptions } from "../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { writePreflight } from "../../rbac/write/write-preflight.ts";

/**
 * Has the server judge the whole plan before anything is written: rights, escalation, quota, admission. A binding to a role
 * that the plan itself makes cannot be judged so; that is foreseen from the RBAC objects, where they may be read.
 * Throws UserError "refused" with `way`, what to run so that somebody else can apply it.
 */
export async function preflight(
  plan: Plan,
  cluster: Cluster,
  { way, ...options }: Pick<ApplyOptions, "signal" | "onProgress"> & { way?: string },
): Promise<void> {
  try {
    const unjudged = await dryRun(plan, cluster, options);
    if (unjudged.length > 0) await foresee(plan, unjudged, cluster);
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== "refused" || way === undefined) throw error;
    const hints = [...error.hints, `Somebody who may can apply what this prints: ${way}`];
    throw new UserError("refused", error.lines, hints, { cause: error });
  }
}

async function foresee(plan: Plan, unjudged: Plan, cluster: Cluster): Promise<void> {
  const [user, rbac] = await Promise.all([cluster.identity(), readAllRbac(cluster)]);
  if (rbac.unreadable.length > 0) return;
  const made = plan.filter(({ action, type }) => action === "create" && type.kind.endsWith("Role"));
  const { predict } = writePreflight([...rbac.objects, ...made.map(({ object }) => object)]);
  for (const { object } of unjudged) {
    const { allowed, message } = predict({ user, verb: "apply", object });
    if (allowed) continue;
    throw new UserError("refused", serverLines(`Error from server (Forbidden): ${message}`), "Nothing was written.");
  }
}
