import type { Answer } from "../kube/cluster.ts";
import type { Labels } from "./label-selector.ts";
import { readPolicy, type MirrordPolicy, type PolicyRef, type PolicySpec } from "./policy-spec.ts";
import type { SessionPlan } from "./session-requests.ts";
import { formatTarget, policyPath, type Target } from "./target.ts";
import { answerOf, every, some } from "./three-valued.ts";

/** Whether one policy applies to the session. */
export interface PolicyMatch {
  policy: PolicyRef;
  /** To the target as it was given: what operators do that were released up to 3.192. */
  matches: Answer;
  /** Where policies also reach a workload through its other objects: what operators after that are announced to do. */
  matchesInherited: Answer;
  /** What stood in the way of `matches`, or left it open; empty on a "yes". */
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

/** A policy together with its match. */
export interface MatchedPolicy {
  spec: PolicySpec;
  match: PolicyMatch;
  /** The same before `appliesToCopyTargets` is looked at, as a `copy-target-scale-down` block holds regardless of it. */
  selects: Pick<PolicyMatch, "matches" | "matchesInherited">;
}

/** The target in the terms of policies; made once per session. */
export interface PolicyTarget {
  namespace: string;
  given: Candidate;
  /** The workload's other objects; undefined when they are not known. */
  related: readonly Candidate[] | undefined;
  copy: boolean;
}

interface Candidate {
  /** Any of these may be what the operator calls it: how it writes a label target is not public. */
  paths: readonly string[];
  /** Sets of labels of which one must match; `complete` when the object has no others. */
  labels: readonly { labels: Labels; complete: boolean }[];
}

/** @param labels of the target object; undefined when it could not be read */
export function policyTarget(plan: SessionPlan, labels: Labels | undefined): PolicyTarget {
  const { target, namespace, copy, related } = plan;
  return {
    namespace,
    copy,
    given: { paths: pathsOf(target), labels: labelsOf(plan, labels) },
    related:
      target.kind === "targetless" ? [] : related?.map((other) => relatedCandidate(other.target, other.labels, target)),
  };
}

function pathsOf(target: Target): string[] {
  return target.kind === "label" ? ["label", formatTarget(target)] : [policyPath(target)];
}

// A label target has no object of its own: its pods carry at least the labels that select them.
function labelsOf({ target, related }: SessionPlan, labels: Labels | undefined): Candidate["labels"] {
  if (target.kind === "targetless") return [{ labels: {}, complete: true }];
  if (target.kind !== "label") return [{ labels: labels ?? {}, complete: labels !== undefined }];
  const pods = (related ?? []).map((pod) => ({ labels: pod.labels, complete: true }));
  return pods.length > 0 ? pods : [{ labels: { ...labels, ...target.labels }, complete: false }];
}

function relatedCandidate(target: Target, labels: Labels, given: Target): Candidate {
  const container = given.kind === "targetless" ? undefined : given.container;
  const withContainer = target.kind === "targetless" || container === undefined ? target : { ...target, container };
  return { paths: pathsOf(withContainer), labels: [{ labels, complete: true }] };
}

/** Never throws, whatever the policy holds. */
export function matchPolicy(policy: MirrordPolicy, target: PolicyTarget): MatchedPolicy {
  const spec = readPolicy(policy);
  const { ref } = spec;
  if (ref.kind === "MirrordPolicy" && ref.namespace !== target.namespace) return elsewhere(spec, target);
  const matches = selectsCandidate(spec, target.given);
  const selects = {
    matches,
    matchesInherited: matches === "yes" ? matches : some([matches, throughOthers(spec, target)]),
  };
  const binds = !target.copy || spec.appliesToCopyTargets;
  const match = binds ? selects : nothing;
  const failures = match.matches === "yes" ? [] : failuresOf(spec, target);
  return { spec, match: { policy: ref, ...match, failures }, selects };
}

const nothing = { matches: "no", matchesInherited: "no" } as const;

function elsewhere(spec: PolicySpec, { namespace }: PolicyTarget): MatchedPolicy {
  const wanted = spec.ref.namespace ?? "";
  const failures: SelectorFailure[] = [{ selector: "namespace", answer: "no", wanted, found: namespace }];
  return { spec, match: { policy: spec.ref, ...nothing, failures }, selects: nothing };
}

function selectsCandidate(spec: PolicySpec, candidate: Candidate): Answer {
  const path = pathMatches(spec, candidate);
  return path === "no" ? "no" : every([path, labelsMatch(spec, candidate)]);
}

function throughOthers(spec: PolicySpec, { related }: PolicyTarget): Answer {
  if (related === undefined) return "unknown";
  return some(related.map((other) => selectsCandidate(spec, other)));
}

function pathMatches({ targetPath }: PolicySpec, { paths }: Candidate): Answer {
  if (targetPath === undefined) return "yes";
  const [first = "", ...others] = paths;
  const answer = targetPath.matches(first);
  return others.every((path) => targetPath.matches(path) === answer) ? answerOf(answer) : "unknown";
}

function labelsMatch({ selector }: PolicySpec, { labels: sets }: Candidate): Answer {
  if (selector === undefined) return "yes";
  return some(
    sets.map(({ labels, complete }) => (complete ? answerOf(selector.matches(labels)) : selector.mayMatch(labels))),
  );
}

function failuresOf(spec: PolicySpec, target: PolicyTarget): SelectorFailure[] {
  const { given, copy } = target;
  const failures: SelectorFailure[] = [];
  const path = pathMatches(spec, given);
  if (path !== "yes") {
    const wanted = spec.targetPath?.text ?? "";
    failures.push({ selector: "targetPath", answer: path, wanted, found: given.paths.at(-1) ?? "" });
  }
  const labels = labelsMatch(spec, given);
  if (labels !== "yes") {
    failures.push({
      selector: "selector",
      answer: labels,
      wanted: spec.selector?.text ?? "",
      found: foundLabels(given),
    });
  }
  if (copy && !spec.appliesToCopyTargets) {
    failures.push({ selector: "appliesToCopyTargets", answer: "no", wanted: "no copy target", found: "a copy target" });
  }
  return failures;
}

function foundLabels({ labels: sets }: Candidate): string {
  const pairs = sets.map(({ labels, complete }) => {
    const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return (complete ? text : [...text, "…"]).join(",");
  });
  return pairs.join(" | ");
}
