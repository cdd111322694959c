import type { KubernetesObject } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { PolicyRule } from "../types.ts";

// The roles and bindings for people that every cluster starts with (those of controllers, nodes and add-ons are left out).
// Source: Kubernetes 1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy, with default feature gates.

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];

const resources = (apiGroups: string[], names: string[], verbs: string[]): PolicyRule => ({
  apiGroups,
  resources: names,
  verbs,
});
const urls = (nonResourceURLs: string[], verbs: string[]): PolicyRule => ({
  nonResourceURLs,
  verbs,
});

const roleRules: Record<string, PolicyRule[]> = {
  "cluster-admin": [resources(["*"], ["*"], ["*"]), urls(["*"], ["*"])],
  "system:aggregate-to-admin": [
    resources(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
    resources(["rbac.authorization.k8s.io"], ["rolebindings", "roles"], [...read, ...write].toSorted()),
  ],
  "system:aggregate-to-edit": [
    resources([""], ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"], read),
    resources([""], ["serviceaccounts"], ["impersonate"]),
    resources([""], ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], write),
    resources([""], ["pods/eviction"], ["create"]),
    resources(
      [""],
      [
        "configmaps",
        "persistentvolumeclaims",
        "replicationcontrollers",
        "replicationcontrollers/scale",
        "secrets",
        "serviceaccounts",
        "services",
        "services/proxy",
      ],
      write,
    ),
    resources([""], ["serviceaccounts/token"], ["create"]),
    resources(["", "events.k8s.io"], ["events"], write),
    resources(
      ["apps"],
      [
        "daemonsets",
        "deployments",
        "deployments/rollback",
        "deployments/scale",
        "replicasets",
        "replicasets/scale",
        "statefulsets",
        "statefulsets/scale",
      ],
      write,
    ),
    resources(["autoscaling"], ["horizontalpodautoscalers"], write),
    resources(["batch"], ["cronjobs", "jobs"], write),
    resources(
      ["extensions"],
      [
        "daemonsets",
        "deployments",
        "deployments/rollback",
        "deployments/scale",
        "ingresses",
        "networkpolicies",
        "replicasets",
        "replicasets/scale",
        "replicationcontrollers/scale",
      ],
      write,
    ),
    resources(["policy"], ["poddisruptionbudgets"], write),
    resources(["networking.k8s.io"], ["ingresses", "networkpolicies"], write),
    resources(["coordination.k8s.io"], ["leases"], [...read, ...write].toSorted()),
    resources(["resource.k8s.io"], ["resourceclaims", "resourceclaimtemplates"], write),
  ],
  "system:aggregate-to-view": [
    resources(
      [""],
      [
        "configmaps",
        "endpoints",
        "persistentvolumeclaims",
        "persistentvolumeclaims/status",
        "pods",
        "replicationcontrollers",
        "replicationcontrollers/scale",
        "serviceaccounts",
        "services",
        "services/status",
      ],
      read,
    ),
    resources(
      [""],
      [
        "bindings",
        "limitranges",
        "namespaces/status",
        "pods/log",
        "pods/status",
        "replicationcontrollers/status",
        "resourcequotas",
        "resourcequotas/status",
      ],
      read,
    ),
    resources([""], ["namespaces"], read),
    resources(["", "events.k8s.io"], ["events"], read),
    resources(["discovery.k8s.io"], ["endpointslices"], read),
    resources(
      ["apps"],
      [
        "controllerrevisions",
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "statefulsets",
        "statefulsets/scale",
        "statefulsets/status",
      ],
      read,
    ),
    resources(["autoscaling"], ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], read),
    resources(["batch"], ["cronjobs", "cronjobs/status", "jobs", "jobs/status"], read),
    resources(
      ["extensions"],
      [
        "daemonsets",
        "daemonsets/status",
        "deployments",
        "deployments/scale",
        "deployments/status",
        "ingresses",
        "ingresses/status",
        "networkpolicies",
        "replicasets",
        "replicasets/scale",
        "replicasets/status",
        "replicationcontrollers/scale",
      ],
      read,
    ),
    resources(["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"], read),
    resources(["networking.k8s.io"], ["ingresses", "ingresses/status", "networkpolicies"], read),
    resources(["resource.k8s.io"], ["resourceclaims", "resourceclaims/status", "resourceclaimtemplates"], read),
  ],
  "system:basic-user": [
    resources(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
    resources(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
  ],
  "system:discovery": [
    urls(
      [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
      ],
      ["get"],
    ),
  ],
  "system:public-info-viewer": [urls(["/healthz", "/livez", "/readyz", "/version", "/version/"], ["get"])],
  "system:monitoring": [
    urls(
      [
        "/flagz",
        "/healthz",
        "/healthz/*",
        "/livez",
        "/livez/*",
        "/metrics",
        "/metrics/slis",
        "/readyz",
        "/readyz/*",
        "/statusz",
      ],
      ["get"],
    ),
    resources([""], ["nodes/metrics"], ["get"]),
  ],
};

/** Aggregated roles, and the role that takes each of them in. */
const aggregated: Record<string, string | undefined> = {
  admin: undefined,
  edit: "admin",
  view: "edit",
};

const bindings: Record<string, string[]> = {
  "cluster-admin": ["system:masters"],
  "system:monitoring": ["system:monitoring"],
  "system:discovery": ["system:authenticated"],
  "system:basic-user": ["system:authenticated"],
  "system:public-info-viewer": ["system:authenticated", "system:unauthenticated"],
};

const AGGREGATE = `${RBAC_GROUP}/aggregate-to-`;

/** The stock objects, in API form. Aggregated roles come without rules: a controller, or lib/rbac/decide/aggregation.ts, fills them. */
export function stockRbac(): KubernetesObject[] {
  const object = (
    kind: string,
    name: string,
    labels: Record<string, string>,
    rest: Record<string, unknown>,
  ): KubernetesObject => ({
    apiVersion: `${RBAC_GROUP}/v1`,
    kind,
    metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels } },
    ...rest,
  });
  const into = (role: string | undefined): Record<string, string> =>
    role === undefined ? {} : { [`${AGGREGATE}${role}`]: "true" };
  return [
    ...Object.entries(roleRules).map(([name, rules]) => {
      const target = /^system:aggregate-to-(.*)$/.exec(name)?.[1];
      return object("ClusterRole", name, into(target), { rules });
    }),
    ...Object.entries(aggregated).map(([name, target]) =>
      object("ClusterRole", name, into(target), {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: into(name) }] },
        rules: [],
      }),
    ),
    ...Object.entries(bindings).map(([role, groups]) =>
      object(
        "ClusterRoleBinding",
        role,
        {},
        {
          roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: role },
          subjects: groups.map((name) => ({ kind: "Group", apiGroup: RBAC_GROUP, name })),
        },
      ),
    ),
  ];
}
