import type {
  V1Container,
  V1Deployment,
  V1PodSpec,
  V1Probe,
  V1ResourceRequirements,
  V1Service,
  V1Volume,
  V1VolumeMount,
} from "@kubernetes/client-node";
import { isJsonObject } from "../../json.ts";
import type { ApiObject, Json } from "../../kubernetes/api-types.ts";
import { imageTag, type Chart } from "../chart.ts";
import { scalarText, type Values } from "../values.ts";
import { hasSidecar, operatorEnvironment, usesLicenseFile, usesTlsSecret } from "./workload-env.ts";

const NAME = "mirrord-operator";
const app = { app: NAME };
const component = { component: "operator", "app.kubernetes.io/component": "operator" };

export function service({ values, namespace, labels, features }: Chart): ApiObject<V1Service> {
  const temporal = {
    name: "temporal",
    port: values.number("operator.temporalProxy.port") ?? 0,
    targetPort: "temporal",
  };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: values.text("service.name"), namespace, labels: { ...app, ...labels } },
    spec: {
      ports: [
        { name: "https", port: port(values), targetPort: "https" },
        ...(features.has("temporalSplitting") ? [temporal] : []),
      ],
      // Only the pod that leads.
      selector: { ...app, "mirrord-operator-leader": "true" },
      type: "ClusterIP",
    },
  };
}

export const port = (values: Values): number => values.number("operator.port") ?? 0;

export function deployment(chart: Chart): ApiObject<V1Deployment> {
  const { values, namespace, labels } = chart;
  const annotations = values.labels("operator.podAnnotations");
  const replicas = values.number("operator.replicas");
  const podLabels = {
    ...labels,
    ...app,
    ...component,
    ...(values.text("sa.azureClientId") === "" ? {} : { "azure.workload.identity/use": "true" }),
    ...values.labels("operator.podLabels"),
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace, labels: { ...app, ...component, ...labels } },
    spec: {
      selector: { matchLabels: app },
      ...(replicas === undefined ? {} : { replicas }),
      template: {
        metadata: { labels: podLabels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
        spec: podSpec(chart),
      },
    },
  };
}

/** Below it only root may listen, unless the pod says otherwise. */
const FIRST_FREE_PORT = 1024;

function podSpec(chart: Chart): Json<V1PodSpec> {
  const { values } = chart;
  const sysctls = [{ name: "net.ipv4.ip_unprivileged_port_start", value: String(port(values)) }];
  return {
    ...passedOn<V1PodSpec>(values, {
      imagePullSecrets: "operator.imagePullSecrets",
      tolerations: "operator.tolerations",
      nodeSelector: "operator.nodeSelector",
      affinity: "operator.affinity",
    }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      ...(port(values) < FIRST_FREE_PORT ? { sysctls } : {}),
    },
    containers: [operatorContainer(chart), ...(hasSidecar(values) ? [sidecar(chart)] : [])],
    serviceAccountName: values.text("sa.name"),
    volumes: volumes(values),
  };
}

/** What was given, as it is, where there is something: only the API server knows all that can be said there. */
function passedOn<Type extends object>(values: Values, paths: { [Field in keyof Type]?: string }): Partial<Json<Type>> {
  const set: Record<string, unknown> = {};
  for (const [field, path] of Object.entries<string | undefined>(paths)) {
    const value = path === undefined ? undefined : values.get(path);
    if (isSomething(value)) set[field] = value;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Checked by the API server.
  return set as Partial<Json<Type>>;
}

const isSomething = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isJsonObject(value) && Object.keys(value).length > 0;

const locked: NonNullable<Json<V1Container>["securityContext"]> = {
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
};

function operatorContainer(chart: Chart): Json<V1Container> {
  const { values, image, pullPolicy, features } = chart;
  const secretName =
    values.text("license.key") === "" ? values.text("license.keyRef") : values.text("license.file.secret");
  const args = values.texts("operator.containerArgs");
  const temporal = { containerPort: values.number("operator.temporalProxy.port") ?? 0, name: "temporal" };
  return {
    name: NAME,
    image,
    imagePullPolicy: pullPolicy,
    ...(args.length === 0 ? {} : { args }),
    env: operatorEnvironment(chart),
    ...(secretName === "" ? {} : { envFrom: [{ secretRef: { name: secretName } }] }),
    livenessProbe: { ...probe(values), timeoutSeconds: 10, failureThreshold: 30 },
    readinessProbe: probe(values),
    ports: [
      { containerPort: port(values), name: "https" },
      ...(features.has("temporalSplitting") ? [temporal] : []),
      ...(values.flag("operator.metrics") ? [{ containerPort: 9000, name: "metrics" }] : []),
    ],
    resources: resources(values, "operator"),
    securityContext: locked,
    volumeMounts: mounts(values),
  };
}

const probe = (values: Values): Json<V1Probe> => ({
  httpGet: { path: "/health", port: port(values), scheme: "HTTPS" },
  periodSeconds: 5,
});

function resources(values: Values, where: string): Json<V1ResourceRequirements> {
  const amounts = (kind: "requests" | "limits") => {
    const set = ["cpu", "memory"].flatMap((name) => {
      const amount = values.get(`${where}.${kind}.${name}`);
      return amount === undefined || amount === "" ? [] : [[name, amount]];
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- A number is an amount as well.
    return Object.fromEntries(set) as Record<string, string>;
  };
  return { requests: amounts("requests"), limits: amounts("limits") };
}

function sidecar({ values, pullPolicy }: Chart): Json<V1Container> {
  const where = "operator.kafkaSplittingSidecar";
  return {
    name: "kafka-sidecar",
    image: `${values.text(`${where}.image`)}:${imageTag(values)}`,
    imagePullPolicy: pullPolicy,
    env: [{ name: "HTTP_PORT", value: scalarText(values.get(`${where}.port`)) ?? "" }],
    resources: resources(values, where),
    securityContext: locked,
  };
}

function mounts(values: Values): Json<V1VolumeMount>[] {
  return [
    ...(usesTlsSecret(values) ? [{ mountPath: "/tls", name: "tls-volume" }] : []),
    { mountPath: "/mirrord-config", name: "mirrord-config-volume" },
    ...(usesLicenseFile(values) ? [{ mountPath: "/license", name: "license-volume" }] : []),
    ...passedList<V1VolumeMount>(values, "operator.extraVolumeMounts"),
    { mountPath: "/tmp", name: "tmp" },
  ];
}

function volumes(values: Values): Json<V1Volume>[] {
  const secretVolume = (name: string, secretName: string) => ({ name, secret: { secretName } });
  const license = values.text("license.pemRef") || values.text("license.file.secret");
  return [
    { name: "mirrord-config-volume", configMap: { name: "mirrord-configmap" } },
    ...(usesTlsSecret(values) ? [secretVolume("tls-volume", values.text("tls.secret"))] : []),
    ...(usesLicenseFile(values) ? [secretVolume("license-volume", license)] : []),
    ...passedList<V1Volume>(values, "operator.extraVolumes"),
    { name: "tmp", emptyDir: {} },
  ];
}

function passedList<Type>(values: Values, path: string): Json<Type>[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Checked by the API server.
  return values.list(path) as Json<Type>[];
}
