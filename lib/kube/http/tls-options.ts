import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, getCACertificates, type ConnectionOptions, type SecureContext } from "node:tls";
import { usageError } from "../../errors.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import { contextOfNamed } from "./secure-context.ts";

/** Certificate and key as PEM. */
export interface ClientCertificate {
  cert: string;
  key: string;
}

/** @throws UserError "usage" when the certificates in the kubeconfig cannot be used */
export function tlsOptions(config: ConnectionConfig, certificate: ClientCertificate | undefined): ConnectionOptions {
  const { hostname } = new URL(config.server);
  const host = hostname.replaceAll(/[[\]]/g, "");
  const name = config.tlsServerName || host;
  return {
    secureContext: secureContext(config, certificate),
    rejectUnauthorized: !config.insecureSkipTlsVerify,
    // An address is no name to send, only one to check.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, peer) => checkServerIdentity(name, peer),
  };
}

function secureContext(config: ConnectionConfig, certificate: ClientCertificate | undefined): SecureContext {
  const { certificateAuthority: ca, insecureSkipTlsVerify: insecure } = config;
  if (insecure && ca !== "") {
    throw usageError("specifying a root certificates file with the insecure flag is not allowed");
  }
  if (ca !== "") refuseAuthorityWithoutPem(ca);
  const context = (given: ClientCertificate | undefined) =>
    contextOfNamed({
      minVersion: "TLSv1.2",
      ...(insecure ? {} : { ca: ca === "" ? usualAuthorities() : ca }),
      ...given,
    });
  try {
    return context(certificate);
  } catch (cause) {
    const relabelled = certificate === undefined ? undefined : relabelledKey(certificate.key);
    try {
      if (certificate !== undefined && relabelled !== undefined) return context({ ...certificate, key: relabelled });
    } catch {
      // The first reason is the one to be told.
    }
    throw usageError(whyUnusable(certificate, cause), undefined, { cause });
  }
}

/**
 * The key under the label that fits what is inside. OpenSSL believes the label; Go tries PKCS #1, PKCS #8 and SEC 1 one after the
 * other, whatever it says. Undefined when it is none of them. Source: crypto/tls parsePrivateKey.
 */
function relabelledKey(pem: string): string | undefined {
  const block = /-----BEGIN (?:[A-Z0-9 ]+ )?PRIVATE KEY-----([^-]+)-----END/.exec(pem)?.[1];
  if (block === undefined) return undefined;
  const key = Buffer.from(block, "base64");
  for (const type of ["pkcs1", "pkcs8", "sec1"] as const) {
    try {
      return createPrivateKey({ key, format: "der", type }).export({ format: "pem", type: "pkcs8" });
    } catch {
      // Not of this form; the next may fit.
    }
  }
  return undefined;
}

/**
 * What the machine trusts, as Go and so kubectl does, and what Node.js ships. Each is named, because what "default" means depends on
 * how Node.js was started; a variable that only Node.js knows (NODE_EXTRA_CA_CERTS) adds none.
 */
export function usualAuthorities(): string[] {
  return (["bundled", "system"] as const).flatMap((kind) => getCACertificates(kind));
}

function refuseAuthorityWithoutPem(ca: string): void {
  if (ca.includes("-----BEGIN CERTIFICATE-----")) return;
  const reason = ca.includes("-----BEGIN ")
    ? "no valid certificate authority data seen"
    : "unable to parse bytes as PEM block";
  throw usageError(`unable to load root certificates: ${reason}`);
}

/** Never the cause's own text alone: OpenSSL's is not understood by anybody. */
function whyUnusable(certificate: ClientCertificate | undefined, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (certificate === undefined) return `unable to load root certificates: failed to parse certificate: ${message}`;
  if (!certificate.cert.includes("-----BEGIN ")) return "tls: failed to find any PEM data in certificate input";
  if (!certificate.key.includes("-----BEGIN ")) return "tls: failed to find any PEM data in key input";
  if (message.includes("key values mismatch")) return "tls: private key does not match public key";
  return `tls: the client certificate or its key cannot be used: ${message}`;
}
