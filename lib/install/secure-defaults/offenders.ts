import type { V1ManagedFieldsEntry, V1PersistentVolumeSpec } from "@kubernetes/client-node";
import { podOffences, type PrivilegedAttribute } from "../../access/privileged-options.ts";
import { listIn, textIn } from "../../json.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject, OwnerReference } from "../../kubernetes/object.ts";
import { podSpec } from "../../mirrord/workload.ts";

/** An object that nobody but administrators and who is exempt could make today. */
export interface Offender {
  kind: string;
  namespace?: string;
  name: string;
  attributes: PrivilegedAttribute[];
  /** `spec.hostPID`, `containers[app].privileged`. */
  paths: string[];
  /** The object that it was made by; left out where somebody made it directly. `Installation/default`. */
  owner?: string;
  /** Who wrote its specification, by their field managers: names of programs, not of users. */
  managers: string[];
  /** Its owner is a controller of an add-on, which judges as itself when it makes the object again. */
  byAddOn: boolean;
}

/** What Kubernetes' own controllers make of others is not named: the template is, at its author. */
const ownGroups = new Set(["v1", "apps/v1", "batch/v1"]);

/**
 * The offenders among workloads, pods and volumes, without what Kubernetes' own controllers made, and without `kube-system`,
 * which is exempt.
 */
export function offenders(objects: readonly KubernetesObject[], localClasses: readonly string[] = []): Offender[] {
  return objects.flatMap((object) => {
    const { name = "", namespace } = object.metadata;
    const owner = controllingOwner(object);
    if (namespace === "kube-system" || (owner !== undefined && ownGroups.has(owner.apiVersion))) return [];
    const found = object.kind === "PersistentVolume" ? volumePaths(object, localClasses) : podOffences(podSpec(object));
    if (found.length === 0) return [];
    return [
      {
        kind: object.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        attributes: [...new Set(found.map(({ option }) => option))],
        paths: found.map(({ path }) => path),
        ...(owner === undefined ? {} : { owner: `${owner.kind}/${owner.name}` }),
        managers: specManagers(object),
        byAddOn: owner !== undefined && owner.kind !== "Node",
      },
    ];
  });
}

function controllingOwner({ metadata: { ownerReferences = [] } }: KubernetesObject): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
}

function volumePaths(volume: KubernetesObject, localClasses: readonly string[]) {
  const { local, hostPath, storageClassName } = fieldsIn<V1PersistentVolumeSpec>(volume["spec"]);
  const paths = [
    ...(local === undefined ? [] : ["spec.local"]),
    ...(hostPath === undefined ? [] : ["spec.hostPath"]),
    ...(localClasses.includes(textIn(storageClassName)) ? ["spec.storageClassName"] : []),
  ];
  return paths.map((path) => ({ option: "localVolume" as const, path }));
}

/** Without those who only write the status. */
function specManagers({ metadata }: KubernetesObject): string[] {
  const entries = listIn(metadata["managedFields"]).map((entry) => fieldsIn<V1ManagedFieldsEntry>(entry));
  const names = entries.flatMap(({ manager, subresource, fieldsV1 }) =>
    textIn(subresource) === "" && "f:spec" in fieldsIn<Record<string, unknown>>(fieldsV1) ? [textIn(manager)] : [],
  );
  return [...new Set(names)].toSorted();
}
