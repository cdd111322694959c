// The file with rules of one's own, and with what is known and accepted.

import { usageError } from "../errors.ts";
import { entryOf, isJsonObject, listIn, objectIn, textIn, textsIn, type JsonObject } from "../json.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { parseTime } from "../text/instant.ts";
import { gradeSeverity, isGrade } from "./grades.ts";
import type { Right } from "./rights.ts";
import { auditRules, type AuditRule } from "./rules.ts";

export interface CustomRule extends AuditRule {
  id: string;
  /** All of them are needed. */
  rights: Record<string, Right>;
  /** Patterns; empty: anywhere. */
  namespaces: string[];
  /** Patterns of subjects that may. */
  except: string[];
}

export interface Exception {
  /** Patterns; `cluster`, `subject` and `object` are undefined where any will do. */
  rule: string;
  /** The name of a context, for reports about several clusters. */
  cluster: string | undefined;
  subject: string | undefined;
  object: string | undefined;
  owner: string;
  reason: string;
  /** Milliseconds since 1970. */
  expires: number;
}

export interface AuditConfiguration {
  rules: CustomRule[];
  exceptions: Exception[];
}

const CONFIGURATION_KIND = "AuditConfiguration";

/** @throws UserError "usage" for what is missing, unknown or not of its type: a slip must not hide a finding */
export function parseConfiguration(documents: readonly unknown[], source: string): AuditConfiguration {
  const found: AuditConfiguration = { rules: [], exceptions: [] };
  for (const document of documents) {
    if (!isJsonObject(document) || document["kind"] !== CONFIGURATION_KIND)
      throw usageError(`${source}: not an ${CONFIGURATION_KIND}`, `Begin it with kind: ${CONFIGURATION_KIND}.`);
    refuseUnknown(document, ["apiVersion", "kind", "metadata", "rules", "exceptions"], source);
    found.rules.push(...items(document, "rules", source).map(([item, at]) => customRule(item, at)));
    found.exceptions.push(...items(document, "exceptions", source).map(([item, at]) => exception(item, at)));
  }
  const ids = found.rules.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw usageError(`${source}: two rules are called ${JSON.stringify(twice)}`);
  return found;
}

function items(document: JsonObject, field: string, source: string): [JsonObject, string][] {
  const list = document[field] ?? [];
  if (!Array.isArray(list)) throw usageError(`${source}: ${field} is not a list`);
  return listIn(list).map((item, at) => {
    if (!isJsonObject(item)) throw usageError(`${source}: ${field}[${at}] is not an object`);
    return [objectIn(item), `${source}: ${field}[${at}]`];
  });
}

function customRule(item: JsonObject, at: string): CustomRule {
  refuseUnknown(item, ["id", "severity", "summary", "explanation", "rights", "namespaces", "except", "fix"], at);
  const id = text(item, "id", at);
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(id))
    throw usageError(`${at}.id: ${JSON.stringify(id)} is not lower-case letters, digits and '-'`);
  if (entryOf(auditRules, id) !== undefined)
    throw usageError(`${at}.id: ${JSON.stringify(id)} is a rule of the audit's own`);
  const { severity = "medium" } = item;
  if (!isGrade(severity)) throw usageError(`${at}.severity is not high, medium or low`);
  const words = texts(item, "rights", at);
  if (words.length === 0)
    throw usageError(`${at}.rights is missing`, 'Write them as "VERB RESOURCE[.GROUP][/SUBRESOURCE]".');
  const summary = text(item, "summary", at);
  return {
    id,
    severity: gradeSeverity(severity),
    summary,
    explanation: textIn(item["explanation"]) || summary,
    fix: textIn(item["fix"]) || "Take the right away, or add an exception.",
    rights: Object.fromEntries(words.map((word) => [word, right(word, at)])),
    namespaces: texts(item, "namespaces", at),
    except: texts(item, "except", at),
  };
}

const clusterScoped = new Set(
  Object.values(nativeResources)
    .filter(({ namespaced }) => !namespaced)
    .map(({ resource, group }) => `${resource}.${group}`),
);

function right(word: string, at: string): Right {
  const [, verb = "", resource = "", apiGroup = "", subresource] =
    /^(\S+) ([^\s./]+)(?:\.([^\s/]+))?(?:\/(\S+))?$/.exec(word) ?? [];
  if (verb === "") throw usageError(`${at}.rights: ${JSON.stringify(word)} is not VERB RESOURCE[.GROUP][/SUBRESOURCE]`);
  const scope = clusterScoped.has(`${resource}.${apiGroup}`) ? "cluster" : "namespaced";
  return { scope, verb, apiGroup, resource, ...(subresource === undefined ? {} : { subresource }) };
}

function exception(item: JsonObject, at: string): Exception {
  refuseUnknown(item, ["rule", "cluster", "subject", "object", "owner", "reason", "expires"], at);
  const end = text(item, "expires", at);
  const expires = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(end) ? `${end}T00:00:00Z` : end);
  if (expires === undefined)
    throw usageError(`${at}.expires: ${JSON.stringify(end)} is no date`, "Write 2027-01-31, or RFC 3339.");
  const optional = (field: string) => (item[field] === undefined ? undefined : text(item, field, at));
  return {
    rule: text(item, "rule", at),
    cluster: optional("cluster"),
    subject: optional("subject"),
    object: optional("object"),
    owner: text(item, "owner", at),
    reason: text(item, "reason", at),
    expires,
  };
}

function refuseUnknown(item: JsonObject, known: readonly string[], at: string): void {
  const unknown = Object.keys(item).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw usageError(`${at}: unknown field ${JSON.stringify(unknown)}`, `There are ${known.join(", ")}.`);
}

function text(item: JsonObject, field: string, at: string): string {
  const value = item[field];
  if (typeof value !== "string" || value.trim() === "") throw usageError(`${at}.${field} is missing`);
  return value;
}

function texts(item: JsonObject, field: string, at: string): string[] {
  const value = item[field] ?? [];
  if (!Array.isArray(value) || value.some((each) => typeof each !== "string"))
    throw usageError(`${at}.${field} is not a list of texts`);
  return textsIn(value);
}
