/** Raw JSON objects come from servers and files: every field is unknown until it has been looked at. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one for anything else, so that absent parts can be read through. */
export function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsIn(value: unknown): string[] {
  return listIn(value).filter((item) => typeof item === "string");
}
