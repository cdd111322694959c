import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

export const namespaceObject = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
