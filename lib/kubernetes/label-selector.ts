// Label selectors, as the API server reads them. Sources: apimachinery pkg/labels/selector.go (the text of `kubectl -l`),
// pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector) and pkg/apis/meta/v1/validation/validation.go.

import type { V1LabelSelector, V1LabelSelectorRequirement, V1ServiceSpec } from "@kubernetes/client-node";
import { usageError } from "../errors.ts";
import { isJsonObject, listIn, objectIn, textIn } from "../json.ts";
import type { Answer } from "./access.ts";
import { fieldsIn } from "./api-types.ts";
import { toAnswer, every } from "./answers.ts";
import { forbiddenField, invalid, required } from "./field-error.ts";
import { labelValue, qualifiedName } from "./names.ts";
import type { KubernetesObject } from "./object.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** One condition on a label. `=` and `!=` have one value, `in` and `notin` at least one, `exists` and `!` none. */
export interface Requirement {
  key: string;
  operator: "=" | "!=" | "in" | "notin" | "exists" | "!";
  values: readonly string[];
}

/** A selector as data. All requirements must hold, so without any it matches everything. */
export interface LabelSelector {
  requirements: readonly Requirement[];
  /** Why no API server would take it, a line each. Such a selector matches nothing. */
  faults: readonly string[];
}

export function selects({ requirements, faults }: LabelSelector, labels: Readonly<Record<string, unknown>>): boolean {
  return faults.length === 0 && requirements.every((requirement) => isMet(requirement, labels));
}

/** As `selects`, for labels that may not be all that the object has: "unknown" where a label that is not seen decides. */
export function maySelect({ requirements, faults }: LabelSelector, labels: Labels): Answer {
  if (faults.length > 0) return "no";
  return every(requirements.map((one) => (Object.hasOwn(labels, one.key) ? toAnswer(isMet(one, labels)) : "unknown")));
}

/** `!=` and `notin` also hold for objects without the label. */
function isMet({ key, operator, values }: Requirement, labels: Readonly<Record<string, unknown>>): boolean {
  const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const value = typeof found === "string" ? found : undefined;
  switch (operator) {
    case "=":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
  }
}

/** `tier=payments,env in (qa,staging),!old`: how kubectl writes it, and what `parseSelectorText` reads. */
export function selectorText({ requirements }: Pick<LabelSelector, "requirements">): string {
  return requirements.map(requirementText).join(",");
}

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      // A set of the empty value alone: `()` would be no set.
      return `${key} ${operator} (${values.join(",") || ","})`;
    default:
      return `${key}${operator}${values.join("")}`;
  }
}

/**
 * Reads what `kubectl -l` takes: `a=b,c!=d,e in (f,g),h,!i`; the empty text matches everything. Requirements are in the
 * order of their text and values are sorted, so that selectors which differ in blanks and order only are equal.
 * Throws UserError "usage" on anything else, also on keys and values that no label can have.
 */
export function parseSelectorText(text: string): LabelSelector {
  const byText = new Map<string, Requirement>();
  for (const term of splitTerms(text)) {
    const requirement = parseTerm(term);
    if (requirement === undefined || !isValid(requirement)) {
      throw usageError(`unable to parse label selector ${JSON.stringify(text)}`, "Write KEY=VALUE[,KEY=VALUE…].");
    }
    byText.set(requirementText(requirement), requirement);
  }
  const sorted = [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { requirements: sorted.map(([, requirement]) => requirement), faults: [] };
}

/** The tokens of each term. Commas inside parentheses belong to a set of values. */
function splitTerms(text: string): string[][] {
  const tokens = text.match(/==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g) ?? [];
  const terms: string[][] = tokens.length === 0 ? [] : [[]];
  let isInSet = false;
  for (const token of tokens) {
    if (token === "(" || token === ")") isInSet = token === "(";
    if (token === "," && !isInSet) terms.push([]);
    else terms.at(-1)?.push(token);
  }
  return terms;
}

function parseTerm([first = "", operator, ...rest]: readonly string[]): Requirement | undefined {
  if (first === "!") return rest.length > 0 ? undefined : { key: operator ?? "", operator: "!", values: [] };
  switch (operator) {
    case undefined:
      return { key: first, operator: "exists", values: [] };
    case "=":
    case "==":
      return { key: first, operator: "=", values: [rest.join(" ")] };
    case "!=":
      return { key: first, operator: "!=", values: [rest.join(" ")] };
    case "in":
    case "notin":
      return { key: first, operator, values: parseSet(rest) };
    default:
      return undefined;
  }
}

/** The values of `( a , b )`; none when it is not a set. */
function parseSet(tokens: readonly string[]): string[] {
  if (tokens.length < 3 || tokens[0] !== "(" || tokens.at(-1) !== ")") return [];
  const values = tokens.slice(1, -1).join(" ").split(",");
  return [...new Set(values.map((value) => value.trim()))].toSorted();
}

function isValid({ key, operator, values }: Requirement): boolean {
  const lacksValues = (operator === "in" || operator === "notin") && values.length === 0;
  return !lacksValues && qualifiedName(key).length === 0 && values.every((value) => labelValue(value).length === 0);
}

const operators = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" } as const;

/** Reads a LabelSelector of the API (meta/v1). What is not an object matches nothing, as a nil selector does. */
export function parseLabelSelector(value: unknown): LabelSelector {
  if (!isJsonObject(value)) return { requirements: [], faults: ["is not an object"] };
  const { matchLabels, matchExpressions } = fieldsIn<V1LabelSelector>(value);
  const expressions = listIn(matchExpressions);
  const faults = labelErrors(matchLabels, "matchLabels");
  if (!Array.isArray(matchExpressions ?? [])) faults.push("matchExpressions: must be a list");
  for (const [position, expression] of expressions.entries()) {
    faults.push(...expressionErrors(expression, `matchExpressions[${position}]`));
  }
  const labels = Object.entries(objectIn(matchLabels));
  return {
    requirements: [
      ...labels.map(([key, wanted]): Requirement => ({ key, operator: "=", values: [textIn(wanted)] })),
      ...expressions.flatMap((expression) => parseExpression(expression)),
    ],
    faults,
  };
}

function parseExpression(expression: unknown): Requirement[] {
  const { key, operator, values } = fieldsIn<V1LabelSelectorRequirement>(expression);
  return isOperator(operator)
    ? [{ key: textIn(key), operator: operators[operator], values: listIn(values).map(textIn) }]
    : [];
}

function isOperator(value: unknown): value is keyof typeof operators {
  return typeof value === "string" && Object.hasOwn(operators, value);
}

function expressionErrors(expression: unknown, path: string): string[] {
  const { key, operator, values } = fieldsIn<V1LabelSelectorRequirement>(expression);
  const list = listIn(values);
  const errors: string[] = [];
  if (!Array.isArray(values ?? [])) errors.push(`${path}.values: must be a list`);
  if (!isOperator(operator))
    errors.push(invalid(`${path}.operator`, textIn(operator), "not a valid selector operator"));
  else if (operator === "In" || operator === "NotIn") {
    if (list.length === 0)
      errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (list.length > 0) {
    errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  errors.push(...qualifiedName(textIn(key)).map((fault) => invalid(`${path}.key`, textIn(key), fault)));
  return [...errors, ...list.flatMap((value, position) => valueErrors(value, `${path}.values[${position}]`))];
}

/** Null is the empty text, as in Go. */
function valueErrors(value: unknown, path: string): string[] {
  const text = value ?? "";
  const faults = typeof text === "string" ? labelValue(text) : ["must be a string"];
  return faults.map((fault) => invalid(path, value, fault));
}

/** What is wrong with a map of labels, in the words of the API server. */
export function labelErrors(labels: unknown, path: string): string[] {
  if (!isJsonObject(labels ?? {})) return [`${path}: must be an object`];
  return Object.entries(objectIn(labels)).flatMap(([key, value]) => [
    ...qualifiedName(key).map((fault) => invalid(path, key, fault)),
    ...valueErrors(value, path),
  ]);
}

/**
 * The selector by which a workload or a service finds its pods; undefined when it has none, or an empty one.
 * Source: `spec.selector`, a LabelSelector in apps/v1 and batch/v1 and a map of labels in v1 Service.
 */
export function podSelector(object: KubernetesObject): LabelSelector | undefined {
  const { selector } = fieldsIn<V1ServiceSpec>(object["spec"]);
  const parsed = parseLabelSelector(object.kind === "Service" ? { matchLabels: selector } : (selector ?? {}));
  return parsed.requirements.length + parsed.faults.length === 0 ? undefined : parsed;
}
