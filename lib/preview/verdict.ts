import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import type { Check } from "./check.ts";
import type { Identity } from "./identity.ts";
import type { Obstacle } from "./obstacles.ts";
import type { PolicyOutcome } from "../reading/read-policies.ts";

export interface Verdict {
  answer: Answer;
  /** Why, for "no" and "unknown"; empty for "yes". */
  reason: string;
}

/**
 * One word for a session: a single "no" decides, and silence is not consent. The first step that fails, in the order of
 * the session, gives the reason, because that is where the client would stop; policies come last.
 */
export function verdictOf(
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
    if (first !== undefined) return { answer, reason: reasonOf(first, failing.length - 1, identity) };
    if (policies?.answer === answer) return { answer, reason: policies.reason };
  }
  return required.length === 0 ? { answer: "unknown", reason: "nothing was asked" } : { answer: "yes", reason: "" };
}

function reasonOf(check: Check, others: number, { user }: Identity): string {
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
