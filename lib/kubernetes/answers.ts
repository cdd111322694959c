import type { AccessAttributes, Answer } from "./access.ts";

/** "no" if any is "no"; then "unknown" if any is; an empty list is "yes". */
export function every(answers: readonly Answer[]): Answer {
  if (answers.includes("no")) return "no";
  return answers.includes("unknown") ? "unknown" : "yes";
}

/** "yes" if any is "yes"; then "unknown" if any is; an empty list is "no". */
export function some(answers: readonly Answer[]): Answer {
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}

export function toAnswer(truth: boolean): Answer {
  return truth ? "yes" : "no";
}

/** Equal for questions that are the same to an authorizer. */
export function attributesKey(attributes: AccessAttributes): string {
  if ("path" in attributes) return JSON.stringify([attributes.verb, attributes.path]);
  const { verb, apiGroup, resource, subresource = "", namespace = "", name = "" } = attributes;
  return JSON.stringify([verb, apiGroup, resource, subresource, namespace, name]);
}
