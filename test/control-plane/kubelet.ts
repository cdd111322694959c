// Nothing runs pods here, so workloads would wait for ever: this registers a node, puts each pod on it and says of its
// containers that they run and are ready, as a kubelet would. The controllers then count the replicas of deployments and
// their like, clients find targets, and the API server reaches the pods' logs and ports (kubelet-server.ts).
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { startKubeletServer, type Logs } from "./kubelet-server.ts";
import { uniqueName } from "./namespace.ts";
import { apiRequest, type ApiServer } from "./request.ts";

/** What is needed of a control plane; start.ts has it. */
interface Plane extends ApiServer {
  admin: { token: string };
  issueServingCertificate(...dnsNames: string[]): Promise<{ cert: string; key: string }>;
}

interface Container {
  name: string;
  image: string;
}

interface Pod {
  metadata: { name: string; namespace: string; uid: string; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: Container[] };
  status?: { phase?: string };
}

const POLL_MILLISECONDS = 100;
// The node controller gives up on a node after 50 seconds without a sign of it.
const HEARTBEAT_MILLISECONDS = 10_000;
const mergePatch = { "Content-Type": "application/merge-patch+json" };

export interface Kubelet {
  /** Of the node that it registered. */
  node: string;
  /** What its containers have written, by `namespace/pod/container`; tests fill it. */
  logs: Logs;
  /** Nobody answers at the node's address any more; its pods go on. */
  disconnect(): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps every pod of the cluster ready until it is stopped. */
export async function startKubelet(plane: Plane): Promise<Kubelet> {
  const { token } = plane.admin;
  const node = uniqueName("node");
  const logs: Logs = new Map();
  const server = await startKubeletServer(await plane.issueServingCertificate(node), logs);
  await registerNode(plane, token, node, server.port);
  const stopping = new AbortController();
  const { signal } = stopping;
  const every = async (milliseconds: number, work: () => Promise<unknown>): Promise<void> => {
    while (!signal.aborted) {
      await work().catch(() => {});
      await delay(milliseconds, undefined, { signal }).catch(() => {});
    }
  };
  const loops = [
    every(POLL_MILLISECONDS, () => runPods(plane, token, node)),
    every(HEARTBEAT_MILLISECONDS, () => renewLease(plane, token, node)),
  ];
  return {
    node,
    logs,
    disconnect: () => server.stop(),
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await server.stop();
    },
  };
}

async function registerNode(plane: ApiServer, token: string, name: string, port: number): Promise<void> {
  const now = new Date().toISOString();
  const node = { apiVersion: "v1", kind: "Node", metadata: { name } };
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", lastHeartbeatTime: now }],
  };
  const created = await apiRequest(plane, { token, path: "/api/v1/nodes", body: node });
  if (created.status !== 201) throw new Error(`node ${name}: ${JSON.stringify(created.body)}`);
  const path = `/api/v1/nodes/${name}/status`;
  await apiRequest(plane, { token, method: "PATCH", path, headers: mergePatch, body: { status } });
}

async function renewLease(plane: ApiServer, token: string, name: string): Promise<void> {
  const body = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace("Z", "000Z") },
  };
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}?fieldManager=kubelet&force=true`;
  const headers = { "Content-Type": "application/apply-patch+yaml" };
  await apiRequest(plane, { token, method: "PATCH", path, headers, body });
}

/** One round: every pending pod gets the node, becomes running and ready; pods that are being deleted go. */
async function runPods(server: ApiServer, token: string, node: string): Promise<void> {
  const { status, body } = await apiRequest(server, { token, path: "/api/v1/pods" });
  if (status !== 200) return;
  for (const pod of (body as { items: Pod[] }).items) {
    const { namespace, name, deletionTimestamp } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    if (deletionTimestamp !== undefined) {
      await apiRequest(server, { token, method: "DELETE", path, body: { gracePeriodSeconds: 0 } });
    } else if (pod.status?.phase === "Pending") {
      if (pod.spec.nodeName === undefined) await bind(server, token, path, node);
      const ready = { status: runningStatus(pod) };
      await apiRequest(server, { token, method: "PATCH", path: `${path}/status`, headers: mergePatch, body: ready });
    }
  }
}

async function bind(server: ApiServer, token: string, path: string, node: string): Promise<void> {
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: path.split("/").at(-1) }, target };
  await apiRequest(server, { token, path: `${path}/binding`, body: binding });
}

function runningStatus({ metadata: { uid }, spec: { containers } }: Pod): object {
  const startedAt = new Date().toISOString();
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  return {
    phase: "Running",
    hostIP: "127.0.0.1",
    podIP: "10.1.0.1",
    podIPs: [{ ip: "10.1.0.1" }],
    startTime: startedAt,
    conditions: conditions.map((type) => ({ type, status: "True", lastTransitionTime: startedAt })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: `${image.split(/[:@]/)[0]}@sha256:${digest(image)}`,
      containerID: `containerd://${digest(`${uid}/${name}`)}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt } },
    })),
  };
}

/** Waits until a deployment has an available replica. */
export async function waitUntilAvailable(
  server: ApiServer,
  token: string,
  namespace: string,
  deployment: string,
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { body } = await apiRequest(server, { token, path });
    const available = (body as { status?: { availableReplicas?: number } }).status?.availableReplicas ?? 0;
    if (available > 0) return;
    await delay(POLL_MILLISECONDS / 2);
  }
  throw new Error(`deployment ${deployment} in ${namespace} never became available`);
}
