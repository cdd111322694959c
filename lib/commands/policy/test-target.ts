import { currentTime } from "../../reading/current-time.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { configuredAction } from "../../mirrord/config/config.ts";
import { policiesOn, type Labels, type PolicyVerdict } from "../../mirrord/policy.ts";
import type { SessionPlan } from "../../mirrord/plan/session-plan.ts";
import { refuseImpossible, type NamedConfig, type SessionQuestion } from "../../mirrord/plan/session-question.ts";
import type { Target } from "../../mirrord/target.ts";
import { availableReplicas } from "../../mirrord/workload.ts";
import { readsAsGiven } from "../../preview/policies.ts";
import { resolveSession } from "../../preview/resolve.ts";
import { readRelations } from "../../reading/relations.ts";
import { readSessionFacts } from "../../reading/session-facts.ts";
import { judgeProbe, type Outcome } from "./outcome.ts";
import type { PolicySet } from "./policy-set.ts";
import { probedPlan, type Probe } from "./probe.ts";

/** A target that is put to the test, with all that policies look at. */
export interface TestedTarget {
  target: Target;
  namespace: string;
  /** Undefined when the object could not be read. */
  labels: Labels | undefined;
  alwaysCopied: boolean;
  /** What the configuration makes of it; without one, a plain session. */
  plan: SessionPlan;
  operatorVersion: string | undefined;
  /** What was taken for granted, each the second half of "assuming …", and what stands in the way of a session. */
  assumptions: string[];
  obstacles: string[];
}

export interface TargetQuestion {
  target: Target;
  namespace: string;
  /** In place of those of the object. */
  labels?: Labels;
  config?: NamedConfig | undefined;
}

/** Reads what policies look at; what cannot be read is assumed, and said. */
export async function readTested(
  cluster: Cluster,
  { policies }: PolicySet,
  { target, namespace, config, labels: givenLabels }: TargetQuestion,
  world: World,
): Promise<TestedTarget> {
  const plainAction = target.kind === "targetless" ? "targetless" : "mirror";
  const action = config === undefined ? plainAction : configuredAction(config.session);
  const question: SessionQuestion = { action, target, namespace, ...(config === undefined ? {} : { config }) };
  refuseImpossible(question);
  const facts = await readSessionFacts(cluster, question);
  const { object } = facts.target;
  const resolved = resolveSession(facts, currentTime(cluster, world.now()));
  const { plan, assumptions } =
    policies.length === 0
      ? { plan: resolved.plan, assumptions: [] }
      : await readRelations(cluster, resolved.plan, facts.target);
  // One that is still to come, whose labels were given, has no pods yet.
  const isNew = cluster.offline && givenLabels !== undefined && object === undefined && target.kind !== "label";
  return {
    target,
    namespace,
    labels: givenLabels ?? (object === undefined ? undefined : (object.metadata.labels ?? {})),
    alwaysCopied: target.kind === "deployment" && availableReplicas(object) === "none",
    plan: isNew ? { ...plan, related: [] } : plan,
    operatorVersion: resolved.operatorVersion,
    assumptions: [...resolved.assumptions, ...assumptions, ...(isNew ? ["it has no pods"] : [])],
    obstacles: resolved.obstacles.map(({ reason }) => reason),
  };
}

export interface Tested {
  /** Of a plain session with the target, or of the configured one. */
  verdict: PolicyVerdict;
  outcomes: { probe: Probe; outcome: Outcome }[];
}

/**
 * Tries everything on one target.
 * @param operatorVersion in place of what the cluster says of itself
 * @param asPlanned the probes are what the plan itself does, instead of what else could be tried with the target
 */
export function testTarget(
  { policies, unreadable }: Pick<PolicySet, "policies" | "unreadable">,
  tested: Pick<TestedTarget, "labels" | "alwaysCopied" | "plan">,
  probes: readonly Probe[],
  { profile, operatorVersion, asPlanned = false }: TestOptions,
): Tested {
  const known = { asGivenOnly: readsAsGiven(operatorVersion), unreadable };
  const judge = policiesOn(policies, tested.plan, tested.labels);
  const verdict = judge(profile === undefined ? tested.plan : { ...tested.plan, profile });
  const outcomes = probes.map((probe) => {
    const plan = asPlanned ? tested.plan : probedPlan(probe, { ...tested, profile });
    if (typeof plan === "string") return { probe, outcome: { result: "n/a", reason: plan, by: [] } satisfies Outcome };
    return { probe, outcome: judgeProbe(probe, asPlanned ? verdict : judge(plan), known) };
  });
  return { verdict, outcomes };
}

export interface TestOptions {
  profile: SessionPlan["profile"];
  operatorVersion: string | undefined;
  asPlanned?: boolean;
}
