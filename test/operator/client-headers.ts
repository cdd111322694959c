// The library of `@peculiar/x509` wants this first.
import "reflect-metadata";
import { X509Certificate } from "@peculiar/x509";
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
  return { name, hostname, userId: certificate === undefined ? null : certifiedKey(certificate) };
}

/** Base64 without its padding. Node reads no key that mirrord's client makes: its algorithm has a NULL parameter. */
function certifiedKey(base64: string): string {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(base64, "base64"));
    const { "Raw Data": key, "EC Point": point } = publicKey.toTextObject();
    const bytes = key ?? point;
    if (!(bytes instanceof ArrayBuffer)) throw new Error("the certificate holds no key");
    return Buffer.from(bytes).toString("base64").replaceAll("=", "");
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
