import { policyExpressions } from "./expressions.ts";
import { matchesEverything, matchesNothing } from "./regex.ts";
import type { Reported } from "./finding.ts";
import type { MirrordPolicy, PolicySpec } from "../spec.ts";

/** What the policy refuses, each as one text: equal texts are equal limits. Convenience limits are not among them. */
export function impossibleLimits(spec: PolicySpec, policy: MirrordPolicy): string[] {
  const { block, headerFilter, outgoing, requireProfile, profileAllowlist } = spec;
  const hasRules = outgoing.allow.length + outgoing.block.length > 0;
  return [
    ...[...block].toSorted().map((feature) => `block ${feature}`),
    ...(headerFilter === undefined ? [] : [`headerFilter ${headerFilter.text}`]),
    ...(hasRules ? [`outgoing ${outgoingText(policy)}`] : []),
    ...(requireProfile ? ["requireProfile"] : []),
    ...(profileAllowlist === undefined ? [] : [`profileAllowlist ${profileAllowlist.toSorted().join()}`]),
  ];
}

function outgoingText({ spec }: MirrordPolicy): string {
  const network = typeof spec === "object" && spec !== null && "network" in spec ? spec.network : undefined;
  const outgoing =
    typeof network === "object" && network !== null && "outgoing" in network ? network.outgoing : undefined;
  return JSON.stringify(outgoing);
}

/** The limits themselves, whatever they are on. */
export function expressionFindings(policy: MirrordPolicy, spec: PolicySpec): Reported[] {
  return [...regexFindings(spec), ...copyFindings(spec), ...profileFindings(spec), ...softFindings(spec, policy)];
}

function regexFindings(spec: PolicySpec): Reported[] {
  return policyExpressions(spec).flatMap((expression): Reported[] => {
    const { path, text, subject } = expression;
    const shownText = JSON.stringify(text);
    const why = matchesNothing(expression);
    if (why !== undefined) {
      const message = `${shownText} never matches a ${subject}: ${why}`;
      return [
        {
          rule: "regex-nothing",
          field: path,
          message,
          fix: `Try the expression on a ${subject} that it should match.`,
        },
      ];
    }
    if (!matchesEverything(expression)) return [];
    const fix = "Anchor it and say what has to be there, for example ^x-user: .+$; or leave it out.";
    return [{ rule: "regex-everything", field: path, message: `${shownText} matches every ${subject}`, fix }];
  });
}

const STEALS = ["steal", "steal-without-filter", "mirror"];

function copyFindings({ appliesToCopyTargets, block, headerFilter }: PolicySpec): Reported[] {
  const skipped = STEALS.filter((feature) => block.has(feature));
  const what = [...skipped, ...(headerFilter === undefined ? [] : ["the header filter"])];
  if (appliesToCopyTargets || what.length === 0) return [];
  const message = `sessions on a copy of the target are not bound by ${what.join(", ")}`;
  return [{ rule: "copy-target", field: "spec.appliesToCopyTargets", message, fix: "Set appliesToCopyTargets: true." }];
}

function profileFindings({ requireProfile, profileAllowlist }: PolicySpec): Reported[] {
  const field = "spec.profileAllowlist";
  if (profileAllowlist === undefined) return [];
  const empty: Reported = {
    rule: "no-profile-left",
    field,
    message: requireProfile
      ? "a profile is required and none is allowed: no session can start"
      : "the allowlist is empty: no session with a profile can start",
    fix: "Name the profiles that may be used, or leave the field out.",
  };
  const optional: Reported = {
    rule: "profile-optional",
    field: "spec.requireProfile",
    message: "a session without a profile is not limited by the allowlist",
    fix: "Set requireProfile: true.",
  };
  return [...(profileAllowlist.length === 0 ? [empty] : []), ...(requireProfile ? [] : [optional])];
}

function softFindings(spec: PolicySpec, policy: MirrordPolicy): Reported[] {
  const { silentLimits, requireProfile, profileAllowlist } = spec;
  const fix = "Keep it as a convenience, and take the access itself away by RBAC where it must not be had.";
  const soft = silentLimits.map(({ field }) => field);
  const profiles = requireProfile || profileAllowlist !== undefined ? ["spec.requireProfile"] : [];
  const notes = [...soft, ...profiles].map((field): Reported => {
    const what =
      field === "spec.requireProfile" ? "only the name of the profile is checked" : "users can get around it";
    return { rule: "not-security", field, message: `${field} does not keep anybody out: ${what}`, fix };
  });
  if (soft.length > 0 || spec.unknown.length > 0 || impossibleLimits(spec, policy).length > 0) return notes;
  return [
    {
      rule: "no-limit",
      field: "spec.block",
      message: "nothing is blocked or changed",
      fix: "Say what it blocks, or delete it.",
    },
  ];
}
