// Walks by a client certificate that somebody asks for and approves; the control plane's controller-manager signs it.
import { requestClientCertificate } from "../control-plane/certificates.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { rule } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { administrators, boss, bosses } from "./administrators.ts";
import { mergePatch, type Walk, type Walker } from "./path-world.ts";

const CERTIFICATES = "certificates.k8s.io";

/** Sent until the answer has it, by somebody who may only approve: the answer to that has the certificate, too. */
export async function certificateWalk(
  plane: ControlPlane,
  { name, send }: Walker,
  verb: "update" | "patch",
  ...[username, ...groups]: [string, ...string[]]
): Promise<number> {
  const path = `/apis/${CERTIFICATES}/v1/certificatesigningrequests`;
  const { requestPem, keyPem } = await requestClientCertificate(username, ...groups);
  const spec = {
    request: Buffer.from(requestPem).toString("base64"),
    signerName: "kubernetes.io/kube-apiserver-client",
    usages: ["client auth"],
  };
  const request = { apiVersion: `${CERTIFICATES}/v1`, kind: "CertificateSigningRequest", metadata: { name }, spec };
  const made = await send("POST", path, request);
  if (made.status !== 201) return made.status;
  const approved = { status: { conditions: [{ type: "Approved", status: "True", reason: "Walk", message: "" }] } };
  const approve = () =>
    verb === "patch"
      ? send("PATCH", `${path}/${name}/approval`, approved, mergePatch)
      : send("PUT", `${path}/${name}/approval`, { ...request, ...approved });
  const answer = await until("the certificate is signed", async () => {
    const { status, body } = await approve();
    const { certificate } = (body as { status?: { certificate?: string } }).status ?? {};
    return status !== 200 || certificate !== undefined ? { status, certificate } : undefined;
  });
  if (answer.certificate === undefined) return answer.status;
  const certificate = { cert: Buffer.from(answer.certificate, "base64").toString(), key: keyPem };
  return (await apiRequest(plane, { certificate, path: "/api/v1/nodes" })).status;
}

export const requests = [rule(CERTIFICATES, "certificatesigningrequests", "create")];
export const approves = (verb: string, signer: string) => [
  rule(CERTIFICATES, "certificatesigningrequests/approval", verb),
  rule(CERTIFICATES, "signers", "approve", signer),
];

export const certificateWalks = (plane: ControlPlane): Walk[] => [
  {
    name: "a client certificate of a user is asked for and approved",
    edge: "certificate-approval",
    rules: [...requests, ...approves("update", "kubernetes.io/kube-apiserver-client")],
    wide: true,
    more: administrators,
    walk: (walker) => certificateWalk(plane, walker, "update", boss),
  },
  {
    name: "a client certificate of a group is approved by whoever may for every signer of the domain",
    edge: "certificate-approval",
    rules: [...requests, ...approves("patch", "kubernetes.io/*")],
    wide: true,
    more: administrators,
    walk: (walker) => certificateWalk(plane, walker, "patch", "nobody", bosses),
  },
];
