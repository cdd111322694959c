import { referenceText } from "../../kubernetes/object.ts";
import type { Preview } from "../../preview/preview.ts";

/**
 * For stderr: what was taken for granted, and what is easily overlooked.
 * @param isLong the tables were shown already
 */
export function previewNotes(
  { session, identity, policies, exposure, checks, verdict }: Preview,
  isLong: boolean,
): string[] {
  const { name } = identity.user;
  const hidden = (exposure ?? []).filter(({ directly }) => directly !== "yes");
  const shows = hidden.map(({ kind, name: object }) => `${kind} ${object}`).join(", ");
  const mayPoll = checks.every(({ id, answer }) => id !== "copy-poll" || answer === "yes");
  return [
    ...(session?.resolved.assumptions ?? []).map((assumption) => `assuming: ${assumption}`),
    ...(policies?.verdict.assumptions ?? []).map((assumption) => `assuming: ${assumption}`),
    ...groupNotes(identity),
    ...(policies?.verdict.problems ?? []).map(
      ({ policy, field, problem }) => `note: ${referenceText(policy)}: ${field} ${problem}`,
    ),
    ...(isLong
      ? []
      : (policies?.verdict.asGiven.changes ?? []).map(
          ({ policy, field, patterns }) =>
            `note: ${referenceText(policy)} changes the session without a word (${field}: ${patterns.join(", ")})`,
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
