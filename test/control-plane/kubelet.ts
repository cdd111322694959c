// Nothing runs pods here, so workloads would wait for ever: this says of each pod that it runs and is ready, as a
// kubelet would, and the controllers then count the replicas of deployments and their like.
import { setTimeout as delay } from "node:timers/promises";
import { apiRequest, type ApiServer } from "./request.ts";

interface PodList {
  items: { metadata: { name: string; namespace: string; deletionTimestamp?: string }; status?: { phase?: string } }[];
}

const POLL_MILLISECONDS = 100;

export interface Kubelet {
  stop(): Promise<void>;
}

/** Keeps every pod of the cluster ready until it is stopped. */
export function startKubelet(server: ApiServer, token: string): Kubelet {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await runPendingPods(server, token).catch(() => {});
      await delay(POLL_MILLISECONDS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    stop() {
      stopping.abort();
      return loop;
    },
  };
}

/** One round: every pending pod becomes running and ready; pods that are being deleted go. */
async function runPendingPods(server: ApiServer, token: string): Promise<void> {
  const { status, body } = await apiRequest(server, { token, path: "/api/v1/pods" });
  if (status !== 200) return;
  for (const { metadata, status: pod } of (body as PodList).items) {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined) {
      await apiRequest(server, { token, method: "DELETE", path, body: { gracePeriodSeconds: 0 } });
    } else if (pod?.phase === "Pending") {
      const headers = { "Content-Type": "application/merge-patch+json" };
      const ready = { phase: "Running", podIP: "10.1.0.1", conditions: [{ type: "Ready", status: "True" }] };
      await apiRequest(server, { token, method: "PATCH", path: `${path}/status`, headers, body: { status: ready } });
    }
  }
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
