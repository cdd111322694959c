import type { V1Container, V1EnvFromSource, V1Volume } from "@kubernetes/client-node";
import { listIn, objectIn, textIn, type JsonObject } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { podSpec } from "../mirrord/workload.ts";

/** Where the operator that runs has its licence from, as values; nothing where it has none. Source: operator contract, section 4.4. */
export function keptLicense(deployment: KubernetesObject): JsonObject {
  const { containers, volumes } = podSpec(deployment);
  const { env, envFrom } = fieldsIn<V1Container>(listIn(containers)[0]);
  const variables = new Map(listIn(env).map((one) => [textIn(objectIn(one)["name"]), objectIn(one)]));
  const text = (name: string) => textIn(variables.get(name)?.["value"]);
  const { name: cloud } = objectIn(objectIn(variables.get("OPERATOR_CLOUD_API_KEY")?.["valueFrom"])["secretKeyRef"]);
  const keys = listIn(envFrom).map((one) => textIn(objectIn(fieldsIn<V1EnvFromSource>(one).secretRef)["name"]));
  const file = listIn(volumes)
    .map((one) => fieldsIn<V1Volume>(one))
    .find(({ name }) => name === "license-volume");
  const license = filled({
    keyRef: keys.find((name) => name !== "") ?? "",
    keyGsmRef: text("OPERATOR_LICENSE_KEY_GSM_REF"),
    pemRef: textIn(objectIn(file?.secret)["secretName"]),
    pemGsmRef: text("OPERATOR_LICENSE_GSM_REF"),
    licenseServer: text("OPERATOR_LICENSE_SERVER"),
  });
  const apiKey = filled({
    key: text("OPERATOR_CLOUD_API_KEY"),
    keyRef: textIn(cloud),
    gsmRef: text("OPERATOR_CLOUD_API_KEY_GSM_REF"),
  });
  return {
    ...(Object.keys(license).length === 0 ? {} : { license }),
    ...(Object.keys(apiKey).length === 0 ? {} : { cloud: { apiKey } }),
  };
}

const filled = (texts: Record<string, string>): JsonObject =>
  Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== ""));
