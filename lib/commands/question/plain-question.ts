import type { AccessAttributes } from "../../kubernetes/access.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { knownSubresources } from "../../kubernetes/subresources.ts";
import { isKnownPathVerb, isKnownVerb, knownPathVerbs, knownVerbs } from "../../kubernetes/verbs.ts";
import { nearest } from "../../text/suggest.ts";

/** `VERB TYPE[.GROUP][/NAME][/SUBRESOURCE]` or `VERB /path`. */
export interface PlainQuestion {
  kind: "plain";
  attributes: AccessAttributes;
  /** The question is about one namespace; what is cluster-scoped is never answered by a RoleBinding. */
  namespaced: boolean;
  /** What was not known about verb and type, and so taken for granted. */
  warnings: string[];
  /** A type that is not in the table: the cluster may know it, in its group, or in any where none was written. */
  unknown?: { type: string; group: string | undefined };
}

/** @param served types of the cluster, beside those of Kubernetes and the operator */
export function plainQuestion(verb: string, what: string, served: readonly ResourceType[] = []): PlainQuestion {
  if (what.startsWith("/")) {
    const warnings = isKnownPathVerb(verb) ? [] : [unknownVerb(verb, knownPathVerbs)];
    return { kind: "plain", attributes: { verb, path: what }, namespaced: false, warnings };
  }
  const slash = what.indexOf("/");
  const type = slash < 0 ? what : what.slice(0, slash);
  const dot = type.indexOf(".");
  const word = (dot > 0 ? type.slice(0, dot) : type).toLowerCase();
  const group = dot > 0 ? type.slice(dot + 1).replace(VERSION, "") : undefined;
  const known = [...types, ...served.map(knownType)].find(
    (one) => one.words.includes(word) && (group === undefined || one.group === group),
  );
  const resource = known?.words[0] ?? (dot > 0 ? type.slice(0, dot) : type);
  const { name, subresource, warning } = slash < 0 ? {} : partsBehind(what.slice(slash + 1), word, known);
  const attributes = {
    verb,
    // Everything is that of every group; `kubectl auth can-i` asks about the core group alone.
    apiGroup: known?.group ?? group ?? (word === "*" ? "*" : ""),
    resource,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    // The API server takes a namespace to be in itself, where the URL of the request names it.
    ...(resource === "namespaces" && name !== undefined && namingVerbs.has(verb) ? { namespace: name } : {}),
  };
  const warnings = [
    ...(warning === undefined ? [] : [warning]),
    ...(isKnownVerb(verb) ? [] : [unknownVerb(verb, knownVerbs)]),
    ...(known === undefined && group === undefined && word !== "*"
      ? [
          `the type ${JSON.stringify(type)} is not known here and taken for a namespaced one of the core group: write TYPE.GROUP`,
        ]
      : []),
  ];
  const unknown = known === undefined && word !== "*" ? { unknown: { type: word, group } } : {};
  return { kind: "plain", attributes, namespaced: known?.namespaced ?? true, warnings, ...unknown };
}

function unknownVerb(verb: string, known: readonly string[]): string {
  const near = nearest(verb, known);
  return `verb ${JSON.stringify(verb)} is not a known verb${near === undefined ? "" : `; did you mean ${near}?`}`;
}

/**
 * Whether nobody could need what is asked for, as far as is known: no request has such a verb, or its type is of no group.
 * `impersonate` asks about users, groups and uids, which are types nowhere.
 */
export function isNonsense({ attributes, unknown }: PlainQuestion): boolean {
  const { verb } = attributes;
  if ("path" in attributes) return !isKnownPathVerb(verb);
  if (!isKnownVerb(verb)) return true;
  return unknown !== undefined && unknown.group === undefined && !verb.startsWith("impersonate");
}

/** The words for the types of Kubernetes and the operator. */
export const knownTypeWords = (): string[] => types.flatMap(({ words }) => words);

/**
 * What stands behind the type: `web`, `web/log`, or, behind its plural as rules of roles write it, a subresource alone: `pods/exec`.
 * `kubectl auth can-i` takes that for a pod called exec, which nobody means.
 */
function partsBehind(
  path: string,
  word: string,
  known: KnownType | undefined,
): { name?: string; subresource?: string; warning?: string } {
  const subresources = known === undefined ? [] : knownSubresources(known);
  const slash = path.lastIndexOf("/");
  if (slash > 0 && subresources.includes(path.slice(slash + 1)))
    return { name: path.slice(0, slash), subresource: path.slice(slash + 1) };
  if (known === undefined || word !== known.resource || !subresources.includes(path)) return { name: path };
  const singular = known.kind.toLowerCase();
  return {
    subresource: path,
    warning: `${word}/${path} is taken for the subresource ${path} of ${word}; a ${singular} called ${path} is written ${singular}/${path}`,
  };
}

/** The question with a subresource that was named by a flag: then what stands behind the type is a name. */
export function withSubresource(question: PlainQuestion, subresource: string): PlainQuestion {
  const { attributes } = question;
  if ("path" in attributes) return question;
  const name = [attributes.name, attributes.subresource].filter((part) => part !== undefined).join("/");
  const warnings = question.warnings.filter((text) => !text.includes(" is taken for the subresource "));
  return { ...question, attributes: { ...attributes, ...(name === "" ? {} : { name }), subresource }, warnings };
}

/** Source: RequestInfoFactory in apiserver pkg/endpoints/request: lists and creations go to the collection. */
const namingVerbs = new Set(["get", "update", "patch", "delete"]);

/** Of `deployments.v1.apps`: authorizers do not look at versions. */
const VERSION = /^v\d+((alpha|beta)\d+)?\.(?=.|$)/;

interface KnownType extends ResourceType {
  /** The plural that requests name, then the other words for it. */
  words: readonly string[];
}

/** Kubernetes' own first: `events` without its group means these. */
const types = [...Object.values(nativeResources), ...Object.values(mirrordResources)].map(knownType);

function knownType(type: ResourceType): KnownType {
  const words = [type.resource, type.kind.toLowerCase(), ...(type.shortNames ?? [])];
  return { ...type, words: words.filter((word) => word !== "") };
}
