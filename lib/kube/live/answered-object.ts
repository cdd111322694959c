import { isJsonObject } from "../../json.ts";
import { UnreadableAnswer } from "../../kubernetes/api-error.ts";
import { metadataFault } from "../../kubernetes/object-meta.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { formatApiVersion } from "../../kubernetes/resources.ts";

/**
 * The object in an answer of the API server. Its apiVersion and kind are set: items of a list come without them, and a server
 * may answer in another version than was asked for.
 * @throws UserError "undetermined" when it is none
 */
export function objectFrom(value: unknown, type: ResourceType): KubernetesObject {
  const fault = isObjectWithMetadata(value) ? metadataFault(value.metadata) : "";
  if (isObjectWithMetadata(value) && fault === undefined)
    return { ...value, apiVersion: formatApiVersion(type), kind: type.kind };
  throw new UnreadableAnswer(`the server's answer is no ${type.kind}${fault ? `: ${fault}` : ""}`);
}

export function isObjectWithMetadata(value: unknown): value is KubernetesObject {
  return isJsonObject(value) && isJsonObject(value["metadata"]);
}
