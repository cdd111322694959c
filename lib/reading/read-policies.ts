import type { Cluster } from "../kube/cluster.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import type { Answer } from "../kubernetes/access.ts";
import type { Labels, MirrordPolicy, PolicyVerdict } from "../mirrord/policy.ts";
import type { PolicyReading } from "../mirrord/policy/reading.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { readList } from "./read.ts";

/** The policies that can apply in a namespace, as far as the caller may read them. */
export interface ReadPolicies {
  policies: MirrordPolicy[];
  /** The kinds that may not be listed, as plural resource names. */
  unreadable: string[];
}

/** What policies make of a session. */
export interface PolicyOutcome {
  answer: Answer;
  /** Why, in the vendor's words where they are known; empty for "yes". */
  reason: string;
  /** These kinds could not be listed, as plural resource names. */
  unreadable: string[];
  verdict: PolicyVerdict;
  /** What was weighed. */
  policies: readonly MirrordPolicy[];
  plan: SessionPlan;
  targetLabels: Labels | undefined;
}

/** Reads both kinds at once. A cluster without the policy CRDs has no policies. */
export async function readPolicies(cluster: Cluster, namespace: string | undefined): Promise<ReadPolicies> {
  const scope = namespace === undefined ? {} : { namespace };
  const lists: { type: ResourceType; options: { namespace?: string } }[] = [
    { type: mirrordResources.policies, options: scope },
    { type: mirrordResources.clusterPolicies, options: {} },
  ];
  const reads = await Promise.all(lists.map(({ type, options }) => readList(cluster, type, options)));
  const policies = reads.flatMap((read) => (read.failed ? [] : read.value));
  const unreadable = lists.filter((_, index) => reads[index]?.failed).map(({ type }) => type.resource);
  return { policies, unreadable };
}

const nothing: PolicyReading = {
  answer: "yes",
  blocks: [],
  changes: [],
  env: [],
  files: [],
  limits: {
    block: [],
    headerFilters: [],
    requireProfile: [],
    profileAllowlist: undefined,
    envExclude: [],
    files: [],
    outgoing: [],
  },
};

/** What no policies make of a session; to weigh some is the business of policies.ts, which takes its time to load. */
export function withoutPolicies(unreadable: string[], plan: SessionPlan): PolicyOutcome {
  const verdict: PolicyVerdict = {
    answer: "yes",
    policies: [],
    asGiven: nothing,
    inherited: nothing,
    readingsDiffer: false,
    problems: [],
    assumptions: [],
  };
  const isKnown = unreadable.length === 0;
  return {
    answer: isKnown ? "yes" : "unknown",
    reason: isKnown ? "" : unreadReason(unreadable),
    unreadable,
    verdict,
    policies: [],
    plan,
    targetLabels: undefined,
  };
}

/** What could not be read may refuse the session: then nobody can promise a yes. */
export function unreadReason(unreadable: readonly string[]): string {
  return `you may not list ${unreadable.join(" and ")}, and a policy may refuse it`;
}

/** Policies act on connections to a target. */
export function isBound({ action }: SessionPlan): boolean {
  return action !== "ci" && action !== "list-sessions" && action !== "kill-sessions";
}
