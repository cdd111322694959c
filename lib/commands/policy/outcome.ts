import type { Answer } from "../../kubernetes/access.ts";
import { unsureText, type PolicyBlock } from "../../mirrord/policy/blocks.ts";
import type { PolicyInterpretation } from "../../mirrord/policy/interpretation.ts";
import type { PolicyRef } from "../../mirrord/policy/spec.ts";
import type { PolicyVerdict } from "../../mirrord/policy.ts";
import { every } from "../../kubernetes/answers.ts";
import type { Probe } from "./probe.ts";

/** What the policies make of one thing that was tried. */
export interface Outcome {
  /** `n/a`: the client would not try it. `local` and `not-found` are what becomes of a file. */
  result: Answer | "n/a" | "local" | "not-found";
  /** Why; empty for a plain yes. */
  reason: string;
  /** The policies that decided. */
  by: PolicyRef[];
}

/** What an outcome depends on beside the policies that could be read. */
export interface Known {
  /** See `readsAsGiven`. */
  asGivenOnly: boolean;
  /** Kinds of policies that may not be listed: one of them may say no. */
  unreadable: readonly string[];
}

export function judgeProbe(probe: Probe, verdict: PolicyVerdict, { asGivenOnly, unreadable }: Known): Outcome {
  const outcome = readableOutcome(probe, verdict, asGivenOnly);
  if (unreadable.length === 0 || outcome.result !== "yes") return outcome;
  const reason = `you may not list ${unreadable.join(" and ")}, and a policy may refuse it`;
  return { result: "unknown", reason, by: [] };
}

function readableOutcome(probe: Probe, verdict: PolicyVerdict, asGivenOnly: boolean): Outcome {
  const asGiven = interpretedOutcome(probe, verdict.asGiven);
  if (asGivenOnly || verdict.asGiven === verdict.inherited) return asGiven;
  const inherited = interpretedOutcome(probe, verdict.inherited);
  if (asGiven.result === inherited.result) return asGiven;
  const stricter = asGiven.result === "yes" ? inherited : asGiven;
  return {
    result: "unknown",
    reason: `it depends on whether the operator lets policies reach a workload through its pods and owners: ${asGiven.result} as older operators do, ${inherited.result} as newer ones are announced to (${stricter.reason})`,
    by: stricter.by,
  };
}

function interpretedOutcome(probe: Probe, interpretation: PolicyInterpretation): Outcome {
  const blocks = isConditional(probe) ? interpretation.blocks.map(asCondition) : interpretation.blocks;
  const answer = every(blocks.map((block) => block.answer));
  if (answer !== "yes") {
    const deciding = blocks.filter((block) => block.answer === answer);
    const reason = answer === "no" ? blockMessage(deciding, probe) : unsureReason(deciding);
    return { result: answer, reason, by: uniqueRefs(deciding.map(({ policy }) => policy)) };
  }
  const [file] = interpretation.files;
  if (probe.kind === "file" && file !== undefined) {
    const { outcome, by } = file;
    const result = outcome === "remote" ? "yes" : outcome === "refused" ? "no" : outcome;
    return { result, reason: fileReasons[outcome], by };
  }
  const [variable] = interpretation.env;
  if (probe.kind === "env" && variable !== undefined) {
    const reason =
      variable.fetched === "yes" ? "" : "it is left out without a word: the application sees the local one or none";
    return { result: variable.fetched, reason, by: variable.by };
  }
  return { result: "yes", reason: "", by: [] };
}

const fileReasons = {
  remote: "",
  local: "the file of the user's own machine is opened instead",
  "not-found": "the application is told that there is no such file",
  refused: "writing fails with an I/O error",
  unknown: "a policy or a pattern of it could not be evaluated",
} as const;

const HEADER_FILTER = "spec.network.incoming.httpFilter.headerFilter";

// No filter was given: whether one would do depends on it.
function isConditional(probe: Probe): boolean {
  return probe.kind === "steal-with-filter" && probe.filter === undefined;
}

// Nobody gave the filter that the message shows.
function blockMessage([first]: readonly PolicyBlock[], probe: Probe): string {
  const message = first?.message ?? "";
  return isConditional(probe)
    ? message.replace(/ with http request filter: [^(]*? is forbidden/, " is forbidden")
    : message;
}

function asCondition(block: PolicyBlock): PolicyBlock {
  return block.field === HEADER_FILTER ? { ...block, answer: "unknown" } : block;
}

function unsureReason(blocks: readonly PolicyBlock[]): string {
  const [first] = blocks;
  if (first === undefined) return "a policy could not be evaluated";
  const reason = /\((the header filter must match .*)\)\.$/s.exec(first.message)?.[1];
  if (first.field === HEADER_FILTER && reason !== undefined)
    return first.doubt === undefined ? reason : `${reason}; ${first.doubt}`;
  return unsureText(first);
}

function uniqueRefs(refs: PolicyRef[]): PolicyRef[] {
  if (refs.length < 2) return refs;
  const seen = new Map(refs.map((ref) => [`${ref.kind}/${ref.namespace ?? ""}/${ref.name}`, ref]));
  return [...seen.values()];
}
