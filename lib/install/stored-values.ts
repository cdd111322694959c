// The values that an installation was made of, kept on its Deployment: an upgrade needs them again.

import { isJsonObject, listIn, objectIn, textIn, textsIn, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { byCodePoint } from "../text/order.ts";
import { NAME } from "./installed.ts";
import { inlineSecrets } from "./secrets.ts";
import { withoutValue } from "./set-values.ts";
import { readValues } from "./values.ts";

const VALUES_ANNOTATION = "kubectl-mirrord.io/values";

/** All annotations of an object together have 256 KiB. */
const AT_MOST = 128 * 1024;

export interface StoredValues {
  values: JsonObject;
  /** Paths of secrets, which are not kept. */
  withheld: string[];
}

/** The objects, with the values that they were made of on the operator's Deployment. Secrets are left out, and too many are not kept. */
export function withStoredValues(objects: readonly KubernetesObject[], values: JsonObject): KubernetesObject[] {
  const text = JSON.stringify(sorted(keepable(values)));
  if (text.length > AT_MOST) return [...objects];
  return objects.map((object) => {
    const { kind, metadata } = object;
    if (kind !== "Deployment" || metadata.name !== NAME) return object;
    return {
      ...object,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [VALUES_ANNOTATION]: text } },
    };
  });
}

/** What a Deployment was installed with; undefined where that is not known. */
export function storedValues({ metadata }: KubernetesObject): StoredValues | undefined {
  const text = metadata.annotations?.[VALUES_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const { values, withheld } = objectIn(JSON.parse(text));
    return isJsonObject(values) ? { values, withheld: textsIn(withheld) } : undefined;
  } catch {
    // Somebody wrote it by hand.
    return undefined;
  }
}

function keepable(values: JsonObject): StoredValues {
  const withheld = [...new Set(inlineSecrets(readValues(values)).map((path) => path.replace(/\[\d+\]$/, "")))];
  return { values: withheld.reduce((rest, path) => withoutValue(rest, path.split(".")), values), withheld };
}

/** The same values in any order are the same text: nothing is written again. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => byCodePoint(a, b));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Settings of a Deployment that another one has otherwise: `OPERATOR_KAFKA_SPLITTING is "true", and would be "false"`. */
export function changedSettings(current: KubernetesObject, next: KubernetesObject): string[] {
  const [before, after] = [current, next].map(settings);
  return [...(before ?? [])].flatMap(([name, value]) => {
    const other = after?.get(name);
    if (other === value || isOfVersion(name)) return [];
    return [`${name} is ${value}, and would be ${other ?? "left out"}`];
  });
}

/** The licence is kept by itself, and the version is what changes. */
const isOfVersion = (name: string): boolean => name === "OPERATOR_IMAGE" || /LICENSE|CLOUD_API_KEY/.test(name);

function settings({ spec }: KubernetesObject): Map<string, string> {
  const { replicas, template } = objectIn(spec);
  const [container] = listIn(objectIn(objectIn(template)["spec"])["containers"]);
  const variables = listIn(objectIn(container)["env"]).map(objectIn);
  return new Map([
    ["spec.replicas", JSON.stringify(replicas ?? 1)],
    ...variables
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => [textIn(name), JSON.stringify(value)] as const),
  ]);
}
