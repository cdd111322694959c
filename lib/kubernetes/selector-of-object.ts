import { isJsonObject, listIn, objectIn, textIn, textsIn } from "../json.ts";
import type { KubernetesObject } from "./object.ts";

/**
 * The selector by which a workload or service finds its pods, as `labelSelector` writes it; undefined when it has none,
 * or one that cannot be written. Sources: `spec.selector` of apps/v1 and batch/v1 (a LabelSelector), of v1 Service (a map).
 */
export function labelSelectorText({ kind, ...object }: KubernetesObject): string | undefined {
  const selector = objectIn(objectIn(object["spec"])["selector"]);
  const labels = kind === "Service" ? selector : objectIn(selector["matchLabels"]);
  const expressions = kind === "Service" ? [] : listIn(selector["matchExpressions"]);
  const parts = [
    ...Object.entries(labels).map(([key, value]) => `${key}=${textIn(value)}`),
    ...expressions.map(expressionText),
  ];
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  return parts.join(",");
}

function expressionText(expression: unknown): string | undefined {
  if (!isJsonObject(expression)) return undefined;
  const key = textIn(expression["key"]);
  const values = textsIn(expression["values"]).join(",");
  switch (expression["operator"]) {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return undefined;
  }
}
