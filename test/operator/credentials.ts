import { randomBytes } from "node:crypto";
import { issueCertificate } from "../control-plane/certificates.ts";
import { readCertificateRequest } from "./certificate-request.ts";
import { parseJson, textAt } from "./json.ts";
import { apiVersion, bodyObject, objectMetadata } from "./lists.ts";
import type { Handler, Operator } from "./operator.ts";
import { badRequest, invalid, methodNotAllowed, notFound } from "./status.ts";
import { objectAt } from "./json.ts";

const kind = "MirrordClusterOperatorUserCredential";
const lifetimeMs = 30 * 24 * 3_600_000;

/** `mirrordclusteroperatorusercredentials`: create only; the answer carries the certificate. */
export const handleUserCredentials: Handler = async (operator, call) => {
  if (operator.settings.legacy) return { code: 404, text: "404 page not found\n" };
  if (call.method !== "POST" || call.path.name !== undefined) throw methodNotAllowed();
  const body = bodyObject(call);
  const spec = objectAt(body, "spec");
  const { csr, kind: credentialKind = "regular" } = spec;
  const prefix = textAt(objectMetadata(body), "generateName") ?? "";
  const name = textAt(objectMetadata(body), "name") ?? `${prefix}${randomBytes(3).toString("hex").slice(0, 5)}`;
  if (typeof csr !== "string") throw invalid(kind, name, "spec.csr: Required value");
  if (credentialKind !== "regular" && credentialKind !== "ci") {
    throw invalid(kind, name, `spec.kind: Unsupported value: ${JSON.stringify(credentialKind)}`);
  }
  const issued = await certify(operator, csr);
  if ("problem" in issued) throw invalid(kind, name, `spec.csr: Invalid value: ${issued.problem}`);
  const json = {
    apiVersion,
    kind,
    metadata: { name },
    spec: { csr, kind: credentialKind },
    status: { certificate: issued.certificate },
  };
  return { code: 201, json };
};

/**
 * `mirrordoperators/operator/certificate`, the older way: the body is the request in PEM (or a JSON string of it), the
 * answer a JSON string of the certificate in PEM, which is how the client reads it.
 */
export const handleOldCredentials: Handler = async (operator, { method, path, body }) => {
  if (method !== "POST") throw methodNotAllowed();
  if (path.name !== "operator") throw notFound("mirrordoperators", path.name ?? "");
  const text = body.toString("utf8");
  const parsed = parseJson(text);
  const issued = await certify(operator, typeof parsed === "string" ? parsed : text);
  if ("problem" in issued) throw badRequest(`certificate request is malformed: ${issued.problem}`);
  return { code: 200, json: issued.certificate };
};

async function certify(operator: Operator, csr: string): Promise<{ certificate: string } | { problem: string }> {
  try {
    const { commonName, publicKey } = readCertificateRequest(csr);
    const notAfter = new Date(operator.now().getTime() + lifetimeMs);
    const { certPem } = await issueCertificate(operator.authority, {
      commonName,
      publicKey,
      usage: "client",
      notBefore: new Date(operator.now().getTime() - 60_000),
      notAfter,
    });
    return { certificate: certPem };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
