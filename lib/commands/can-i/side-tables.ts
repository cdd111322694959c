import { policyName } from "./notes.ts";
import type { Preview } from "../../preview/preview.ts";

/** A line of what is said about a session beside its steps. */
export interface SideRow {
  what: string;
  answer: string;
  how: string;
}

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
