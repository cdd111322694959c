import type { Answer } from "../../kubernetes/access.ts";
import { selects, maySelect, selectorText, type Labels } from "../../kubernetes/label-selector.ts";
import type { PolicyRef, PolicySpec } from "./spec.ts";
import type { SessionPlan } from "../plan/session-plan.ts";
import { formatTarget, policyPath, type Target } from "../target.ts";
import { toAnswer, every, some } from "../../kubernetes/answers.ts";

/**
 * How policies find a session. `asGiven`: only through the target as the user gave it, as operators up to 3.192 do.
 * `inherited`: also through the workload's pods and owners, as later ones are announced to; the details are not public.
 */
export type Interpretation = "asGiven" | "inherited";

/** Whether one policy applies to the session. */
export interface PolicyMatch extends Record<Interpretation, Answer> {
  policy: PolicyRef;
  /** What stands in the way of `asGiven`, or leaves it open; empty on a "yes". */
  failures: SelectorFailure[];
}

/** One condition of a policy that the session does not fulfil, or may not. */
export interface SelectorFailure {
  selector: "namespace" | "targetPath" | "selector" | "appliesToCopyTargets";
  answer: "no" | "unknown";
  /** What the policy asks for, and what the session has. */
  wanted: string;
  found: string;
}

/** A policy, and whether its selectors match the target; `appliesToCopyTargets` is not looked at yet. */
export interface SelectedPolicy {
  spec: PolicySpec;
  match: PolicyMatch;
}

/** The target in the terms of policies. */
export interface PolicyTarget {
  namespace: string;
  given: Candidate;
  /** The workload's other objects; undefined when they are not known. */
  related: readonly Candidate[] | undefined;
}

interface Candidate {
  /** Any of these may be what the operator calls it: how it writes a label target is not public. */
  paths: readonly string[];
  /** Sets of labels of which one must match; `complete` when the object has no others. */
  labels: readonly { labels: Labels; complete: boolean }[];
  labelText: string;
}

/** @param labels of the target object; undefined when it could not be read */
export function policyTarget(plan: SessionPlan, labels: Labels | undefined): PolicyTarget {
  const { target, namespace, relatedIncomplete = false } = plan;
  const related = relatedIncomplete ? undefined : plan.related;
  return {
    namespace,
    given: candidate(target, candidateLabels(plan, labels)),
    related: target.kind === "targetless" ? [] : related?.map((other) => relatedCandidate(other, target)),
  };
}

function candidate(target: Target, labels: Candidate["labels"]): Candidate {
  const paths = target.kind === "label" ? ["label", formatTarget(target)] : [policyPath(target)];
  return { paths, labels, labelText: labels.map(labelSetText).join(" | ") };
}

function labelSetText({ labels, complete }: Candidate["labels"][number]): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return (complete ? pairs : [...pairs, "…"]).join(",");
}

// A label target has no object of its own: its pods carry at least the labels that select them.
function candidateLabels({ target, related }: SessionPlan, labels: Labels | undefined): Candidate["labels"] {
  if (target.kind === "targetless") return [{ labels: {}, complete: true }];
  if (target.kind !== "label") return [{ labels: labels ?? {}, complete: labels !== undefined }];
  const pods = (related ?? [])
    .filter((other) => other.target.kind === "pod")
    .map((pod) => ({ labels: pod.labels, complete: true }));
  return pods.length > 0 ? pods : [{ labels: { ...labels, ...target.labels }, complete: false }];
}

function relatedCandidate({ target, labels }: { target: Target; labels: Labels }, given: Target): Candidate {
  const container = given.kind === "targetless" ? undefined : given.container;
  const withContainer = target.kind === "targetless" || container === undefined ? target : { ...target, container };
  return candidate(withContainer, [{ labels, complete: true }]);
}

/** Compares the selectors of one policy with the target. */
export function selectPolicy(spec: PolicySpec, target: PolicyTarget): SelectedPolicy {
  const { ref } = spec;
  if (ref.kind === "MirrordPolicy" && ref.namespace !== target.namespace) {
    const failure = {
      selector: "namespace",
      answer: "no",
      wanted: ref.namespace ?? "",
      found: target.namespace,
    } as const;
    return { spec, match: { policy: ref, asGiven: "no", inherited: "no", failures: [failure] } };
  }
  const failures = selectorFailures(spec, target.given);
  const asGiven = every(failures.map(({ answer }) => answer));
  return { spec, match: { policy: ref, asGiven, inherited: throughOthers(asGiven, spec, target), failures } };
}

/** Whether the policy applies to the target, or to another object of it. */
function throughOthers(asGiven: Answer, spec: PolicySpec, { related }: PolicyTarget): Answer {
  if (asGiven === "yes") return asGiven;
  if (related === undefined) return "unknown";
  return some([asGiven, ...related.map((other) => every(selectorFailures(spec, other).map(({ answer }) => answer)))]);
}

function selectorFailures(
  { targetPath, selector }: PolicySpec,
  { paths, labels, labelText }: Candidate,
): SelectorFailure[] {
  const failures: SelectorFailure[] = [];
  if (targetPath !== undefined) {
    const answer = anyButAll(paths, targetPath.matches);
    const found = paths.at(-1) ?? "";
    if (answer !== "yes") failures.push({ selector: "targetPath", answer, wanted: targetPath.text, found });
  }
  if (selector !== undefined) {
    const answer = some(
      labels.map((set) => (set.complete ? toAnswer(selects(selector, set.labels)) : maySelect(selector, set.labels))),
    );
    if (answer !== "yes")
      failures.push({ selector: "selector", answer, wanted: selectorText(selector), found: labelText });
  }
  return failures;
}

/** Of several spellings one is right: where they do not agree, the answer is open. */
function anyButAll(paths: readonly string[], matches: (path: string) => boolean): Answer {
  const count = paths.reduce((sum, path) => sum + (matches(path) ? 1 : 0), 0);
  if (count === paths.length) return "yes";
  return count === 0 ? "no" : "unknown";
}

const copied: SelectorFailure = {
  selector: "appliesToCopyTargets",
  answer: "no",
  wanted: "a session without a copy target",
  found: "a session with a copy target",
};

/** The match with `appliesToCopyTargets` taken into account. */
export function matchForCopy({ spec, match }: SelectedPolicy): PolicyMatch {
  if (spec.appliesToCopyTargets) return match;
  const failures = match.failures.some(({ selector }) => selector === "namespace")
    ? match.failures
    : [...match.failures, copied];
  return { policy: match.policy, asGiven: "no", inherited: "no", failures };
}
