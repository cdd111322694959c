// How an installation is doing: read once, as the caller; what may not be read is named.

import type { V1DeploymentSpec, V1DeploymentStatus } from "@kubernetes/client-node";
import type { Guard } from "../access/guard.ts";
import { organizationDefinition } from "../access/organizations/definition.ts";
import type { Lookup } from "../access/places.ts";
import type { SyncJob } from "../access/sync-job.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { httpStatus } from "../kubernetes/api-error.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import type { OperatorStatus } from "../mirrord/session/session-status.ts";
import { readSyncJob } from "../reading/grant-expiry.ts";
import { readAnchorGuard, readCollectionGuard, readGrantGuard } from "../reading/guards.ts";
import { lookUp } from "../reading/look-up.ts";
import { attempt, type Read } from "../reading/read.ts";
import { readOperatorStatus } from "../reading/sessions.ts";
import { definitionStates, type DefinitionState } from "./definition-state.ts";
import { installedSettings, type InstalledSettings } from "./installed-settings.ts";
import { NAME, readInstalled, type Installed } from "./installed.ts";

export interface ApiServiceState {
  state: "available" | "unavailable" | "missing" | "unreadable";
  /** Of the condition Available, in the API server's words. */
  reason: string;
  message: string;
}

export interface Replicas {
  wanted: number;
  ready: number;
  updated: number;
}

export interface InstallationStatus {
  installed: Installed;
  /** Undefined: there is no Deployment, or it may not be read. */
  settings: InstalledSettings | undefined;
  replicas: Replicas | undefined;
  apiService: ApiServiceState;
  /** What the operator says of itself. */
  operator: Read<OperatorStatus>;
  /** None where they may not be read. */
  definitions: DefinitionState[];
  /** What guards and ends grants. */
  access: {
    grantGuard: Guard;
    anchorGuard: Guard;
    collectionGuard: Guard;
    organizations: Lookup;
    sync: SyncJob;
  };
}

export async function readInstallationStatus(cluster: Cluster, namespace?: string): Promise<InstallationStatus> {
  const [installed, operator, grantGuard, anchorGuard, collectionGuard, organizations, sync] = await Promise.all([
    readInstalled(cluster, namespace),
    attempt<OperatorStatus>(() => readOperatorStatus(cluster)),
    readGrantGuard(cluster),
    readAnchorGuard(cluster),
    readCollectionGuard(cluster),
    lookUp(cluster, nativeResources.customResourceDefinitions, organizationDefinition.metadata.name ?? ""),
    readSyncJob(cluster),
  ]);
  const deployment = installedObject(installed, "Deployment", NAME);
  const settings = deployment && installedSettings(deployment);
  const isRefused = operator.failed && httpStatus(operator.error.cause) === 403;
  const unreadable = [
    ...installed.unreadable,
    ...(isRefused ? ["mirrordoperators"] : []),
    ...[grantGuard, anchorGuard, collectionGuard].flatMap((guard) => guard.unreadable),
    ...(organizations === "forbidden" ? [nativeResources.customResourceDefinitions.resource] : []),
    ...(sync.runs || sync.unread === undefined ? [] : [sync.unread]),
  ];
  return {
    installed: { ...installed, unreadable: [...new Set(unreadable)].toSorted() },
    settings,
    replicas: deployment && replicas(deployment),
    apiService: apiServiceState(installed),
    operator,
    definitions: installed.unreadable.includes("customresourcedefinitions")
      ? []
      : definitionStates(installed.definitions, settings?.features ?? new Set()),
    access: { grantGuard, anchorGuard, collectionGuard, organizations, sync },
  };
}

export function installedObject({ objects }: Installed, kind: string, name?: string): KubernetesObject | undefined {
  return objects.find(
    ({ type, object }) => type.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
  )?.object;
}

function replicas(deployment: KubernetesObject): Replicas {
  const { replicas: wanted } = fieldsIn<V1DeploymentSpec>(deployment["spec"]);
  const { readyReplicas, updatedReplicas } = fieldsIn<V1DeploymentStatus>(deployment["status"]);
  const count = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
  return { wanted: count(wanted, 1), ready: count(readyReplicas, 0), updated: count(updatedReplicas, 0) };
}

export function apiServiceState(installed: Installed): ApiServiceState {
  const service = installedObject(installed, "APIService");
  if (service === undefined) {
    const state = installed.unreadable.includes("apiservices") ? "unreadable" : "missing";
    return { state, reason: "", message: "" };
  }
  const conditions = listIn(objectIn(service["status"])["conditions"]).map(objectIn);
  const available = conditions.find(({ type }) => type === "Available");
  return {
    state: available?.["status"] === "True" ? "available" : "unavailable",
    reason: textIn(available?.["reason"]),
    message: textIn(available?.["message"]),
  };
}
