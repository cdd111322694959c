/** What the vendor's client 3.250.0 asked of a real API server (1.36.3), taken from the server's audit log. */
export interface ClientSession {
  name: string;
  /** Its mirrord.json. */
  config: Record<string, unknown>;
  /** `verb group/resource namespace name` in order; `*` is the core group, `-` the cluster scope. The certificate was cached, and the names of copies are left out. */
  requests: string[];
  /** The rights without any one of which the client fails, where that was tried. */
  requires?: string[];
  /** It ended before the connection. */
  stopped?: true;
}

export const clientSessions: ClientSession[] = [
  {
    name: "deployment",
    config: { operator: true, target: { path: "deployment/web", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
  },
  {
    name: "deploy-short",
    config: { operator: true, target: { path: "deploy/web", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
  },
  {
    name: "deployment-no-replicas",
    config: { operator: true, target: { path: "deployment/web", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "get argoproj.io/rollouts dev web",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
  },
  {
    name: "pod",
    config: { operator: true, target: { path: "pod/web-7887448d46-g5jkj", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get */pods dev web-7887448d46-g5jkj",
      "proxy operator.metalbear.co/targets dev pod.web-7887448d46-g5jkj",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get */pods dev web-7887448d46-g5jkj",
      "proxy operator.metalbear.co/targets dev pod.web-7887448d46-g5jkj",
    ],
  },
  {
    name: "statefulset",
    config: { operator: true, target: { path: "statefulset/db", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/statefulsets dev db",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev statefulset.db",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get apps/statefulsets dev db",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev statefulset.db",
    ],
  },
  {
    name: "job",
    config: { operator: true, target: { path: "job/j1", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get batch/jobs dev j1",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get batch/jobs dev j1",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
  },
  {
    name: "targetless",
    config: { operator: true, target: { path: "targetless", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "proxy operator.metalbear.co/targets dev targetless",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "proxy operator.metalbear.co/targets dev targetless",
    ],
  },
  {
    name: "no-target",
    config: { operator: true },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "proxy operator.metalbear.co/targets default targetless",
    ],
  },
  {
    name: "label",
    config: { operator: true, target: { path: "label/app=web", namespace: "dev" } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev label",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev label",
    ],
  },
  {
    name: "copy-target",
    config: { operator: true, target: { path: "deployment/web", namespace: "dev" }, feature: { copy_target: true } },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get apps/deployments dev web",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
  },
  {
    name: "copy-target-pod",
    config: {
      operator: true,
      target: { path: "pod/web-7887448d46-g5jkj", namespace: "dev" },
      feature: { copy_target: true },
    },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get */pods dev web-7887448d46-g5jkj",
      "list operator.metalbear.co/copytargets dev",
      "create operator.metalbear.co/copytargets dev",
      "proxy operator.metalbear.co/copytargets dev",
    ],
  },
  {
    name: "profile-namespaced",
    config: { operator: true, target: { path: "deployment/web", namespace: "dev" }, profile: "dev/prof" },
    requests: [
      "get profiles.mirrord.metalbear.co/mirrordprofiles dev prof",
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
    requires: [
      "get profiles.mirrord.metalbear.co/mirrordprofiles dev prof",
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
  },
  {
    name: "profile-missing",
    config: { operator: true, target: { path: "deployment/web", namespace: "dev" }, profile: "nope" },
    requests: ["get profiles.mirrord.metalbear.co/mirrordclusterprofiles - nope"],
    stopped: true,
  },
  {
    name: "steal",
    config: {
      operator: true,
      target: { path: "deployment/web", namespace: "dev" },
      feature: { network: { incoming: "steal" } },
    },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
    requires: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "create operator.metalbear.co/mirrordclusteroperatorusercredentials -",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
  },
  {
    name: "steal-filter",
    config: {
      operator: true,
      target: { path: "deployment/web", namespace: "dev" },
      feature: { network: { incoming: { mode: "steal", http_filter: { header_filter: "x: y" } } } },
    },
    requests: [
      "get operator.metalbear.co/mirrordoperators - operator",
      "get apps/deployments dev web",
      "list */pods dev",
      "proxy operator.metalbear.co/targets dev deployment.web",
    ],
  },
  {
    name: "string-target",
    config: { operator: true, target: "deployment/web" },
    requests: ["get operator.metalbear.co/mirrordoperators - operator", "get apps/deployments default web"],
    stopped: true,
  },
  {
    name: "deployment-missing",
    config: { operator: true, target: { path: "deployment/nope", namespace: "dev" } },
    requests: ["get operator.metalbear.co/mirrordoperators - operator", "get apps/deployments dev nope"],
    stopped: true,
  },
];
