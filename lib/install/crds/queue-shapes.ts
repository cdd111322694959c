// Splitting of queues. Source: operator contract, Appendix A (chart 3.187.0).

import { owner, textMap, texts } from "./common-shapes.ts";
import type { Shape } from "./shape.ts";

const renamed: Shape = { "originalName!": "string", "outputName!": "string" };

const queueNames: Shape = { "<>": renamed };

const queueDetails: Shape = { "envUpdates!": queueNames, "queueNames!": queueNames };

const queueError: Shape = { "reason!": "string", "statusCode!": "uint16" };

const queueConsumer: Shape = { "container?": "string", "name!": "string", "workloadType!": "enum:Deployment|Rollout" };

export const queueSessionStatus: Shape = {
  CleanupError: { "details?": queueDetails, "error!": queueError },
  Ready: queueDetails,
  RegisteringFilters: queueDetails,
  StartError: queueError,
  Starting: { "start_time_utc!": "string" },
  $oneOf: ["Starting", "RegisteringFilters", "Ready", "StartError", "CleanupError"],
};

export const queueRegistry: Shape = {
  "consumer!": queueConsumer,
  "queues!": { "<>": { "queueType!": "enum:SQS|RMQ", $more: true } },
  "workloadRestartTimeout?": "uint32",
};

export const queueRegistryStatus: Shape = {
  "sqsDetails?": { "directEnvVars!": textMap, "envUpdates!": queueNames, "queueNames!": queueNames },
};

export const sqsSession: Shape = {
  outputQueueNames: textMap,
  "queueConsumer!": queueConsumer,
  "queueFilters!": { "<>": textMap },
  queueJqFilters: textMap,
  "sessionId!": "string",
};

export const rmqSession: Shape = {
  "namespace!": "string",
  outputQueueNames: textMap,
  "queueConsumer!": queueConsumer,
  "queueFilters!": { "<>": textMap },
  "sessionId!": "string",
};

const keyReference: Shape = { "key!": "string", "name!": "string", optional: "boolean = false" };

const objectReference: Shape = { "name!": "string", optional: "boolean = false" };

export const propertyList: Shape = {
  properties: [
    {
      "name!": "string",
      value: "string",
      valueFrom: {
        configMapKeyRef: keyReference,
        secretKeyRef: keyReference,
        $oneOf: ["configMapKeyRef", "secretKeyRef"],
      },
      $oneOf: ["value", "valueFrom"],
    },
  ],
  propertiesFrom: [
    {
      configMapRef: objectReference,
      prefix: "string",
      secretRef: objectReference,
      $oneOf: ["configMapRef", "secretRef"],
    },
  ],
};

export const kafkaClientConfig: Shape = {
  "authenticationExtra?": { "awsRegion?": "string", "kind!": "string" },
  "clientImplementation?": "string",
  "loadFromSecret?": "string",
  "parent?": "string",
  "properties!": [{ "name!": "string", "value?": "string" }],
};

export const kafkaEphemeralTopic: Shape = { "clientConfig!": "string", "name!": "string" };

const kafkaSources: Shape = [
  { directEnvVar: { "container!": "string", "fallback?": "string", "variable!": "string" }, $oneOf: ["directEnvVar"] },
];

export const kafkaTopicsConsumer: Shape = {
  "consumerApiVersion!": "string",
  "consumerKind!": "string",
  "consumerName!": "string",
  "consumerRestartTimeout?": "uint32",
  "splitTtl?": "uint32",
  "topics!": [
    {
      applicationIdSources: kafkaSources,
      "clientConfig!": "string",
      groupIdSources: kafkaSources,
      "id!": "string",
      "nameSources!": kafkaSources,
      $oneOf: ["groupIdSources", "applicationIdSources"],
    },
  ],
};

const valueSources: Shape = [
  {
    "containers?": texts,
    "env?": "string",
    "envLike?": "string",
    "fallback?": "string",
    "valuePattern?": "string",
    "valueSelector?": "string",
  },
];

export const splitConfig: Shape = {
  "clientConfigs?": {
    "azureServiceBus?": "string",
    "bullMq?": "string",
    "googlePubSub?": "string",
    "kafka?": "string",
    "redisPubSub?": "string",
    "rmq?": "string",
    "sqs?": "string",
    "temporal?": "string",
  },
  "drainTimeout?": "uint32",
  "queues!": [
    {
      "appConfig!": {
        "appId?": valueSources,
        "channel?": valueSources,
        "channelPattern?": valueSources,
        "exchange?": valueSources,
        "groupId?": valueSources,
        "projectId?": valueSources,
        "queue?": valueSources,
        "shardChannel?": valueSources,
        "subscription?": valueSources,
        "taskQueue?": valueSources,
        "temporalAddress?": valueSources,
        "temporalNamespace?": valueSources,
        "topic?": valueSources,
      },
      "clientConfig?": "string",
      "id!": "string",
      "kind!": "enum:sqs|kafka|rmq|googlePubSub|azureServiceBus|redisPubSub|temporal|bullMq|unknown",
      "queueConfig?": "string",
    },
  ],
  "restart?": {
    "strategy?": "enum:standard|isolatePods|unknown",
    "timeout?": "uint32",
    "waitForPods?": "int-or-string",
  },
  "targetRef!": { "apiVersion!": "string", "kind!": "string", "name!": "string" },
  "tmpNameTemplate?": "string",
};

const splitDetails: Shape = {
  envUpdates: { "<>": [{ "name!": "string", "value!": "string" }] },
  tmpResources: [
    {
      channel: textMap,
      queue: textMap,
      "queueId!": "string",
      subscription: textMap,
      taskQueue: textMap,
      topic: textMap,
    },
  ],
};

export const splitSession: Shape = {
  "namespace!": "string",
  "owner!": owner,
  "queues!": [
    {
      "headersFilter?": textMap,
      "id!": "string",
      "jqFilter?": "string",
      "kind!": "enum:sqs|kafka|rmq|googlePubSub|azureServiceBus|redisPubSub|temporal|bullMq|unknown",
      mode: "enum:steal|mirror",
    },
  ],
  "sessionKey?": "string",
  "target!": { "apiVersion!": "string", "container?": "string", "kind!": "string", "name!": "string" },
};

export const splitSessionStatus: Shape = {
  cleanupError: {
    "details?": splitDetails,
    "error!": { "code!": "uint16", "message!": "string", "reason!": "string" },
  },
  ready: splitDetails,
  resourcesReady: splitDetails,
  startError: { "code!": "uint16", "message!": "string", "reason!": "string" },
  starting: { "start_time_utc!": "string" },
  $oneOf: ["starting", "resourcesReady", "ready", "startError", "cleanupError"],
};
