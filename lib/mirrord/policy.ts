import type { Answer } from "../kube/cluster.ts";
import type { Labels } from "./label-selector.ts";
import { answerOfBlocks, blocksOf, scaleDownBlocks, type PolicyBlock } from "./policy-blocks.ts";
import {
  envOutcome,
  fileOutcome,
  mergeLimits,
  type ApplyingPolicy,
  type EnvOutcome,
  type FileOutcome,
  type PolicyLimits,
} from "./policy-limits.ts";
import { matchPolicy, policyTarget, type MatchedPolicy, type PolicyMatch } from "./policy-match.ts";
import type { MirrordPolicy, PolicyProblem } from "./policy-spec.ts";
import type { SessionPlan } from "./session-requests.ts";

/** What the policies make of a session. */
export interface PolicyVerdict {
  /**
   * `asGiven.answer`. "no" also where the session would start and only then be refused what it is for. "yes" says only
   * that no policy is against it.
   */
  answer: Answer;
  /** False for what connects to no target: policies do not apply. */
  applies: boolean;
  /** One for each policy, in the order given. */
  policies: PolicyMatch[];
  /** As operators up to 3.192 read policies: against the target as it was given. */
  asGiven: PolicyReading;
  /** As later operators are announced to: policies also reach a workload through its pods and owners. Details are not public. */
  inherited: PolicyReading;
  /** The two readings differ in what they refuse. */
  readingsDiffer: boolean;
  problems: PolicyProblem[];
  /** What the answer takes for granted; whole sentences. */
  assumptions: string[];
}

export interface PolicyReading {
  answer: Answer;
  /** Those at the connection first; then in the order of the policies. */
  blocks: PolicyBlock[];
  /** What is changed without a word. */
  changes: PolicyChange[];
  /** One for each of the plan's variables and files, in order. */
  env: EnvOutcome[];
  files: FileOutcome[];
  limits: PolicyLimits;
}

/** A limit that the application feels and nobody announces. */
export interface PolicyChange {
  policy: MirrordPolicy["metadata"]["name"] extends infer _ ? PolicyMatch["policy"] : never;
  field: "spec.env.exclude" | "spec.fs.local" | "spec.fs.notFound" | "spec.fs.readOnly";
  patterns: string[];
  /** "unknown" when the policy may not apply. */
  answer: "yes" | "unknown";
}

/**
 * Whether policies let the session do what it plans, and what they change. Every matching policy binds. Never throws:
 * what is wrong with a policy is in `problems`. Source: operator contract section 7.
 * @param policies API objects of both kinds, from any namespace; an object that changed must be another object
 * @param targetLabels of the target object (workload or pod); undefined when it could not be read
 */
export function matchPolicies(
  policies: readonly MirrordPolicy[],
  plan: SessionPlan,
  targetLabels: Labels | undefined,
): PolicyVerdict {
  const target = policyTarget(plan, targetLabels);
  const matched = policies.map((policy) => matchPolicy(policy, target));
  const asGiven = readingOf(matched, plan, "matches");
  const isSame = matched.every(({ selects }) => selects.matches === selects.matchesInherited);
  const inherited = isSame ? asGiven : readingOf(matched, plan, "matchesInherited");
  return {
    answer: asGiven.answer,
    applies: connects(plan),
    policies: matched.map(({ match }) => match),
    asGiven,
    inherited,
    readingsDiffer: asGiven.answer !== inherited.answer,
    problems: matched.flatMap(({ spec }) => spec.problems),
    assumptions: plan.action === "preview" ? [PREVIEW] : [],
  };
}

const PREVIEW = "that policies bind preview environments as they bind sessions is not documented";

function connects({ action }: SessionPlan): boolean {
  return action !== "ci" && action !== "list-sessions" && action !== "kill-sessions";
}
