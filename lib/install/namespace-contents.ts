// What is in a namespace besides an installation: it is deleted only when nobody else has anything in it.

import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { Stored } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { objectIn, textIn } from "../json.ts";
import { attempt, readList } from "../reading/read.ts";
import { NAME } from "./installed.ts";
import { allObjects } from "../kubernetes/object-list.ts";

export interface NamespaceContents {
  /** What somebody else made there. */
  foreign: Stored[];
  /** Why not everything could be looked at; empty: it was. */
  unknown: string[];
}

export interface NamespaceWithContents {
  namespace: Stored;
  contents: NamespaceContents;
}

/** Whether it is known that nobody else has anything there. */
export const isEmpty = ({ foreign, unknown }: NamespaceContents): boolean => foreign.length + unknown.length === 0;

/** Everything in the namespace that is neither in `goes`, nor made by the cluster itself, nor goes along with that. */
export async function readNamespaceContents(
  cluster: Cluster,
  namespace: string,
  goes: readonly Stored[],
): Promise<NamespaceContents> {
  const { types, unknown } = await listableTypes(cluster);
  const lists = await Promise.all(
    types.map(async (type) => {
      const read = await attempt(() => allObjects(cluster.list(type, { namespace })));
      if (!read.failed) return read.value.map((object) => ({ type, object }));
      // Some types can only be created.
      if (read.status !== 404 && read.status !== 405) unknown.push(`${type.resource}: ${read.error.message}`);
      return [];
    }),
  );
  return { foreign: foreignObjects(lists.flat(), goes), unknown };
}

/** Metrics are of pods, and the operator's API is of what it does. */
const MIRRORING = new Set(["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"]);

/** Events are about others; Endpoints are shown by their slices, and asking for them is warned of. */
const UNTOLD = new Set(["Event", "Endpoints"]);

/** Every namespaced type that the API server serves, each in one version. APIServices name all groups there are. */
async function listableTypes(cluster: Cluster): Promise<{ types: ResourceType[]; unknown: string[] }> {
  const services = await readList(cluster, nativeResources.apiServices);
  if (services.failed) return { types: [], unknown: [`apiservices: ${services.error.message}`] };
  const versions = services.value.map(({ spec }) => objectIn(spec));
  const unknown: string[] = [];
  const found = await Promise.all(
    versions.map(async ({ group, version, service }) => {
      const name = textIn(group);
      if (MIRRORING.has(name) || (service !== undefined && name.endsWith("metalbear.co"))) return [];
      const read = await attempt(() => cluster.discover(name, textIn(version)));
      if (read.failed) unknown.push(`${name}/${textIn(version)}: ${read.error.message}`);
      return read.failed ? [] : (read.value ?? []);
    }),
  );
  const types = found.flat().filter(({ namespaced, kind }) => namespaced && !UNTOLD.has(kind));
  return { types: [...new Map(types.map((type) => [`${type.group}/${type.resource}`, type])).values()], unknown };
}

/** Pure. What goes takes along what it owns, and what that owns. */
export function foreignObjects(found: readonly Stored[], goes: readonly Stored[]): Stored[] {
  const going = new Set(goes.map(({ object }) => object.metadata.uid));
  const names = new Set(goes.map(({ object }) => `${object.kind}/${object.metadata.name}`));
  let rest = found.filter(({ object }) => !going.has(object.metadata.uid) && !isMadeByItself(object, names));
  for (const { object } of found) if (!rest.some((one) => one.object === object)) going.add(object.metadata.uid);
  for (;;) {
    const owned = rest.filter(
      ({ object }) => object.metadata.ownerReferences?.some(({ uid }) => going.has(uid)) === true,
    );
    if (owned.length === 0) return rest;
    for (const { object } of owned) going.add(object.metadata.uid);
    rest = rest.filter((one) => !owned.includes(one));
  }
}

/** The cluster makes these in every namespace. */
const everywhere = new Set([
  "ConfigMap/kube-root-ca.crt",
  "ConfigMap/openshift-service-ca.crt",
  "ServiceAccount/default",
  "ServiceAccount/builder",
  "ServiceAccount/deployer",
]);

function isMadeByItself({ kind, metadata, ...object }: KubernetesObject, goes: ReadonlySet<string>): boolean {
  const { name = "", annotations = {}, deletionTimestamp } = metadata;
  if (deletionTimestamp !== undefined || everywhere.has(`${kind}/${name}`)) return true;
  switch (kind) {
    case "Lease":
      return name.startsWith(NAME) || textIn(objectIn(object["spec"])["holderIdentity"]).startsWith(NAME);
    case "Secret": {
      const account = `ServiceAccount/${annotations["kubernetes.io/service-account.name"]}`;
      const certificate = `Certificate/${annotations["cert-manager.io/certificate-name"]}`;
      return goes.has(account) || everywhere.has(account) || goes.has(certificate);
    }
    default:
      return false;
  }
}
