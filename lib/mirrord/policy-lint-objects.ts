import type { LintContext, LintTarget, Reported } from "./policy-lint.ts";
import { refusalsOf } from "./policy-lint-limits.ts";
import { kindOfPath, kindsWithPods, otherWays, pathFindings } from "./policy-lint-path.ts";
import { policyTarget, selectPolicy } from "./policy-match.ts";
import { readPolicy, type MirrordPolicy } from "./policy-spec.ts";
import { plainPlan } from "./session-requests.ts";
import { policyPath, type Target } from "./target.ts";

/** Whether the policy is on anything, and on all that stands for it. */
export function objectFindings(policy: MirrordPolicy, all: readonly MirrordPolicy[], context: LintContext): Reported[] {
  const spec = readPolicy(policy);
  const isMisspelled = pathFindings(spec).some(({ rule }) => rule === "target-path-spelling");
  if (isMisspelled || spec.problems.some(({ field }) => field === "spec.selector")) return [];
  const { targets } = context;
  if (targets === undefined) return staticWalkAround(policy, all);
  const matched = targets.filter((one) => isBound(policy, one.target, one.namespace, one.labels));
  if (matched.length === 0) return noObject(policy, targets, context);
  const found = matched.map((one) => walkAround(policy, all, one)).find((finding) => finding !== undefined);
  return found === undefined ? staticWalkAround(policy, all) : [found];
}

function isBound(policy: MirrordPolicy, target: Target, namespace: string, labels: Readonly<Record<string, string>>): boolean {
  const chosen = policyTarget({ ...plainPlan("mirror", target, namespace), related: [] }, labels);
  return selectPolicy(policy, chosen).match.asGiven === "yes";
}

function noObject(policy: MirrordPolicy, targets: readonly LintTarget[], { targetsIncomplete }: LintContext): Reported[] {
  const { ref, targetPath, selector } = readPolicy(policy);
  if (targetsIncomplete === true || (targetPath === undefined && selector === undefined)) return [];
  const inReach = targets.filter(({ namespace }) => ref.kind === "MirrordClusterPolicy" || namespace === ref.namespace);
  const throughPods = inReach.some(({ namespace, related = [] }) =>
    related.some(({ target, labels }) => isBound(policy, target, namespace, labels)),
  );
  const named = ["targetless", "label/x=y"].some((path) => targetPath?.matches(path) === true);
  // With a container the path is longer, and only then matches what ends in one.
  const container = inReach.some(({ target, namespace, labels, containers }) =>
    containers.some((name) => isBound(policy, { ...target, container: name }, namespace, labels)),
  );
  if (throughPods || container || (named && selector === undefined)) return [];
  const conditions = [
    ...(targetPath === undefined ? [] : [`targetPath ${JSON.stringify(targetPath.text)}`]),
    ...(selector === undefined ? [] : [`selector ${JSON.stringify(selector.text)}`]),
  ];
  const message = `no target matches ${conditions.join(" and ")} now`;
  const fix = "Compare it with kubectl get deployments,pods --show-labels; correct the path or the labels, or delete the policy.";
  return [{ rule: "matches-no-object", field: targetPath === undefined ? "spec.selector" : "spec.targetPath", message, fix }];
}

/** An object of a bound workload that none of the policies with the same limits is on. */
function walkAround(policy: MirrordPolicy, all: readonly MirrordPolicy[], one: LintTarget): Reported | undefined {
  const { target, namespace, related = [] } = one;
  const free = related.find((other) => !all.some((candidate) => holds(candidate, policy) && isBound(candidate, other.target, namespace, other.labels)));
  if (free === undefined) return undefined;
  const message = `${policyPath(target)} is bound, but ${policyPath(free.target)}, which stands for the same pods, is not`;
  return walkAroundFinding(policy, message);
}

/** Without objects: a path that begins with one kind cannot match the other ways to name the same pods. */
function staticWalkAround(policy: MirrordPolicy, all: readonly MirrordPolicy[]): Reported[] {
  const { targetPath } = readPolicy(policy);
  const kind = targetPath === undefined ? undefined : kindOfPath(targetPath.text);
  if (kind === undefined || !kindsWithPods.some((word) => word === kind)) return [];
  const free = otherWays.filter((way) => way !== kind && !all.some((candidate) => holds(candidate, policy) && mayBeOn(candidate, way)));
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
  const refused = new Set(refusalsOf(first, candidate));
  return refusalsOf(second, policy).every((limit) => refused.has(limit));
}

function walkAroundFinding(policy: MirrordPolicy, message: string): Reported | undefined {
  const spec = readPolicy(policy);
  if (refusalsOf(spec, policy).length === 0) return undefined;
  const field = spec.targetPath === undefined ? "spec.selector" : "spec.targetPath";
  return {
    rule: "walk-around",
    field,
    message,
    fix: "Select by a label that the workload, its pods and its services carry, or write the same policy for every way to name it.",
  };
}
