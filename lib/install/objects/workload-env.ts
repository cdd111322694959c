import type { V1EnvVar } from "@kubernetes/client-node";
import { isJsonObject } from "../../json.ts";
import { byCodePoint } from "../../text/order.ts";
import type { Chart } from "../chart.ts";
import { databases } from "../features.ts";
import { isSwitch, scalarText, type Values } from "../values.ts";

/** A path whose value is written where it is set, or how it is computed; undefined: the variable is left out. */
type Source = string | ((chart: Chart) => string | undefined);

const SETTINGS = "/mirrord-config";

/** A switch that is taken back by null is off. */
const always =
  (path: string): Source =>
  ({ values }) =>
    scalarText(values.get(path)) ?? (isSwitch(path) ? "false" : "");
const onlyIf =
  (path: string): Source =>
  ({ values }) =>
    values.flag(path) ? "true" : undefined;
const file =
  (name: string): Source =>
  () =>
    `${SETTINGS}/${name}.yaml`;
const address =
  (host: string): Source =>
  ({ values }) =>
    `${host}:${values.number("operator.port")}`;

const databaseVariable = (name: string, suffix: string) => `OPERATOR_${name.toUpperCase()}_${suffix}`;

/** Those that could be branched before previews came. */
const OLDER_DATABASES = 5;

const branchConfigs = (names: readonly string[]) =>
  names.map((name) => [databaseVariable(name, "BRANCH_CONFIG"), file(`${name}-branch-config`)] as const);

// In the order in which the operator's chart has them.
const splittings = [
  ["SQS", "sqs"],
  ["RMQ", "rmq"],
  ["KAFKA", "kafka"],
  ["GCP_PUBSUB", "gcpPubsub"],
  ["AZURE_SERVICE_BUS", "azureServiceBus"],
  ["REDIS_PUBSUB", "redisPubsub"],
  ["TEMPORAL", "temporal"],
  ["BULLMQ", "bullmq"],
] as const;

const tlsFile =
  (name: string): Source =>
  ({ values }) =>
    usesTlsSecret(values) ? `/tls/${name}` : undefined;
const metrics =
  (value: string): Source =>
  ({ values }) =>
    values.flag("operator.metrics") ? value : undefined;

/** A string is a path: then its value is written where it is set and neither empty, 0 nor false. */
const first: readonly (readonly [string, Source])[] = [
  ["OPERATOR_TELEMETRY_ENABLED", ({ values }) => String(!values.flag("operator.disableTelemetries"))],
  ["OPERATOR_MAX_SESSION_TIME_SECONDS", "operator.maxSessionTimeSeconds"],
  ["OPERATOR_EVENT_BUFFER_SIZE", "operator.subscribeEventBufferSize"],
  ...splittings.map(([word, name]) => [`OPERATOR_${word}_SPLITTING`, always(`operator.${name}Splitting`)] as const),
  ["OPERATOR_TEMPORAL_PROXY_PORT", always("operator.temporalProxy.port")],
  ...databases.map((name) => [databaseVariable(name, "BRANCHING"), always(`operator.${name}Branching`)] as const),
  ["OPERATOR_PREVIEW_ENV", always("operator.previewEnv")],
  ["OPERATOR_SHARE_INGRESS_SHARE_DOMAIN", "operator.shareIngress.shareDomain"],
  ["OPERATOR_BRANCH_DEFAULT_INIT_VOLUME_SIZE_LIMIT", "operator.dbBranching.initPodVolumeLimit"],
  ["OPERATOR_BRANCH_DEFAULT_DB_VOLUME_SIZE_LIMIT", "operator.dbBranching.databasePodVolumeLimit"],
  ["OPERATOR_APPLICATION_PAUSE_AUTO_SYNC", onlyIf("operator.applicationPauseAutoSync")],
  ["OPERATOR_SUSPEND_FLUX_CONTROLLERS", onlyIf("operator.suspendFluxControllers")],
  ["OPERATOR_METRICS_ENABLED", always("operator.metrics")],
  ["OPERATOR_METRICS_ADDR", metrics("[::]:9000")],
  ["OPERATOR_METRICS_FALLBACK_ADDR", metrics("0.0.0.0:9000")],
  ["OPERATOR_JSON_LOG", always("operator.jsonLog")],
  ["OPERATOR_REQUIRE_FRONT_PROXY_CLIENT_CERT", always("operator.requireFrontProxyClientCert")],
  ["OPERATOR_AGENT_CONFIG", file("agent-config")],
  ...branchConfigs(databases.slice(0, OLDER_DATABASES)),
  ["OPERATOR_PREVIEW_CONFIG", file("preview-config")],
  ...branchConfigs(databases.slice(OLDER_DATABASES)),
  ["OPERATOR_TLS_CERT_PATH", tlsFile("tls.crt")],
  ["OPERATOR_TLS_KEY_PATH", tlsFile("tls.key")],
  ["OPERATOR_AGENT_CONNECTION_TLS", onlyIf("agent.tls")],
  ["OPERATOR_AGENT_PORT", "agent.port"],
  ["OPERATOR_NO_POD_TARGETS_SESSION_TIMEOUT_MILLIS", "operator.noPodTargetsSessionTimeoutMillis"],
  ["OPERATOR_KAFKA_SPLITTING_TTL", "operator.idleKafkaSplitTtlMillis"],
  ["OPERATOR_KAFKA_SPLITTING_TOPIC_FORMAT", "operator.kafkaSplittingTopicFormat"],
  ["OPERATOR_COPY_TARGET_USE_AGENT_IMAGE", always("operator.copyTarget.useAgentImage")],
  ["OPERATOR_LICENSE_SERVER", "license.licenseServer"],
  ["OPERATOR_LICENSE_ALLOW_SEAT_OVERAGES", always("license.allowSeatOverages")],
  ["OPERATOR_CLUSTER_NAME", "operator.clusterName"],
  ["OPERATOR_JIRA_WEBHOOK_URL", "operator.jiraWebhookUrl"],
  ["OPERATOR_MUTATING_WEBHOOKS", () => "true"],
  ["OPERATOR_ISOLATE_PODS_RESTART", always("operator.isolatePodsRestart")],
  ["OPERATOR_INJECT_SESSION_KEY_HEADER", onlyIf("operator.injectSessionKeyHeader")],
  ["OPERATOR_SQS_SPLITTING_LINGER_TIMEOUT", "operator.sqsSplittingLingerTimeout"],
  ["OPERATOR_QUEUE_SPLITTING_WAIT_FOR_READY_TARGET", always("operator.queueSplittingWaitForReadyTarget")],
  ["OPERATOR_IMAGE", ({ image }) => image],
  ["OPERATOR_IMAGE_PULL_POLICY", ({ pullPolicy }) => pullPolicy],
  [
    "OPERATOR_KAFKA_SPLITTING_SIDECAR_PORT",
    ({ values }) => (hasSidecar(values) ? scalarText(values.get("operator.kafkaSplittingSidecar.port")) : undefined),
  ],
  ["OPERATOR_AGENT_EXTRA_ENV", ({ values }) => jsonText(values.object("agent.extraEnv"))],
  [
    "MIRRORD_MULTICLUSTER_CONFIG",
    ({ features }) => (features.has("multiCluster") ? `${SETTINGS}/multicluster-config.yaml` : undefined),
  ],
  [
    "MIRRORD_CLUSTERS_CONFIG",
    ({ features, values }) =>
      features.has("multiCluster") && Object.keys(values.object("operator.multiCluster.clusters")).length > 0
        ? `${SETTINGS}/clusters-config.yaml`
        : undefined,
  ],
];

/** After the variables of the user, which the addresses may refer to as `$(NAME)`. */
const last: readonly (readonly [string, Source])[] = [
  ["OTLP_LOGS_URL", "operator.otelLogExportUrl"],
  ["OTLP_TRACES_URL", "operator.otelTraceExportUrl"],
  ["OTLP_RUST_LOG", "operator.otelLogLevel"],
  ["OPERATOR_LICENSE_KEY_GSM_REF", "license.keyGsmRef"],
  [
    "OPERATOR_LICENSE_GSM_REF",
    ({ values }) => values.text("license.pemGsmRef") || values.text("license.gsmRef") || undefined,
  ],
  ["OPERATOR_LICENSE_PATH", ({ values }) => (usesLicenseFile(values) ? "/license/license.pem" : undefined)],
  ["OPERATOR_CLOUD_API_KEY", "cloud.apiKey.key"],
  ["OPERATOR_CLOUD_API_KEY_GSM_REF", "cloud.apiKey.gsmRef"],
];

export const usesTlsSecret = (values: Values): boolean =>
  values.flag("tls.useExistingSecret") ||
  values.flag("tls.certManager.enabled") ||
  Boolean(values.labels("tls.data")["tls.key"]);

export const usesLicenseFile = (values: Values): boolean =>
  Object.keys(values.object("license.file.data")).length > 0 || values.text("license.pemRef") !== "";

export const hasSidecar = (values: Values): boolean =>
  values.flag("operator.kafkaSplitting") && values.flag("operator.kafkaSplittingSidecar.enabled");

/** As Go writes it: keys in order at every depth, and what HTML could mistake escaped. */
function jsonText(value: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.keys(value).length === 0) return undefined;
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(inOrder(value)).replaceAll(/[<>&\u2028\u2029]/g, escape);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).toSorted(byCodePoint);
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}

/** The variables of the operator's container. */
export function operatorEnvironment(chart: Chart): V1EnvVar[] {
  const { values } = chart;
  const keyReference = values.text("cloud.apiKey.keyRef");
  return [
    { name: "AWS_ROLE_SESSION_NAME", value: "mirrord-operator" },
    { name: "RUST_LOG", value: values.text("operator.logLevel") },
    { name: "OPERATOR_ADDR", value: String(write(chart, address("[::]"))) },
    { name: "OPERATOR_FALLBACK_ADDR", value: String(write(chart, address("0.0.0.0"))) },
    field("OPERATOR_POD_NAME", "metadata.name"),
    field("OPERATOR_POD_UID", "metadata.uid"),
    field("MIRRORD_OPERATOR_NAMESPACE", "metadata.namespace"),
    // Also where the Service has another name.
    { name: "OPERATOR_SERVICE_NAME", value: "mirrord-operator" },
    ...written(chart, first),
    ...given(values.object("operator.extraEnv")),
    ...written(chart, last),
    ...(keyReference === ""
      ? []
      : [{ name: "OPERATOR_CLOUD_API_KEY", valueFrom: { secretKeyRef: { name: keyReference, key: "apiKey" } } }]),
  ];
}

const field = (name: string, fieldPath: string): V1EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });

function written(chart: Chart, variables: typeof first): V1EnvVar[] {
  return variables.flatMap(([name, source]) => {
    const value = write(chart, source);
    return value === undefined ? [] : [{ name, value }];
  });
}

function write(chart: Chart, source: Source): string | undefined {
  if (typeof source !== "string") return source(chart);
  const value = chart.values.get(source);
  return value ? scalarText(value) : undefined;
}

function given(variables: Readonly<Record<string, unknown>>): V1EnvVar[] {
  return Object.keys(variables)
    .toSorted()
    .map((name) => {
      const value = variables[name];
      return isJsonObject(value) ? { name, ...value } : { name, value: scalarText(value) ?? "" };
    });
}
