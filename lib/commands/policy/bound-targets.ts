import { policiesOn, type MirrordPolicy } from "../../mirrord/policy.ts";
import { plainPlan } from "../../mirrord/plan/session-plan.ts";
import type { ListedTarget } from "./targets.ts";

/** The targets that a policy applies to, as they are given. */
export function boundTargets(policy: MirrordPolicy, targets: readonly ListedTarget[]): ListedTarget[] {
  return targets.filter(({ target, namespace, labels }) => {
    const plan = { ...plainPlan("mirror", target, namespace), copy: false, related: [] };
    return policiesOn([policy], plan, labels)(plan).policies[0]?.asGiven === "yes";
  });
}
