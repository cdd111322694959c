import type { Feature } from "./features.ts";
import { branchingFeatures, splittingFeatures } from "./features.ts";
import type { Values } from "./values.ts";

/** The operator that is installed where no tag is given; its chart has the same version. */
export const OPERATOR_VERSION = "3.187.0";

/** What Helm calls a release. */
export interface Release {
  name: string;
  namespace: string;
}

/** What every object is made from. */
export interface Chart {
  values: Values;
  release: Release;
  features: ReadonlySet<Feature>;
  /** Of the operator itself. */
  namespace: string;
  /** Labels of all objects that have any. */
  labels: Record<string, string>;
  image: string;
  pullPolicy: string;
}

const switches: Readonly<Partial<Record<Feature, string>>> = { multiCluster: "operator.multiCluster.enabled" };
const others: readonly Feature[] = [
  "previewEnv",
  "multiCluster",
  "isolatePodsRestart",
  "applicationPauseAutoSync",
  "suspendFluxControllers",
  "dbBranchingLiteralCredentials",
];

export function chart(values: Values, release: Release): Chart {
  const known: readonly Feature[] = [...splittingFeatures, ...branchingFeatures, ...others];
  return {
    values,
    release,
    features: new Set(known.filter((feature) => values.flag(switches[feature] ?? `operator.${feature}`))),
    namespace: values.text("namespace"),
    labels: {
      "app.kubernetes.io/name": "mirrord-operator",
      "app.kubernetes.io/instance": release.name,
      "app.kubernetes.io/version": OPERATOR_VERSION,
      "app.kubernetes.io/managed-by": "kubectl-mirrord",
      ...values.labels("operator.labels"),
    },
    image: `${values.text("operator.image")}:${imageTag(values)}`,
    pullPolicy: values.text("operator.imagePullPolicy") || "IfNotPresent",
  };
}

/** Also of the sidecar's image. */
export const imageTag = (values: Values): string => values.text("operator.imageTag") || OPERATOR_VERSION;
