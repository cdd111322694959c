import { builtInSchema, type StructuralSchema } from "../../mirrord/policy/schema/crds.ts";
import { branchingFeatures, splittingFeatures, type Feature } from "../features.ts";
import { branch, branchStatus, mongodbBranch, mysqlBranch, pgBranch } from "./database-shapes.ts";
import * as queues from "./queue-shapes.ts";
import * as sessions from "./session-shapes.ts";
import type { Shape } from "./shape.ts";

export interface Definition {
  kind: string;
  /** Left out, it is the lower-case kind and an `s`. */
  plural?: string;
  /** Before `mirrord.metalbear.co`; or the whole of it. */
  group: string;
  version: string;
  scope: "Namespaced" | "Cluster";
  /** Of policies, the schema of the whole. */
  spec: Shape | { whole: StructuralSchema };
  status?: Shape;
  /** Most operators write a status that may be null. */
  needsStatusObject?: true;
  shortName?: string;
  /** What `kubectl get` shows: heading and path. Of metadata they are points in time. */
  columns?: Readonly<Record<string, string>>;
  /** One of these switches has to be on; left out, it is always installed. */
  when?: readonly Feature[];
}

const MIRRORD_GROUP = "mirrord.metalbear.co";
const QUEUES_GROUP = `queues.${MIRRORD_GROUP}`;
const DATABASES_GROUP = `dbs.${MIRRORD_GROUP}`;

const workloadColumns = {
  "WORKLOAD-API-VERSION": ".spec.workloadRef.apiVersion",
  "WORKLOAD-KIND": ".spec.workloadRef.kind",
  "WORKLOAD-NAME": ".spec.workloadRef.name",
  "WORKLOAD-NAMESPACE": ".spec.workloadRef.namespace",
};

const alpha = { version: "v1alpha" };
const inQueues = { ...alpha, group: QUEUES_GROUP };
const inDatabases = { version: "v1alpha1", group: DATABASES_GROUP, scope: "Namespaced", status: branchStatus } as const;
const inMirrord = { ...alpha, group: MIRRORD_GROUP };
const inPolicies = { ...alpha, group: `policies.${MIRRORD_GROUP}`, spec: { whole: builtInSchema } };
const inProfiles = { ...alpha, group: `profiles.${MIRRORD_GROUP}`, spec: sessions.profile };

/** Those of policies first. Source: operator contract, section 1.2 and Appendix A (chart 3.187.0). */
export const definitions: readonly Definition[] = [
  { kind: "MirrordPolicy", plural: "mirrordpolicies", ...inPolicies, scope: "Namespaced" },
  { kind: "MirrordClusterPolicy", plural: "mirrordclusterpolicies", ...inPolicies, scope: "Cluster" },
  { kind: "MirrordTlsStealConfig", ...inMirrord, scope: "Namespaced", spec: sessions.tlsStealConfig },
  { kind: "MirrordClusterTlsStealConfig", ...inMirrord, scope: "Cluster", spec: sessions.tlsStealConfig },
  { kind: "MirrordProfile", ...inProfiles, scope: "Namespaced" },
  { kind: "MirrordClusterProfile", ...inProfiles, scope: "Cluster" },
  {
    kind: "MirrordClusterWorkloadPatch",
    plural: "mirrordclusterworkloadpatches",
    ...inMirrord,
    scope: "Cluster",
    spec: sessions.workloadPatch,
    columns: workloadColumns,
  },
  {
    kind: "MirrordClusterWorkloadPatchRequest",
    ...inMirrord,
    scope: "Cluster",
    spec: sessions.workloadPatchRequest,
    status: sessions.workloadPatchRequestStatus,
    columns: workloadColumns,
  },
  {
    kind: "MirrordClusterSession",
    ...inMirrord,
    scope: "Cluster",
    spec: sessions.clusterSession,
    status: sessions.clusterSessionStatus,
    columns: {
      "USER ID": ".spec.owner.userId",
      USERNAME: ".spec.owner.username",
      HOSTNAME: ".spec.owner.hostname",
      "K8S USER": ".spec.owner.k8sUsername",
      NAMESPACE: ".spec.namespace",
      TARGET: ".spec.target",
      "STARTED AT": ".metadata.creationTimestamp",
      "CLOSED AT": ".metadata.deletionTimestamp",
      "CLOSE REASON": ".status.closed.reason",
    },
  },
  { kind: "MirrordClusterExternalResource", ...inMirrord, scope: "Cluster", spec: sessions.externalResource },
  {
    kind: "MirrordWorkloadQueueRegistry",
    plural: "mirrordworkloadqueueregistries",
    ...inQueues,
    scope: "Namespaced",
    spec: queues.queueRegistry,
    status: queues.queueRegistryStatus,
    shortName: "qs",
    when: ["sqsSplitting", "rmqSplitting"],
  },
  {
    kind: "MirrordSQSSession",
    ...inQueues,
    scope: "Namespaced",
    spec: queues.sqsSession,
    status: queues.queueSessionStatus,
    when: ["sqsSplitting"],
  },
  {
    kind: "MirrordRMQSession",
    ...inQueues,
    scope: "Cluster",
    spec: queues.rmqSession,
    status: queues.queueSessionStatus,
    when: ["rmqSplitting"],
  },
  {
    kind: "MirrordPropertyList",
    group: MIRRORD_GROUP,
    version: "v1",
    scope: "Namespaced",
    spec: queues.propertyList,
    shortName: "mpl",
    when: splittingFeatures,
  },
  {
    kind: "MirrordKafkaClientConfig",
    ...inQueues,
    scope: "Namespaced",
    spec: queues.kafkaClientConfig,
    columns: {
      PARENT: ".spec.parent",
      SECRET: ".spec.loadFromSecret",
      CLIENT: ".spec.clientImplementation",
      AUTHENTICATION_EXTRA: ".spec.authenticationExtra",
    },
    when: ["kafkaSplitting"],
  },
  {
    kind: "MirrordKafkaEphemeralTopic",
    ...inQueues,
    scope: "Namespaced",
    spec: queues.kafkaEphemeralTopic,
    columns: { NAME: ".spec.name", "CLIENT-CONFIG": ".spec.clientConfig" },
    when: ["kafkaSplitting"],
  },
  {
    kind: "MirrordKafkaTopicsConsumer",
    ...inQueues,
    scope: "Namespaced",
    spec: queues.kafkaTopicsConsumer,
    columns: {
      "CONSUMER-NAME": ".spec.consumerName",
      "CONSUMER-KIND": ".spec.consumerKind",
      "CONSUMER-API-VERSION": ".spec.consumerApiVersion",
      "CONSUMER-RESTART-TIMEOUT": ".spec.consumerRestartTimeout",
    },
    when: ["kafkaSplitting"],
  },
  { kind: "MysqlBranchDatabase", ...inDatabases, spec: mysqlBranch, when: ["mysqlBranching"] },
  { kind: "PgBranchDatabase", ...inDatabases, spec: pgBranch, when: ["pgBranching"] },
  { kind: "MongodbBranchDatabase", ...inDatabases, spec: mongodbBranch, when: ["mongodbBranching"] },
  { kind: "BranchDatabase", ...inDatabases, spec: branch, when: branchingFeatures },
  {
    kind: "PreviewSession",
    ...alpha,
    group: `preview.${MIRRORD_GROUP}`,
    scope: "Namespaced",
    spec: sessions.previewSession,
    status: sessions.previewSessionStatus,
    when: ["previewEnv"],
  },
  {
    kind: "MirrordSplitConfig",
    group: QUEUES_GROUP,
    version: "v1",
    scope: "Namespaced",
    spec: queues.splitConfig,
    columns: { "TARGET-KIND": ".spec.targetRef.kind", "TARGET-NAME": ".spec.targetRef.name" },
    when: splittingFeatures,
  },
  {
    kind: "MirrordClusterSplitSession",
    group: QUEUES_GROUP,
    version: "v1",
    scope: "Cluster",
    spec: queues.splitSession,
    status: queues.splitSessionStatus,
    when: splittingFeatures,
  },
  {
    kind: "MirrordMultiClusterSession",
    ...alpha,
    group: "operator.metalbear.co",
    scope: "Cluster",
    spec: sessions.multiClusterSession,
    status: sessions.multiClusterSessionStatus,
    needsStatusObject: true,
    shortName: "mmcs",
    columns: {
      "Target Alias": ".spec.targetAlias",
      Phase: ".status.phase",
      "Primary Cluster": ".spec.primaryCluster",
      Age: ".metadata.creationTimestamp",
    },
    when: ["multiCluster"],
  },
];
