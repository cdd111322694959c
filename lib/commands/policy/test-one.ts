import { printText } from "../../view/text.ts";
import type { World } from "../../cli/world.ts";
import type { PolicyMatch } from "../../mirrord/policy/match.ts";
import type { PolicyLimits } from "../../mirrord/policy/limits.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import type { PolicyVerdict } from "../../mirrord/policy.ts";
import { formatTarget, policyPath } from "../../mirrord/target.ts";
import { API_VERSION, printDocument, printTable, type OutputFormat } from "../../view/output.ts";
import type { Columns } from "../../view/columns.ts";
import { readsAsGiven } from "../../preview/policies.ts";
import { probeText } from "./probe.ts";
import { policyKey, type PolicySet } from "./policy-set.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { limitTexts } from "./row.ts";
import type { Tested, TestedTarget } from "./test-target.ts";

export interface ShownTest extends Tested {
  tested: TestedTarget;
  set: PolicySet;
  operatorVersion: string | undefined;
}

/** The whole report on one target. */
export async function showTest(test: ShownTest, output: OutputFormat, world: World): Promise<void> {
  if (output === "json" || output === "yaml") {
    await printDocument({ apiVersion: API_VERSION, kind: "PolicyTest", ...testDocument(test) }, output, world);
    return;
  }
  const { tested, verdict, outcomes } = test;
  printText([`${policyPath(tested.target)} in namespace ${tested.namespace}`, ""], world);
  const wide = output === "wide";
  await printTable(outcomeColumns, wide ? outcomes : outcomes.map(saidOnce), { wide }, world);
  world.print("");
  const matches = matchRows(test);
  if (matches.length === 0) world.note("No policies apply here.");
  else await printTable(matchColumns, matches, { wide }, world);
  const merged = mergedRows(verdict.asGiven.limits);
  if (merged.length > 0) {
    world.print("");
    await printTable(mergedColumns, merged, { wide }, world);
  }
  world.note(testNotes(test));
}

const outcomeColumns: Columns<Tested["outcomes"][number]> = {
  ACTION: ({ probe }) => probeText(probe),
  ANSWER: ({ outcome }) => outcome.result,
  BY: ({ outcome }) => outcome.by.map(referenceText).join(", "),
  WHY: ({ outcome }) => outcome.reason,
};

/** A reason that an action before it has, too, is not repeated, nor what mirrord adds to each. */
function saidOnce(
  { probe, outcome }: Tested["outcomes"][number],
  at: number,
  all: readonly Tested["outcomes"][number][],
): Tested["outcomes"][number] {
  const same = all.slice(0, at).find((before) => outcome.reason !== "" && before.outcome.reason === outcome.reason);
  const reason =
    same === undefined
      ? outcome.reason.replace(/ \(your organization [^()]*\)\.$/, "")
      : `as for ${probeText(same.probe)}`;
  return { probe, outcome: { ...outcome, reason } };
}

interface MatchRow {
  match: PolicyMatch;
  limits: string[];
  isLocal: boolean;
}

function matchRows({ set, verdict }: ShownTest): MatchRow[] {
  const specs = new Map(set.policies.map((policy) => [policyKey(readPolicy(policy).ref), readPolicy(policy)]));
  return verdict.policies.map((match) => {
    const key = policyKey(match.policy);
    const spec = specs.get(key);
    return { match, limits: spec === undefined ? [] : limitTexts(spec), isLocal: set.places.has(key) };
  });
}

const matchColumns: Columns<MatchRow> = {
  POLICY: ({ match, isLocal }) => `${referenceText(match.policy)}${isLocal ? " (file)" : ""}`,
  APPLIES: ({ match }) => match.asGiven,
  WHY: ({ match }) => whyText(match),
  SAYS: ({ limits }) => limits.join("; "),
  INHERITED: { wide: ({ match }) => match.inherited },
};

function whyText({ failures }: PolicyMatch): string {
  return failures
    .map(({ selector, answer, wanted, found }) => {
      const verb = answer === "no" ? "is not" : "may not be";
      return selector === "appliesToCopyTargets"
        ? "not for copies of the target"
        : `${selector} ${wanted || '""'} ${verb} ${found || "<none>"}`;
    })
    .join("; ");
}

interface MergedRow {
  field: string;
  value: string;
  by: string;
}

const mergedColumns: Columns<MergedRow> = {
  MERGED: ({ field }) => field,
  VALUE: ({ value }) => value,
  BY: ({ by }) => by,
};

function mergedRows(limits: PolicyLimits): MergedRow[] {
  const names = (refs: readonly Parameters<typeof referenceText>[0][]) => refs.map(referenceText).join(", ");
  return [
    ...limits.block.map(({ feature, by }) => ({ field: "block", value: feature, by: names(by) })),
    ...limits.headerFilters.map(({ regex, by }) => ({ field: "headerFilter", value: regex, by: names([by]) })),
    ...(limits.requireProfile.length === 0
      ? []
      : [{ field: "requireProfile", value: "true", by: names(limits.requireProfile) }]),
    ...(limits.profileAllowlist === undefined
      ? []
      : [{ field: "profileAllowlist", value: limits.profileAllowlist.join(", ") || "no profile at all", by: "" }]),
    ...limits.outgoing.map((by) => ({ field: "outgoing", value: "rules", by: names([by]) })),
    ...limits.envExclude.map(({ glob, by }) => ({ field: "env.exclude", value: glob, by: names([by]) })),
    ...limits.files.map(({ limit, regex, by }) => ({ field: `fs.${limit}`, value: regex, by: names([by]) })),
  ];
}

function testNotes({ tested, set, verdict, operatorVersion }: ShownTest): string[] {
  return [
    ...tested.obstacles.map((obstacle) => `Note: ${obstacle}.`),
    ...[...tested.assumptions, ...verdict.assumptions].map((assumption) => `Assuming that ${assumption}.`),
    readingNote(verdict, operatorVersion),
    ...verdict.problems.map(({ policy, field, problem }) => `${referenceText(policy)}: ${field} ${problem}`),
    ...(set.unreadable.length === 0
      ? []
      : [`You may not list ${set.unreadable.join(" and ")}: there may be more policies.`]),
  ];
}

/** Operators read policies in two ways; which of them is shown, and whether it matters here. */
function readingNote({ readingsDiffer }: PolicyVerdict, operatorVersion: string | undefined): string {
  const operator =
    operatorVersion === undefined ? "The operator's version is not known" : `Operator ${operatorVersion}`;
  const way = readsAsGiven(operatorVersion)
    ? "compares policies with the target as it was given"
    : "may let policies reach a workload through its pods and owners as well: both readings have to agree";
  const difference = readingsDiffer ? "; for this target they differ, see -o wide" : "";
  return operatorVersion === undefined
    ? `${operator}; newer ones than 3.192 let policies reach a workload through its pods and owners${difference}.`
    : `${operator} ${way}${difference}.`;
}

function testDocument({ tested, set, verdict, outcomes, operatorVersion }: ShownTest): object {
  return {
    target: formatTarget(tested.target),
    path: policyPath(tested.target),
    namespace: tested.namespace,
    ...(operatorVersion === undefined ? {} : { operatorVersion }),
    outcomes: outcomes.map(({ probe, outcome: { result, reason, by } }) => ({
      action: probeText(probe),
      result,
      ...(reason === "" ? {} : { reason }),
      ...(by.length === 0 ? {} : { by }),
    })),
    policies: verdict.policies.map((match) => ({ ...match, local: set.places.has(policyKey(match.policy)) })),
    merged: verdict.asGiven.limits,
    readingsDiffer: verdict.readingsDiffer,
    problems: verdict.problems,
    obstacles: tested.obstacles,
    assumptions: [...tested.assumptions, ...verdict.assumptions],
    ...(set.unreadable.length === 0 ? {} : { unreadable: set.unreadable }),
  };
}
