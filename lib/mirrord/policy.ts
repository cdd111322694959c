import type { Answer } from "../kube/cluster.ts";
import type { Labels } from "./label-selector.ts";
import { matchPolicy, policyTarget, type PolicyMatch } from "./policy-match.ts";
import { readingOf, type PolicyReading } from "./policy-reading.ts";
import type { MirrordPolicy, PolicyProblem } from "./policy-spec.ts";
import type { SessionPlan } from "./session-requests.ts";

export type { Labels } from "./label-selector.ts";
export type { MirrordPolicy } from "./policy-spec.ts";

/** What the policies make of a session. */
export interface PolicyVerdict {
  /**
   * `asGiven.answer`. "no" also where the session would start and only then be refused what it is for; "yes" says no
   * more than that no policy is against it.
   */
  answer: Answer;
  /** One for each policy, in the order given; none for what connects to no target. */
  policies: PolicyMatch[];
  /** As operators up to 3.192 read policies: against the target as it was given. */
  asGiven: PolicyReading;
  /** As later ones are announced to: policies also reach a workload through its pods and owners. The details are not public. */
  inherited: PolicyReading;
  /** The two readings refuse different things. */
  readingsDiffer: boolean;
  problems: PolicyProblem[];
  /** What the answer takes for granted, each the second half of "assuming that …". */
  assumptions: string[];
}

/**
 * Whether policies let the session do what it plans, and what they change. Every matching policy binds. Never throws:
 * what is wrong with a policy is in `problems`. Source: operator contract section 7.
 * @param policies API objects of both kinds, from any namespace; one that changed must be another object
 * @param targetLabels of the target object (workload or pod); undefined when it could not be read
 */
export function matchPolicies(
  policies: readonly MirrordPolicy[],
  plan: SessionPlan,
  targetLabels: Labels | undefined,
): PolicyVerdict {
  const target = policyTarget(plan, targetLabels);
  const matched = (connects(plan) ? policies : []).map((policy) => matchPolicy(policy, target));
  const isSame = matched.every(({ selects }) => selects.matches === selects.matchesInherited);
  const asGiven = readingOf(matched, plan, "matches");
  const inherited = isSame ? asGiven : readingOf(matched, plan, "matchesInherited");
  return {
    answer: asGiven.answer,
    policies: matched.map(({ match }) => match),
    asGiven,
    inherited,
    readingsDiffer: !isSame && refusals(asGiven) !== refusals(inherited),
    problems: matched.flatMap(({ spec }) => spec.problems),
    assumptions: plan.action === "preview" && matched.length > 0 ? [previewsAreBound] : [],
  };
}

const previewsAreBound = "policies bind preview environments as they bind sessions (not documented)";

function connects({ action }: SessionPlan): boolean {
  return action !== "ci" && action !== "list-sessions" && action !== "kill-sessions";
}

function refusals({ blocks }: PolicyReading): string {
  return JSON.stringify(blocks.map(({ policy, field, answer }) => [policy, field, answer]));
}
