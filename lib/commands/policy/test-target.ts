import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { policiesOn, type Labels, type PolicyVerdict } from "../../mirrord/policy.ts";
import type { SessionPlan } from "../../mirrord/plan/session-plan.ts";
import type { RelatedTarget } from "../../mirrord/plan/session-use.ts";
import type { Target } from "../../mirrord/target.ts";
import type { AskedConfig } from "../../preview/asked.ts";
import { resolvePlan, type ResolvedPlan } from "../../preview/resolve.ts";
import { availableReplicas } from "../../mirrord/workload.ts";
import { actionOf } from "../../mirrord/config/config.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";
import { readsAsGiven } from "../../preview/policies.ts";
import { relatedPlan } from "../../preview/related.ts";
import type { PolicySet } from "./policy-set.ts";
import { planOf, type Probe } from "./probe.ts";

/** A target that is put to the test, with all that policies look at. */
export interface TestedTarget {
  target: Target;
  namespace: string;
  /** Undefined when the object could not be read. */
  labels: Labels | undefined;
  related: readonly RelatedTarget[] | undefined;
  alwaysCopied: boolean;
  /** What the configuration makes of it; without one, a plain session. */
  plan: SessionPlan;
  operatorVersion: string | undefined;
  /** What was taken for granted, each the second half of "assuming …", and what stands in the way of a session. */
  assumptions: string[];
  obstacles: string[];
}

export interface Asked {
  target: Target;
  namespace: string;
  /** In place of those of the object. */
  labels?: Labels;
  config?: AskedConfig;
}

/** Reads what policies look at; what cannot be read is assumed, and said. */
export async function readTested(
  cluster: Cluster,
  { policies }: PolicySet,
  asked: Asked,
  world: World,
): Promise<TestedTarget> {
  const { target, namespace, config } = asked;
  const action =
    config === undefined ? (target.kind === "targetless" ? "targetless" : "mirror") : actionOf(config.session);
  const resolved = await resolvePlan(
    cluster,
    { action, target, namespace, ...(config === undefined ? {} : { config }) },
    world.now(),
  );
  const { plan, assumptions } = await relatedPlan(cluster, resolved, { policies });
  const { labels = labelsOf(resolved) } = asked;
  // One that is still to come, whose labels were given, has no pods yet.
  const isNew = cluster.offline && asked.labels !== undefined && resolved.workload === undefined;
  const related = plan.related ?? (isNew && target.kind !== "label" ? [] : undefined);
  return {
    target,
    namespace,
    labels,
    related,
    alwaysCopied: target.kind === "deployment" && availableReplicas(resolved.workload) === "none",
    plan: { ...plan, ...(related === undefined ? {} : { related }) },
    operatorVersion: resolved.operatorVersion,
    assumptions: [...resolved.assumptions, ...assumptions, ...(isNew ? ["it has no pods"] : [])],
    obstacles: resolved.obstacles.map(({ reason }) => reason),
  };
}

function labelsOf({ workload }: ResolvedPlan): Labels | undefined {
  return workload === undefined ? undefined : (workload.metadata.labels ?? {});
}

export interface Tested {
  /** Of a plain session with the target, or of the configured one. */
  verdict: PolicyVerdict;
  outcomes: { probe: Probe; outcome: Outcome }[];
}

/** @param operatorVersion in place of what the cluster says of itself */
export function testTarget(
  { policies, unreadable }: Pick<PolicySet, "policies" | "unreadable">,
  tested: Pick<TestedTarget, "target" | "namespace" | "labels" | "related" | "alwaysCopied" | "plan">,
  probes: readonly Probe[],
  { profile, operatorVersion }: { profile: SessionPlan["profile"]; operatorVersion: string | undefined },
): Tested {
  const known = { asGivenOnly: readsAsGiven(operatorVersion), unreadable };
  const judge = policiesOn(policies, tested.plan, tested.labels);
  const outcomes = probes.map((probe) => {
    const plan = planOf(probe, { ...tested, profile });
    const outcome: Outcome =
      typeof plan === "string" ? { result: "n/a", reason: plan, by: [] } : outcomeOf(probe, judge(plan), known);
    return { probe, outcome };
  });
  return { verdict: judge(profile === undefined ? tested.plan : { ...tested.plan, profile }), outcomes };
}
