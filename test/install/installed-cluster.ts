// A cluster in memory with an installation as `install` makes it, and an operator that answers.
import { renderInstallation } from "../../lib/install/render.ts";
import { objectIn, type JsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";

/** As `install` applies it and its controllers complete it, without the operator's own answers. */
export function installationObjects(values: JsonObject = {}): KubernetesObject[] {
  return renderInstallation({ license: { key: "secret-key" }, ...values }).objects.map(completed);
}

export function completed(object: KubernetesObject): KubernetesObject {
  const { kind } = object;
  const condition = (type: string) => ({ type, status: "True", reason: "Passed", message: "all checks passed" });
  if (kind === "CustomResourceDefinition") {
    const versions = objectIn(object["spec"])["versions"] as { name: string }[];
    const storedVersions = versions.map(({ name }) => name);
    return { ...object, status: { conditions: [condition("Established")], storedVersions } };
  }
  if (kind === "APIService") return { ...object, status: { conditions: [condition("Available")] } };
  if (kind !== "Deployment") return object;
  const { replicas } = object["spec"] as { replicas?: number };
  return { ...object, status: { readyReplicas: replicas ?? 1, updatedReplicas: replicas ?? 1 } };
}

export const operatorAnswer = (spec: JsonObject = {}, status: JsonObject = { sessions: [] }): KubernetesObject => ({
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: {
    operator_version: "3.187.0",
    license: { name: "Acme", organization: "Acme", expire_at: "2027-11-22" },
    ...spec,
  },
  status,
});

/** With `change` made to each object before it is stored; undefined: it is left out. */
export function installedCluster(
  change: (object: KubernetesObject) => KubernetesObject | undefined = (object) => object,
  values: JsonObject = {},
): MemoryCluster {
  const objects = [...installationObjects(values), operatorAnswer()];
  return memoryCluster(...objects.flatMap((object) => change(object) ?? []));
}
