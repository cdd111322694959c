import type { LintContext, LintTarget, Reported } from "./finding.ts";
import { impossibleLimits } from "./limits.ts";
import { kindOfPath, kindsWithPods, otherWays, pathFindings } from "./path.ts";
import { policyTarget, selectPolicy, type PolicyTarget } from "../match.ts";
import { readPolicy, type MirrordPolicy } from "../spec.ts";
import { plainPlan } from "../../plan/session-plan.ts";
import { selectorText } from "../../../kubernetes/label-selector.ts";
import { policyPath, type Target } from "../../target.ts";

/** Whether the policy is on anything, and on all that stands for it. */
export function objectFindings(policy: MirrordPolicy, all: readonly MirrordPolicy[], context: LintContext): Reported[] {
  const spec = readPolicy(policy);
  const isMisspelled = pathFindings(spec).some(({ rule }) => rule === "target-path-spelling");
  if (isMisspelled || spec.problems.some(({ field }) => field === "spec.selector")) return [];
  const { targets } = context;
  if (targets === undefined) return staticWalkAround(policy, all);
  const matched = targets.filter((one) => isOn(policy, candidateTargets(one).given));
  if (matched.length === 0) return noObject(policy, targets, context);
  const alike = [policy, ...all.filter((candidate) => candidate !== policy && holds(candidate, policy))];
  for (const one of matched) {
    const found = walkAround(policy, alike, one);
    if (found !== undefined) return [found];
  }
  return staticWalkAround(policy, all);
}

interface Candidates {
  given: PolicyTarget;
  related: { target: Target; chosen: PolicyTarget }[];
}

const known = new WeakMap<LintTarget, Candidates>();

/** A target in the terms of policies; many policies are compared with it. */
function candidateTargets(one: LintTarget): Candidates {
  const before = known.get(one);
  if (before !== undefined) return before;
  const { target, namespace, labels, related = [] } = one;
  const made = {
    given: asPolicyTarget(target, namespace, labels),
    related: related.map((other) => ({
      target: other.target,
      chosen: asPolicyTarget(other.target, namespace, other.labels),
    })),
  };
  known.set(one, made);
  return made;
}

function asPolicyTarget(target: Target, namespace: string, labels: Readonly<Record<string, string>>): PolicyTarget {
  return policyTarget({ ...plainPlan("mirror", target, namespace), related: [] }, labels);
}

function isOn(policy: MirrordPolicy, target: PolicyTarget): boolean {
  return selectPolicy(readPolicy(policy), target).match.asGiven === "yes";
}

function noObject(
  policy: MirrordPolicy,
  targets: readonly LintTarget[],
  { targetsIncomplete }: LintContext,
): Reported[] {
  const { ref, targetPath, selector } = readPolicy(policy);
  if (targetsIncomplete === true || (targetPath === undefined && selector === undefined)) return [];
  const inReach = targets.filter(({ namespace }) => ref.kind === "MirrordClusterPolicy" || namespace === ref.namespace);
  const throughOthers = inReach.some((one) => candidateTargets(one).related.some(({ chosen }) => isOn(policy, chosen)));
  const named = ["targetless", "label/x=y"].some((path) => targetPath?.matches(path) === true);
  // With a container the path is longer, and only then matches what ends in one.
  const container = inReach.some(({ target, namespace, labels, containers }) =>
    containers.some((name) => isOn(policy, asPolicyTarget({ ...target, container: name }, namespace, labels))),
  );
  if (throughOthers || container || (named && selector === undefined)) return [];
  const conditions = [
    ...(targetPath === undefined ? [] : [`targetPath ${JSON.stringify(targetPath.text)}`]),
    ...(selector === undefined ? [] : [`selector ${JSON.stringify(selectorText(selector))}`]),
  ];
  const message = `no target matches ${conditions.join(" and ")} now`;
  const fix =
    "Compare it with kubectl get deployments,pods --show-labels; correct the path or the labels, or delete the policy.";
  return [
    { rule: "matches-no-object", field: targetPath === undefined ? "spec.selector" : "spec.targetPath", message, fix },
  ];
}

/**
 * Another way to the same pods that no policy with the same limits is on.
 * @param alike the policy and those that refuse at least as much where they are on
 */
function walkAround(policy: MirrordPolicy, alike: readonly MirrordPolicy[], one: LintTarget): Reported | undefined {
  const free = candidateTargets(one).related.find(({ chosen }) => !alike.some((candidate) => isOn(candidate, chosen)));
  if (free === undefined) return undefined;
  const message = `${policyPath(one.target)} is bound, but ${policyPath(free.target)}, which stands for the same pods, is not`;
  return walkAroundFinding(policy, message);
}

/** Without objects: a path that begins with one kind cannot match the other ways to name the same pods. */
function staticWalkAround(policy: MirrordPolicy, all: readonly MirrordPolicy[]): Reported[] {
  const { targetPath } = readPolicy(policy);
  const kind = targetPath === undefined ? undefined : kindOfPath(targetPath.text);
  if (kind === undefined || !kindsWithPods.some((word) => word === kind)) return [];
  const free = otherWays.filter(
    (way) => way !== kind && !all.some((candidate) => holds(candidate, policy) && mayBeOn(candidate, way)),
  );
  if (free.length === 0) return [];
  const message = `${JSON.stringify(targetPath?.text)} binds only who names the ${kind}; the same pods can be targeted by ${free.join(", ")}`;
  const finding = walkAroundFinding(policy, message);
  return finding === undefined ? [] : [finding];
}

function mayBeOn(policy: MirrordPolicy, way: string): boolean {
  const { targetPath } = readPolicy(policy);
  if (targetPath === undefined) return true;
  const kind = kindOfPath(targetPath.text);
  return kind === undefined ? targetPath.text.includes("*") : kind === way;
}

/** Whether the first refuses at least what the second refuses, where both are on. */
function holds(candidate: MirrordPolicy, policy: MirrordPolicy): boolean {
  const [first, second] = [readPolicy(candidate), readPolicy(policy)];
  if (first.ref.kind === "MirrordPolicy" && first.ref.namespace !== second.ref.namespace) return false;
  const refused = new Set(impossibleLimits(first, candidate));
  return impossibleLimits(second, policy).every((limit) => refused.has(limit));
}

function walkAroundFinding(policy: MirrordPolicy, message: string): Reported | undefined {
  const spec = readPolicy(policy);
  if (impossibleLimits(spec, policy).length === 0) return undefined;
  const field = spec.targetPath === undefined ? "spec.selector" : "spec.targetPath";
  return {
    rule: "walk-around",
    field,
    message,
    fix: "Select by a label that the workload, its pods and its services carry, or write the same policy for every way to name it.",
  };
}
