import type { Answer } from "../../kubernetes/access.ts";
import type { OutgoingLimits } from "./outgoing.ts";
import { fileLimits, type FileLimit, type PolicyRef, type PolicySpec } from "./spec.ts";
import type { FileAccess } from "../plan/session-use.ts";
import { toAnswer, every, some } from "../../kubernetes/answers.ts";

/** All that the applying policies say together: each binds, none exempts from another. */
export interface PolicyLimits {
  /** `spec.block`, the union, with the policies behind each feature. */
  block: { feature: string; by: PolicyRef[] }[];
  /** Header filters must match every one of them. */
  headerFilters: { regex: string; by: PolicyRef }[];
  /** The policies that require a profile. */
  requireProfile: PolicyRef[];
  /** The profiles that are in every allowlist; undefined without any allowlist. */
  profileAllowlist: string[] | undefined;
  envExclude: { glob: string; by: PolicyRef }[];
  files: { limit: FileLimit; regex: string; by: PolicyRef }[];
  /** The policies that limit outgoing connections; each must let a connection pass. */
  outgoing: PolicyRef[];
}

/** A policy that applies, or may. */
export interface ApplyingPolicy {
  spec: PolicySpec;
  matches: "yes" | "unknown";
}

/** What the application gets of an environment variable of the target. */
export interface EnvOutcome {
  name: string;
  /** "no": it is not fetched; the application sees the local one or none, and nothing is said. */
  fetched: Answer;
  by: PolicyRef[];
}

export interface FileOutcome extends FileAccess {
  /**
   * `local`: opened on the user's machine instead; `not-found`: as if it was not there; `refused`: an I/O error.
   * "unknown" when a policy or a pattern of it could not be evaluated.
   */
  outcome: "remote" | "local" | "not-found" | "refused" | "unknown";
  by: PolicyRef[];
}

export function mergeLimits(applying: readonly ApplyingPolicy[]): PolicyLimits {
  const specs = applying.map(({ spec }) => spec);
  const lists = specs.flatMap(({ profileAllowlist }) => (profileAllowlist === undefined ? [] : [profileAllowlist]));
  const features = new Set(specs.flatMap(({ block }) => [...block]));
  return {
    block: [...features].map((feature) => ({
      feature,
      by: specs.filter(({ block }) => block.has(feature)).map(({ ref }) => ref),
    })),
    headerFilters: specs.flatMap(({ headerFilter, ref }) =>
      headerFilter === undefined ? [] : [{ regex: headerFilter.text, by: ref }],
    ),
    requireProfile: specs.filter(({ requireProfile }) => requireProfile).map(({ ref }) => ref),
    profileAllowlist: lists[0]?.filter((profile) => lists.every((list) => list.includes(profile))),
    envExclude: specs.flatMap(({ envExclude, ref }) => envExclude.map(({ text }) => ({ glob: text, by: ref }))),
    files: fileLimits.flatMap((limit) =>
      specs.flatMap(({ files, ref }) => files[limit].map(({ text }) => ({ limit, regex: text, by: ref }))),
    ),
    outgoing: specs.filter(({ outgoing }) => hasRules(outgoing)).map(({ ref }) => ref),
  };
}

function hasRules({ allow, block }: OutgoingLimits): boolean {
  return allow.length + block.length > 0;
}

// A policy that only may apply turns its "yes" into "unknown".
function ifApplies({ matches }: ApplyingPolicy, answer: Answer): Answer {
  return every([answer, matches]);
}

/** Source: MirrordPolicy.spec.env.exclude (operators since 3.103.0); it beats `feature.env.include`. */
export function envOutcome(applying: readonly ApplyingPolicy[], name: string): EnvOutcome {
  const excluding = applying.filter(({ spec }) => spec.envExclude.some((glob) => glob.matches(name)));
  const excluded = some(excluding.map((policy) => ifApplies(policy, "yes")));
  const fetched = excluded === "unknown" ? "unknown" : toAnswer(excluded === "no");
  return { name, fetched, by: excluding.map(({ spec }) => spec.ref) };
}

/** Source: MirrordPolicy.spec.fs (operators since 3.103.0), `local` before `notFound` before `readOnly`. */
export function fileOutcome(applying: readonly ApplyingPolicy[], { path, mode }: FileAccess): FileOutcome {
  for (const limit of fileLimits) {
    const hits = applying.map((policy) => {
      const answer = some(policy.spec.files[limit].map(({ find }) => find(path)));
      return { ref: policy.spec.ref, answer: ifApplies(policy, answer) };
    });
    const answer = some(hits.map((hit) => hit.answer));
    const by = hits.filter((hit) => hit.answer === answer).map(({ ref }) => ref);
    const isLimited = limit !== "readOnly" || mode === "write";
    if (answer === "unknown" && isLimited) return { path, mode, outcome: "unknown", by };
    if (answer === "yes") return { path, mode, outcome: isLimited ? outcomes[limit] : "remote", by };
  }
  return { path, mode, outcome: "remote", by: [] };
}

const outcomes = { local: "local", notFound: "not-found", readOnly: "refused" } as const;
