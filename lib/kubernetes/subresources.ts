import type { ResourceType } from "./object.ts";

const scaled = ["scale", "status"];

/** Source: `kubectl get --raw /api/v1` and the other groups, Kubernetes 1.36; of nodes also what a kubelet asks its API server about. */
const subresources: Readonly<Record<string, readonly string[]>> = {
  "pods.": [
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "resize",
    "status",
  ],
  "services.": ["proxy", "status"],
  "nodes.": ["checkpoint", "configz", "healthz", "log", "metrics", "pods", "proxy", "spec", "stats", "status"],
  "namespaces.": ["finalize", "status"],
  "serviceaccounts.": ["token"],
  "replicationcontrollers.": scaled,
  "deployments.apps": scaled,
  "replicasets.apps": scaled,
  "statefulsets.apps": scaled,
  "daemonsets.apps": ["status"],
  "jobs.batch": ["status"],
  "cronjobs.batch": ["status"],
  "certificatesigningrequests.certificates.k8s.io": ["approval", "status"],
};

/** What the server says of a type, or what is known of Kubernetes' own. */
export const knownSubresources = ({ resource, group, subresources: served }: ResourceType): readonly string[] =>
  served ?? subresources[`${resource}.${group}`] ?? [];
