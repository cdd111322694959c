import { isJsonObject } from "../json.ts";

type Labels = ReadonlyMap<string, string>;
type Requirement = (labels: Labels) => boolean;

/**
 * A LabelSelector of the API as a test on labels. Everything in it must hold, so the empty selector matches all. A selector
 * that the API server cannot use is given as the text of its fault.
 * Source: LabelSelectorAsSelector, apimachinery pkg/apis/meta/v1/helpers.go.
 */
export function labelSelector(value: unknown): Requirement | string {
  if (value === null || value === undefined) return () => true;
  if (!isJsonObject(value)) return "is not a label selector";
  const requirements: Requirement[] = [];
  const { matchLabels, matchExpressions } = value;
  if (matchLabels !== undefined && matchLabels !== null) {
    if (!isJsonObject(matchLabels)) return "has matchLabels that are not a map";
    for (const [key, wanted] of Object.entries(matchLabels)) requirements.push((labels) => labels.get(key) === wanted);
  }
  if (matchExpressions !== undefined && matchExpressions !== null) {
    if (!Array.isArray(matchExpressions)) return "has matchExpressions that are not a list";
    for (const expression of matchExpressions) {
      const requirement = requirementOf(expression);
      if (requirement === undefined) return "has an expression that is not valid";
      requirements.push(requirement);
    }
  }
  return (labels) => requirements.every((holds) => holds(labels));
}

/** metadata.labels with what is not a string left out. */
export function labelsOf(metadata: { labels?: unknown }): Labels {
  const entries = isJsonObject(metadata.labels) ? Object.entries(metadata.labels) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function requirementOf(expression: unknown): Requirement | undefined {
  if (!isJsonObject(expression)) return undefined;
  const { key, operator, values = [] } = expression;
  if (typeof key !== "string" || key === "" || !(values === null || Array.isArray(values))) return undefined;
  const listed = new Set<unknown>(values);
  switch (operator) {
    case "In":
      return listed.size === 0 ? undefined : (labels) => labels.has(key) && listed.has(labels.get(key));
    case "NotIn":
      return listed.size === 0 ? undefined : (labels) => !labels.has(key) || !listed.has(labels.get(key));
    case "Exists":
      return listed.size > 0 ? undefined : (labels) => labels.has(key);
    case "DoesNotExist":
      return listed.size > 0 ? undefined : (labels) => !labels.has(key);
    default:
      return undefined;
  }
}
