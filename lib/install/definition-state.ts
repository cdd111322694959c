import { isDeepStrictEqual } from "node:util";
import { isJsonObject, listIn, objectIn, textIn, textsIn, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { customResourceDefinitions, type CustomResourceDefinition } from "./crds/definitions.ts";
import type { Feature } from "./features.ts";

/**
 * How an installed definition stands to ours. `older`: it lacks fields; `newer`: it has fields that ours lacks; `other`: the same
 * fields with other limits; `ending`: it is being deleted; `unserved`: the API server has not taken it up; `extra`: nothing
 * that is switched on needs it.
 */
export type DefinitionWord = "same" | "older" | "newer" | "other" | "missing" | "ending" | "unserved" | "extra";

export interface DefinitionState {
  /** `mirrordpolicies.policies.mirrord.metalbear.co`. */
  name: string;
  kind: string;
  state: DefinitionWord;
  /** Fields that ours has and it lacks: `spec.target.container`. */
  lacks: string[];
  /** Versions in which objects are stored, besides the one that is stored now. */
  storedIn: string[];
}

/** Compares what is installed with what these switches need. Pure; in the order of our table, then what is not in it. */
export function definitionStates(
  installed: readonly KubernetesObject[],
  features: ReadonlySet<Feature>,
): DefinitionState[] {
  const live = new Map(installed.map((object) => [object.metadata.name ?? "", object]));
  const wanted = new Map(customResourceDefinitions(features).map((one) => [one.metadata.name ?? "", one]));
  const known = [...wanted].map(([name, ours]) => compared(name, ours, live.get(name)));
  const others = [...live].filter(([name]) => !wanted.has(name));
  return [
    ...known,
    ...others.map(([name, object]): DefinitionState => ({
      name,
      kind: definedKind(object),
      state: standing(object) ?? "extra",
      lacks: [],
      storedIn: oldVersions(object),
    })),
  ];
}

function compared(name: string, ours: CustomResourceDefinition, live: KubernetesObject | undefined): DefinitionState {
  const { kind } = ours.spec.names;
  if (live === undefined) return { name, kind, state: "missing", lacks: [], storedIn: [] };
  const [version] = ours.spec.versions;
  const schema = plainSchema(version?.schema.openAPIV3Schema);
  const installed = plainSchema(installedSchema(live, version?.name ?? ""));
  const [here, there] = [fieldPaths(schema), fieldPaths(installed)];
  const lacks = here.filter((path) => !there.includes(path));
  const more = there.some((path) => !here.includes(path));
  const state = lacks.length > 0 ? "older" : more ? "newer" : isDeepStrictEqual(schema, installed) ? "same" : "other";
  return { name, kind, state: standing(live) ?? state, lacks, storedIn: oldVersions(live) };
}

function standing(live: KubernetesObject): "ending" | "unserved" | undefined {
  if (live.metadata.deletionTimestamp !== undefined) return "ending";
  const conditions = listIn(objectIn(live["status"])["conditions"]).map(objectIn);
  const isEstablished = conditions.some(({ type, status }) => type === "Established" && status === "True");
  return isEstablished ? undefined : "unserved";
}

const versionsIn = (live: KubernetesObject): JsonObject[] => listIn(objectIn(live["spec"])["versions"]).map(objectIn);

const definedKind = (live: KubernetesObject): string => textIn(objectIn(objectIn(live["spec"])["names"])["kind"]);

function installedSchema(live: KubernetesObject, version: string): unknown {
  const found = versionsIn(live).find(({ name }) => name === version);
  return objectIn(found?.["schema"])["openAPIV3Schema"];
}

/** An API server that drops a version refuses the definition as long as objects are stored in it. */
function oldVersions(live: KubernetesObject): string[] {
  const now = versionsIn(live).find(({ storage }) => storage === true);
  return textsIn(objectIn(live["status"])["storedVersions"]).filter((name) => name !== now?.["name"]);
}

/** What only people read is left out: the vendor's definitions have texts, ours have none. */
const WORDS = new Set(["description", "title", "example"]);

function plainSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plainSchema);
  if (!isJsonObject(schema)) return schema;
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    // A field may be called like a keyword.
    if (key === "properties") return [[key, mapValues(objectIn(value), plainSchema)]];
    return WORDS.has(key) ? [] : [[key, plainSchema(value)]];
  });
  return Object.fromEntries(entries);
}

const mapValues = (object: JsonObject, map: (value: unknown) => unknown): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

/** `spec.ports[].port`: every field that the schema names. */
function fieldPaths(schema: unknown, at = ""): string[] {
  const { properties, items, additionalProperties } = objectIn(schema);
  const inner = Object.entries(objectIn(properties)).flatMap(([name, value]) => {
    const path = at === "" ? name : `${at}.${name}`;
    return [path, ...fieldPaths(value, path)];
  });
  return [...inner, ...fieldsBelow(items, `${at}[]`), ...fieldsBelow(additionalProperties, `${at}.*`)];
}

const fieldsBelow = (schema: unknown, at: string): string[] => (isJsonObject(schema) ? fieldPaths(schema, at) : []);
