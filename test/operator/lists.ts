import { isObject, listAt, objectAt, parseJson } from "./json.ts";
import type { Call, Operator } from "./operator.ts";
import { versionPath } from "./path.ts";
import type { Reply } from "./reply.ts";
import { badRequest, methodNotAllowed } from "./status.ts";

export const apiVersion = versionPath.slice("/apis/".length);

/** A complete list: limits are not kept, which Kubernetes allows. Throws a Refusal (405) when a watch is asked for. */
export function listReply(operator: Operator, call: Call, kind: string, items: readonly unknown[]): Reply {
  if (isTrue(call.query.get("watch"))) throw methodNotAllowed();
  const metadata = { resourceVersion: operator.resourceVersion() };
  return { code: 200, json: { apiVersion, kind: `${kind}List`, metadata, items } };
}

export function isTrue(value: string | null): boolean {
  return value === "true" || value === "1";
}

/** Whether a write is only to be tried: by query, or by the DeleteOptions in the body. */
export function isDryRun({ query, body }: Call): boolean {
  const options = parseJson(body.toString("utf8"));
  return query.getAll("dryRun").includes("All") || listAt(options, "dryRun").includes("All");
}

type FieldValues = Record<string, string | undefined>;

/**
 * A test for the objects that `fieldSelector` names. Throws a Refusal (400) for a field outside `fields`, and for any
 * label selector: these objects carry no labels, and a collection must not be deleted by a selector that was ignored.
 */
export function selected({ query }: Call, fields: readonly string[]): (values: FieldValues) => boolean {
  if ((query.get("labelSelector") ?? "") !== "") throw badRequest("label selectors are not served");
  const terms = splitTerms(query.get("fieldSelector") ?? "").map(parseTerm);
  for (const { field } of terms) {
    if (!fields.includes(field)) throw badRequest(`field label not supported: ${field}`);
  }
  return (values) => terms.every(({ field, value, wanted }) => (values[field] === value) === wanted);
}

/** At the commas that no backslash escapes. */
function splitTerms(selector: string): string[] {
  return (selector.match(/(?:\\[\s\S]|[^,\\])+/g) ?? []).filter((term) => term.trim() !== "");
}

function parseTerm(term: string): { field: string; value: string; wanted: boolean } {
  const [, field = "", operator = "", value = ""] = /^((?:\\[\s\S]|[^=!\\])+)(!=|==|=)([\s\S]*)$/.exec(term) ?? [];
  if (operator === "") throw badRequest(`invalid field selector: ${JSON.stringify(term)}`);
  return { field, value: value.replaceAll(/\\([\\,=])/g, "$1"), wanted: operator !== "!=" };
}

/** The JSON object in the body. Throws a Refusal (400) for anything else. */
export function bodyObject({ body }: Call): Record<string, unknown> {
  const parsed = parseJson(body.toString("utf8"));
  if (!isObject(parsed)) throw badRequest("the body is not a JSON object");
  return parsed;
}

export function objectMetadata(object: unknown): Record<string, unknown> {
  return objectAt(object, "metadata");
}
