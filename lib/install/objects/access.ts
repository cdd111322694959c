import type {
  RbacV1Subject,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { Chart } from "../chart.ts";
import { roleRules } from "../rules.ts";

const apiVersion = `${RBAC_GROUP}/v1`;

/** The accounts, roles and bindings of an installation. */
export function accessObjects(
  chart: Chart,
): (
  | ApiObject<V1ServiceAccount>
  | ApiObject<V1ClusterRole>
  | ApiObject<V1ClusterRoleBinding>
  | ApiObject<V1Role>
  | ApiObject<V1RoleBinding>
)[] {
  return [...operatorAccess(chart), ...userRoles(chart), ...multiClusterAccess(chart)];
}

function operatorAccess(given: Chart) {
  const { values, namespace, labels, features } = given;
  const operator = operatorAccount(given);
  const own = features.has("multiCluster") ? roleRules.primaryOwn : roleRules.own;
  const apiserver = "mirrord-operator-apiserver-authentication";
  return [
    ...(values.flag("sa.create") ? [serviceAccount(given)] : []),
    clusterRole("mirrord-operator", labels, roleRules.operator(features)),
    clusterRoleBinding("mirrord-operator", labels, "mirrord-operator", operator),
    role("mirrord-operator", namespace, undefined, own(features)),
    roleBinding("mirrord-operator", namespace, operator),
    role(apiserver, "kube-system", undefined, roleRules.apiserver(features)),
    roleBinding(apiserver, "kube-system", operator),
  ];
}

const operatorAccount = ({ values, namespace }: Chart): RbacV1Subject => ({
  kind: "ServiceAccount",
  name: values.text("sa.name"),
  namespace,
});

/** What a cloud calls the account that a ServiceAccount may act as. */
const cloudAnnotations: Readonly<Record<string, string>> = {
  "sa.roleArn": "eks.amazonaws.com/role-arn",
  "sa.gcpSa": "iam.gke.io/gcp-service-account",
  "sa.azureClientId": "azure.workload.identity/client-id",
};

function serviceAccount({ values, namespace, labels }: Chart): ApiObject<V1ServiceAccount> {
  const annotations = Object.entries(cloudAnnotations).flatMap(([path, name]) => {
    const value = values.text(path);
    return value === "" ? [] : [[name, value] as const];
  });
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: values.text("sa.name"),
      namespace,
      labels: { app: "mirrord-operator", ...labels },
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  };
}

function userRoles({ values, labels, features }: Chart) {
  const cluster = (name: string, rules: V1PolicyRule[]) =>
    clusterRole(name, { ...labels, ...values.labels(`clusterRole.${name}.labels`) }, rules);
  const roleLabels = { ...labels, ...values.labels("role.mirrord-operator-user.labels") };
  return [
    cluster("mirrord-operator-user", roleRules.user(features)),
    cluster("mirrord-operator-ci", roleRules.user(features)),
    cluster("mirrord-operator-user-basic", roleRules.basic(features)),
    ...values
      .texts("roleNamespaces")
      .map((namespace) => role("mirrord-operator-user", namespace, roleLabels, roleRules.namespacedUser(features))),
  ];
}

const ENVOY = "mirrord-operator-envoy";
const REMOTE = "mirrord-operator-envoy-remote";

/** The groups by which the operator of another cluster is known here. */
const memberGroups: Readonly<Record<string, string>> = {
  iam: "operator.multiClusterMemberIamGroup",
  azure: "operator.multiClusterMemberAzureGroup",
};

function multiClusterAccess(given: Chart) {
  const { values, labels, features } = given;
  const isMember = values.flag("operator.multiClusterMember");
  const isPrimary = features.has("multiCluster");
  if (!isMember && !isPrimary) return [];
  const envoy = isMember ? roleRules.memberEnvoy : roleRules.envoy;
  return [
    clusterRole(ENVOY, labels, envoy(features)),
    clusterRole(REMOTE, labels, roleRules.remoteEnvoy(features)),
    ...envoyBindings(given, isMember),
  ];
}

/** To the groups of a cloud where there are any, else to an account. */
function envoyBindings(given: Chart, isMember: boolean) {
  const { values, labels, namespace } = given;
  const bind = (suffix: string, subject: RbacV1Subject) =>
    [ENVOY, REMOTE].map((name) => clusterRoleBinding(`${name}${suffix}`, labels, name, subject));
  const groups = Object.entries(memberGroups).flatMap(([suffix, path]) => {
    const name = values.text(path);
    return name === "" ? [] : bind(`-${suffix}`, { apiGroup: RBAC_GROUP, kind: "Group", name });
  });
  if (groups.length > 0) return groups;
  if (!isMember) return [clusterRoleBinding(ENVOY, labels, ENVOY, operatorAccount(given))];
  // The chart writes this account into `mirrord`, whatever the namespace is.
  const account: ApiObject<V1ServiceAccount> = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: ENVOY, namespace: "mirrord" },
  };
  return [account, ...bind("", { kind: "ServiceAccount", name: ENVOY, namespace })];
}

export function clusterRole(
  name: string,
  labels: Record<string, string>,
  rules: V1PolicyRule[],
): ApiObject<V1ClusterRole> {
  return { apiVersion, kind: "ClusterRole", metadata: { name, labels }, rules };
}

export function clusterRoleBinding(
  name: string,
  labels: Record<string, string>,
  roleName: string,
  subject: RbacV1Subject,
): ApiObject<V1ClusterRoleBinding> {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: roleName },
    subjects: [subject],
  };
}

function role(
  name: string,
  namespace: string,
  labels: Record<string, string> | undefined,
  rules: V1PolicyRule[],
): ApiObject<V1Role> {
  return {
    apiVersion,
    kind: "Role",
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    rules,
  };
}

function roleBinding(name: string, namespace: string, subject: RbacV1Subject): ApiObject<V1RoleBinding> {
  return {
    apiVersion,
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name },
    subjects: [subject],
  };
}
