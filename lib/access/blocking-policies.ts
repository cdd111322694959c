import { plainPlan } from "../mirrord/plan/session-plan.ts";
import { matchPolicies, type MirrordPolicy } from "../mirrord/policy.ts";
import { readPolicy, type PolicyRef } from "../mirrord/policy/spec.ts";
import type { WorkloadTarget } from "../mirrord/target.ts";

/** A policy that takes something of what a grant gives. */
export interface BlockingPolicy {
  policy: PolicyRef;
  /** What `spec.block` takes: `steal`. */
  features: string[];
  /** A session without a mirrord profile is refused. */
  requiresProfile: boolean;
  /** Stealing is refused without a header filter. False where stealing is blocked altogether. */
  requiresHeaderFilter: boolean;
  /** What it says and this program does not know: `spec.splitQueues`. It may refuse a session. */
  unknown: string[];
  /** Whether it reaches all that the grant is for; "perhaps" where only the target's labels, pods or owners could say. */
  reach: "all" | "some" | "perhaps";
}

const granted = ["mirror", "steal", "steal-without-filter"];

/**
 * The policies that may refuse somebody who mirrors or steals, and sets nothing else, where a grant holds.
 * @param namespaces undefined: everywhere
 * @param targets what it is limited to; none: no limit
 */
export function blockingPolicies(
  policies: readonly MirrordPolicy[],
  namespaces: readonly string[] | undefined,
  targets: readonly WorkloadTarget[],
): BlockingPolicy[] {
  return policies.flatMap((policy): BlockingPolicy[] => {
    const { ref, targetPath, selector } = readPolicy(policy);
    const limits = policyLimits(policy);
    const isElsewhere = ref.namespace !== undefined && namespaces?.includes(ref.namespace) === false;
    if (isElsewhere || limits === undefined) return [];
    const isLimited = targetPath !== undefined || selector !== undefined;
    const everywhere = ref.namespace === undefined || namespaces?.length === 1;
    if (!isLimited || targets.length === 0)
      return [{ policy: ref, ...limits, reach: isLimited || !everywhere ? "some" : "all" }];
    const places = ref.namespace === undefined ? (namespaces ?? []) : [ref.namespace];
    const answers = places.flatMap((place) => targets.flatMap((target) => targetReach(policy, target, place)));
    if (answers.length > 0 && answers.every((answer) => answer === "no")) return [];
    const reach = answers.every((answer) => answer === "yes") ? "all" : answers.includes("yes") ? "some" : "perhaps";
    return [{ policy: ref, ...limits, reach }];
  });
}

/** Undefined for a policy that takes nothing of what a grant gives. */
function policyLimits(policy: MirrordPolicy): Omit<BlockingPolicy, "policy" | "reach"> | undefined {
  const { block, requireProfile: requiresProfile, headerFilter, unknown } = readPolicy(policy);
  const features = granted.filter((feature) => block.has(feature));
  const requiresHeaderFilter = headerFilter !== undefined && !block.has("steal");
  const isLimit = features.length > 0 || requiresProfile || requiresHeaderFilter || unknown.length > 0;
  return isLimit ? { features, requiresProfile, requiresHeaderFilter, unknown } : undefined;
}

function targetReach(policy: MirrordPolicy, target: WorkloadTarget, namespace: string) {
  const { policies } = matchPolicies([policy], plainPlan("steal", target, namespace), undefined);
  return policies.map(({ asGiven, inherited }) => (asGiven === "yes" || asGiven === inherited ? asGiven : "unknown"));
}
