// Paths into the operator's place, walked on real API servers: requests for the operator really arrive at somebody else's server, or
// somebody else is really taken for the API server. Without any one of the rights there is no path, and the same walk is refused.
import t from "tap";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startOperator } from "../operator/start.ts";
import { role, roleBinding, roleRef, rule, user } from "../rbac/objects.ts";
import { until } from "../until.ts";
import {
  KEY_SECRET,
  NAMESPACE,
  OPERATOR_ADDRESS,
  OPERATOR_POD,
  PORT,
  SERVICE,
  THEIR_ADDRESS,
  THEIR_HOST,
  operatorPod,
  paths,
  setReady,
  startOperatorPlace,
  theirSlice,
} from "./operator-place.ts";
import { jsonPatch, mergePatch, walkAll, type Walk } from "./path-world.ts";

// The one sends requests to the Service's address, as the network has it; the other to one of its endpoints.
const [byAddress, byEndpoints] = await Promise.all([
  startOperatorPlace(),
  startOperatorPlace("--enable-aggregator-routing=true"),
]);
t.teardown(() => Promise.all([byAddress.stop(), byEndpoints.stop()]));

const DISCOVERY = "discovery.k8s.io";
const REGISTRATION = "apiregistration.k8s.io";
const FRONT_PROXY = "extension-apiserver-authentication";
const settings = "/api/v1/namespaces/kube-system/configmaps";
const shared = { wide: true, goal: "operator" } as const;
const external = { type: "ExternalName", externalName: THEIR_HOST, ports: [{ name: "https", port: 443 }] };

const serviceWalks: Walk[] = [
  {
    ...shared,
    name: "the operator's Service is led to a host elsewhere",
    edge: "operator-network",
    rules: [rule("", "services", "patch", SERVICE)],
    prepare: () => byAddress.restore(),
    async walk({ send }, t) {
      const server = await byAddress.intruder(t);
      const made = await send("PATCH", `${paths.services}/${SERVICE}`, { spec: external }, mergePatch);
      return made.status === 200 ? await byAddress.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "the operator's Service is made anew",
    edge: "operator-network",
    rules: [rule("", "services", "delete", SERVICE), rule("", "services", "create")],
    prepare: () => byAddress.restore(),
    async walk({ send }, t) {
      const server = await byAddress.intruder(t);
      const gone = await send("DELETE", `${paths.services}/${SERVICE}`);
      if (gone.status !== 200) return gone.status;
      const service = { apiVersion: "v1", kind: "Service", metadata: { name: SERVICE }, spec: external };
      const made = await send("POST", paths.services, service);
      return made.status === 201 ? await byAddress.answeredBy(server) : made.status;
    },
  },
];
walkAll(t, byAddress.world, serviceWalks);

const { world, plane } = byEndpoints;
const { admin } = world;

/** A Service of their own in another namespace, of which the APIService may be. */
const withOwnService = async (namespace: string) => {
  await byEndpoints.restore();
  const spec = { ports: [{ name: "https", port: 443 }] };
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "own" }, spec };
  await admin("POST", `/api/v1/namespaces/${namespace}/services`, service);
  await admin("POST", `/apis/${DISCOVERY}/v1/namespaces/${namespace}/endpointslices`, theirSlice("own", "own"));
};
const ownService = (namespace: string) => ({ name: "own", namespace, port: 443 });

const sliceWalk: Pick<Walk, "name" | "edge" | "wide" | "goal"> = {
  ...shared,
  name: "an EndpointSlice is added to the operator's Service",
  edge: "operator-network",
};

/** The authority and a certificate of somebody who would be taken for the API server. */
async function ownFrontProxy() {
  const authority = await createAuthority("front-proxy-of-somebody-else");
  const { certPem, keyPem } = await issueCertificate(authority, { commonName: "front-proxy", usage: "client" });
  return { ca: authority.certPem, certificate: { cert: certPem, key: keyPem } };
}

/** The operator, as it starts with what its ConfigMap says then. */
async function operatorAsConfigured(t: Parameters<Walk["walk"]>[1]) {
  const { body } = await admin("GET", `${settings}/${FRONT_PROXY}`);
  const { data } = body as { data: Record<string, string> };
  const operator = await startOperator({
    kube: { server: plane.server, ca: plane.ca, token: plane.admin.token },
    frontProxyCa: data["requestheader-client-ca-file"] ?? "",
    frontProxyNames: JSON.parse(data["requestheader-allowed-names"] ?? "[]") as string[],
    serving: byEndpoints.serving,
  });
  t.teardown(() => operator.stop());
  return { ca: byEndpoints.serving.ca, server: `https://127.0.0.1:${operator.port}` };
}

/** The API server makes it anew, with its own authority alone. */
async function forgetOthers(): Promise<void> {
  await admin("DELETE", `${settings}/${FRONT_PROXY}`);
  await until(
    "the ConfigMap is made anew",
    async () => (await admin("GET", `${settings}/${FRONT_PROXY}`)).status === 200,
  );
}

const asAdministrator = {
  path: "/apis/operator.metalbear.co/v1/mirrordoperators/operator",
  headers: { "X-Remote-User": "boss", "X-Remote-Group": "system:masters" },
};

/** 200, where the operator that starts now lets somebody with this certificate say who they are. */
async function takenForApiServer(
  t: Parameters<Walk["walk"]>[1],
  certificate: { cert: string; key: string },
): Promise<number | false> {
  const { status } = await apiRequest(await operatorAsConfigured(t), { certificate, ...asAdministrator });
  return status === 200 && status;
}

const endpointWalks: Walk[] = [
  {
    ...sliceWalk,
    rules: [rule(DISCOVERY, "endpointslices", "create")],
    prepare: () => byEndpoints.restore(),
    async walk({ send }, t) {
      const server = await byEndpoints.intruder(t);
      const made = await send("POST", paths.slices, theirSlice("theirs"));
      return made.status === 201 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...sliceWalk,
    name: `${sliceWalk.name}, whose certificate is checked, by whoever reads its key`,
    rules: [rule("", "secrets", "get", KEY_SECRET), rule(DISCOVERY, "endpointslices", "create")],
    prepare: () => byEndpoints.restore(true),
    async walk({ send }, t) {
      const read = await send("GET", `${paths.secrets}/${KEY_SECRET}`);
      if (read.status !== 200) return read.status;
      const { data } = read.body as { data: Record<string, string> };
      const [cert = "", key = ""] = ["tls.crt", "tls.key"].map((file) =>
        Buffer.from(data[file] ?? "", "base64").toString(),
      );
      const server = await byEndpoints.intruder(t, { cert, key });
      const made = await send("POST", paths.slices, theirSlice("theirs"));
      return made.status === 201 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "an EndpointSlice of another Service becomes one of the operator's",
    edge: "operator-network",
    rules: [rule(DISCOVERY, "endpointslices", "patch", "others")],
    async prepare() {
      await byEndpoints.restore();
      await admin("POST", paths.slices, {
        ...theirSlice("others", "others"),
        endpoints: [{ addresses: ["10.9.0.9"] }],
      });
    },
    async walk({ send }, t) {
      const server = await byEndpoints.intruder(t);
      const { metadata, endpoints } = theirSlice("others");
      const made = await send("PATCH", `${paths.slices}/others`, { metadata, endpoints }, mergePatch);
      return made.status === 200 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "the operator's pod is said to have another address",
    edge: "operator-network",
    rules: [rule("", "pods/status", "patch", OPERATOR_POD)],
    async prepare() {
      await byEndpoints.restore();
    },
    async walk({ send }, t) {
      const server = await byEndpoints.intruder(t);
      const status = { podIP: THEIR_ADDRESS, podIPs: [{ ip: THEIR_ADDRESS }] };
      const made = await send("PATCH", `${paths.pods}/${OPERATOR_POD}/status`, { status }, mergePatch);
      return made.status === 200 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "the operator's APIService names another Service and authority",
    edge: "api-service",
    rules: [rule(REGISTRATION, "apiservices", "patch", "v1.operator.metalbear.co")],
    async prepare(namespace) {
      await withOwnService(namespace);
      await byEndpoints.restore(true);
    },
    async walk({ send, namespace }, t) {
      const server = await byEndpoints.intruder(t);
      const change = [
        { op: "remove", path: "/spec/caBundle" },
        { op: "add", path: "/spec/insecureSkipTLSVerify", value: true },
        { op: "replace", path: "/spec/service", value: ownService(namespace) },
      ];
      const made = await send("PATCH", paths.registration, change, jsonPatch);
      return made.status === 200 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "the operator's APIService is made anew",
    edge: "api-service",
    rules: [rule(REGISTRATION, "apiservices", "delete"), rule(REGISTRATION, "apiservices", "create")],
    prepare: withOwnService,
    async walk({ send, namespace }, t) {
      const server = await byEndpoints.intruder(t);
      const gone = await send("DELETE", paths.registration);
      if (gone.status !== 200) return gone.status;
      const made = await send("POST", paths.registrations, {
        apiVersion: `${REGISTRATION}/v1`,
        kind: "APIService",
        metadata: { name: "v1.operator.metalbear.co" },
        spec: {
          group: "operator.metalbear.co",
          version: "v1",
          groupPriorityMinimum: 1000,
          versionPriority: 15,
          insecureSkipTLSVerify: true,
          service: ownService(namespace),
        },
      });
      return made.status === 201 ? await byEndpoints.answeredBy(server) : made.status;
    },
  },
  {
    ...shared,
    name: "another authority is added to those of the API server's own certificate",
    edge: "front-proxy",
    rules: [rule("", "configmaps", "patch", FRONT_PROXY)],
    async walk({ send }, t) {
      const { ca, certificate } = await ownFrontProxy();
      const call = { certificate, ...asAdministrator };
      t.teardown(forgetOthers);
      const before = await apiRequest(await operatorAsConfigured(t), call);
      if (before.status !== 401) throw new Error(`taken for the API server without it: ${before.status}`);
      const change = { data: { "requestheader-client-ca-file": ca } };
      return await until("it is not put back before the operator reads it", async () => {
        const { status } = await send("PATCH", `${settings}/${FRONT_PROXY}`, change, mergePatch);
        return status === 403 ? status : await takenForApiServer(t, certificate);
      });
    },
  },
  {
    ...shared,
    name: "the ConfigMap of the API server's own certificate is made anew",
    edge: "front-proxy",
    rules: [rule("", "configmaps", "delete", FRONT_PROXY), rule("", "configmaps", "create")],
    async walk({ send }, t) {
      const { ca, certificate } = await ownFrontProxy();
      t.teardown(forgetOthers);
      const object = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: FRONT_PROXY },
        data: {
          "requestheader-client-ca-file": ca,
          "requestheader-allowed-names": '["front-proxy"]',
          "requestheader-username-headers": '["X-Remote-User"]',
          "requestheader-group-headers": '["X-Remote-Group"]',
          "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
        },
      };
      // The API server makes it as well when it is gone, whatever is there by then; what it finds there it only adds to.
      return await until("it is made after the API server has made it, or before", async () => {
        const gone = await send("DELETE", `${settings}/${FRONT_PROXY}`);
        const made = gone.status === 403 ? gone : await send("POST", settings, object);
        if (made.status !== 201) return made.status === 403 && made.status;
        return await takenForApiServer(t, certificate);
      });
    },
  },
  {
    ...shared,
    goal: "administrator",
    // Who reads it is the authenticator of EKS, which is not here.
    name: "an administrator is added to aws-auth: that it may be written, and no more",
    edge: "aws-auth",
    rules: [rule("", "configmaps", "patch", "aws-auth")],
    prepare: () => admin("POST", settings, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "aws-auth" } }),
    async walk({ send }, t) {
      t.teardown(() => admin("DELETE", `${settings}/aws-auth`));
      const mapUsers = JSON.stringify([{ userarn: "arn:aws:iam::1:user/eve", groups: ["system:masters"] }]);
      return (await send("PATCH", `${settings}/aws-auth`, { data: { mapUsers } }, mergePatch)).status;
    },
  },
];
walkAll(t, world, endpointWalks);

t.test(
  "requests that are led elsewhere are not sent where the operator's certificate is checked, and there is no path",
  async (t) => {
    const rules = [rule(DISCOVERY, "endpointslices", "create")];
    const start = await world.walker(t, { rules, wide: true, prepare: () => byEndpoints.restore(true) });
    t.same(await world.paths(start.name), []);
    const server = await byEndpoints.intruder(t);
    t.equal((await start.send("POST", paths.slices, theirSlice("theirs"))).status, 201);
    await until("a request is led elsewhere", async () => {
      const { status, body } = await byEndpoints.ask();
      return status === 503 && JSON.stringify(body).includes("x509: certificate");
    });
    t.same(server.received, []);
  },
);

t.test("a pod beside the operator that its Service selects is sent its requests", async (t) => {
  const start = await world.walker(t, {
    rules: [],
    more: (name) => [
      role(NAMESPACE, name, [rule("", "pods", "create")]),
      roleBinding(NAMESPACE, name, roleRef(name), [user(name)]),
    ],
    prepare: () => byEndpoints.restore(),
  });
  t.match(await world.paths(start.name), [/^pod-creation sa:mirrord\/mirrord-operator operator$/]);
  const server = await byEndpoints.intruder(t);
  t.equal((await start.send("POST", paths.pods, operatorPod("theirs"))).status, 201);
  await setReady(world, "theirs", THEIR_ADDRESS);
  t.equal(await byEndpoints.answeredBy(server), 200);
});

t.test("Endpoints lead nothing elsewhere, for the operator's Service selects its pods; and are no path", async (t) => {
  const rules = [rule("", "endpoints", "patch"), rule("", "endpoints", "create")];
  const start = await world.walker(t, { rules, wide: true, prepare: () => byEndpoints.restore() });
  t.same(await world.paths(start.name), []);
  const subsets = [{ addresses: [{ ip: THEIR_ADDRESS }], ports: [{ name: "https", port: PORT }] }];
  await until("there are Endpoints", async () => {
    const changed = await start.send("PATCH", `${paths.endpoints}/${SERVICE}`, { subsets }, mergePatch);
    return changed.status === 200;
  });
  const bare = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "bare" },
    spec: { ports: [{ name: "https", port: 443 }] },
  };
  await admin("POST", paths.services, bare);
  t.teardown(() => admin("DELETE", `${paths.services}/bare`));
  await start.send("POST", paths.endpoints, {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "bare" },
    subsets,
  });
  const addresses = async (service: string) => {
    const { body } = await admin("GET", `${paths.slices}?labelSelector=kubernetes.io/service-name=${service}`);
    return (body as { items: { endpoints: { addresses: string[] }[] }[] }).items.flatMap(({ endpoints }) =>
      endpoints.flatMap((each) => each.addresses),
    );
  };
  await until("Endpoints of a Service that selects nothing count", async () => (await addresses("bare")).length > 0);
  t.same(await addresses("bare"), [THEIR_ADDRESS]);
  t.same(await addresses(SERVICE), [OPERATOR_ADDRESS]);
});
