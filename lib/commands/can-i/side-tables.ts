import type { PolicyRef } from "../../mirrord/policy-spec.ts";
import type { Preview } from "../../preview/preview.ts";

/** A line of what is said about a session beside its steps. */
export interface SideRow {
  what: string;
  answer: string;
  how: string;
}

const policyName = ({ kind, name, namespace }: PolicyRef) =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** What each policy that could be read does to the session, under both readings where they differ. */
export function policyRows({ policies }: Pick<Preview, "policies">): SideRow[] {
  if (policies === undefined) return [];
  const { verdict, unreadable } = policies;
  const readings = verdict.readingsDiffer
    ? ([
        ["as the target is given", verdict.asGiven],
        ["through pods and owners", verdict.inherited],
      ] as const)
    : ([["", verdict.asGiven]] as const);
  const effects = readings.flatMap(([reading, { blocks, changes }]) => {
    const suffix = reading === "" ? "" : ` (${reading})`;
    return [
      ...blocks.map(({ policy, answer, field, message, stage }) => ({
        what: policyName(policy),
        answer: `${answer}${suffix}`,
        how: `${field}: ${message}${stage === "later" ? " (after the session has started)" : ""}`,
      })),
      ...changes.map(({ policy, answer, field, patterns }) => ({
        what: policyName(policy),
        answer: `${answer === "yes" ? "changes silently" : "may change silently"}${suffix}`,
        how: `${field}: ${patterns.join(", ")}`,
      })),
    ];
  });
  const shown = new Set(effects.map(({ what }) => what));
  const others = verdict.policies
    .map(({ policy, asGiven, failures }) => ({
      what: policyName(policy),
      answer: asGiven === "yes" ? "applies, allows it" : asGiven === "no" ? "does not apply" : "may apply",
      how: failures.map(({ selector, wanted, found }) => `${selector} is ${wanted}, not ${found}`).join("; "),
    }))
    .filter(({ what }) => !shown.has(what));
  const unread = unreadable.map((resource) => ({ what: resource, answer: "unknown", how: "you may not list them" }));
  return [...effects, ...others, ...unread];
}

/** What the session would show of Secrets and ConfigMaps. */
export function exposureRows({ exposure = [] }: Pick<Preview, "exposure">): SideRow[] {
  return exposure.map(({ kind, name, through, directly }) => ({
    what: `${kind} ${name}`,
    answer: directly,
    how: through.join(", "),
  }));
}

/**
 * For stderr: what was taken for granted, and what is easily overlooked.
 * @param isLong the tables were shown already
 */
export function notesOf({ session, identity, policies, exposure, checks, verdict }: Preview, isLong: boolean): string[] {
  const { name } = identity.user;
  const hidden = (exposure ?? []).filter(({ directly }) => directly !== "yes");
  const shows = hidden.map(({ kind, name: object }) => `${kind} ${object}`).join(", ");
  const mayPoll = checks.every(({ id, answer }) => id !== "copy-poll" || answer === "yes");
  return [
    ...(session?.resolved.assumptions ?? []).map((assumption) => `assuming: ${assumption}`),
    ...(policies?.verdict.assumptions ?? []).map((assumption) => `assuming: ${assumption}`),
    ...groupNotes(identity),
    ...(policies?.verdict.problems ?? []).map(
      ({ policy, field, problem }) => `note: ${policyName(policy)}: ${field} ${problem}`,
    ),
    ...(isLong
      ? []
      : (policies?.verdict.asGiven.changes ?? []).map(
          ({ policy, field, patterns }) =>
            `note: ${policyName(policy)} changes the session without a word (${field}: ${patterns.join(", ")})`,
        )),
    ...(!isLong && hidden.length > 0 ? [`note: the session shows ${shows}, which ${name} cannot read directly`] : []),
    ...(verdict.answer === "yes" && !mayPoll
      ? [`note: a copy that is not ready at once is waited for by "get copytargets", which ${name} is refused`]
      : []),
  ];
}

function groupNotes({ user, groupsKnown, impliedGroups }: Preview["identity"]): string[] {
  if (impliedGroups.length === 0) return [];
  const groups = impliedGroups.join(", ");
  return [
    groupsKnown
      ? `assuming: ${user.name} is also in ${groups}`
      : `assuming: ${user.name} is in no group but ${groups} (name others by --as-group)`,
  ];
}
