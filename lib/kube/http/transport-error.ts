// Why a server could not be reached, in the words of Go's network packages, which are kubectl's.

import { isIP } from "node:net";
import { UserError } from "../../errors.ts";
import { maskCredentials } from "../../text/mask-credentials.ts";

export interface Endpoint {
  /** As in the kubeconfig. */
  server: string;
  /** kubectl's guess of localhost:8080. */
  guessed: boolean;
  lookedIn: readonly string[];
}

/** @param cause what Node threw; UserErrors pass as they are */
export function transportError(cause: unknown, endpoint: Endpoint): UserError {
  if (cause instanceof UserError) return cause;
  const code = errorCode(cause);
  const { host, hostname } = new URL(endpoint.server);
  if (code === "ECONNREFUSED") {
    return new UserError(
      "undetermined",
      `The connection to the server ${host} was refused - did you specify the right host or port?`,
      endpoint.guessed
        ? `No kubeconfig says where the cluster is (looked in ${endpoint.lookedIn.join(", ")}). Name one with --kubeconfig or KUBECONFIG, or use --manifests PATH`
        : "Is the cluster running? Try: kubectl cluster-info",
      { cause },
    );
  }
  const [reason, hint] = explain(cause, code, hostname);
  return new UserError("undetermined", `Unable to connect to the server: ${reason}`, hint, { cause });
}

/** The code of the error or of what it wraps; an AggregateError (several addresses) has its own. */
export function errorCode(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
    if (current instanceof AggregateError) return errorCode(current.errors[0]);
  }
  return "";
}

const CA_HINT =
  "The certificate authority of this cluster may have changed. Fetch its kubeconfig again, or give --certificate-authority";

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
]);

const networkReasons: Record<string, string> = {
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "i/o timeout",
  ECONNRESET: "connection reset by peer",
  EPIPE: "broken pipe",
  ERR_HTTP2_SESSION_ERROR: "http2: client connection lost",
  ERR_HTTP2_INVALID_SESSION: "http2: client connection lost",
};

function explain(cause: unknown, code: string, hostname: string): [reason: string, hint?: string] {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (unknownAuthority.has(code)) {
    return ["tls: failed to verify certificate: x509: certificate signed by unknown authority", CA_HINT];
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return [
      "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
      "Check this machine's clock; otherwise the server's certificate has to be renewed",
    ];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return [altNameReason(cause, message), "If the server is known by another name, give --tls-server-name"];
  if (code === "ENOTFOUND")
    return [
      `dial tcp: lookup ${hostname}: no such host`,
      "Check the server's name in the kubeconfig, and the VPN if it is a private one",
    ];
  if (code === "EAI_AGAIN")
    return [
      `dial tcp: lookup ${hostname}: server misbehaving`,
      "Name resolution does not work on this machine right now",
    ];
  if (code === "EPROTO" || code.startsWith("ERR_SSL_WRONG_VERSION") || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG") {
    return [
      "http: server gave HTTP response to HTTPS client",
      "The server's address in the kubeconfig may have to begin with http://",
    ];
  }
  if (/^ERR_SSL_.*(CERTIFICATE|ALERT|HANDSHAKE)/.test(code))
    return [`remote error: tls: ${message.replace(/^.*?:SSL routines:[^:]*:/, "").replace(/:.*$/, "")}`];
  if (message === "socket hang up") return ["EOF"];
  const reason = networkReasons[code];
  return [reason === undefined ? maskCredentials(message) : `dial tcp ${hostname}: ${reason}`];
}

/** Go names the kind of names that the host would have to be among. */
function altNameReason(cause: unknown, message: string): string {
  const prefix = "tls: failed to verify certificate: x509: ";
  const host = cause instanceof Error && "host" in cause ? String(cause.host) : "";
  const certificate = cause instanceof Error && "cert" in cause ? cause.cert : undefined;
  const names = namesIn(certificate, isIP(host) === 0 ? "DNS:" : "IP Address:");
  if (host === "" || (names.length === 0 && isIP(host) === 0)) return prefix + message;
  if (names.length === 0)
    return `${prefix}cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  return `${prefix}certificate is valid for ${names.join(", ")}, not ${host}`;
}

function namesIn(certificate: unknown, kind: string): string[] {
  if (typeof certificate !== "object" || certificate === null || !("subjectaltname" in certificate)) return [];
  const names = String(certificate.subjectaltname).split(", ");
  return names.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length));
}

const lostConnection = new Set([
  "ECONNRESET",
  "EPIPE",
  "ERR_HTTP2_SESSION_ERROR",
  "ERR_HTTP2_STREAM_ERROR",
  "ERR_HTTP2_INVALID_SESSION",
  "ERR_HTTP2_GOAWAY_SESSION",
  "ERR_HTTP2_STREAM_CANCEL",
]);

/** The connection broke before there was an answer: what does no harm may be sent again. */
export function isLostConnection(error: unknown): boolean {
  return lostConnection.has(errorCode(error)) || (error instanceof Error && error.message === "socket hang up");
}
