import type { Answer } from "../kubernetes/access.ts";
import type { Labels } from "../kubernetes/label-selector.ts";
import { matchForCopy, policyTarget, selectPolicy, type PolicyMatch, type SelectedPolicy } from "./policy/match.ts";
import {
  applyingPolicies,
  interpretPolicies,
  type ApplyingPolicies,
  type PolicyInterpretation,
} from "./policy/interpretation.ts";
import { readPolicy, type MirrordPolicy, type PolicyProblem } from "./policy/spec.ts";
import type { SessionPlan } from "./plan/session-plan.ts";
import { isAboutTarget } from "./plan/session-question.ts";

export type { Labels } from "../kubernetes/label-selector.ts";
export type { MirrordPolicy } from "./policy/spec.ts";

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
  asGiven: PolicyInterpretation;
  /** As later ones are announced to: policies also reach a workload through its pods and owners. The details are not public. */
  inherited: PolicyInterpretation;
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
  return policiesOn(policies, plan, targetLabels)(plan);
}

/**
 * The same for many plans with one target: the selectors are compared once. The plans must have the target, namespace and
 * related objects of the one given here.
 */
export function policiesOn(
  policies: readonly MirrordPolicy[],
  plan: SessionPlan,
  targetLabels: Labels | undefined,
): (plan: SessionPlan) => PolicyVerdict {
  const target = policyTarget(plan, targetLabels);
  const selected = policies.map((policy) => selectPolicy(readPolicy(policy), target));
  const problems = selected.flatMap(({ spec }) => spec.problems);
  const plain = once(() =>
    bindings(
      selected,
      selected.map(({ match }) => match),
    ),
  );
  const copied = once(() => bindings(selected, selected.map(matchForCopy)));
  const none = once(() => bindings([], []));
  return (one) => ({
    ...combinePolicies(isAboutTarget(one.action) ? (one.copy ? copied() : plain()) : none(), one),
    problems,
  });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The policies under both readings; one object where nothing depends on the reading. */
interface Bindings {
  matches: PolicyMatch[];
  asGiven: ApplyingPolicies;
  inherited: ApplyingPolicies;
}

function bindings(selected: readonly SelectedPolicy[], matches: PolicyMatch[]): Bindings {
  const asGiven = applyingPolicies(selected, matches, "asGiven");
  const isSame = selected.every(({ match }) => match.asGiven === match.inherited);
  return { matches, asGiven, inherited: isSame ? asGiven : applyingPolicies(selected, matches, "inherited") };
}

function combinePolicies(policies: Bindings, plan: SessionPlan): Omit<PolicyVerdict, "problems"> {
  const asGiven = interpretPolicies(policies.asGiven, plan);
  const inherited = policies.inherited === policies.asGiven ? asGiven : interpretPolicies(policies.inherited, plan);
  return {
    answer: asGiven.answer,
    policies: policies.matches,
    asGiven,
    inherited,
    readingsDiffer: inherited !== asGiven && refusals(asGiven) !== refusals(inherited),
    assumptions: plan.action === "preview" && policies.matches.length > 0 ? [previewsAreBound] : [],
  };
}

const previewsAreBound = "policies bind preview environments as they bind sessions (not documented)";

function refusals({ blocks }: PolicyInterpretation): string {
  return JSON.stringify(blocks.map(({ policy, field, answer }) => [policy, field, answer]));
}
