import { X509Certificate } from "node:crypto";
import { readElement, readElements } from "./der.ts";
import { texts } from "./identity.ts";
import type { Client } from "./sessions.ts";
import { parseSessionId, randomSessionId } from "./sessions.ts";
import { badRequest } from "./status.ts";

// Source of the header names: mirrord operator/src/types.rs.

/** Throws a Refusal (400) for a certificate that cannot be read. */
export function readClient(headers: NodeJS.Dict<string[]>): Client {
  const [name = "unknown"] = texts(headers["x-client-name"]);
  const [hostname = "unknown"] = texts(headers["x-client-hostname"]);
  const [certificate] = headers["x-client-der"] ?? [];
  return { name, hostname, userId: certificate === undefined ? null : keyOfCertificate(certificate) };
}

function keyOfCertificate(base64: string): string {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(base64, "base64"));
    const [, bits] = readElements(readElement(publicKey.export({ type: "spki", format: "der" })).content);
    if (bits === undefined) throw new Error("the certificate holds no key");
    return bits.content.subarray(1).toString("base64").replaceAll("=", "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`x-client-der holds no certificate: ${why}`);
  }
}

/** The `x-session-id` header, or an id of the operator's own. Throws a Refusal (400) for a malformed one. */
export function readSessionId(headers: NodeJS.Dict<string[]>): bigint {
  const [text] = headers["x-session-id"] ?? [];
  if (text === undefined) return randomSessionId();
  const id = parseSessionId(text);
  if (id === undefined) throw badRequest("x-session-id is not an unsigned 64-bit number");
  return id;
}

/**
 * The parameters of a connect: from `x-mirrord-connect-params` (the whole query in base64), else from the URL.
 */
export function connectParameters(query: URLSearchParams, headers: NodeJS.Dict<string[]>): URLSearchParams {
  const [encoded] = headers["x-mirrord-connect-params"] ?? [];
  if (encoded === undefined) return query;
  return new URLSearchParams(Buffer.from(encoded, "base64").toString("utf8"));
}
