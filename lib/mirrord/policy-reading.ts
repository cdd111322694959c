import type { Answer } from "../kube/cluster.ts";
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
import type { MatchedPolicy } from "./policy-match.ts";
import { fileLimits, type PolicyRef, type PolicySpec } from "./policy-spec.ts";
import type { SessionPlan } from "./session-requests.ts";

/** What the policies that apply do to one session. */
export interface PolicyReading {
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
  patterns: string[];
  /** "unknown" when the policy may not apply. */
  answer: "yes" | "unknown";
}

/** @param by which of the two ways to read policies: against the target as given, or through its workload's other objects */
export function readingOf(
  matched: readonly MatchedPolicy[],
  plan: SessionPlan,
  by: "matches" | "matchesInherited",
): PolicyReading {
  const applying = matched.flatMap(({ spec, match }): ApplyingPolicy[] => {
    const matches = match[by];
    return matches === "no" ? [] : [{ spec, matches }];
  });
  const blocks = [
    ...matched.flatMap(({ spec, selects }) => {
      const matches = selects[by];
      return matches === "no" ? [] : scaleDownBlocks(spec, plan, matches);
    }),
    ...applying.flatMap(({ spec, matches }) => blocksOf(spec, plan, matches)),
  ].map((block) => asDocumented(block, plan));
  const connectFirst = [
    ...blocks.filter(({ stage }) => stage === "connect"),
    ...blocks.filter(({ stage }) => stage === "later"),
  ];
  return {
    answer: answerOfBlocks(blocks),
    blocks: connectFirst,
    changes: applying.flatMap(({ spec, matches }) => changesOf(spec, matches)),
    env: (plan.env ?? []).map((name) => envOutcome(applying, name)),
    files: (plan.files ?? []).map((file) => fileOutcome(applying, file)),
    limits: mergeLimits(applying),
  };
}

// Nothing public says whether policies bind preview environments.
function asDocumented(block: PolicyBlock, { action }: SessionPlan): PolicyBlock {
  return action === "preview" ? { ...block, answer: "unknown" } : block;
}

function changesOf({ ref, envExclude, files }: PolicySpec, answer: "yes" | "unknown"): PolicyChange[] {
  const lists = [
    { field: "spec.env.exclude", patterns: envExclude.map(({ text }) => text) },
    ...fileLimits.map((limit) => ({ field: `spec.fs.${limit}`, patterns: files[limit].map(({ text }) => text) })),
  ];
  return lists
    .filter(({ patterns }) => patterns.length > 0)
    .map(({ field, patterns }) => ({ policy: ref, field, patterns, answer }));
}
