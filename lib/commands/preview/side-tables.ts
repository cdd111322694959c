import { referenceText } from "../../kubernetes/object.ts";
import type { PolicyInterpretation } from "../../mirrord/policy/interpretation.ts";
import { knownExposure } from "../../preview/exposure.ts";
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
  const plain = policyEffects(verdict.asGiven);
  const inherited = verdict.readingsDiffer ? policyEffects(verdict.inherited) : plain;
  const effects = [
    ...plain.map((row) => (has(inherited, row) ? row : { ...row, answer: `${row.answer} (as the target is given)` })),
    ...inherited
      .filter((row) => !has(plain, row))
      .map((row) => ({ ...row, answer: `${row.answer} (through pods and owners)` })),
  ];
  const shown = new Set(effects.map(({ what }) => what));
  const others = verdict.policies
    .map(({ policy, asGiven, failures }) => ({
      what: referenceText(policy),
      answer: asGiven === "yes" ? "applies, allows it" : asGiven === "no" ? "does not apply" : "may apply",
      how: failures.map(({ selector, wanted, found }) => `${selector} is ${wanted}, not ${found}`).join("; "),
    }))
    .filter(({ what }) => !shown.has(what));
  const unread = unreadable.map((resource) => ({ what: resource, answer: "unknown", how: "you may not list them" }));
  return [...effects, ...others, ...unread];
}

function policyEffects({ blocks, changes }: PolicyInterpretation): SideRow[] {
  return [
    ...blocks.map(({ policy, answer, field, message, stage }) => ({
      what: referenceText(policy),
      answer,
      how: `${field}: ${message}${stage === "later" ? " (after the session has started)" : ""}`,
    })),
    ...changes.map(({ policy, answer, field, patterns }) => ({
      what: referenceText(policy),
      answer: answer === "yes" ? "changes silently" : "may change silently",
      how: `${field}: ${patterns.join(", ")}`,
    })),
  ];
}

const has = (rows: readonly SideRow[], { what, answer, how }: SideRow) =>
  rows.some((row) => row.what === what && row.answer === answer && row.how === how);

/** What the session would show of Secrets and ConfigMaps. */
export function exposureRows(preview: Pick<Preview, "exposure">): SideRow[] {
  return knownExposure(preview).map(({ kind, name, through, directly }) => ({
    what: `${kind} ${name}`,
    answer: directly,
    how: through.join(", "),
  }));
}
