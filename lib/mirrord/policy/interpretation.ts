import type { Answer } from "../../kubernetes/access.ts";
import { answerOfBlocks, policyBlocks, scaleDownBlocks, type PolicyBlock } from "./blocks.ts";
import {
  envOutcome,
  fileOutcome,
  mergeLimits,
  type ApplyingPolicy,
  type EnvOutcome,
  type FileOutcome,
  type PolicyLimits,
} from "./limits.ts";
import type { PolicyMatch, Interpretation, SelectedPolicy } from "./match.ts";
import type { PolicyRef, PolicySpec } from "./spec.ts";
import type { SessionPlan } from "../plan/session-plan.ts";

/** What the policies that apply do to one session. */
export interface PolicyInterpretation {
  answer: Answer;
  /** Those at the connection first, then in the order of the policies. */
  blocks: PolicyBlock[];
  /** What is changed without a word. */
  changes: PolicyChange[];
  /** One for each of the plan's variables and files, in order. */
  env: EnvOutcome[];
  files: FileOutcome[];
  limits: PolicyLimits;
}

/** A limit that the application feels and nobody announces. Not meant for security. */
export interface PolicyChange {
  policy: PolicyRef;
  field: string;
  patterns: readonly string[];
  /** "unknown" when the policy may not apply. */
  answer: "yes" | "unknown";
}

/** The policies that apply to a target, for all that is planned with it. */
export interface ApplyingPolicies {
  applying: ApplyingPolicy[];
  /** Those whose selectors match, `appliesToCopyTargets` or not: a copy-target-scale-down block holds in any case. */
  againstScaleDown: ApplyingPolicy[];
  changes: PolicyChange[];
  limits: PolicyLimits;
}

/** @param matches one for each of the selected policies, in order */
export function applyingPolicies(
  selected: readonly SelectedPolicy[],
  matches: readonly PolicyMatch[],
  interpretation: Interpretation,
): ApplyingPolicies {
  const applying = selected.flatMap(({ spec }, index) => ifMatches(spec, matches[index]?.[interpretation] ?? "no"));
  return {
    applying,
    againstScaleDown: selected
      .filter(({ spec }) => spec.block.has("copy-target-scale-down"))
      .flatMap(({ spec, match }) => ifMatches(spec, match[interpretation])),
    changes: applying.flatMap(silentChanges),
    limits: mergeLimits(applying),
  };
}

function ifMatches(spec: PolicySpec, matches: Answer): ApplyingPolicy[] {
  return matches === "no" ? [] : [{ spec, matches }];
}

export function interpretPolicies(policies: ApplyingPolicies, plan: SessionPlan): PolicyInterpretation {
  const { applying, againstScaleDown, changes, limits } = policies;
  const blocks: PolicyBlock[] = [];
  for (const policy of againstScaleDown) blocks.push(...scaleDownBlocks(policy, plan));
  for (const policy of applying) blocks.push(...policyBlocks(policy, plan));
  const documented = plan.action === "preview" ? blocks.map(undocumented) : blocks;
  return {
    answer: answerOfBlocks(documented),
    blocks: [
      ...documented.filter(({ stage }) => stage === "connect"),
      ...documented.filter(({ stage }) => stage === "later"),
    ],
    changes,
    env: (plan.env ?? []).map((name) => envOutcome(applying, name)),
    files: (plan.files ?? []).map((file) => fileOutcome(applying, file)),
    limits,
  };
}

// Nothing public says whether policies bind preview environments.
function undocumented(block: PolicyBlock): PolicyBlock {
  return { ...block, answer: "unknown" };
}

function silentChanges({ spec: { ref, silentLimits }, matches }: ApplyingPolicy): PolicyChange[] {
  return silentLimits.map(({ field, patterns }) => ({ policy: ref, field, patterns, answer: matches }));
}
