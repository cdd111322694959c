// Every value that an installation can be given, named and nested as in the operator's Helm chart. Source: operator contract,
// section 4.5 (chart 3.187.0).

import { databases, splittingFeatures, branchingFeatures } from "./features.ts";

export type ValueType =
  | "text"
  | "boolean"
  | "integer"
  /** A text or a number, such as `200m` or 1. */
  | "quantity"
  | "texts"
  | "list"
  /** Any object. */
  | "object"
  /** An object of texts. */
  | "labels"
  /** By name, a text, number or boolean, or the rest of an environment variable (`valueFrom`). */
  | "environment"
  | "text-or-object";

export interface ValueRule {
  type: ValueType;
  describe: string;
  /** Left out: not set. */
  default?: unknown;
  /** Never shown. */
  secret?: true;
}

const rule = (type: ValueType, describe: string, initial?: unknown): ValueRule =>
  initial === undefined ? { type, describe } : { type, describe, default: initial };
const text = (describe: string, initial?: string) => rule("text", describe, initial);
const flag = (describe: string, initial = false) => rule("boolean", describe, initial);
const integer = (describe: string, initial?: number) => rule("integer", describe, initial);
const secret = (describe: string): ValueRule => ({ ...text(describe, ""), secret: true });
const quantity = (describe: string, initial: string) => rule("quantity", describe, initial);
const roleLabels = (role: string) =>
  rule("labels", `Labels of ${role}; some make Kubernetes add its rules to other roles.`, {});

const branchConfigs = Object.fromEntries(
  databases.map((name) => [`operator.${name}BranchConfig`, rule("object", `Settings of the branches of ${name}.`)]),
);

const switches = Object.fromEntries([
  ...splittingFeatures.map((name) => [`operator.${name}`, flag(`Split queues: ${name.replace("Splitting", "")}.`)]),
  ...branchingFeatures.map((name) => [`operator.${name}`, flag(`Branch databases: ${name.replace("Branching", "")}.`)]),
]);

const resources = (where: string, what: string) => ({
  [`${where}.requests.cpu`]: quantity(`CPU that ${what} is promised.`, "100m"),
  [`${where}.requests.memory`]: quantity(`Memory that ${what} is promised.`, "100Mi"),
  [`${where}.limits.cpu`]: quantity(`CPU that ${what} may use.`, "200m"),
  [`${where}.limits.memory`]: quantity(`Memory that ${what} may use.`, "200Mi"),
});

/** By dotted path. */
export const values: Readonly<Record<string, ValueRule>> = {
  namespace: text("Namespace of the operator.", "mirrord"),
  createNamespace: flag("Create that namespace.", true),
  roleNamespaces: rule("texts", "Namespaces that get a Role with the rights of a user, to be bound there.", []),
  extraObjects: rule(
    "list",
    "More objects to install; texts in them can have {{ .Values.path }} and {{ .Release.Name }}.",
    [],
  ),
  openshift: flag("Add the SecurityContextConstraints that agents need on OpenShift."),
  "role.mirrord-operator-user.labels": roleLabels("the Roles of roleNamespaces"),
  "clusterRole.mirrord-operator-user-basic.labels": roleLabels("ClusterRole mirrord-operator-user-basic"),
  "clusterRole.mirrord-operator-user.labels": roleLabels("ClusterRole mirrord-operator-user"),
  "clusterRole.mirrord-operator-ci.labels": roleLabels("ClusterRole mirrord-operator-ci"),

  "operator.image": text("Image of the operator, without its tag.", "ghcr.io/metalbear-co/operator"),
  "operator.imageTag": text("Tag of that image; without it, the version that this command installs."),
  "operator.imagePullPolicy": text("When images are pulled; IfNotPresent without it."),
  "operator.imagePullSecrets": rule(
    "list",
    "Secrets to pull images of the operator and of agents with: a list of {name}.",
  ),
  "operator.replicas": integer("Pods of the operator; one of them works, the others stand by.", 1),
  "operator.podAnnotations": rule("labels", "Annotations of the operator's pods.", {}),
  "operator.podLabels": rule("labels", "Labels of the operator's pods.", {}),
  "operator.labels": rule("labels", "Labels of every object.", {}),
  "operator.tolerations": rule("list", "Tolerations of the operator's pods."),
  "operator.affinity": rule("object", "Affinity of the operator's pods."),
  "operator.nodeSelector": rule("labels", "Labels of the nodes that the operator may run on."),
  "operator.extraEnv": rule("environment", "More environment variables of the operator."),
  "operator.extraVolumes": rule("list", "More volumes of the operator's pods."),
  "operator.extraVolumeMounts": rule("list", "More mounts of the operator's container."),
  "operator.containerArgs": rule("texts", "Arguments of the operator's container."),
  "operator.port": integer("Port that the operator listens on; the nodes have to reach it.", 443),
  ...resources("operator", "the operator"),
  "operator.requireFrontProxyClientCert": flag("Only the API server itself may call the operator.", true),

  "operator.jsonLog": flag("Write logs as JSON."),
  "operator.logLevel": text("What is logged.", "mirrord=info,operator=info,kube_runtime=warn"),
  "operator.otelLogLevel": text("What of the logs is exported."),
  "operator.otelLogExportUrl": text("Where logs are exported to (OTLP)."),
  "operator.otelTraceExportUrl": text("Where traces are exported to (OTLP)."),
  "operator.metrics": flag("Offer metrics for Prometheus on port 9000."),
  "operator.disableTelemetries": flag("Send no telemetry; for Enterprise licences."),
  "operator.clusterName": text("Name of the cluster in telemetry and in the licence server."),
  "operator.jiraWebhookUrl": text("Where durations of sessions are sent for mirrord for Jira."),
  "operator.subscribeEventBufferSize": integer("Events kept for those who watch a session.", 2048),

  "operator.maxSessionTimeSeconds": integer("How long a session may live at most."),
  "operator.noPodTargetsSessionTimeoutMillis": integer("How long a session may live without a ready pod to target."),
  "operator.injectSessionKeyHeader": flag("Add the session's key to requests.", true),
  "operator.copyTarget.useAgentImage": flag("Copies run the agent's image instead of the target's.", true),
  "operator.isolatePodsRestart": flag("Restart targets by a way that works where the usual one does not.", true),
  "operator.applicationPauseAutoSync": flag("Pause Argo CD's auto-sync of a target during a session."),
  "operator.suspendFluxControllers": flag("Suspend Flux of a target during a session."),

  ...switches,
  "operator.temporalProxy.port": integer("Port of the proxy for Temporal.", 7233),
  "operator.kafkaSplittingSidecar.enabled": flag("Run the sidecar that Kafka Streams needs."),
  "operator.kafkaSplittingSidecar.image": text("Image of that sidecar.", "ghcr.io/metalbear-co/operator-kafka-proxy"),
  "operator.kafkaSplittingSidecar.port": integer("Port of that sidecar.", 33_000),
  ...resources("operator.kafkaSplittingSidecar", "that sidecar"),
  "operator.idleKafkaSplitTtlMillis": integer("How long a Kafka split without sessions stays."),
  "operator.kafkaSplittingTopicFormat": text("Names of the topics that are made for splits."),
  "operator.sqsSplittingLingerTimeout": integer(
    "How long an SQS split may stay after its last session, in milliseconds.",
    60_000,
  ),
  "operator.queueSplittingWaitForReadyTarget": flag(
    "A splitting session waits until the changed pods are ready.",
    true,
  ),
  "operator.dbBranchingLiteralCredentials": flag(
    "Users may give credentials of databases; the operator then keeps Secrets everywhere.",
    true,
  ),
  "operator.dbBranching.initPodVolumeLimit": text("Size of the volume that a branch is filled from."),
  "operator.dbBranching.databasePodVolumeLimit": text("Size of the volume of a branch."),
  ...branchConfigs,

  "operator.previewEnv": flag("Offer preview environments."),
  "operator.preview.annotations": rule("labels", "Annotations of the pods of previews.", {}),
  "operator.preview.labels": rule("labels", "Labels of the pods of previews.", {}),
  "operator.preview.cleanupAfterMins": integer("When a preview that failed is removed.", 15),
  "operator.preview.idleHoldBufferMessages": integer("Messages held for an idle preview.", 512),
  "operator.preview.idleHoldBufferBytes": integer("Bytes held for an idle preview.", 8_388_608),
  "operator.shareIngress.shareDomain": text("Domain of the links to previews; empty: no links.", ""),

  "operator.multiCluster.enabled": flag("This operator starts sessions in other clusters as well."),
  "operator.multiCluster.clusterName": text("This cluster's name; primary without it."),
  "operator.multiCluster.defaultCluster": text("The cluster that files, databases and outgoing traffic are of.", ""),
  "operator.multiCluster.managementOnly": flag("This cluster has no targets of its own.", true),
  "operator.multiCluster.remoteSessionTimeoutSecs": integer(
    "How long to wait for the sessions of other clusters.",
    300,
  ),
  "operator.multiCluster.sessionTtlSecs": integer("When a session without a client ends.", 60),
  "operator.multiCluster.clusters": rule(
    "object",
    "The other clusters by name: authType, server, caData, region and credentials.",
    {},
  ),
  "operator.multiClusterMember": flag("Another cluster's operator starts sessions here."),
  "operator.multiClusterMemberIamGroup": text("The group that it has by AWS IAM."),
  "operator.multiClusterMemberAzureGroup": text("The group that it has by Azure."),

  "agent.image": rule("text-or-object", "Image of agents: a text, or {registry, tag}."),
  "agent.tls": flag("Connect to agents by TLS."),
  "agent.injectHeaders": flag(
    "Mark requests that went through an agent. Read by no template: to turn it off, set agent.extraConfig.inject_headers.",
    true,
  ),
  "agent.port": integer("Port of agents; a random one without it."),
  "agent.extraEnv": rule("environment", "More environment variables of agents.", {}),
  "agent.priorityClass.create": flag("Create the PriorityClass of agents.", true),
  "agent.priorityClass.name": text("PriorityClass of agents.", "mirrord-agent-pod"),
  "agent.priorityClass.value": integer("Its priority.", 1_000_000_000),
  "agent.priorityClass.globalDefault": flag("Whether pods without a class get it."),
  "agent.priorityClass.preemptionPolicy": text("Whether agents may push other pods out.", "PreemptLowerPriority"),
  "agent.priorityClass.description": text("What is said of it.", "Priority class for mirrord agent pods."),
  "agent.extraConfig": rule("object", "More settings of agents, as in mirrord's configuration."),

  "license.key": secret("The licence key; give it with --license-key-file."),
  "license.keyRef": text("Secret that holds the licence key as OPERATOR_LICENSE_KEY.", ""),
  "license.keyGsmRef": text("The licence key in Google Secret Manager."),
  "license.file.secret": text("Name of the Secret that is made for the licence.", "mirrord-operator-license"),
  "license.file.data": { ...rule("labels", "The licence itself, as license.pem."), secret: true },
  "license.pemRef": text("Secret that holds the licence as license.pem.", ""),
  "license.pemGsmRef": text("The licence in Google Secret Manager."),
  "license.gsmRef": text("The same by its old name."),
  "license.licenseServer": text("Address of a licence server of your own."),
  "license.allowSeatOverages": flag("More users than the licence has seats for.", true),
  "cloud.apiKey.key": secret("API key of the vendor's cloud, which would stand in the pod's specification."),
  "cloud.apiKey.keyRef": text("Secret that holds that key as apiKey.", ""),
  "cloud.apiKey.gsmRef": text("That key in Google Secret Manager.", ""),

  "service.name": text("Name of the Service.", "mirrord-operator"),
  "sa.create": flag("Create the ServiceAccount.", true),
  "sa.name": text("The operator's ServiceAccount.", "mirrord-operator"),
  "sa.roleArn": text("AWS role of the ServiceAccount."),
  "sa.gcpSa": text("Google service account of the ServiceAccount."),
  "sa.azureClientId": text("Azure client of the ServiceAccount."),
  "tls.secret": text("Secret of the operator's certificate.", "mirrord-operator-tls"),
  "tls.useExistingSecret": flag("That Secret is there already."),
  "tls.apiService.insecureSkipTLSVerify": flag("The API server does not check the operator's certificate.", true),
  "tls.certManager.enabled": flag("cert-manager makes the certificate."),
  "tls.certManager.createIssuer": flag("Create a self-signing Issuer for it.", true),
  "tls.certManager.issuer": rule("text-or-object", "Name of the Issuer.", "mirrord-operator-issuer"),
  "tls.certManager.certificate": text("Name of the Certificate.", "mirrord-operator-tls"),
  "tls.data": {
    ...rule("labels", "The certificate as tls.crt and its key as tls.key.", { "tls.key": "", "tls.crt": "" }),
    secret: true,
  },
};
