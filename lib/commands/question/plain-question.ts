import type { AccessAttributes } from "../../kubernetes/access.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { isKnownVerb } from "../../kubernetes/verbs.ts";

/** `VERB TYPE[.GROUP][/NAME]` or `VERB /path`, as `kubectl auth can-i` takes it. */
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
  if (what.startsWith("/")) return { kind: "plain", attributes: { verb, path: what }, namespaced: false, warnings: [] };
  const slash = what.indexOf("/");
  const type = slash < 0 ? what : what.slice(0, slash);
  const name = slash < 0 ? undefined : what.slice(slash + 1);
  const dot = type.indexOf(".");
  const word = (dot > 0 ? type.slice(0, dot) : type).toLowerCase();
  const group = dot > 0 ? type.slice(dot + 1).replace(VERSION, "") : undefined;
  const known = [...types, ...served.map(knownType)].find(
    (one) => one.words.includes(word) && (group === undefined || one.group === group),
  );
  const resource = known?.words[0] ?? (dot > 0 ? type.slice(0, dot) : type);
  const attributes = {
    verb,
    apiGroup: known?.group ?? group ?? "",
    resource,
    ...(name === undefined ? {} : { name }),
    // The API server takes a namespace to be in itself, where the URL of the request names it.
    ...(resource === "namespaces" && name !== undefined && namingVerbs.has(verb) ? { namespace: name } : {}),
  };
  const warnings = [
    ...(isKnownVerb(verb) ? [] : [`verb ${JSON.stringify(verb)} is not a known verb`]),
    ...(known === undefined && group === undefined && word !== "*"
      ? [
          `the type ${JSON.stringify(type)} is not known here and taken for a namespaced one of the core group: write TYPE.GROUP`,
        ]
      : []),
  ];
  const unknown = known === undefined && word !== "*" ? { unknown: { type: word, group } } : {};
  return { kind: "plain", attributes, namespaced: known?.namespaced ?? true, warnings, ...unknown };
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
