// What each kind of installation consists of: of a plain one all of it, and of the others what is different.
// What a change of the code does to an installation is seen there, line by line.
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import t from "tap";
import { branchingFeatures, databases, splittingFeatures } from "../../lib/install/features.ts";
import { renderInstallation } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { toYaml } from "../../lib/yaml.ts";
import { equalsKept } from "../kept-text.ts";

const keyRef = { license: { keyRef: "licence" } };
const on = (names: readonly string[]): JsonObject => Object.fromEntries(names.map((name) => [name, true]));
const clusters: JsonObject = {
  eu: {
    server: "https://eu.example",
    namespace: "operators",
    caData: "Q0E=",
    isDefault: true,
    authType: "eks",
    region: "eu-north-1",
  },
  us: { server: "https://us.example", authType: "bearerToken", bearerToken: "secret-token" },
  asia: {
    server: "https://asia.example",
    authType: "mtls",
    tlsCrt: "certificate",
    tlsKey: "key",
    tenantId: "tenant",
    clientId: "client",
  },
};

/** Where the values of a group exclude each other, each is in a set of its own. */
const installations: Record<string, JsonObject> = {
  plain: { license: { key: "licence-key" } },
  "every-switch": {
    ...keyRef,
    openshift: true,
    roleNamespaces: ["shop", "bank"],
    operator: {
      ...on(splittingFeatures),
      ...on(branchingFeatures),
      ...on(["previewEnv", "metrics", "jsonLog", "disableTelemetries", "applicationPauseAutoSync"]),
      suspendFluxControllers: true,
      kafkaSplittingSidecar: { enabled: true },
    },
    agent: { tls: true },
  },
  "no-switch": {
    ...keyRef,
    createNamespace: false,
    sa: { create: false },
    operator: {
      requireFrontProxyClientCert: false,
      injectSessionKeyHeader: false,
      copyTarget: { useAgentImage: false },
      isolatePodsRestart: false,
      queueSplittingWaitForReadyTarget: false,
      dbBranchingLiteralCredentials: false,
    },
    agent: { priorityClass: { create: false } },
    tls: { apiService: { insecureSkipTLSVerify: false } },
  },
  "every-text": {
    namespace: "operators",
    license: { file: { secret: "licence-file", data: { "license.pem": "PEM" } }, licenseServer: "https://seats" },
    cloud: { apiKey: { keyRef: "cloud-key" } },
    clusterRole: {
      "mirrord-operator-user": { labels: { of: "user" } },
      "mirrord-operator-user-basic": { labels: { of: "basic" } },
      "mirrord-operator-ci": { labels: { of: "ci" } },
    },
    role: { "mirrord-operator-user": { labels: { of: "namespaced" } } },
    roleNamespaces: ["shop"],
    service: { name: "operator-service" },
    sa: { name: "operator-account", roleArn: "arn", gcpSa: "gcp", azureClientId: "azure" },
    tls: { secret: "tls", data: { "tls.crt": "certificate", "tls.key": "key" } },
    operator: {
      image: "registry.lan/operator",
      imageTag: "4.0.0",
      imagePullPolicy: "Always",
      imagePullSecrets: [{ name: "pull" }],
      replicas: 2,
      podAnnotations: { a: "annotation" },
      podLabels: { l: "pod" },
      labels: { l: "all" },
      tolerations: [{ key: "t", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      nodeSelector: { disk: "ssd" },
      extraEnv: { B: "2", A: { valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } } },
      extraVolumes: [{ name: "more", emptyDir: {} }],
      extraVolumeMounts: [{ name: "more", mountPath: "/more" }],
      containerArgs: ["--verbose"],
      port: 8443,
      requests: { cpu: "1", memory: "1Gi" },
      limits: { cpu: 2, memory: "2Gi" },
      logLevel: "debug",
      otelLogLevel: "warn",
      otelLogExportUrl: "http://logs",
      otelTraceExportUrl: "http://traces",
      clusterName: "here",
      jiraWebhookUrl: "https://jira",
      subscribeEventBufferSize: 4096,
      maxSessionTimeSeconds: 600,
      noPodTargetsSessionTimeoutMillis: 5000,
      temporalSplitting: true,
      temporalProxy: { port: 7000 },
      kafkaSplitting: true,
      kafkaSplittingSidecar: { enabled: true, image: "registry.lan/kafka", port: 33_001, limits: { cpu: "1" } },
      idleKafkaSplitTtlMillis: 7000,
      kafkaSplittingTopicFormat: "topic-{{RANDOM}}",
      sqsSplittingLingerTimeout: 8000,
      dbBranching: { initPodVolumeLimit: "3Gi", databasePodVolumeLimit: "4Gi" },
      ...on(branchingFeatures),
      ...Object.fromEntries(databases.map((name) => [`${name}BranchConfig`, { image: `${name}:1` }])),
      previewEnv: true,
      preview: {
        annotations: { a: "preview" },
        labels: { l: "preview" },
        cleanupAfterMins: 30,
        idleHoldBufferMessages: 10,
        idleHoldBufferBytes: 1000,
      },
      shareIngress: { shareDomain: "share.example" },
    },
    agent: {
      image: { registry: "registry.lan/agent", tag: "5" },
      port: 7777,
      extraEnv: { RUST_LOG: "debug" },
      priorityClass: { name: "agents", value: 7, globalDefault: true, preemptionPolicy: "Never", description: "Ours." },
      extraConfig: { dns: { timeout: 4 } },
    },
    extraObjects: [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "{{ .Release.Name }}-{{ .Values.namespace }}" } },
    ],
  },
  "cert-manager": { ...keyRef, tls: { certManager: { enabled: true, certificate: "operator-certificate" } } },
  "issuer-that-is-there": {
    ...keyRef,
    tls: { certManager: { enabled: true, createIssuer: false, issuer: "company" } },
  },
  "certificate-that-is-there": { ...keyRef, tls: { useExistingSecret: true, secret: "company-tls" } },
  "licence-in-a-secret": { license: { pemRef: "licence-file" } },
  "licence-in-google": { license: { pemGsmRef: "projects/p/secrets/licence" } },
  "key-in-google": {
    license: { keyGsmRef: "projects/p/secrets/key" },
    cloud: { apiKey: { gsmRef: "projects/p/secrets/cloud" } },
  },
  "cloud-key": { cloud: { apiKey: { key: "cloud-key" } } },
  "primary-of-clusters": {
    ...keyRef,
    operator: {
      multiCluster: {
        enabled: true,
        clusterName: "home",
        defaultCluster: "eu",
        managementOnly: false,
        remoteSessionTimeoutSecs: 30,
        sessionTtlSecs: 90,
        clusters,
      },
    },
  },
  member: { ...keyRef, namespace: "operators", operator: { multiClusterMember: true } },
  "member-by-groups": {
    ...keyRef,
    operator: { multiClusterMember: true, multiClusterMemberIamGroup: "iam", multiClusterMemberAzureGroup: "azure" },
  },
};

Object.assign(installations, {
  "member-with-every-switch": {
    ...keyRef,
    operator: { multiClusterMember: true, ...on(splittingFeatures), ...on(branchingFeatures), previewEnv: true },
  },
  "first-port-of-everybody": {
    ...keyRef,
    operator: { port: 1024, tolerations: [], affinity: {}, nodeSelector: {}, imagePullSecrets: [], containerArgs: [] },
  },
  "last-port-of-root": { ...keyRef, operator: { port: 1023 } },
});

/** Definitions are in crds/definitions.txt. */
function named(object: KubernetesObject): object {
  const { kind, metadata } = object;
  return kind === "CustomResourceDefinition" ? { kind, name: metadata.name } : object;
}

function rendered(values: JsonObject): string {
  const { objects, hooks } = renderInstallation(values);
  return [...objects, ...hooks].map((object) => toYaml(named(object))).join("---\n");
}

const folder = join(import.meta.dirname, "installations");
const plain = rendered(installations["plain"] ?? {});

t.test("a plain installation", async (t) => equalsKept(t, plain, join(folder, "plain.txt")));
for (const [name, values] of Object.entries(installations)) {
  if (name === "plain") continue;
  t.test(`an installation: ${name.replaceAll("-", " ")}`, async (t) => {
    const difference = createTwoFilesPatch("plain", name, plain, rendered(values), "", "", { context: 1 });
    equalsKept(t, difference, join(folder, `${name}.diff`));
  });
}
