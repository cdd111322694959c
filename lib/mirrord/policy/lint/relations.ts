import { isDeepStrictEqual } from "node:util";
import { referenceText } from "../../../kubernetes/object.ts";
import type { LintContext, Reported } from "./finding.ts";
import { impossibleLimits } from "./limits.ts";
import { readPolicy, type MirrordPolicy, type PolicySpec } from "../spec.ts";

/** The policy beside the others, and beside the profiles. */
export function relationFindings(
  policy: MirrordPolicy,
  all: readonly MirrordPolicy[],
  context: LintContext,
): Reported[] {
  const spec = readPolicy(policy);
  return [...profileNames(spec, context), ...disjointAllowlists(spec, policy, all), ...hiddenBy(policy, all)];
}

function profileNames({ profileAllowlist }: PolicySpec, { profiles }: LintContext): Reported[] {
  if (profiles === undefined) return [];
  const unknown = [...new Set(profileAllowlist)].filter((name) => !profiles.has(name));
  if (unknown.length === 0) return [];
  const names = unknown.map((name) => JSON.stringify(name)).join(", ");
  return [
    {
      rule: "unknown-profile",
      field: "spec.profileAllowlist",
      message: `there is no profile ${names}`,
      fix: "Compare with kubectl get mirrordclusterprofiles and kubectl get mirrordprofiles -A; a MirrordProfile is NAMESPACE/NAME.",
    },
  ];
}

function disjointAllowlists(
  { profileAllowlist, ref }: PolicySpec,
  policy: MirrordPolicy,
  all: readonly MirrordPolicy[],
): Reported[] {
  if (profileAllowlist === undefined || profileAllowlist.length === 0) return [];
  for (const other of all) {
    const { profileAllowlist: theirs, ref: theirRef } = readPolicy(other);
    if (other === policy || theirs === undefined || theirs.length === 0 || !includesTargets(other, policy)) continue;
    if (profileAllowlist.some((name) => theirs.includes(name))) continue;
    return [
      {
        rule: "no-profile-left",
        field: "spec.profileAllowlist",
        message: `where ${ref.name} applies, ${referenceText(theirRef)} does too, and no profile is in both allowlists`,
        fix: "Allow one profile in both.",
      },
    ];
  }
  return [];
}

function hiddenBy(policy: MirrordPolicy, all: readonly MirrordPolicy[]): Reported[] {
  const spec = readPolicy(policy);
  const limits = allLimits(spec, policy);
  if (limits.length === 0) return [];
  const at = all.indexOf(policy);
  const cover = all.find((other, index) => {
    if (other === policy || !includesTargets(other, policy)) return false;
    const theirs = readPolicy(other);
    if (spec.appliesToCopyTargets && !theirs.appliesToCopyTargets) return false;
    const isSame = includesTargets(policy, other) && limits.length === allLimits(theirs, other).length;
    // Of two that say the same, the first one stays.
    if (isSame && index > at && theirs.ref.kind === spec.ref.kind) return false;
    return limits.every((limit) => implies(allLimits(theirs, other), limit));
  });
  if (cover === undefined) return [];
  const { ref } = readPolicy(cover);
  return [
    {
      rule: "hidden",
      message: `${referenceText(ref)} matches all that this one matches, and refuses as much: this one changes nothing`,
      fix: "Delete this one, or narrow the other.",
    },
  ];
}

function allLimits(spec: PolicySpec, policy: MirrordPolicy): string[] {
  const soft = spec.silentLimits.flatMap(({ field, patterns }) => patterns.map((pattern) => `${field} ${pattern}`));
  return [...impossibleLimits(spec, policy), ...soft];
}

// Who may not steal at all may not steal without a filter either, nor with the wrong one.
function implies(limits: readonly string[], wanted: string): boolean {
  if (limits.includes(wanted)) return true;
  const isAboutFilters = wanted === "block steal-without-filter" || wanted.startsWith("headerFilter ");
  if (isAboutFilters && limits.includes("block steal")) return true;
  return wanted === "block steal-without-filter" && limits.some((limit) => limit.startsWith("headerFilter "));
}

/** Whether the first policy is on everything that the second is on; false where that is not certain. */
function includesTargets(first: MirrordPolicy, second: MirrordPolicy): boolean {
  const [wide, narrow] = [readPolicy(first), readPolicy(second)];
  if (wide.problems.length > 0 || narrow.problems.length > 0) return false;
  if (wide.ref.kind === "MirrordPolicy" && wide.ref.namespace !== narrow.ref.namespace) return false;
  const path = wide.targetPath;
  const isPathWide =
    path === undefined || path.text === narrow.targetPath?.text || includesPath(path, narrow.targetPath?.text);
  const isSelectorWide =
    wide.selector === undefined || wide.selector.requirements.length === 0 || isSameSelector(first, second);
  return isPathWide && isSelectorWide;
}

// A glob without `?` that matches another, star for star, matches all that the other one matches: a star stands for any text.
function includesPath(path: NonNullable<PolicySpec["targetPath"]>, narrow: string | undefined): boolean {
  if (narrow === undefined) return /^\*+$/.test(path.text);
  return !path.text.includes("?") && path.matches(narrow);
}

function isSameSelector(first: MirrordPolicy, second: MirrordPolicy): boolean {
  const selectorOf = ({ spec }: MirrordPolicy) =>
    typeof spec === "object" && spec !== null && "selector" in spec ? spec.selector : undefined;
  return isDeepStrictEqual(selectorOf(first), selectorOf(second));
}
