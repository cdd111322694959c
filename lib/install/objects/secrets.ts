import type { V1Secret } from "@kubernetes/client-node";
import { objectIn, textIn } from "../../json.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { Chart } from "../chart.ts";

/** What of a member cluster is kept in a Secret, by the key there. */
const clusterSecrets: Readonly<Record<string, string>> = {
  bearerToken: "bearerToken",
  "tls.crt": "tlsCrt",
  "tls.key": "tlsKey",
};

/** The Secrets of values that hold what is secret. */
export function secrets(chart: Chart): ApiObject<V1Secret>[] {
  return [...licenseSecret(chart), ...tlsSecret(chart), ...clusterCredentials(chart)];
}

function licenseSecret({ values, namespace, labels }: Chart): ApiObject<V1Secret>[] {
  const file = values.labels("license.file.data");
  const key = values.text("license.key");
  const stringData = { ...file, ...(key === "" ? {} : { OPERATOR_LICENSE_KEY: key }) };
  if (Object.keys(stringData).length === 0) return [];
  const metadata = { name: values.text("license.file.secret"), namespace, labels };
  return [{ apiVersion: "v1", kind: "Secret", metadata, stringData }];
}

function tlsSecret({ values, namespace, labels }: Chart): ApiObject<V1Secret>[] {
  const stringData = values.labels("tls.data");
  if (values.flag("tls.useExistingSecret") || !stringData["tls.key"]) return [];
  const metadata = { name: values.text("tls.secret"), namespace, labels };
  return [{ apiVersion: "v1", kind: "Secret", metadata, stringData, type: "kubernetes.io/tls" }];
}

/** In the namespace of the release, which `helm template` calls `default` unless it is told. */
function clusterCredentials({ values, release, features }: Chart): ApiObject<V1Secret>[] {
  if (!features.has("multiCluster")) return [];
  const clusters = values.object("operator.multiCluster.clusters");
  return Object.keys(clusters).flatMap((name) => {
    const cluster = objectIn(clusters[name]);
    const held = Object.entries(clusterSecrets).flatMap(([key, value]) => {
      const text = textIn(cluster[value]);
      return text === "" ? [] : [[key, text] as const];
    });
    // Half of a certificate is none.
    const isWhole = held.some(([key]) => key === "bearerToken") || held.length === 2;
    if (!isWhole) return [];
    const metadata = {
      name: `mirrord-cluster-${name}`,
      namespace: release.namespace,
      labels: { "operator.metalbear.co/remote-cluster-credentials": "true" },
    };
    return [{ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData: Object.fromEntries(held) }];
  });
}
