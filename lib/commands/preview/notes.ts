import { referenceText } from "../../kubernetes/object.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { knownExposure } from "../../preview/exposure.ts";
import type { Preview } from "../../preview/preview.ts";

/**
 * For stderr: what was taken for granted where it decides, and what is easily overlooked of a yes.
 * @param explain everything that was taken for granted; the tables were shown already
 */
export function previewNotes(preview: Preview, explain: boolean): string[] {
  const { session, identity, policies, verdict } = preview;
  const assumptions = explain ? (session?.resolved.assumptions ?? []) : decidingAssumptions(preview);
  const isYes = verdict.answer === "yes";
  return [
    ...assumptions.map((assumption) => `assuming: ${assumption}`),
    ...(explain || isYes ? (policies?.verdict.assumptions ?? []) : []).map((assumption) => `assuming: ${assumption}`),
    ...(explain ? groupNotes(identity) : []),
    ...unreadNotes(preview),
    ...(explain || isYes ? (policies?.verdict.problems ?? []) : []).map(
      ({ policy, field, problem }) => `note: ${referenceText(policy)}: ${field} ${problem}`,
    ),
    ...(isYes ? yesNotes(preview, explain) : []),
    ...exposureNotes(preview),
  ];
}

/** A yes stands and falls with what was assumed of the target; a no with the copy that the client would make, where that is refused. */
function decidingAssumptions({ session, verdict, checks }: Preview): string[] {
  if (session === undefined) return [];
  const { decisive } = session.resolved;
  if (verdict.answer === "yes") return decisive;
  const copies = checks.some(({ id, required, answer }) => required && answer !== "yes" && id.startsWith("copy-"));
  return copies && session.question.action !== "copy" ? decisive : [];
}

function yesNotes(preview: Preview, explain: boolean): string[] {
  const { policies, checks, identity } = preview;
  const { name } = identity.user;
  const hidden = knownExposure(preview).filter(({ directly }) => directly !== "yes");
  const shows = hidden.map(({ kind, name: object }) => `${kind} ${object}`).join(", ");
  const mayPoll = checks.every(({ id, answer }) => id !== "copy-poll" || answer === "yes");
  return [
    ...(explain ? [] : (policies?.verdict.asGiven.changes ?? [])).map(
      ({ policy, field, patterns }) =>
        `note: ${referenceText(policy)} changes the session without a word (${field}: ${patterns.join(", ")})`,
    ),
    ...(!explain && hidden.length > 0 ? [`note: the session shows ${shows}, which ${name} cannot read directly`] : []),
    ...(mayPoll
      ? []
      : [`note: a copy that is not ready at once is waited for by "get copytargets", which ${name} is refused`]),
  ];
}

/** A policy refuses it already, and there may be more: a fix for the one that is known is not enough then. */
function unreadNotes({ policies }: Preview): string[] {
  const unread = policies?.unreadable ?? [];
  if (policies?.answer !== "no" || unread.length === 0) return [];
  return [`note: you may not list ${unread.join(" and ")}: another policy may refuse it as well`];
}

/** Whoever asks about themselves and may not read the target has no session either. */
function exposureNotes({ exposure, identity, session }: Preview): string[] {
  if (exposure !== "unknown" || identity.self || session === undefined) return [];
  const target = formatTarget(session.question.target);
  return [
    `note: which Secrets and ConfigMaps a session would show is not known: ${target}, or its pods, could not be read`,
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
