// A cluster in memory in which an operator comes up as soon as it is installed: its controllers are played here.
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";

const conditions = (...types: string[]) => types.map((type) => ({ type, status: "True" }));

/** What the controllers write into an object that was just stored. */
const statuses: Readonly<Record<string, () => object>> = {
  CustomResourceDefinition: () => ({ conditions: conditions("NamesAccepted", "Established") }),
  Deployment: () => ({ observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }),
  APIService: () => ({ conditions: conditions("Available") }),
};

export interface Controllers {
  /** Kinds that nobody writes a status into. */
  idle?: readonly string[];
  /** `spec.license.expire_at`. */
  licenseEnds?: string;
}

export function workingCluster(
  { idle = [], licenseEnds = "2027-11-22" }: Controllers = {},
  ...objects: KubernetesObject[]
): MemoryCluster {
  const cluster = memoryCluster(...objects);
  const { apply } = cluster;
  cluster.apply = async (type, object, options) => {
    const stored = await apply(type, object, options);
    const status = idle.includes(object.kind) ? undefined : statuses[object.kind]?.();
    const isNew = status !== undefined && options?.dryRun !== true && stored["status"] === undefined;
    if (!isNew) return stored;
    const withStatus = { ...stored, status };
    cluster.put(withStatus, ...followers(object, licenseEnds));
    const { name = "", namespace } = object.metadata;
    return (await cluster.get(type, name, namespace)) ?? withStatus;
  };
  return cluster;
}

function followers({ kind, metadata }: KubernetesObject, licenseEnds: string): KubernetesObject[] {
  const { namespace = "" } = metadata;
  if (kind === "Deployment") {
    const labels = { "kubernetes.io/service-name": "mirrord-operator" };
    const endpoints = [{ addresses: ["10.1.0.1"], conditions: { ready: true } }];
    const name = "mirrord-operator-x";
    return [
      { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name, namespace, labels }, endpoints },
    ];
  }
  if (kind !== "APIService") return [];
  const spec = { operator_version: "3.187.0", license: { organization: "acme", expire_at: licenseEnds } };
  return [{ apiVersion: "operator.metalbear.co/v1", kind: "MirrordOperator", metadata: { name: "operator" }, spec }];
}
