import { entryOf, isJsonObject } from "../../../json.ts";
import { nearest } from "../../../text/suggest.ts";
import type { KubernetesObject, ResourceType } from "../../../kubernetes/object.ts";
import { dns1123Subdomain, pathSegmentFaults } from "../../../kubernetes/names.ts";
import { metaErrors } from "../../../rbac/write/validate-meta.ts";
import { shown } from "../../../kubernetes/object-fields.ts";
import type { StructuralSchema } from "./crds.ts";
import { checkSpec, type SchemaFault } from "./values.ts";

export type { SchemaFault } from "./values.ts";

/**
 * The schema of a kind in its CustomResourceDefinition; undefined when that does not serve the version, or has none.
 * Source: CustomResourceDefinition.spec.versions (apiextensions.k8s.io/v1).
 */
export function installedSchema(definition: KubernetesObject, { version }: ResourceType): StructuralSchema | undefined {
  const spec = definition["spec"];
  const versions: unknown = isJsonObject(spec) ? spec["versions"] : undefined;
  for (const entry of Array.isArray(versions) ? versions : []) {
    if (!isJsonObject(entry) || entry["name"] !== version || entry["served"] !== true) continue;
    const { schema } = entry;
    const root = isJsonObject(schema) ? schema["openAPIV3Schema"] : undefined;
    if (isJsonObject(root)) return root;
  }
  return undefined;
}

/** More than anybody reads; a file of a million mistakes must not become a million lines. */
const MAX_FAULTS = 100;

/**
 * Why the API server would refuse the object under strict field validation, or drop part of it without. Empty: it takes it.
 * Sources: apiextensions-apiserver pkg/apiserver/schema (pruning, defaulting, validation), apimachinery objectmeta.go.
 */
export function schemaFaults(policy: unknown, type: ResourceType, schema: StructuralSchema): SchemaFault[] {
  if (!isJsonObject(policy)) return [{ path: "", problem: "is not an object", reason: "value" }];
  const { metadata, apiVersion, kind, ...rest } = policy;
  return [
    ...typeFaults(apiVersion, kind, type),
    ...metadataFaults(metadata, type),
    ...checkSpec(rest, schema, MAX_FAULTS),
  ].slice(0, MAX_FAULTS);
}

function typeFaults(apiVersion: unknown, kind: unknown, type: ResourceType): SchemaFault[] {
  const wanted = `${type.group}/${type.version}`;
  return [
    ...(apiVersion === wanted
      ? []
      : [{ path: "apiVersion", problem: `is ${shown(apiVersion)}, not ${wanted}`, reason: "value" } as const]),
    ...(kind === type.kind
      ? []
      : [{ path: "kind", problem: `is ${shown(kind)}, not ${type.kind}`, reason: "value" } as const]),
  ];
}

// meta/v1 ObjectMeta.
const metadataFields: Readonly<Record<string, "text" | "texts" | "map" | "any">> = {
  name: "text",
  generateName: "text",
  namespace: "text",
  selfLink: "text",
  uid: "text",
  resourceVersion: "text",
  generation: "any",
  creationTimestamp: "any",
  deletionTimestamp: "any",
  deletionGracePeriodSeconds: "any",
  labels: "map",
  annotations: "map",
  ownerReferences: "any",
  finalizers: "texts",
  managedFields: "any",
};

function metadataFaults(metadata: unknown, type: ResourceType): SchemaFault[] {
  if (!isJsonObject(metadata)) {
    const problem = metadata === undefined ? "is missing" : "is not an object";
    return [{ path: "metadata", problem, reason: "value" }];
  }
  const faults: SchemaFault[] = [];
  for (const [field, value] of Object.entries(metadata)) {
    const path = `metadata.${field}`;
    const wanted = entryOf(metadataFields, field);
    if (wanted === undefined) {
      const near = nearest(field, Object.keys(metadataFields));
      const meant = near === undefined ? "" : `; did you mean ${near}?`;
      faults.push({ path, problem: `is no field of metadata${meant}`, reason: "unknown-field" });
    } else if (!isWanted(value, wanted)) faults.push({ path, problem: wantedProblem(wanted), reason: "value" });
  }
  if (faults.length > 0) return faults;
  const { name } = metadata;
  const isPossible = typeof name === "string" && name !== "" && pathSegmentFaults(name).length === 0;
  // Custom resources are held to more than other kinds: NameIsDNSSubdomain.
  const names = isPossible ? dns1123Subdomain(name) : [];
  return [
    ...names.map((problem) => ({ path: "metadata.name", problem, reason: "value" }) as const),
    ...metaErrors(metadata, type.namespaced).map(faultOfText),
  ];
}

function isWanted(value: unknown, wanted: "text" | "texts" | "map" | "any"): boolean {
  if (value === undefined || value === null || wanted === "any") return true;
  if (wanted === "text") return typeof value === "string";
  const isText = (item: unknown) => typeof item === "string";
  if (wanted === "texts") return Array.isArray(value) && value.every(isText);
  return isJsonObject(value) && Object.values(value).every(isText);
}

function wantedProblem(wanted: "text" | "texts" | "map" | "any"): string {
  return { text: "is not a string", texts: "is not a list of strings", map: "is not a map of strings", any: "" }[
    wanted
  ];
}

// `metadata.name: Required value: …`
function faultOfText(text: string): SchemaFault {
  const colon = text.indexOf(": ");
  return { path: text.slice(0, colon), problem: text.slice(colon + 2), reason: "value" };
}
