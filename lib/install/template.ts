import { usageError } from "../errors.ts";
import { isJsonObject } from "../json.ts";
import { parseDocuments, toYaml } from "../yaml.ts";
import type { Chart } from "./chart.ts";
import { OPERATOR_VERSION } from "./chart.ts";
import { scalarText } from "./values.ts";

const PATH = /^(?:\$?)\.(Values|Release|Chart)((?:\.[A-Za-z_][A-Za-z0-9_]*)+)$/;

/**
 * Fills in `{{ .Values.path }}` and `{{ .Release.Name }}` in the texts of an object of extraObjects. As in Helm, the whole object
 * is one text meanwhile, so a number or `true` that is filled in is one afterwards.
 * @throws UserError "usage" for anything else between the braces
 */
export function fillTemplates(object: unknown, chart: Chart, where: string): unknown {
  const text = typeof object === "string" ? object : toYaml(object);
  if (!text.includes("{{")) return object;
  const filled = replaceActions(text, (expression) => valueText(expression, chart, where));
  return parseDocuments(filled, { source: where })[0];
}

/** `{{ x }}` and `{{- x -}}`; time linear in the text. */
function replaceActions(text: string, replace: (expression: string) => string): string {
  let filled = "";
  let at = 0;
  for (;;) {
    const start = text.indexOf("{{", at);
    const end = start === -1 ? -1 : text.indexOf("}}", start + 2);
    if (end === -1) return filled + text.slice(at);
    const expression = text
      .slice(start + 2, end)
      .replace(/^-/, "")
      .replace(/-$/, "")
      .trim();
    filled += text.slice(at, start) + replace(expression);
    at = end + 2;
  }
}

function valueText(expression: string, chart: Chart, where: string): string {
  const match = PATH.exec(expression);
  if (match === null) {
    throw usageError(
      `${where}: cannot fill in {{ ${expression} }}`,
      "Only {{ .Values.path }}, {{ .Release.Name }} and {{ .Release.Namespace }} are filled in.",
    );
  }
  const [, root = "", path = ""] = match;
  const value = valueAt(roots(chart)[root], path.slice(1).split("."));
  const text = scalarText(value);
  if (text !== undefined) return text;
  throw usageError(`${where}: {{ ${expression} }} is ${value === undefined ? "not set" : "no text"}`);
}

const roots = ({ values, release, image }: Chart): Readonly<Record<string, unknown>> => ({
  Values: values.all,
  Release: { Name: release.name, Namespace: release.namespace, Service: "Helm" },
  Chart: { Name: "mirrord-operator", Version: OPERATOR_VERSION, AppVersion: OPERATOR_VERSION, Image: image },
});

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at;
}
