import { usageError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { chart, type Chart, type Release } from "./chart.ts";
import { customResourceDefinitions } from "./crds/definitions.ts";
import { checkLicense } from "./license.ts";
import { accessObjects } from "./objects/access.ts";
import { hookObjects } from "./objects/hooks.ts";
import {
  apiService,
  certificateObjects,
  namespaceObject,
  priorityClass,
  securityContextConstraints,
} from "./objects/platform.ts";
import { secrets } from "./objects/secrets.ts";
import { configMap } from "./objects/settings.ts";
import { deployment, service } from "./objects/workload.ts";
import { fillTemplates } from "./template.ts";
import { readValues } from "./values.ts";

/** Values as they are nested in the operator's Helm chart; lib/install/values-table.ts has all of them. */
export type OperatorValues = JsonObject;

/** What a set of values installs. */
export interface Installation {
  /** In an order in which they can be applied: the namespace and definitions first, the APIService last. */
  objects: KubernetesObject[];
  /** What Helm runs before it uninstalls; to be compared with, never applied. */
  hooks: KubernetesObject[];
}

// As `helm template` has it that is told no namespace.
const DEFAULT_RELEASE: Release = { name: "mirrord-operator", namespace: "default" };

/**
 * The objects that the operator's Helm chart makes of values, in an order in which they can be applied; without Helm's own labels,
 * and without its hooks.
 * @throws UserError "usage" for unknown values, wrong types, and combinations that the chart refuses
 */
export function renderOperator(values: OperatorValues, release = DEFAULT_RELEASE): KubernetesObject[] {
  return renderInstallation(values, release).objects;
}

/** The same, with what Helm runs before it uninstalls. */
export function renderInstallation(values: OperatorValues, release = DEFAULT_RELEASE): Installation {
  const given = chart(readValues(values), release);
  checkLicense(given.values);
  checkIssuer(given);
  checkClusters(given);
  return {
    objects: [
      ...namespaceObject(given),
      ...customResourceDefinitions(given.features),
      ...priorityClass(given),
      ...accessObjects(given),
      ...secrets(given),
      configMap(given),
      ...securityContextConstraints(given),
      ...certificateObjects(given),
      ...extraObjects(given),
      service(given),
      deployment(given),
      apiService(given),
    ],
    hooks: hookObjects(given),
  };
}

function checkIssuer({ values }: Chart): void {
  if (!values.flag("tls.certManager.enabled") || typeof values.get("tls.certManager.issuer") === "string") return;
  throw usageError("tls.certManager.issuer is an object, and has to be a text where cert-manager is used");
}

function checkClusters({ values, features }: Chart): void {
  if (!features.has("multiCluster")) return;
  for (const [name, cluster] of Object.entries(values.object("operator.multiCluster.clusters"))) {
    if (isJsonObject(cluster) && cluster["authType"]) continue;
    throw usageError(
      `operator.multiCluster.clusters.${name} says no authType`,
      "Set it to eks, aks, bearerToken or mtls.",
    );
  }
}

function extraObjects(given: Chart): KubernetesObject[] {
  return given.values.list("extraObjects").map((object, at) => {
    const where = `extraObjects[${at}]`;
    const filled = fillTemplates(object, given, where);
    if (!isJsonObject(filled)) throw usageError(`${where} is not an object`);
    const { apiVersion, kind, metadata } = filled;
    if (typeof apiVersion !== "string" || typeof kind !== "string" || !isJsonObject(metadata)) {
      throw usageError(`${where} needs apiVersion, kind and metadata`);
    }
    return { ...filled, apiVersion, kind, metadata };
  });
}
