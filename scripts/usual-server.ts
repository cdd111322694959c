import { once } from "node:events";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { KubernetesObject } from "../lib/kubernetes/object.ts";
import { readManifests } from "../lib/kube/manifests/folder.ts";
import { createAuthority, issueCertificate } from "../test/control-plane/certificates.ts";

export interface UsualServer {
  /** For a kubeconfig, with the way in that most people have: an authority of the cluster's own and a token. */
  kubeconfig: object;
  close(): void;
}

/**
 * As much of an API server as commands that only read go through, on loopback by HTTP/2: everything is allowed to whom it
 * sees, the operator is there, roles, bindings and what can be read by name are those of the examples, and other lists are empty.
 */
export async function startUsualServer(examples: string): Promise<UsualServer> {
  const authority = await createAuthority("build");
  const issued = await issueCertificate(authority, {
    commonName: "build",
    usage: "server",
    ipAddresses: ["127.0.0.1"],
  });
  const objects = readManifests([examples]).flatMap(({ documents }) =>
    documents.flatMap((document) => document.objects),
  );
  const server = createSecureServer({ cert: issued.certPem, key: issued.keyPem }, (request, response) => {
    void answer(request, response, [operator, ...objects]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: {
      clusters: [
        {
          name: "build",
          cluster: {
            server: `https://127.0.0.1:${port}`,
            "certificate-authority-data": Buffer.from(authority.certPem).toString("base64"),
          },
        },
      ],
      users: [{ name: "build", user: { token: "build" } }],
      contexts: [{ name: "build", context: { cluster: "build", user: "build" } }],
      "current-context": "build",
    },
    close: () => void server.close(),
  };
}

const operator: KubernetesObject = {
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: {
    operator_version: "3.187.0",
    default_namespace: "default",
    supported_features: ["ProxyApi", "CopyTarget", "ExtendableUserCredentials"],
    license: { name: "build", organization: "build", expire_at: "2999-12-31" },
  },
  status: { sessions: [] },
};

async function answer(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  objects: readonly KubernetesObject[],
): Promise<void> {
  const asked = await text(request);
  const found = request.method === "POST" ? reviewed(JSON.parse(asked) as Review) : read(request.url, objects);
  response.writeHead(found === undefined ? 404 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(found ?? { kind: "Status", status: "Failure", reason: "NotFound", code: 404 }));
}

interface Review {
  kind: string;
}

/** As the RBAC authorizer says it: a yes that it does not give is looked into further. */
const reason = 'RBAC: allowed by ClusterRoleBinding "build" of ClusterRole "cluster-admin" to User "build"';

const reviewed = (review: Review) => ({
  ...review,
  status:
    review.kind === "SelfSubjectReview"
      ? { userInfo: { username: "build", groups: ["system:authenticated"] } }
      : { allowed: true, reason },
});

/** The last two parts of a path are the plural of the kind and the name; that is enough to tell the examples apart. */
function read(path: string, objects: readonly KubernetesObject[]): object | undefined {
  const { pathname, searchParams } = new URL(path, "https://server");
  if (searchParams.has("limit"))
    return { metadata: {}, items: pathname.startsWith(RBAC) ? listed(pathname, objects) : [] };
  const [plural = "", name] = path.split("/").slice(-2);
  return objects.find(({ kind, metadata }) => plural === pluralName(kind) && metadata.name === name);
}

const RBAC = "/apis/rbac.authorization.k8s.io/";

const pluralName = (kind: string): string => `${kind.toLowerCase()}s`;

function listed(pathname: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  const [plural] = pathname.split("/").slice(-1);
  return objects.filter(({ kind }) => plural === pluralName(kind));
}
