import { isJsonObject } from "../json.ts";
import type { Answer } from "./access.ts";
import { shown } from "./object-fields.ts";
import { answerOf, every } from "./answers.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** A label selector that has been checked: ask it about as many objects as you like. */
export interface LabelSelector {
  matches(labels: Labels): boolean;
  /** The same when `labels` may not be all that the object has: "unknown" where an unseen label decides. */
  mayMatch(labels: Labels): Answer;
  /** `tier=payments,env in (staging)`, as kubectl writes it. */
  text: string;
}

interface Requirement {
  key: string;
  operator: Operator;
  values: ReadonlySet<string>;
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;
type Operator = (typeof operators)[number];

/**
 * Reads a `metav1.LabelSelector` with the rules of the API server (keys and values of labels, values only for In and
 * NotIn). `problems` is empty when it is valid; an invalid selector must match nothing.
 */
export function readLabelSelector(selector: unknown): { selector: LabelSelector; problems: string[] } {
  const problems: string[] = [];
  const requirements = isJsonObject(selector)
    ? [
        ...fromMatchLabels(selector["matchLabels"], problems),
        ...fromExpressions(selector["matchExpressions"], problems),
      ]
    : [];
  if (!isJsonObject(selector)) problems.push("is not an object");
  return {
    selector: {
      matches: (labels) => problems.length === 0 && requirements.every((one) => meets(one, labels)),
      mayMatch: (labels) => (problems.length > 0 ? "no" : every(requirements.map((one) => mayMeet(one, labels)))),
      text: requirements.map(requirementText).join(","),
    },
    problems,
  };
}

function fromMatchLabels(matchLabels: unknown, problems: string[]): Requirement[] {
  if (matchLabels === undefined || matchLabels === null) return [];
  if (!isJsonObject(matchLabels)) {
    problems.push("matchLabels is not an object");
    return [];
  }
  return Object.entries(matchLabels).map(([key, value]) =>
    requirement(`matchLabels[${shown(key)}]`, key, "In", [value], problems),
  );
}

function fromExpressions(expressions: unknown, problems: string[]): Requirement[] {
  if (expressions === undefined || expressions === null) return [];
  if (!Array.isArray(expressions)) {
    problems.push("matchExpressions is not a list");
    return [];
  }
  return expressions.flatMap((expression: unknown, index) => {
    const at = `matchExpressions[${index}]`;
    const { key, operator, values } = isJsonObject(expression) ? expression : {};
    const known = operators.find((name) => name === operator);
    if (typeof key !== "string") problems.push(`${at} has no key`);
    if (known === undefined) problems.push(`${at}.operator is ${shown(operator)}, not ${operators.join(", ")}`);
    if (typeof key !== "string" || known === undefined) return [];
    const list: unknown[] = Array.isArray(values) ? values : [];
    if (values !== undefined && values !== null && !Array.isArray(values)) problems.push(`${at}.values is not a list`);
    const needsValues = known === "In" || known === "NotIn";
    if (needsValues && list.length === 0) problems.push(`${at}: ${known} needs values`);
    if (!needsValues && list.length > 0) problems.push(`${at}: ${known} takes no values`);
    return [requirement(at, key, known, list, problems)];
  });
}

function requirement(
  at: string,
  key: string,
  operator: Operator,
  values: readonly unknown[],
  problems: string[],
): Requirement {
  if (!isLabelKey(key)) problems.push(`${at}: ${shown(key)} cannot be the key of a label`);
  for (const value of values) {
    if (!isLabelValue(value)) problems.push(`${at}: ${shown(value)} cannot be the value of a label`);
  }
  return { key, operator, values: new Set(values.filter((value) => typeof value === "string")) };
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.has(value);
    case "NotIn":
      return value === undefined || !values.has(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

function mayMeet(one: Requirement, labels: Labels): Answer {
  return Object.hasOwn(labels, one.key) ? answerOf(meets(one, labels)) : "unknown";
}

function requirementText({ key, operator, values }: Requirement): string {
  const list = [...values];
  switch (operator) {
    case "In":
      return list.length === 1 ? `${key}=${list[0]}` : `${key} in (${list.join(",")})`;
    case "NotIn":
      return `${key} notin (${list.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
  }
}

// apimachinery validation.IsQualifiedName and IsValidLabelValue.
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0) return labelName.test(key);
  const prefix = key.slice(0, slash);
  return prefix.length <= 253 && dnsSubdomain.test(prefix) && labelName.test(key.slice(slash + 1));
}

function isLabelValue(value: unknown): boolean {
  return typeof value === "string" && (value === "" || labelName.test(value));
}
