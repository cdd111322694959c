import { organizationType } from "../../lib/access/organizations/definition.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { customResourceDefinitions } from "../../lib/install/crds/definitions.ts";
import { listIn, objectIn, textIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { stockRbac } from "../../lib/rbac/write/stock.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { memoryCluster, type MemoryCluster } from "../../test/kube/memory-cluster.ts";
import { operator } from "../../test/preview/objects.ts";

/**
 * The cluster of examples/ in memory, alive: its workloads run, the operator answers, and its kinds are defined. What a server
 * makes up (uids, the ends of names) is counted, so that it is the same every time.
 */
export function exampleCluster(root: string): MemoryCluster {
  const objects = examples(join(root, "examples"));
  const cluster = memoryCluster(
    ...stockRbac(),
    ...objects.flatMap(running),
    ...customResourceDefinitions(new Set()),
    operator(),
  );
  const { discover } = cluster;
  return Object.assign(cluster, {
    place: 'context "dev"',
    async discover(group: string) {
      if (group === organizationType.group) return [organizationType];
      const types = await discover(group);
      return types?.length === 0 ? undefined : types;
    },
  });
}

function examples(folder: string): KubernetesObject[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) => parseDocuments(readFileSync(join(folder, file), "utf8"), { source: file, dialect: "manifest" }))
    .map((object) => object as KubernetesObject);
}

/** What controllers and a kubelet make of a workload: one replica that is ready. */
function running(workload: KubernetesObject): KubernetesObject[] {
  const { kind, apiVersion, metadata } = workload;
  const { name = "", namespace = "" } = metadata;
  const template = objectIn(objectIn(workload["spec"])["template"]);
  if (kind !== "Deployment" && kind !== "StatefulSet") return [workload];
  const uid = `${namespace}-${name}`;
  const owner = (of: string, ofKind: string, ofUid: string) => [
    { apiVersion, kind: ofKind, name: of, uid: ofUid, controller: true },
  ];
  const labels = objectIn(objectIn(template["metadata"])["labels"]) as Record<string, string>;
  const spec = objectIn(template["spec"]);
  const set: KubernetesObject = {
    apiVersion,
    kind: "ReplicaSet",
    metadata: { name: `${name}-7d9f`, namespace, uid: `${uid}-set`, labels, ownerReferences: owner(name, kind, uid) },
    spec: objectIn(workload["spec"]),
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
  };
  const isDeployment = kind === "Deployment";
  const pod: KubernetesObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: isDeployment ? `${name}-7d9f-x2kqm` : `${name}-0`,
      namespace,
      labels,
      ownerReferences: isDeployment ? owner(`${name}-7d9f`, "ReplicaSet", `${uid}-set`) : owner(name, kind, uid),
    },
    spec: { ...spec, nodeName: "node-1" },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: listIn(spec["containers"]).map((container) => ({
        name: textIn(objectIn(container)["name"]),
        ready: true,
        started: true,
        state: { running: {} },
      })),
    },
  };
  const status = { replicas: 1, readyReplicas: 1, availableReplicas: 1 };
  return [{ ...workload, metadata: { ...metadata, uid }, status }, ...(isDeployment ? [set] : []), pod];
}
