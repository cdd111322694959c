// An operator as a cluster runs it: a pod, the Service that selects it and the APIService, behind which the stand-in answers; and
// somebody else with a server of their own, who would answer in its place.
import { readFileSync } from "node:fs";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import { startClusterNetwork } from "../control-plane/cluster-network.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { startOperator, type OperatorStandIn } from "../operator/start.ts";
import { until } from "../until.ts";
import { startLoopbackServer, type LoopbackServer } from "./loopback-server.ts";
import { mergePatch, pathWorld, type PathWorld } from "./path-world.ts";

export const NAMESPACE = "mirrord";
export const SERVICE = "mirrord-operator";
export const KEY_SECRET = "mirrord-operator-tls";
export const OPERATOR_POD = "mirrord-operator-1";
/** Addresses of pods: the network leads them to a server on loopback. */
export const OPERATOR_ADDRESS = "10.9.0.1";
export const THEIR_ADDRESS = "10.9.0.66";
export const THEIR_HOST = "elsewhere.example.com";
export const PORT = 3443;

/** Endpoints are pods whose node is there. */
const NODE = "node-1";
const HOST = `${SERVICE}.${NAMESPACE}.svc`;
const core = `/api/v1/namespaces/${NAMESPACE}`;
const registrations = "/apis/apiregistration.k8s.io/v1/apiservices";
export const paths = {
  services: `${core}/services`,
  pods: `${core}/pods`,
  endpoints: `${core}/endpoints`,
  secrets: `${core}/secrets`,
  slices: `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`,
  registrations,
  registration: `${registrations}/v1.operator.metalbear.co`,
} as const;
/** What every client of mirrord asks first. */
const STATUS = "/apis/operator.metalbear.co/v1/mirrordoperators/operator";

export interface OperatorPlace {
  plane: ControlPlane;
  world: PathWorld;
  operator: OperatorStandIn;
  /** The operator's authority, and its certificate. */
  serving: { cert: string; key: string; ca: string };
  /** Puts everything back. @param verified the API server checks the operator's certificate */
  restore(verified?: boolean): Promise<void>;
  /** A server of somebody else, at their address. @param serving default: a certificate of an authority of their own */
  intruder(t: Teardown, serving?: { cert: string; key: string }): Promise<LoopbackServer>;
  /** 200 once an administrator who asks the API server for the operator is answered by this one. */
  answeredBy(server: LoopbackServer): Promise<number>;
  /** What an administrator gets from it. */
  ask(): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

/** @param apiServerFlags how it comes to a Service: by its address, or with `--enable-aggregator-routing` by its endpoints */
export async function startOperatorPlace(...apiServerFlags: string[]): Promise<OperatorPlace> {
  const network = await startClusterNetwork();
  const plane = await startControlPlane({
    auditLog: false,
    apiServerFlags: [...network.apiServerFlags, ...apiServerFlags],
  });
  const world = await pathWorld(plane);
  const { admin } = world;
  const serving = await plane.issueServingCertificate(HOST);
  const operator = await startOperator({
    kube: { server: plane.server, ca: plane.ca, token: plane.admin.token },
    frontProxyCa: readFileSync(plane.frontProxyCaFile, "utf8"),
    serving,
  });
  let intruder: LoopbackServer | undefined;
  network.route = async (host) => ([THEIR_ADDRESS, THEIR_HOST].includes(host) ? intruder?.port : operator.port);
  await admin("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE } });
  await admin("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const created = async (path: string, object: object) => {
    const { status, body } = await admin("POST", path, object);
    if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
  };
  await created(paths.secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: KEY_SECRET },
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": serving.cert, "tls.key": serving.key },
  });
  await created(`${core}/serviceaccounts`, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: SERVICE } });
  const ask = () => admin("GET", STATUS);
  return {
    plane,
    world,
    operator,
    serving,
    ask,
    async restore(verified = false) {
      for (const path of [paths.registration, `${paths.services}/${SERVICE}`, paths.pods, paths.slices])
        await admin("DELETE", path);
      await until("the pods are gone", async () => {
        const { items } = (await admin("GET", paths.pods)).body as { items: unknown[] };
        return items.length === 0;
      });
      await created(paths.pods, operatorPod(OPERATOR_POD));
      await setReady(world, OPERATOR_POD, OPERATOR_ADDRESS);
      await created(paths.services, service);
      await created(registrations, registration(verified ? serving.ca : undefined));
      await until("the operator answers", async () => isFrom("operator", await ask()));
    },
    async intruder(t, given) {
      const own = given ?? (await ownCertificate());
      const server = await startLoopbackServer(
        { issueServingCertificate: async () => ({ ...own, ca: own.cert }) },
        answer,
      );
      intruder = server;
      t.teardown(() => server.stop());
      return server;
    },
    async answeredBy(server) {
      return await until("somebody else answers for the operator", async () => {
        const answered = await ask();
        const isTheirs =
          isFrom("intruder", answered) && server.received.some(({ headers }) => headers["x-remote-user"] === "admin");
        return isTheirs && answered.status;
      });
    },
    async stop() {
      world.close();
      await operator.stop();
      await plane.stop();
      await network.stop();
    },
  };
}

const labels = { app: SERVICE, "mirrord-operator-leader": "true" };

/** Selected by the Service. */
export const operatorPod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels },
  spec: {
    nodeName: NODE,
    serviceAccountName: SERVICE,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "operator", image: "x", ports: [{ name: "https", containerPort: PORT }] }],
  },
});

/** As its kubelet would. */
export async function setReady({ admin }: PathWorld, pod: string, podIP: string): Promise<void> {
  const conditions = [{ type: "Ready", status: "True" }];
  const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions };
  await admin("PATCH", `${paths.pods}/${pod}/status`, { status }, mergePatch);
}

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: SERVICE },
  spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
};

const registration = (ca: string | undefined) => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1.operator.metalbear.co" },
  spec: {
    group: "operator.metalbear.co",
    version: "v1",
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    service: { name: SERVICE, namespace: NAMESPACE, port: 443 },
    ...(ca === undefined ? { insecureSkipTLSVerify: true } : { caBundle: Buffer.from(ca).toString("base64") }),
  },
});

/** An EndpointSlice of the Service that leads to the other server. */
export const theirSlice = (name: string, serviceName = SERVICE) => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name, labels: { "kubernetes.io/service-name": serviceName } },
  addressType: "IPv4",
  endpoints: [{ addresses: [THEIR_ADDRESS], conditions: { ready: true } }],
  ports: [{ name: "https", port: PORT }],
});

/** For the operator's name, by an authority that nobody trusts. */
async function ownCertificate(): Promise<{ cert: string; key: string }> {
  const authority = await createAuthority("somebody else");
  const { certPem, keyPem } = await issueCertificate(authority, {
    commonName: HOST,
    dnsNames: [HOST],
    usage: "server",
  });
  return { cert: certPem, key: keyPem };
}

const isFrom = (name: string, { body }: { body: unknown }): boolean =>
  (body as { metadata?: { name?: string } }).metadata?.name === name;

const answer = ({ path }: { path: string }): unknown => {
  const groupVersion = "operator.metalbear.co/v1";
  if (path === STATUS) return { apiVersion: groupVersion, kind: "MirrordOperator", metadata: { name: "intruder" } };
  if (path === `/apis/${groupVersion}`)
    return { apiVersion: "v1", kind: "APIResourceList", groupVersion, resources: [] };
  return undefined;
};
