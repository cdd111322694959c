import { UnreadableAnswer } from "./api-error.ts";
import type { KubernetesObject, ResourceType } from "./object.ts";
import { isJsonObject } from "../json.ts";
import { formatApiVersion } from "./resources.ts";

/** @throws UserError "undetermined" when it is none */
export function objectFrom(value: unknown, type: ResourceType): KubernetesObject {
  if (isObjectWithMetadata(value)) return { ...value, apiVersion: formatApiVersion(type), kind: type.kind };
  throw new UnreadableAnswer(`the server's answer is no ${type.kind}`);
}

/** Lists leave out apiVersion and kind of their items; a server may also answer in another version than asked for. */
export function isObjectWithMetadata(value: unknown): value is KubernetesObject {
  return isJsonObject(value) && isJsonObject(value["metadata"]);
}
