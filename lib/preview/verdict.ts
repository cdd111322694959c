import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import type { Labels, MirrordPolicy, PolicyVerdict } from "../mirrord/policy.ts";
import type { PolicyInterpretation } from "../mirrord/policy/interpretation.ts";
import type { Check } from "./check.ts";
import type { Identity } from "./identity.ts";
import type { Obstacle } from "./obstacles.ts";

/** What policies make of a session. */
export interface PolicyOutcome {
  answer: Answer;
  /** Why, in the vendor's words where they are known; empty for "yes". */
  reason: string;
  /** These kinds could not be listed, as plural resource names. */
  unreadable: string[];
  verdict: PolicyVerdict;
  /** What was weighed. */
  policies: readonly MirrordPolicy[];
  plan: SessionPlan;
  targetLabels: Labels | undefined;
}

export interface Verdict {
  answer: Answer;
  /** Why, for "no" and "unknown"; empty for "yes". */
  reason: string;
}

/**
 * One word for a session: a single "no" decides, and silence is not consent. The first step that fails, in the order of
 * the session, gives the reason, because that is where the client would stop; policies come last.
 */
export function combineChecks(
  checks: readonly Check[],
  obstacles: readonly Obstacle[],
  policies: PolicyOutcome | undefined,
  identity: Identity,
): Verdict {
  const required = checks.filter((check) => check.required);
  for (const answer of ["no", "unknown"] as const) {
    const obstacle = obstacles.find((candidate) => candidate.answer === answer);
    if (obstacle !== undefined) return { answer, reason: obstacle.reason };
    const failing = required.filter((check) => check.answer === answer);
    const [first] = failing;
    if (first !== undefined) return { answer, reason: checkReason(first, failing.length - 1, identity) };
    if (policies?.answer === answer) return { answer, reason: policies.reason };
  }
  return required.length === 0 ? { answer: "unknown", reason: "nothing was asked" } : { answer: "yes", reason: "" };
}

function checkReason(check: Check, others: number, { user }: Identity): string {
  const more = others === 0 ? "" : ` (and ${others} more ${others === 1 ? "step" : "steps"})`;
  const action = describeAttributes(check.attributes);
  if (check.answer === "unknown")
    return `${check.reason === "" ? `could not ask whether ${user.name} can ${action}` : check.reason}${more}`;
  return `${user.name} cannot ${action}${more}`;
}

/** `get deployments.apps "web" in namespace "dev"`: access attributes as people say them. */
export function describeAttributes(attributes: AccessAttributes): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource = "", namespace = "", name = "" } = attributes;
  const type = `${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${subresource === "" ? "" : `/${subresource}`}`;
  const object = name === "" ? "" : ` ${JSON.stringify(name)}`;
  return `${verb} ${type}${object} ${namespace === "" ? "in the whole cluster" : `in namespace ${JSON.stringify(namespace)}`}`;
}

const nothingSaid: PolicyInterpretation = {
  answer: "yes",
  blocks: [],
  changes: [],
  env: [],
  files: [],
  limits: {
    block: [],
    headerFilters: [],
    requireProfile: [],
    profileAllowlist: undefined,
    envExclude: [],
    files: [],
    outgoing: [],
  },
};

/** What no policies make of a session; weighing some (policies.ts) takes its time to load. */
export function withoutPolicies(unreadable: string[], plan: SessionPlan): PolicyOutcome {
  const verdict: PolicyVerdict = {
    answer: "yes",
    policies: [],
    asGiven: nothingSaid,
    inherited: nothingSaid,
    readingsDiffer: false,
    problems: [],
    assumptions: [],
  };
  const isKnown = unreadable.length === 0;
  return {
    answer: isKnown ? "yes" : "unknown",
    reason: isKnown ? "" : unreadReason(unreadable),
    unreadable,
    verdict,
    policies: [],
    plan,
    targetLabels: undefined,
  };
}

/** What could not be read may refuse the session: then nobody can promise a yes. */
export function unreadReason(unreadable: readonly string[]): string {
  return `you may not list ${unreadable.join(" and ")}, and a policy may refuse it`;
}
