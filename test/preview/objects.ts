// Objects that start valid, for tests of the preview; each takes what a test wants to be different.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";

export const NAMESPACE = "dev";
const RBAC = "rbac.authorization.k8s.io";
export const OPERATOR = "operator.metalbear.co";

type Fields = Record<string, unknown>;

export function object(
  apiVersion: string,
  kind: string,
  name: string,
  more: Fields = {},
  namespace?: string,
): KubernetesObject {
  const { metadata, ...rest } = more;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(metadata as Fields | undefined) },
    ...rest,
  };
}

export const namespace = (name = NAMESPACE) => object("v1", "Namespace", name);

export const podSpec = (more: Fields = {}) => ({
  containers: [
    { name: "main", image: "x" },
    { name: "side", image: "x" },
  ],
  ...more,
});

export function deployment(
  name = "web",
  { available = 1, spec = {}, ...more }: Fields & { available?: number; spec?: Fields } = {},
) {
  return object(
    "apps/v1",
    "Deployment",
    name,
    {
      metadata: { labels: { app: name } },
      spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { spec: podSpec() }, ...spec },
      status: { availableReplicas: available },
      ...more,
    },
    NAMESPACE,
  );
}

export const workload = (apiVersion: string, kind: string, name: string, spec: Fields = {}) =>
  object(
    apiVersion,
    kind,
    name,
    {
      metadata: { labels: { app: name } },
      spec: { selector: { matchLabels: { app: name } }, template: { spec: podSpec() }, ...spec },
    },
    NAMESPACE,
  );

/** On a node, with its containers ready. */
export const pod = (name: string, labels: Record<string, string> = {}, more: Fields = {}) =>
  object(
    "v1",
    "Pod",
    name,
    {
      metadata: { labels, ...(more["metadata"] as Fields | undefined) },
      spec: podSpec({ nodeName: "node-1", ...(more["spec"] as Fields | undefined) }),
      status: {
        phase: "Running",
        containerStatuses: ["main", "side"].map((container) => ({ name: container, ready: true })),
        ...(more["status"] as Fields | undefined),
      },
    },
    NAMESPACE,
  );

/** What a workload of that name in `targets` needs to be connected to. */
export const readyPods = (...names: string[]) => names.map((name) => pod(`${name}-0`, { app: name }));

/** One of each kind of target. */
export const targets: KubernetesObject[] = [
  deployment("web"),
  deployment("idle", { available: 0, spec: { replicas: 0 } }),
  workload("apps/v1", "StatefulSet", "db"),
  workload("apps/v1", "ReplicaSet", "rs"),
  workload("argoproj.io/v1alpha1", "Rollout", "ro"),
  pod("p1", { app: "web" }),
  ...readyPods("db", "rs", "ro"),
  object(
    "v1",
    "Service",
    "svc",
    { metadata: { labels: { app: "web" } }, spec: { selector: { app: "web" } } },
    NAMESPACE,
  ),
  workload("batch/v1", "Job", "j1"),
  object(
    "batch/v1",
    "CronJob",
    "cj1",
    { spec: { jobTemplate: { spec: { template: { spec: podSpec() } } } } },
    NAMESPACE,
  ),
];

export const currentFeatures = [
  "ProxyApi",
  "CopyTarget",
  "SessionManagement",
  "ExtendableUserCredentials",
  "LabelTargeting",
  "PreviewEnv",
];

export function operator(spec: Fields = {}): KubernetesObject {
  return object(`${OPERATOR}/v1`, "MirrordOperator", "operator", {
    spec: {
      operator_version: "3.187.0",
      supported_features: currentFeatures,
      license: { name: "Acme", organization: "Acme", expire_at: "2099-12-31" },
      ...spec,
    },
  });
}

export function policy(
  name: string,
  spec: Fields,
  kind: "MirrordPolicy" | "MirrordClusterPolicy" = "MirrordPolicy",
): KubernetesObject {
  return object(
    "policies.mirrord.metalbear.co/v1alpha",
    kind,
    name,
    { spec: { block: [], ...spec } },
    kind === "MirrordPolicy" ? NAMESPACE : undefined,
  );
}

export const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

export const user = (name: string): Subject => ({ kind: "User", apiGroup: RBAC, name });
export const group = (name: string): Subject => ({ kind: "Group", apiGroup: RBAC, name });

/** A ClusterRole with its binding: everywhere, or in one namespace. */
export function bound(
  name: string,
  subject: Subject,
  rules: PolicyRule[],
  place?: string,
  more: Fields = {},
): KubernetesObject[] {
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name };
  return [
    object(`${RBAC}/v1`, "ClusterRole", name, { rules }),
    place === undefined
      ? object(`${RBAC}/v1`, "ClusterRoleBinding", name, { roleRef, subjects: [subject], ...more })
      : object(`${RBAC}/v1`, "RoleBinding", name, { roleRef, subjects: [subject], ...more }, place),
  ];
}

export const basicRules = [
  rule(OPERATOR, ["mirrordoperators"], ["get"]),
  rule(OPERATOR, ["mirrordclusteroperatorusercredentials", "mirrordoperators/certificate"], ["create"]),
];

export const nativeRules = [
  rule("", ["pods", "services", "namespaces"], ["get"]),
  rule("apps", ["deployments", "statefulsets", "replicasets"], ["get"]),
  rule("batch", ["jobs", "cronjobs"], ["get"]),
  rule("argoproj.io", ["rollouts"], ["get"]),
  rule("", ["pods"], ["list"]),
];

export const connectRules = [
  rule(OPERATOR, ["targets"], ["get", "proxy"]),
  rule(OPERATOR, ["copytargets"], ["get", "list", "create", "proxy"]),
];

/** The operator's own roles, as its chart installs them: grants bind them. */
export const operatorRoles: KubernetesObject[] = [
  object(`${RBAC}/v1`, "ClusterRole", "mirrord-operator-user", {
    rules: [
      ...basicRules,
      ...connectRules,
      rule(OPERATOR, ["sessions"], ["delete", "deletecollection"]),
      rule("profiles.mirrord.metalbear.co", ["mirrordprofiles"], ["get"]),
    ],
  }),
  object(`${RBAC}/v1`, "ClusterRole", "mirrord-operator-user-basic", {
    rules: [...basicRules, rule("profiles.mirrord.metalbear.co", ["mirrordclusterprofiles"], ["get"])],
  }),
];

/** Whoever may do everything that any session needs. */
export const allRights = (subject: Subject): KubernetesObject[] => [
  ...bound("all-basic", subject, [
    ...basicRules,
    rule("profiles.mirrord.metalbear.co", ["mirrordclusterprofiles"], ["get"]),
  ]),
  ...bound("all-in", subject, [...nativeRules, ...connectRules], NAMESPACE),
];
