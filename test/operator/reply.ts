import type { ServerResponse } from "node:http";
import { isObject, listAt } from "./json.ts";
import { Refusal } from "./status.ts";

export type Reply =
  | { code: number; json: unknown }
  | { code: number; text: string }
  /** Takes the response over, for as long as it wants. */
  | { stream: (response: ServerResponse) => void };

/** How a client wants objects: whole, or their metadata only. */
export type Representation = "object" | "metadata";

/**
 * The first offer of an Accept header that can be served: plain JSON, or PartialObjectMetadata in JSON as the namespace
 * controller asks for; Tables and protobuf are passed over. Throws a Refusal (406) when none can.
 */
export function negotiate(accept: string | undefined): Representation {
  if (accept === undefined || accept.trim() === "") return "object";
  for (const offer of accept.split(",")) {
    const [type = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice(3);
    if (as === undefined) return "object";
    const isMetadata = as === "partialobjectmetadata" || as === "partialobjectmetadatalist";
    if (isMetadata && parameters.includes("v=v1")) return "metadata";
  }
  throw new Refusal(406, "NotAcceptable", "only the following media types are accepted: application/json");
}

/** Strips objects and lists to their metadata; a Status stays as it is. */
export function represent(json: unknown, representation: Representation): unknown {
  if (representation === "object" || !isObject(json) || json["kind"] === "Status") return json;
  const metaVersion = "meta.k8s.io/v1";
  if (!Array.isArray(json["items"])) {
    return { kind: "PartialObjectMetadata", apiVersion: metaVersion, metadata: json["metadata"] };
  }
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: metaVersion,
    metadata: json["metadata"],
    items: listAt(json, "items").map((item) => represent(item, representation)),
  };
}
