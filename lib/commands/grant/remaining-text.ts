import type { Remaining, StandingRight, StandingSession } from "../../access/remaining.ts";
import { parseSubject, subjectWords } from "../../access/subject.ts";
import { workloadKinds, type WorkloadKind } from "../../mirrord/target.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import type { Paragraph } from "../../view/text.ts";

/** How to take away what remains, by command; what names others as well apart. */
export function removalText(remaining: readonly Remaining[]): Paragraph[] {
  const all = new Map(remaining.flatMap(({ removals = [] }) => removals.map((one) => [one.command, one.others])));
  const commands = (others: boolean) => [...all].flatMap(([paste, shared]) => (shared === others ? [{ paste }] : []));
  const [own, shared] = [commands(false), commands(true)];
  return [
    ...(own.length === 0 ? [] : ["", "To take that away too:", ...own]),
    ...(shared.length === 0 ? [] : ["", "What names others as well is edited:", ...shared]),
  ];
}

/**
 * A sentence for each place, and the rights that stand; not escaped.
 * @param isFound there was a grant; nobody can "no longer" do what was never granted
 */
export function remainingLines(remaining: readonly Remaining[], isFound = true): string[] {
  const kept = remaining.filter(({ state, namespace }) => state !== "gone" && namespace !== "");
  // "Other" namespaces are others than those that were named.
  const bySubject = [...Map.groupBy(remaining, ({ subject }) => subject).values()];
  const ordered = bySubject.flatMap((found) =>
    found.toSorted((a, b) => Number(a.namespace === "") - Number(b.namespace === "")),
  );
  const lines = ordered.flatMap((one) => {
    // What can be started everywhere can be where more can, too; what cannot need not be so there.
    const elsewhere = (one.sessions ?? []).length === 0 && kept.some(({ subject }) => subject === one.subject);
    return [sentence(one, elsewhere, isFound), ...rightLines(one)];
  });
  // What holds in the whole cluster is the same for each namespace.
  return lines.filter((line, index) => line.startsWith(" ") || lines.indexOf(line) === index);
}

function sentence(found: Remaining, elsewhere: boolean, isFound: boolean): string {
  const remaining = { ...found, subject: spoken(found) };
  const { subject, namespace, target, state, groups, exempted, reason = "" } = remaining;
  const where = namespace === "" ? `In all ${elsewhere ? "other " : ""}namespaces` : `In namespace ${namespace}`;
  if (exempted !== undefined) return exemptionSentence({ ...remaining, exempted }, where);
  switch (state) {
    case "gone":
      return `${where} ${subject} ${isFound ? "can no longer" : "cannot"} ${target === undefined ? "use mirrord" : `connect to ${target}`}.`;
    case "remains":
      return `${where} ${remainsText(remaining)}.`;
    case "may-remain":
      return `${where} ${subject} has no access of their own${isFound ? " any more, but access may remain" : ", but may have some"} through ${groups.map((group) => `group ${group}`).join(", ")}.`;
    case "unknown":
      return `${where} it could not be found out whether ${subject} can still use mirrord: ${reason}.`;
  }
}

/** The subject, as a sentence has it. */
const spoken = ({ subject }: Remaining): string => subjectWords(parseSubject(subject));

function exemptionSentence(
  { subject, state, exempted, through, groups, reason = "" }: Remaining & { exempted: readonly string[] },
  where: string,
): string {
  const what = `have ${exempted.join(", ")} in pods`;
  switch (state) {
    case "gone":
      return `${where} ${subject} can no longer ${what}.`;
    case "remains":
      return `${where} ${subject} can still ${what}${through.length === 0 ? "" : `, through ${through.join(", ")}`}.`;
    case "may-remain":
      return `${where} ${subject} has no exemption of their own any more, but may have one through ${groups.map((group) => `group ${group}`).join(", ")}.`;
    case "unknown":
      return `${where} it could not be found out whether ${subject} can still ${what}: ${reason}.`;
  }
}

function remainsText({ subject, through, sessions = [], rights = [], missing = [] }: Remaining): string {
  const by = through.length === 0 ? "" : `, through ${through.join(", ")}`;
  if (sessions.length > 0) return `${subject} can still ${sessionsText(sessions)}${by}`;
  const held = rights.filter(({ right }) => right !== "credential").map(rightWords);
  const needs = missing.map(describeAttributes).join("; ");
  return `${subject} still has the right to ${held.join(" and ")}${by}${needs === "" ? "" : `. A session needs besides: ${needs}`}`;
}

const jobs: ReadonlySet<WorkloadKind> = new Set(["job", "cronjob"]);

/** What a session of each kind is said to do, and the workloads that it can be for. */
const uses: Readonly<Record<StandingSession["use"], { words: string; kinds: readonly WorkloadKind[] }>> = {
  connect: { words: "connect to", kinds: workloadKinds.filter((kind) => !jobs.has(kind)) },
  copy: { words: "copy", kinds: workloadKinds.filter((kind) => kind !== "service") },
  preview: { words: "make previews of", kinds: workloadKinds },
  list: { words: "see sessions", kinds: [] },
};

function sessionsText(sessions: readonly StandingSession[]): string {
  if (sessions.some((each) => each.use === "connect" && isForAll(each))) return "use mirrord";
  return sessions
    .map((each) => [uses[each.use].words, isForAll(each) ? "any target" : some(each.targets)])
    .map(([words = "", targets = ""]) => `${words} ${targets}`.trim())
    .join(" and ");
}

function isForAll({ use, targets }: StandingSession): boolean {
  const { kinds } = uses[use];
  return kinds.length > 0 && kinds.every((kind) => targets.includes(`any ${kind}`));
}

const SHOWN = 10;

function some(targets: readonly string[]): string {
  const more = targets.length - SHOWN;
  return more > 0 ? `${targets.slice(0, SHOWN).join(", ")} and ${more} more` : targets.join(", ");
}

function rightWords({ right, targets = [] }: StandingRight): string {
  switch (right) {
    case "connect":
      return `connect to ${some(targets)}`;
    case "copy":
      return "copy targets";
    case "preview":
      return "make previews";
    case "credential":
      return "get a client certificate";
    case "list":
      return "see sessions";
  }
}

/** Where the sentence does not say it already: which binding gives which right. */
function rightLines(remaining: Remaining): string[] {
  const { state, rights = [] } = remaining;
  const named = rights.map((right) => `${rightWords(right)} (${right.through.join(", ") || "not by RBAC"})`);
  if (named.length === 0) return [];
  if (state === "remains") return [`  Rights that stand: ${named.join("; ")}.`];
  return [`${spoken(remaining)} can still ${named.join(" and ")}, which starts no session by itself.`];
}
