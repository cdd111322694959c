import type { Cluster } from "../../kube/cluster.ts";
import type { AccessAttributes, Answer } from "../../kubernetes/access.ts";
import type { SessionPlan } from "../../mirrord/plan/session-plan.ts";
import type { SessionOwner } from "../../mirrord/session/session-owner.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { explainDecision, type Decider } from "../../preview/explain.ts";
import { groupFinder } from "../../rbac/decide/group-finder.ts";
import { policyOutcome } from "../../preview/policies.ts";
import { readPolicies } from "../../reading/policies.ts";
import { previewAttributes } from "../../preview/preview.ts";
import { readTarget } from "../../reading/session-facts.ts";
import { describeAttributes } from "../../preview/verdict.ts";

/** Who let the owner of a session in, or may have: the binding behind the connection to the target. */
export interface Admission {
  /** What was asked: the request that connects. */
  request: string;
  answer: Answer;
  reason: string;
  by: Decider[];
  /** Groups that would let in whoever is in them; sessions do not say in which groups their users are. */
  groups: string[];
  /** Plural names of what may not be listed: then there may be more of both. */
  unreadable?: string[];
}

/**
 * Finds who let the owner in. Undefined for a session whose owner or target is not known.
 * @param plan that would start the session again
 */
export async function findAdmission(
  cluster: Cluster,
  plan: SessionPlan | undefined,
  { kubernetesUser: name }: SessionOwner,
  now: Date,
): Promise<Admission | undefined> {
  if (name === undefined || plan === undefined) return undefined;
  const attributes = sessionRequests(plan)
    .map((request) => request.attributes)
    .find(isConnection);
  if (attributes === undefined) return undefined;
  const preview = await previewAttributes(cluster, [attributes], [plan.namespace], {
    as: { name, groups: [], groupsGiven: false },
    explain: true,
  });
  const [check] = preview.checks;
  if (check === undefined) return undefined;
  const { answer, reason } = check;
  const { by = [] } = explainDecision(preview, now)(check);
  const may = groupFinder(preview.rbac)(attributes);
  const unreadable = preview.rbac?.unreadable ?? [];
  return {
    request: describeAttributes(attributes),
    answer,
    reason,
    by,
    groups: may.known ? may.groups : [],
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

/** `proxy targets/NAME`, or `proxy copytargets`. */
function isConnection(attributes: AccessAttributes): boolean {
  return (
    "resource" in attributes && /^(copy)?targets$/.test(attributes.resource) && /^(proxy|get)$/.test(attributes.verb)
  );
}

/** A policy that reaches the session's target. */
export interface ApplyingPolicy {
  kind: string;
  name: string;
  namespace?: string;
  /** "unknown": it depends on what could not be read, or on the version of the operator. */
  applies: Exclude<Answer, "no">;
  /** What it would refuse of a session like this one. */
  refuses: string[];
}

export type Policies = { known: true; policies: ApplyingPolicy[] } | { known: false; why: string };

/** The policies that would bind the session if it started again. */
export async function findPolicies(
  cluster: Cluster,
  plan: SessionPlan | undefined,
  operatorVersion: string | undefined,
): Promise<Policies> {
  if (plan === undefined) return { known: false, why: "its target is not understood" };
  const [read, target] = await Promise.all([readPolicies(cluster, plan.namespace), readTarget(cluster, plan)]);
  if (read.unreadable.length > 0) return { known: false, why: `you may not list ${read.unreadable.join(" and ")}` };
  if (read.policies.length === 0) return { known: true, policies: [] };
  const outcome = await policyOutcome(cluster, read, plan, target, operatorVersion);
  const { policies, asGiven, inherited } = outcome.verdict;
  const blocks = [...asGiven.blocks, ...inherited.blocks];
  return {
    known: true,
    policies: policies.flatMap(({ policy, asGiven: now, inherited: later }): ApplyingPolicy[] => {
      if (now === "no" && later === "no") return [];
      const refuses = blocks.filter((block) => sameAs(block.policy, policy)).map(({ message }) => message);
      return [{ ...policy, applies: now === "yes" ? "yes" : "unknown", refuses: [...new Set(refuses)] }];
    }),
  };
}

interface Named {
  kind: string;
  name: string;
  namespace?: string;
}

function sameAs(one: Named, other: Named): boolean {
  return one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;
}
