import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Answer } from "../kubernetes/access.ts";
import { matchPolicies } from "../mirrord/policy.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { unsureText } from "../mirrord/policy/blocks.ts";
import { isOlder, parseVersion, type Version } from "../mirrord/plan/client-age.ts";
import type { ReadPolicies } from "../reading/policies.ts";
import { readRelations } from "../reading/relations.ts";
import type { TargetFacts } from "../reading/session-facts.ts";
import { unreadReason, type PolicyOutcome } from "./verdict.ts";

// Operators up to this one compare policies with the target as it was given. Source: operator contract section 7.
const LAST_AS_GIVEN: Version = [3, 192, Number.MAX_SAFE_INTEGER];

/** Whether the operator is known to read policies as older ones do; where it is newer or not known, both readings must agree. */
export function readsAsGiven(operatorVersion: string | undefined): boolean {
  const version = parseVersion(operatorVersion ?? "");
  return version !== undefined && !isOlder(LAST_AS_GIVEN, version);
}

/** Weighs the policies of a session, against the related objects of its target as well. */
export async function policyOutcome(
  cluster: Cluster,
  policies: ReadPolicies,
  plan: SessionPlan,
  target: Pick<TargetFacts, "object" | "pods">,
  operatorVersion: string | undefined,
): Promise<PolicyOutcome> {
  const relations = await readRelations(cluster, plan, target);
  return weighPolicies(policies, relations.plan, target.object, operatorVersion, relations.assumptions);
}

/**
 * Weighs the policies. What could not be read may hold a policy that says no: then nobody can promise a yes.
 * @param operatorVersion decides between the two readings; where it is new or not known, both must agree
 * @param assumptions about the target's other objects, which only the newer reading looks at
 */
export function weighPolicies(
  { policies, unreadable }: ReadPolicies,
  plan: SessionPlan,
  workload: KubernetesObject | undefined,
  operatorVersion: string | undefined,
  assumptions: readonly string[] = [],
): PolicyOutcome {
  const targetLabels = workload === undefined ? undefined : (workload.metadata.labels ?? {});
  const matched = matchPolicies(policies, plan, targetLabels);
  const { asGiven, inherited } = matched;
  // The labels of a label target are those of its pods, whatever the reading.
  const verdict =
    readsAsGiven(operatorVersion) && plan.target.kind !== "label"
      ? matched
      : { ...matched, assumptions: [...matched.assumptions, ...assumptions] };
  const outcome = (answer: Answer, reason: string): PolicyOutcome => ({
    answer,
    reason,
    unreadable,
    verdict,
    policies,
    plan,
    targetLabels,
  });
  const isDecided = !verdict.readingsDiffer || readsAsGiven(operatorVersion);
  const readings = isDecided ? [asGiven] : [asGiven, inherited];
  const first = readings.flatMap(({ blocks }) => blocks).find((block) => block.answer === "no");
  if (readings.every(({ answer }) => answer === "no")) {
    return outcome("no", first?.message.replace(/\.$/, "") ?? "a policy refuses it");
  }
  if (!isDecided && first !== undefined) {
    const operator = operatorVersion === undefined ? "the operator" : `operator ${operatorVersion}`;
    return outcome(
      "unknown",
      `it depends on whether ${operator} lets policies reach a workload through its pods and owners: then ${first.message.replace(/\.$/, "")}`,
    );
  }
  if (unreadable.length > 0) return outcome("unknown", unreadReason(unreadable));
  const unsure = readings.flatMap(({ blocks }) => blocks).find((block) => block.answer === "unknown");
  if (unsure !== undefined) {
    return outcome("unknown", unsureText(unsure));
  }
  return outcome("yes", "");
}
