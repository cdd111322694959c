import { referenceText } from "../../kubernetes/object.ts";
import type { PolicyBlock } from "../../mirrord/policy/blocks.ts";
import type { Check } from "../../preview/check.ts";
import type { Decision } from "../../preview/explain.ts";
import type { Preview } from "../../preview/preview.ts";
import {
  blockVerb,
  decidingBlock,
  failedChecks,
  fieldWords,
  groupsText,
  groupsThatCan,
  requestWords,
} from "./headline.ts";

/** A line of the steps that failed. */
export interface StepRow {
  answer: string;
  what: string;
  why: string;
}

/** What failed, in the order of the session; a reason that several steps share is said once. */
export function failedRows(preview: Preview, most: number): StepRow[] {
  const failed = failedChecks(preview);
  // The first line says it already.
  if (groupsThatCan(preview) !== undefined || (preview.session === undefined && failed[0]?.answer === "no")) return [];
  const refused = failed.filter(({ answer }) => answer === "no");
  const unknown = failed.filter(({ answer }) => answer === "unknown");
  const reasons = new Set(unknown.map(whyUnknown));
  const shown = refused.length <= most ? refused : refused.slice(0, Math.min(most, 3));
  const left = refused.length - shown.length;
  return [
    ...shown.map(({ purpose, attributes }) => ({ answer: "no", what: purpose, why: stepWords(attributes, preview) })),
    ...(left === 0
      ? []
      : [{ answer: "no", what: stepCount(left, shown.length === 0 ? "" : "more "), why: "--explain shows all" }]),
    ...(refused.length === 0 && reasons.size === 1 ? [] : unknownRows(unknown)),
    ...policyRow(preview, failed.length === 0),
  ];
}

function shortReference(policy: PolicyBlock["policy"]): string {
  const text = referenceText(policy);
  return text.length > 40 ? policy.name : text;
}

/** The first line has the namespace already: a long one is not said again. */
function stepWords(attributes: Check["attributes"], { session }: Preview): string {
  const { namespace = "" } = session?.question ?? {};
  const isKnown = "namespace" in attributes && attributes.namespace === namespace && namespace.length > LONG_NAME;
  return requestWords(isKnown ? { ...attributes, namespace: "" } : attributes);
}

const LONG_NAME = 20;

/** Steps that work only because a grant that has ended is still bound. */
export function endedRows({ checks }: Preview, decide: (check: Check) => Decision): StepRow[] {
  const ended = checks.flatMap((check) => {
    const grants = check.answer === "yes" ? (decide(check).by ?? []).map(({ grant }) => grant) : [];
    return grants.length > 0 && grants.every((grant) => grant?.expired) ? [grants[0]?.id ?? ""] : [];
  });
  return [...Map.groupBy(ended, (id) => id)].map(([id, { length }]) => ({
    answer: "yes",
    what: stepCount(length),
    why: `by grant ${id}, EXPIRED, still bound`,
  }));
}

const stepCount = (count: number, more = "") => `${count} ${more}${count === 1 ? "step" : "steps"}`;

function unknownRows(unknown: readonly Check[]): StepRow[] {
  return [...Map.groupBy(unknown, whyUnknown)].map(([why, checks]) => {
    const [first] = checks;
    return {
      answer: "unknown",
      what: first === undefined || checks.length > 1 ? stepCount(checks.length) : first.purpose,
      why,
    };
  });
}

function whyUnknown({ groups, reason }: Check): string {
  return groups === undefined ? reason : `${groupsText({ names: groups, all: false })}; groups not given`;
}

function policyRow(preview: Preview, only: boolean): StepRow[] {
  const { checks, policies, obstacles } = preview;
  const block = decidingBlock(preview);
  if (block === undefined) {
    const isSaid = only && obstacles.length === 0;
    return policies?.answer === "unknown" && !isSaid
      ? [{ answer: "unknown", what: "policy", why: policies.reason }]
      : [];
  }
  if (!only) return [{ answer: "no", what: "policy", why: `${shortReference(block.policy)} ${blockVerb(block)}` }];
  const asked = checks.filter(({ required }) => required).length;
  return [
    { answer: "yes", what: "access", why: `all ${stepCount(asked)}` },
    { answer: "no", what: "policy", why: fieldWords(block) },
  ];
}
