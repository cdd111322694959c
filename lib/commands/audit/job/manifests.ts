// What runs the audit in a cluster: one CronJob, and the rights of its account.

import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1CronJob,
  V1Namespace,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../../../access/names.ts";
import { NAME } from "../../../install/installed.ts";
import { scheduledJob } from "../../../install/scheduled-job.ts";
import { definitionName, policyTypes } from "../../../mirrord/policy/schema/crds.ts";
import { mirrordResources, OPERATOR_GROUP } from "../../../mirrord/resources.ts";
import type { ApiObject } from "../../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../../kubernetes/resources.ts";
import type { PolicyRule } from "../../../rbac/types.ts";

export const AUDIT_NAME = "mirrord-audit";

/** Its ConfigMap has this label: the summary is written into no other. */
export const SUMMARY_LABEL = { key: "kubectl-mirrord.io/audit", value: "summary" } as const;

export interface AuditJobOptions {
  /** Undefined: a namespace of its own. */
  namespace: string | undefined;
  /** Of the executable; its Dockerfile is in this project. */
  image: string;
  /** The claim that the report is written to. */
  claim: string;
  /** As a CronJob has it. */
  schedule: string;
  /** The text of a file of exceptions and rules; undefined for none. */
  configuration: string | undefined;
}

const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
const rbac = `${RBAC_GROUP}/v1`;

/** The objects, in an order in which they can be applied. */
export function auditJobObjects({ namespace = AUDIT_NAME, ...options }: AuditJobOptions): KubernetesObject[] {
  const metadata = { name: AUDIT_NAME, namespace, labels };
  const account: ApiObject<V1ServiceAccount> = { apiVersion: "v1", kind: "ServiceAccount", metadata };
  const clusterRole: ApiObject<V1ClusterRole> = {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: { name: AUDIT_NAME, labels },
    rules: auditRights,
  };
  const subjects = [{ kind: "ServiceAccount", name: AUDIT_NAME, namespace }];
  const clusterBinding: ApiObject<V1ClusterRoleBinding> = {
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata: { name: AUDIT_NAME, labels },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: AUDIT_NAME },
    subjects,
  };
  const role: ApiObject<V1Role> = {
    apiVersion: rbac,
    kind: "Role",
    metadata,
    rules: [rule("", ["configmaps"], ["get", "patch"], [AUDIT_NAME])],
  };
  const binding: ApiObject<V1RoleBinding> = {
    apiVersion: rbac,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name: AUDIT_NAME },
    subjects,
  };
  const summary: ApiObject<V1ConfigMap> = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { ...metadata, labels: { ...labels, [SUMMARY_LABEL.key]: SUMMARY_LABEL.value } },
  };
  return [
    ...(namespace === AUDIT_NAME ? [home()] : []),
    account,
    clusterRole,
    clusterBinding,
    role,
    binding,
    summary,
    ...configurationMap(namespace, options.configuration),
    cronJob(namespace, options),
  ];
}

/** Whoever could change what runs there would have the rights of its account: nothing else belongs into it. */
function home(): ApiObject<V1Namespace> {
  const level = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: AUDIT_NAME, labels: { ...labels, ...level } } };
}

const CONFIGURATION = `${AUDIT_NAME}-config`;
const CONFIGURATION_KEY = "audit.yaml";

function configurationMap(namespace: string, text: string | undefined): ApiObject<V1ConfigMap>[] {
  if (text === undefined) return [];
  const metadata = { name: CONFIGURATION, namespace, labels };
  return [{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { [CONFIGURATION_KEY]: text } }];
}

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

/**
 * What the audit reads, and nothing else. Secrets are not among it: the right to list their names is the right to read all of
 * them, so that paths through token Secrets are left out.
 */
const auditRights: PolicyRule[] = [
  rule(RBAC_GROUP, ["clusterrolebindings", "clusterroles", "rolebindings", "roles"], ["list"]),
  rule("", ["namespaces", "pods", "serviceaccounts"], ["list"]),
  rule("", ["configmaps"], ["get"], ["aws-auth"]),
  rule("apps", ["deployments"], ["get"], [NAME]),
  rule("batch", ["jobs"], ["list"]),
  rule("networking.k8s.io", ["networkpolicies"], ["list"]),
  rule(
    "admissionregistration.k8s.io",
    ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    ["get", "list"],
  ),
  rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["get"], policyTypes.map(definitionName)),
  rule("apiregistration.k8s.io", ["apiservices"], ["get"], [`v1.${OPERATOR_GROUP}`]),
  ...[...policyTypes, mirrordResources.clusterProfiles, mirrordResources.profiles].map(({ group, resource }) =>
    rule(group, [resource], ["list"]),
  ),
];

const REPORT = "/report";
const CONFIGURATION_FOLDER = "/config";

const DEADLINE_SECONDS = 1800;

/** The user of the image; a volume is written as a member of a group that the kubelet gives it to. */
const GROUP_ID = 65532;

function cronJob(
  namespace: string,
  { image, claim, schedule, configuration }: Omit<AuditJobOptions, "namespace">,
): ApiObject<V1CronJob> {
  const isConfigured = configuration !== undefined;
  const mount = { name: "config", mountPath: CONFIGURATION_FOLDER, readOnly: true };
  return scheduledJob({
    name: AUDIT_NAME,
    namespace,
    labels,
    schedule,
    deadlineSeconds: DEADLINE_SECONDS,
    fsGroup: GROUP_ID,
    container: {
      name: "audit",
      image,
      args: [
        "audit",
        "--report-to",
        REPORT,
        "--summary-to",
        `${namespace}/${AUDIT_NAME}`,
        ...(isConfigured ? ["--config", `${CONFIGURATION_FOLDER}/${CONFIGURATION_KEY}`] : []),
        "--without-secrets",
        // Findings are its result; it fails where something could not be read or written.
        "--fail-on",
        "never",
      ],
      resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
      volumeMounts: [{ name: "report", mountPath: REPORT }, ...(isConfigured ? [mount] : [])],
    },
    volumes: [
      { name: "report", persistentVolumeClaim: { claimName: claim } },
      ...(isConfigured ? [{ name: "config", configMap: { name: CONFIGURATION } }] : []),
    ],
  });
}
