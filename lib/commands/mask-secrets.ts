import { isJsonObject, listIn, textIn, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/**
 * An object as it is stored and as it is wanted, without what is secret: the contents of a Secret, and variables that hold a key.
 * Whether one changes still shows.
 */
export function withoutSecrets(
  current: KubernetesObject | undefined,
  wanted: KubernetesObject,
): [KubernetesObject | undefined, KubernetesObject] {
  const mask = wanted.kind === "Secret" ? maskData : maskVariables;
  return [current && mask(current, wanted, "before"), mask(wanted, current, "after")];
}

type Side = "before" | "after";

/** The same on both sides where nothing changes, as kubectl diff has it. */
const masked = (value: unknown, other: unknown, side: Side): string =>
  other === undefined || value === other ? "***" : `*** (${side})`;

function maskData(object: KubernetesObject, other: KubernetesObject | undefined, side: Side): KubernetesObject {
  const shown = { ...object };
  for (const field of ["data", "stringData"]) {
    const [values, others] = [object[field], other?.[field]];
    if (!isJsonObject(values)) continue;
    const entries = Object.keys(values).map((key) => {
      return [key, masked(values[key], isJsonObject(others) ? others[key] : undefined, side)];
    });
    shown[field] = Object.fromEntries(entries);
  }
  return shown;
}

/** By the name of a variable, that its value is secret. */
const SECRET_NAME = /(KEY|TOKEN|PASSWORD|SECRET)$/;

function maskVariables(object: KubernetesObject, other: KubernetesObject | undefined, side: Side): KubernetesObject {
  const others = new Map(variablesIn(other).map(({ name, value }) => [name, value]));
  const mask = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mask);
    if (!isJsonObject(value)) return value;
    if (!isSecretVariable(value))
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mask(one)]));
    return { ...value, value: masked(value["value"], others.get(value["name"]), side) };
  };
  return variablesIn(object).some(isSecretVariable)
    ? { ...object, spec: mask(object["spec"]), metadata: object.metadata }
    : object;
}

const isSecretVariable = ({ name, value }: JsonObject) => textIn(value) !== "" && SECRET_NAME.test(textIn(name));

/** Every `{name, value}` within. */
function variablesIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return listIn(value).flatMap(variablesIn);
  if (!isJsonObject(value)) return [];
  const own = typeof value["name"] === "string" && typeof value["value"] === "string" ? [value] : [];
  return [...own, ...Object.values(value).flatMap(variablesIn)];
}
