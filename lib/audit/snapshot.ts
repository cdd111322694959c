// What an audit needs of a cluster, for later and for elsewhere: who may do what, and what there is to do it to. Of workloads only
// fields that were chosen are taken, so that no password of an environment, a command line or a probe comes along.

import { organizationType } from "../access/organizations/definition.ts";
import { isJsonObject, listIn, objectIn, type JsonObject } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { workloadKinds, workloadType } from "../mirrord/target.ts";
import { readList } from "../reading/read.ts";
import { isTarget } from "../reading/targets.ts";

export interface Snapshot {
  objects: KubernetesObject[];
  /** What may not be listed, as plural resource names. */
  unreadable: string[];
}

/** Taken as they are. */
const wholeTypes: readonly ResourceType[] = [
  nativeResources.namespaces,
  nativeResources.clusterRoles,
  nativeResources.clusterRoleBindings,
  nativeResources.roles,
  nativeResources.roleBindings,
  nativeResources.apiServices,
  nativeResources.admissionPolicies,
  nativeResources.admissionPolicyBindings,
  mirrordResources.policies,
  mirrordResources.clusterPolicies,
  mirrordResources.profiles,
  mirrordResources.clusterProfiles,
  organizationType,
];

const workloadTypes: readonly ResourceType[] = [...workloadKinds.map(workloadType), nativeResources.daemonSets];

/** Reads all of it, as far as the caller may; what a cluster does not serve is not there. */
export async function takeSnapshot(cluster: Cluster): Promise<Snapshot> {
  const types = [...wholeTypes, nativeResources.serviceAccounts, ...workloadTypes];
  const reads = await Promise.all(types.map(async (type) => ({ type, read: await readList(cluster, type) })));
  const objects = reads.flatMap(({ type, read }) =>
    read.failed ? [] : read.value.filter(isTarget).map((object) => snapshotObject(type, object)),
  );
  return { objects, unreadable: reads.flatMap(({ type, read }) => (read.failed ? type.resource : [])) };
}

/** The object as it goes into a snapshot. */
export function snapshotObject(type: ResourceType, object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind } = object;
  const metadata = snapshotMetadata(object);
  if (type.resource === nativeResources.serviceAccounts.resource) return { apiVersion, kind, metadata };
  if (!workloadTypes.includes(type)) return { ...object, metadata };
  const { uid, ownerReferences } = object.metadata;
  const owners = ownerReferences === undefined ? {} : { ownerReferences };
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, ...(uid === undefined ? {} : { uid }), ...owners },
    spec: workloadSpec(objectIn(object["spec"])),
    status: only(objectIn(object["status"]), statusFields),
  };
}

/** Annotations of others can hold anything: that of `kubectl apply` is the whole object. */
function snapshotMetadata({ metadata }: KubernetesObject): KubernetesObject["metadata"] {
  const { name, namespace, labels, annotations = {} } = metadata;
  const ours = Object.entries(annotations).filter(([key]) => key.startsWith("kubectl-mirrord.io/"));
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(ours.length === 0 ? {} : { annotations: Object.fromEntries(ours) }),
  };
}

const statusFields = [
  "phase",
  "replicas",
  "readyReplicas",
  "availableReplicas",
  "updatedReplicas",
  "observedGeneration",
];
const workloadFields = [
  "replicas",
  "selector",
  "workloadRef",
  "completions",
  "parallelism",
  "schedule",
  "suspend",
  "ports",
  "type",
];
const podFields = [
  "serviceAccountName",
  "serviceAccount",
  "automountServiceAccountToken",
  "nodeName",
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "securityContext",
];
const containerFields = ["name", "image", "ports", "volumeMounts", "securityContext", "envFrom"];
const volumeFields = [
  "name",
  "secret",
  "configMap",
  "projected",
  "emptyDir",
  "hostPath",
  "persistentVolumeClaim",
  "downwardAPI",
];

/** Of a workload, of the Job of a CronJob, and of a pod, which is its own template. */
function workloadSpec(spec: JsonObject): JsonObject {
  const { template, jobTemplate, containers } = spec;
  return {
    ...only(spec, workloadFields),
    ...(containers === undefined ? {} : podSpec(spec)),
    ...(isJsonObject(template) ? { template: podTemplate(template) } : {}),
    ...(isJsonObject(jobTemplate) ? { jobTemplate: { spec: workloadSpec(objectIn(jobTemplate["spec"])) } } : {}),
  };
}

function podTemplate({ metadata, spec }: JsonObject): JsonObject {
  return { metadata: only(objectIn(metadata), ["labels"]), spec: podSpec(objectIn(spec)) };
}

function podSpec(spec: JsonObject): JsonObject {
  const lists = ["containers", "initContainers", "ephemeralContainers"].filter((field) => spec[field] !== undefined);
  const volumes =
    spec["volumes"] === undefined ? {} : { volumes: each(spec["volumes"], (volume) => only(volume, volumeFields)) };
  return {
    ...only(spec, podFields),
    ...Object.fromEntries(lists.map((field) => [field, each(spec[field], container)])),
    ...volumes,
  };
}

/** Names of variables, and where their values come from, but no value. */
function container(given: JsonObject): JsonObject {
  const { env } = given;
  return {
    ...only(given, containerFields),
    ...(env === undefined ? {} : { env: each(env, (variable) => only(variable, ["name", "valueFrom"])) }),
  };
}

const each = (list: unknown, take: (item: JsonObject) => JsonObject): JsonObject[] =>
  listIn(list).map((item) => take(objectIn(item)));

function only(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.flatMap((field) => (object[field] === undefined ? [] : [[field, object[field]]])));
}
