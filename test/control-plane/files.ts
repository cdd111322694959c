// What a control plane needs on disk, all of it under one private folder.
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthority, issueCertificate } from "./certificates.ts";
import type { Authority } from "./certificates.ts";
import { tokenFor } from "./tokens.ts";
import type { TokenUser } from "./tokens.ts";

/** The contexts of the kubeconfig. Any other user is a token away. */
export const contextUsers: readonly TokenUser[] = [
  { username: "admin", groups: ["system:masters"] },
  { username: "jim", groups: [] },
  { username: "jim2", groups: ["oidc:backend"] },
  { username: "anna", groups: ["backend"] },
  { username: "bob", groups: [] },
  { username: "carol", groups: ["oidc:frontend"] },
  { username: "dave", groups: ["qa"] },
  { username: "eve", groups: [] },
];

export interface Authorities {
  /** Of the API server's certificate, of client certificates, and of aggregated servers. */
  cluster: Authority;
  /** Of the certificate that the API server shows to aggregated servers. */
  frontProxy: Authority;
}

export interface Endpoints {
  /** Where the token webhook listens. */
  webhookPort: number;
  apiServerPort: number;
}

export async function createAuthorities(): Promise<Authorities> {
  return { cluster: await createAuthority("cluster"), frontProxy: await createAuthority("front-proxy") };
}

/** Writes what does not depend on ports. */
export async function writeKeys(folder: string, { cluster, frontProxy }: Authorities): Promise<void> {
  const serving = await issueCertificate(cluster, {
    commonName: "kube-apiserver",
    dnsNames: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"],
    ipAddresses: ["127.0.0.1", "10.0.0.1"],
    usage: "server",
  });
  const proxy = await issueCertificate(frontProxy, { commonName: "front-proxy", usage: "client" });
  const serviceAccounts = generateKeyPairSync("ec", { namedCurve: "P-256" });
  write(folder, "ca.crt", cluster.certPem);
  write(folder, "ca.key", cluster.keyPem);
  write(folder, "serving.crt", serving.certPem);
  write(folder, "serving.key", serving.keyPem);
  write(folder, "front-proxy-ca.crt", frontProxy.certPem);
  write(folder, "front-proxy.crt", proxy.certPem);
  write(folder, "front-proxy.key", proxy.keyPem);
  write(folder, "service-accounts.pub", serviceAccounts.publicKey.export({ type: "spki", format: "pem" }));
  write(folder, "service-accounts.key", serviceAccounts.privateKey.export({ type: "pkcs8", format: "pem" }));
  write(folder, "audit-policy.json", JSON.stringify(auditPolicy));
}

/** Writes the kubeconfigs of people, of the controller-manager, and of the API server for its token webhook. */
export function writeKubeconfigs(folder: string, authorities: Authorities, secret: string, ports: Endpoints): void {
  const server = `https://127.0.0.1:${ports.apiServerPort}`;
  const controllerManager: TokenUser = { username: "system:kube-controller-manager", groups: [] };
  const ca = authorities.cluster.certPem;
  write(folder, "kubeconfig", kubeconfig(server, ca, secret, contextUsers));
  write(folder, "controller-manager.kubeconfig", kubeconfig(server, ca, secret, [controllerManager]));
  const webhook = `https://127.0.0.1:${ports.webhookPort}/`;
  write(folder, "token-webhook.kubeconfig", kubeconfig(webhook, ca, secret, [{ username: "apiserver", groups: [] }]));
}

/** JSON is YAML. The first user's context is the current one. */
function kubeconfig(server: string, ca: string, secret: string, users: readonly TokenUser[]): string {
  const cluster = "kubectl-mirrord";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": users[0]?.username,
    clusters: [
      { name: cluster, cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } },
    ],
    users: users.map((user) => ({ name: user.username, user: { token: tokenFor(secret, user) } })),
    contexts: users.map(({ username }) => ({ name: username, context: { cluster, user: username } })),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Who did what, without bodies; the control plane's own reading is left out. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    {
      level: "None",
      users: ["system:apiserver", "system:kube-controller-manager"],
      verbs: ["get", "list", "watch"],
    },
    { level: "None", userGroups: ["system:serviceaccounts:kube-system"], verbs: ["get", "list", "watch"] },
    { level: "None", nonResourceURLs: ["/readyz*", "/healthz*", "/livez*"] },
    { level: "Metadata" },
  ],
};

function write(folder: string, name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
}
