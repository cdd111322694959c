// Walks by being a node: Kubernetes' Node authorizer lets a node make tokens for the accounts of the pods that run on it.
import type { Test as Tap } from "tap";
import { requestClientCertificate } from "../control-plane/certificates.ts";
import { uniqueName } from "../control-plane/namespace.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { clusterRole, clusterRoleBinding, group, rule, serviceAccount, user } from "../rbac/objects.ts";
import { deleteAll, review, untilSeen } from "../rbac/server.ts";
import { until } from "../until.ts";
import { ACCOUNT, mergePatch, type PathWorld, type Send, type Token, type Walk, type Walker } from "./path-world.ts";

const AUTHENTICATION = "authentication.k8s.io";
const CERTIFICATES = "certificates.k8s.io";
const NODE_SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";
const POD = "runs";
/** All pods here run on it. */
const NODE = "walked";
const nodeUser = `system:node:${NODE}`;

/** For API servers on which these walks are. */
export const nodeWalkFlags = ["--enable-bootstrap-token-auth", "--enable-admission-plugins=NodeRestriction"];

const account = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;

/** As the scheduler and the kubelet would: a pod of the account runs on the node, which so may make its tokens. */
async function runPod({ admin, server }: PathWorld, namespace: string, name = ACCOUNT, pod = POD): Promise<void> {
  await admin("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE } });
  const spec = {
    serviceAccountName: name,
    nodeName: NODE,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "x", image: "x" }],
  };
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: pod }, spec };
  const made = await admin("POST", `/api/v1/namespaces/${namespace}/pods`, object);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  await until("the Node authorizer knows the pod", async () => {
    const request = {
      verb: "create",
      apiGroup: "",
      resource: "serviceaccounts",
      subresource: "token",
      namespace,
      name,
    };
    return (await review(server, { ...request, user: { name: nodeUser, groups: ["system:nodes"] } })).allowed;
  });
}

/** A token of the account, bound to its pod as nodes have to. */
async function boundToken(
  { admin }: PathWorld,
  send: Send,
  namespace: string,
  { name = ACCOUNT, pod = POD, headers = {} } = {},
): Promise<{ status: number; token: string }> {
  const { body } = await admin("GET", `/api/v1/namespaces/${namespace}/pods/${pod}`);
  const { uid } = (body as { metadata: { uid: string } }).metadata;
  const made = await send(
    "POST",
    `${account(namespace, name)}/token`,
    {
      apiVersion: `${AUTHENTICATION}/v1`,
      kind: "TokenRequest",
      spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod, uid } },
    },
    headers,
  );
  return { status: made.status, token: (made.body as Token).status?.token ?? "" };
}

async function tokenOnNode(world: PathWorld, send: Send, namespace: string, headers = {}): Promise<number> {
  const { status, token } = await boundToken(world, send, namespace, { headers });
  return status === 201 ? await world.readsNodes(token) : status;
}

/** @param approve undefined: Kubernetes itself approves it */
async function nodeCertificate(
  plane: ControlPlane,
  { name, send }: Pick<Walker, "name" | "send">,
  approve: boolean,
): Promise<{ status: number; as?: Send }> {
  const path = `/apis/${CERTIFICATES}/v1/certificatesigningrequests`;
  const { requestPem, keyPem } = await requestClientCertificate(nodeUser, "system:nodes");
  const spec = {
    request: Buffer.from(requestPem).toString("base64"),
    signerName: NODE_SIGNER,
    usages: ["digital signature", "client auth"],
  };
  const request = { apiVersion: `${CERTIFICATES}/v1`, kind: "CertificateSigningRequest", metadata: { name }, spec };
  const made = await send("POST", path, request);
  if (made.status !== 201) return made;
  const approved = { status: { conditions: [{ type: "Approved", status: "True", reason: "Walk", message: "" }] } };
  const ask = () =>
    approve ? send("PATCH", `${path}/${name}/approval`, approved, mergePatch) : send("GET", `${path}/${name}`);
  const { status, signed } = await until("the certificate is signed", async () => {
    const answer = await ask();
    const { certificate } = (answer.body as { status?: { certificate?: string } }).status ?? {};
    return answer.status !== 200 || certificate !== undefined
      ? { status: answer.status, signed: certificate }
      : undefined;
  });
  if (signed === undefined) return { status };
  const certificate = { cert: Buffer.from(signed, "base64").toString(), key: keyPem };
  return {
    status,
    as: (method, to, body, headers = {}) => apiRequest(plane, { certificate, method, path: to, body, headers }),
  };
}

const asksAndReads = [
  rule(CERTIFICATES, "certificatesigningrequests", "create"),
  rule(CERTIFICATES, "certificatesigningrequests", "get"),
];
const toAccount = `sa:.*/${ACCOUNT} administrator`;

export const nodeWalks = (world: PathWorld, plane: ControlPlane): Walk[] => {
  const prepare = (namespace: string) => runPod(world, namespace);
  const asNode = (approve: boolean) => async (walker: Walker) => {
    const { status, as } = await nodeCertificate(plane, walker, approve);
    return as === undefined ? status : await tokenOnNode(world, as, walker.namespace);
  };
  return [
    {
      name: "the certificate of a node is asked for and approved",
      edge: "node-identity",
      rules: [
        rule(CERTIFICATES, "certificatesigningrequests", "create"),
        rule(CERTIFICATES, "certificatesigningrequests/approval", "patch"),
        rule(CERTIFICATES, "signers", "approve", NODE_SIGNER),
      ],
      wide: true,
      prepare,
      goal: toAccount,
      walk: asNode(true),
    },
    {
      name: "a node is impersonated, with the group of nodes",
      edge: "node-identity",
      rules: [rule("", "users", "impersonate", nodeUser), rule("", "groups", "impersonate", "system:nodes")],
      wide: true,
      prepare,
      goal: toAccount,
      walk: ({ send, namespace }) =>
        tokenOnNode(world, send, namespace, { "Impersonate-User": nodeUser, "Impersonate-Group": "system:nodes" }),
    },
    {
      name: "a token is made as any node (constrained impersonation)",
      edge: "node-identity",
      rules: [
        rule(AUTHENTICATION, "nodes", "impersonate:arbitrary-node", NODE),
        rule("", "serviceaccounts/token", "impersonate-on:arbitrary-node:create"),
      ],
      wide: true,
      prepare,
      goal: toAccount,
      walk: ({ send, namespace }) => tokenOnNode(world, send, namespace, { "Impersonate-User": nodeUser }),
    },
    {
      name: "a bootstrap token is made, whose group gets the certificate of a node from Kubernetes itself",
      edge: "bootstrap-token",
      rules: [rule("", "secrets", "create")],
      wide: true,
      prepare,
      more: (name) => [
        clusterRole(`${name}-join`, [
          ...asksAndReads,
          rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create"),
        ]),
        clusterRoleBinding(`${name}-join`, `${name}-join`, [group(`system:bootstrappers:${name}`)]),
      ],
      goal: `group:system:bootstrappers:.* node-identity ${toAccount}`,
      async walk(walker, t) {
        const [id, secret] = [uniqueName("").slice(1, 7), "0123456789abcdef"];
        const path = "/api/v1/namespaces/kube-system/secrets";
        t.teardown(() => world.admin("DELETE", `${path}/bootstrap-token-${id}`));
        const made = await walker.send("POST", path, {
          apiVersion: "v1",
          kind: "Secret",
          type: "bootstrap.kubernetes.io/token",
          metadata: { name: `bootstrap-token-${id}` },
          stringData: {
            "token-id": id,
            "token-secret": secret,
            "usage-bootstrap-authentication": "true",
            "auth-extra-groups": `system:bootstrappers:${walker.name}`,
          },
        });
        if (made.status !== 201) return made.status;
        const send = world.sender(`${id}.${secret}`);
        await until("the token counts", async () => (await send("GET", "/api")).status === 200);
        return await asNode(false)({ ...walker, send });
      },
    },
    {
      name: "the certificate of a node is approved by Kubernetes itself",
      edge: "node-identity",
      rules: [rule(CERTIFICATES, "certificatesigningrequests", "create")],
      wide: true,
      prepare,
      more: (name) => [
        clusterRole(`${name}-join`, [
          rule(CERTIFICATES, "certificatesigningrequests", "get"),
          rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create"),
        ]),
        clusterRoleBinding(`${name}-join`, `${name}-join`, [user(name)]),
      ],
      goal: toAccount,
      walk: asNode(false),
    },
  ];
};

/** What is no walk of `walkAll`: a request that stays without an answer, and a way that only accounts go. */
export function nodeTests(t: Tap, world: PathWorld): void {
  t.test("without nodeclient Kubernetes leaves a node's certificate unapproved, and there is no path", async (t) => {
    const walker = await world.walker(t, { rules: asksAndReads, wide: true, prepare: (at) => runPod(world, at) });
    t.same(await world.paths(walker.name), []);
    const request = { verb: "create", apiGroup: CERTIFICATES, resource: "certificatesigningrequests" };
    const asked = { ...request, subresource: "nodeclient", user: { name: walker.name, groups: [] } };
    t.notOk((await review(world.server, asked)).allowed, "which is what the controller asks");
  });

  const named = rule(AUTHENTICATION, "nodes", "impersonate:associated-node", NODE);
  const own = rule(AUTHENTICATION, "nodes", "impersonate:associated-node");
  const makes = rule("", "serviceaccounts/token", "impersonate-on:associated-node:create");
  const cases = [
    { name: "its own node", rules: [own, makes], status: 200 },
    { name: "its own node by its name, which is not asked", rules: [named, makes], status: 403 },
    { name: "its own node for no request", rules: [own], status: 403 },
    { name: "nobody", rules: [makes], status: 403 },
  ];
  for (const { name, rules, status } of cases)
    t.test(`an account makes a token as ${name} (constrained impersonation)`, async (t) => {
      const { namespace, name: walker } = await world.walker(t, { rules: [], prepare: (at) => runPod(world, at) });
      const agent = `${walker}-agent`;
      const { admin, server } = world;
      const made = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: agent } };
      await admin("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, made);
      await runPod(world, namespace, agent, agent);
      const roles = "/apis/rbac.authorization.k8s.io/v1";
      const objects = [clusterRole(agent, rules), clusterRoleBinding(agent, agent, [serviceAccount(agent, namespace)])];
      for (const object of objects) {
        const path = `${roles}/${object.kind === "ClusterRole" ? "clusterroles" : "clusterrolebindings"}`;
        t.equal((await admin("POST", path, object)).status, 201);
        t.teardown(() => admin("DELETE", `${path}/${agent}`));
      }
      const canaries = await untilSeen(server, `${agent}-canary`, namespace);
      t.teardown(() => deleteAll(server, canaries));
      const found = await world.paths(agent);
      t.match(found, status === 200 ? [new RegExp(`^node-identity ${toAccount}$`)] : [], found.join("; "));
      t.equal(found.length, status === 200 ? 1 : 0);
      const { token } = await boundToken(world, admin, namespace, { name: agent, pod: agent });
      const as = { "Impersonate-User": nodeUser };
      t.equal(await tokenOnNode(world, world.sender(token), namespace, as), status);
    });
}
