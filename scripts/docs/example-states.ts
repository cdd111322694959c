import { mirrordResources } from "../../lib/mirrord/resources.ts";
import { apiFailure, type MemoryCluster } from "../../test/kube/memory-cluster.ts";
import { operator } from "../../test/preview/objects.ts";

/** What a page can make of the example cluster before it shows something: `<!-- $ example NAME -->` above a block. */
export const states: Readonly<Record<string, (cluster: MemoryCluster) => void>> = {
  sessions: addSessions,
  "the way to the operator is closed": closeWay,
};

const entries = [
  {
    id: "D6A6328A0E54E446",
    user: "Jim Doe/jim@laptop",
    namespace: "dev",
    target: "deployment/web",
    duration_secs: 11_000,
    locked_ports: [{ port: 80, kind: "steal", filter: "X-User: jim" }],
  },
  {
    id: "190FEB1D9684F54B",
    user: "Ana/ana@desk",
    namespace: "qa",
    target: "deployment/web/container/nginx",
    duration_secs: 12,
    locked_ports: [],
  },
];

/** Two sessions, as the operator lists them and as its status has them. */
function addSessions(cluster: MemoryCluster): void {
  const { group, version, kind } = mirrordResources.sessions;
  cluster.put(
    { ...operator(), status: { sessions: entries, statistics: { dau: 2, mau: 5 } } },
    ...entries.map((session) => ({
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name: session.id, namespace: session.namespace },
      spec: { session },
    })),
  );
}

/** The operator's pod is ready and answers, and the API server gets no answer from it. */
function closeWay(cluster: MemoryCluster): void {
  const name = "mirrord-operator";
  const message = "failing or missing response from https://10.96.31.7:443/apis: i/o timeout";
  cluster.put(
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.operator.metalbear.co" },
      spec: { service: { name, namespace: "mirrord", port: 443 } },
      status: { conditions: [{ type: "Available", status: "False", reason: "FailedDiscoveryCheck", message }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "mirrord" },
      spec: { selector: { app: name }, ports: [{ port: 443, targetPort: 3000 }] },
    },
  );
  const { get } = cluster;
  cluster.get = async (type, wanted, namespace) => {
    if (type.kind !== mirrordResources.operators.kind) return await get(type, wanted, namespace);
    throw apiFailure(503, "ServiceUnavailable", "the server is currently unable to handle the request");
  };
  const pods = {
    connectionFault: undefined,
    request: async () => ({ answered: true, status: 200 }) as const,
    logs: () => Promise.reject(new Error("no log here")),
  };
  Object.assign(cluster, { pods });
}
