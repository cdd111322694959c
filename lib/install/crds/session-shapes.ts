// Sessions, and what belongs to every installation. Source: operator contract, Appendix A (chart 3.187.0).

import { labelSelector, owner, target, textMap, texts, workloadReference } from "./common-shapes.ts";
import type { Shape } from "./shape.ts";

const tlsIdentity: Shape = { "certPem!": "string", "keyPem!": "string" };

export const tlsStealConfig: Shape = {
  "ports!": [
    {
      "agentAsClient!": {
        "authentication?": tlsIdentity,
        "verification!": { acceptAnyCert: "boolean", trustRoots: texts },
      },
      "agentAsServer!": {
        alpnProtocols: texts,
        "authentication!": tlsIdentity,
        "verification?": { acceptAnyCert: "boolean", allowAnonymous: "boolean", trustRoots: texts },
      },
      "port!": "uint16",
    },
  ],
  "selector?": labelSelector,
  "targetPath?": "string",
};

export const profile: Shape = {
  "featureAdjustments!": [
    { "change!": "enum:incoming-mirror|incoming-steal|incoming-off|dns-remote|dns-off|outgoing-remote|outgoing-off" },
  ],
};

export const workloadPatch: Shape = {
  "requests!": [
    {
      "envVars!": [{ "container!": "string", "value!": "string", "variable!": "string" }],
      "replicas?": "int32",
      "uid!": "string",
    },
  ],
  "workloadRef!": workloadReference,
};

export const workloadPatchRequest: Shape = {
  "envVars!": [{ "container!": "string", "value!": "string", "variable!": "string" }],
  "replicas?": "int32",
  "workloadRef!": workloadReference,
};

export const workloadPatchRequestStatus: Shape = { "accepted!": "boolean" };

export const clusterSession: Shape = {
  "ciInfo?": { "environment?": "string", "pipeline?": "string", "provider?": "string", "triggeredBy?": "string" },
  "clientCliVersion?": "string",
  "copyTarget?": { "scaledown!": "boolean" },
  "httpFilter?": { "headerFilter?": "string" },
  "jiraMetrics?": { "branchName!": "string" },
  "key?": "string",
  "multiClusterParentName?": "string",
  "namespace!": "string",
  "owner!": owner,
  "target?": target,
};

export const clusterSessionStatus: Shape = {
  "closed?": { "message?": "string", "reason!": "string" },
  "connectedTimestamp?": "date-time",
  "copyTarget?": {
    "copiedPodStatus?": { "name!": "string", "namespace!": "string", "targetContainer!": "string" },
    "name!": "string",
  },
};

export const externalResource: Shape = {
  "azureServiceBusResource?": {
    "kind!": "enum:queue|topic|subscription|unknown",
    "name!": "string",
    "propertiesListName!": "string",
    "propertiesListNamespace!": "string",
  },
  "gcpPubsubResource?": {
    "kind!": "enum:topic|subscription|unknown",
    "name!": "string",
    "project!": "string",
    "propertiesListName!": "string",
    "propertiesListNamespace!": "string",
  },
  "kafkaTopic?": { "clientConfig!": "string", "clientConfigNamespace!": "string", "name!": "string" },
  "rmqResource?": {
    "kind!": "enum:queue|exchange|unknown",
    "name!": "string",
    "propertiesListName!": "string",
    "propertiesListNamespace!": "string",
  },
  "sqsQueue?": { "nameOrUrl!": "string" },
};

const messageFilter: Shape = { "jqFilter?": "string", "messageFilter?": textMap };

export const previewSession: Shape = {
  configMounts: [{ "data!": "string", "path!": "string", "type!": "enum:text|binary" }],
  "dbBranching?": {
    clickhouseBranchNames: texts,
    cockroachdbBranchNames: texts,
    dynamodbBranchNames: texts,
    mariadbBranchNames: texts,
    mongodbBranchNames: texts,
    mssqlBranchNames: texts,
    mysqlBranchNames: texts,
    pgBranchNames: texts,
    redisBranchNames: texts,
    spannerBranchNames: texts,
  },
  "env?": { exclude: texts, "include?": texts, overrides: textMap },
  "idle?": { "sleepAfterSecs?": "uint64", startIdle: "boolean = false", "wakeTimeoutSecs?": "uint64" },
  "image!": "string",
  "incoming?": { "httpFilter?": "string", ignorePorts: ["uint16"], "ports?": ["uint16"], "steal!": "boolean" },
  "key!": "string",
  "labels?": { exclude: texts, "include?": texts },
  "queueSplitting?": {
    azureServiceBusQueueFilters: { "<>": messageFilter },
    bullmqQueueFilters: { "<>": messageFilter },
    gcpPubsubQueueFilters: { "<>": messageFilter },
    kafkaQueueFilters: { "<>": textMap },
    kafkaQueueJqFilters: textMap,
    queueModes: { "<>": "enum:steal|mirror" },
    redisPubsubQueueFilters: { "<>": messageFilter },
    rmqQueueFilters: { "<>": messageFilter },
    sqsQueueFilters: { "<>": messageFilter },
    temporalQueueFilters: { "<>": messageFilter },
  },
  replicas: "int32 = 1",
  secretMounts: [{ "path!": "string", "secretKey!": "string" }],
  "target!": target,
  "ttlSecs!": "uint64",
};

export const previewSessionStatus: Shape = {
  "expiresAt?": "date-time",
  "failedAt?": "date-time",
  "failureMessage?": "string",
  "idleSince?": "date-time",
  "phase!": "enum:Initializing|Waiting|Ready|Failed|Idle|Unknown",
  "shareHost?": "string",
  "startedAt!": "date-time",
};

export const multiClusterSession: Shape = {
  "owner!": owner,
  "namespace!": "string",
  "target!": target,
  "targetAlias!": "string",
  "clusters!": texts,
  "primaryCluster!": "string",
  defaultCluster: "string",
};

export const multiClusterSessionStatus: Shape = {
  clusterSessions: {
    "<>": {
      "sessionName!": "string",
      "ready!": "boolean",
      agentEndpoint: "string",
      error: "string",
      lastHeartbeat: "date-time",
      scaledownOnly: "boolean",
    },
  },
  phase: "enum:Initializing|Pending|Ready|Failed|Terminating",
  connectedTimestamp: "date-time",
  closed: "string",
};
