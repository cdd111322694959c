import type { V1Container } from "@kubernetes/client-node";
import { listIn, objectIn, textIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { podSpec } from "../mirrord/workload.ts";
import { branchingFeatures, splittingFeatures, type Feature } from "./features.ts";

/** What the operator's Deployment says of how it was installed. */
export interface InstalledSettings {
  image: string;
  /** The image's tag. */
  version: string | undefined;
  /** Literal values by name. */
  environment: ReadonlyMap<string, string>;
  features: ReadonlySet<Feature>;
}

export function installedSettings(deployment: KubernetesObject): InstalledSettings {
  const [container] = listIn(podSpec(deployment).containers);
  const { image, env } = fieldsIn<V1Container>(container);
  const environment = new Map(
    listIn(env).map((variable) => [textIn(objectIn(variable)["name"]), textIn(objectIn(variable)["value"])]),
  );
  const text = textIn(image);
  return { image: text, version: imageVersion(text), environment, features: switchedOn(environment) };
}

/** The tag is behind the last colon that no slash follows. */
const imageVersion = (image: string): string | undefined => /:([^:/@]+)(@.*)?$/s.exec(image)?.[1];

const inEnvironment: readonly Feature[] = [
  ...splittingFeatures,
  ...branchingFeatures,
  "previewEnv",
  "isolatePodsRestart",
  "applicationPauseAutoSync",
  "suspendFluxControllers",
];

function switchedOn(environment: ReadonlyMap<string, string>): Set<Feature> {
  const on = inEnvironment.filter((feature) => environment.get(variableName(feature)) === "true");
  return new Set([...on, ...(environment.has("MIRRORD_MULTICLUSTER_CONFIG") ? (["multiCluster"] as const) : [])]);
}

/** `gcpPubsubSplitting` is OPERATOR_GCP_PUBSUB_SPLITTING. */
const variableName = (feature: Feature): string => `OPERATOR_${feature.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
