import { isJsonObject } from "../../json.ts";
import { isDeeperThan } from "../../json-texts.ts";
import { UnreadableAnswer } from "../../kubernetes/api-error.ts";
import { metadataFault, withoutNulls } from "../../kubernetes/object-meta.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { formatApiVersion } from "../../kubernetes/resources.ts";

/** As for files: whatever walks an object may do so by itself. */
const MAX_DEPTH = 500;

/**
 * The object in an answer of the API server. Its apiVersion and kind are set: items of a list come without them, and a server
 * may answer in another version than was asked for.
 * @throws UserError "undetermined" when it is none
 */
export function objectFrom(value: unknown, type: ResourceType): KubernetesObject {
  if (!isObjectWithMetadata(value)) throw new UnreadableAnswer(`the server's answer is no ${type.kind}`);
  const metadata = withoutNulls(value.metadata);
  const fault = metadataFault(metadata);
  if (fault !== undefined) throw new UnreadableAnswer(`the server's answer is no ${type.kind}: ${fault}`);
  if (isDeeperThan(value, MAX_DEPTH))
    throw new UnreadableAnswer(`the server's answer is no ${type.kind}: nested deeper than ${MAX_DEPTH} levels`);
  // The answer is nobody else's: of a long list a copy of each object would cost more than to parse it.
  return Object.assign(value, { apiVersion: formatApiVersion(type), kind: type.kind, metadata });
}

/**
 * The answer to a request about one object. A name that the server made up would be shown, and used, for the one that was asked
 * about.
 * @throws UserError "undetermined" when it is none, or another one
 */
export function namedObjectFrom(
  value: unknown,
  type: ResourceType,
  { name, namespace }: { name: string; namespace: string | undefined },
): KubernetesObject {
  const object = objectFrom(value, type);
  const isOther = object.metadata.name !== name || (type.namespaced && object.metadata.namespace !== namespace);
  if (isOther) throw new UnreadableAnswer(`the server answered with another ${type.kind} than ${name}`);
  return object;
}

export function isObjectWithMetadata(value: unknown): value is KubernetesObject {
  return isJsonObject(value) && isJsonObject(value["metadata"]);
}
