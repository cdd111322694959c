import type { KubernetesObject } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { PolicyRule } from "../types.ts";

// The roles and bindings for people that every cluster starts with (those of controllers, nodes and add-ons are left out).
// Source: Kubernetes 1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy, with default feature gates.

/** A rule a line: `VERBS of API GROUPS: RESOURCES`, or `VERBS: URLS`; a line that is indented further goes on. */
const roleRules: Record<string, string> = {
  "cluster-admin": `
    * of *: *
    *: *
  `,
  "system:aggregate-to-admin": `
    create of authorization.k8s.io: localsubjectaccessreviews
    all of rbac.authorization.k8s.io: rolebindings roles
  `,
  "system:aggregate-to-edit": `
    read of core: pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy
    impersonate of core: serviceaccounts
    write of core: pods pods/attach pods/exec pods/portforward pods/proxy
    create of core: pods/eviction
    write of core: configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets
      serviceaccounts services services/proxy
    create of core: serviceaccounts/token
    write of core,events.k8s.io: events
    write of apps: daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale
      statefulsets statefulsets/scale
    write of autoscaling: horizontalpodautoscalers
    write of batch: cronjobs jobs
    write of extensions: daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies
      replicasets replicasets/scale replicationcontrollers/scale
    write of policy: poddisruptionbudgets
    write of networking.k8s.io: ingresses networkpolicies
    all of coordination.k8s.io: leases
    write of resource.k8s.io: resourceclaims resourceclaimtemplates
  `,
  "system:aggregate-to-view": `
    read of core: configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods
      replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status
    read of core: bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status
      resourcequotas resourcequotas/status
    read of core: namespaces
    read of core,events.k8s.io: events
    read of discovery.k8s.io: endpointslices
    read of apps: controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status
      replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status
    read of autoscaling: horizontalpodautoscalers horizontalpodautoscalers/status
    read of batch: cronjobs cronjobs/status jobs jobs/status
    read of extensions: daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses
      ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale
    read of policy: poddisruptionbudgets poddisruptionbudgets/status
    read of networking.k8s.io: ingresses ingresses/status networkpolicies
    read of resource.k8s.io: resourceclaims resourceclaims/status resourceclaimtemplates
  `,
  "system:basic-user": `
    create of authorization.k8s.io: selfsubjectaccessreviews selfsubjectrulesreviews
    create of authentication.k8s.io: selfsubjectreviews
  `,
  "system:discovery": `
    get: /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/
  `,
  "system:public-info-viewer": `
    get: /healthz /livez /readyz /version /version/
  `,
  "system:monitoring": `
    get: /flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz
    get of core: nodes/metrics
  `,
};

const verbs: Record<string, string> = {
  read: "get list watch",
  write: "create delete deletecollection patch update",
  all: "create delete deletecollection get list patch update watch",
};

function parseRules(text: string): PolicyRule[] {
  const lines = text
    .replaceAll(/\n {6}/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line): PolicyRule => {
    const [head = "", names = ""] = line.trim().split(": ");
    const [words = "", groups] = head.split(" of ");
    const list = names.split(" ");
    const rule = { verbs: (verbs[words] ?? words).split(" ") };
    if (groups === undefined) return { nonResourceURLs: list, ...rule };
    return { apiGroups: groups.split(",").map((group) => (group === "core" ? "" : group)), resources: list, ...rule };
  });
}

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
      return object("ClusterRole", name, into(target), { rules: parseRules(rules) });
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
