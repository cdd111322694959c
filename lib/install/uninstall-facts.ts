import { ADMIN_ROLE, COLLECTIONS, GRANT_LABEL, MANAGED_BY, MANAGED_BY_LABEL, ROLE_PREFIX } from "../access/names.ts";
import { storedGrants, type StoredGrant } from "../access/stored.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { Stored } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { attempt, readList, readObject, type Read } from "../reading/read.ts";
import { readSessions, type ReadSessions } from "../reading/sessions.ts";
import { COMPONENT_LABEL } from "./component.ts";
import { readInstalled, type Installed } from "./installed.ts";
import { readNamespaceContents, type NamespaceContents, type NamespaceWithContents } from "./namespace-contents.ts";
import { apiServiceState } from "./status.ts";
import { readHome, readSyncObjects } from "./sync/read.ts";

/** What decides on what an uninstallation does. */
export interface UninstallFacts {
  installed: Installed;
  /** Every definition with the objects of its kind. */
  definitions: { definition: KubernetesObject; objects: Stored[] }[];
  /** Failed: nobody could ask the operator. */
  sessions: Read<ReadSessions>;
  /** Whether the API server reaches the operator. */
  answers: boolean;
  grants: StoredGrant[];
  /** Of this program, and not of the operator: guards of pods and grants. */
  guards: Stored[];
  /** What the access model consists of besides these: kinds, roles and who holds them, the list of collections. */
  accessModel: Stored[];
  /** What grants bind: the ClusterRoles of this program, and those that administrators made with it. */
  grantRoles: Stored[];
  /** What runs grant sync. */
  sync: Stored[];
  /** Its namespace, where this program made it; undefined as well where no sync is there. */
  home: NamespaceWithContents | undefined;
  /** Of the operator's namespace, where that is the installation's; undefined: it is not, or it is being deleted. */
  contents: NamespaceContents | undefined;
  /** The operator's namespace while it is being deleted. */
  ending: Stored | undefined;
  /** What may not be read, as plural resource names. */
  unreadable: string[];
}

export async function readUninstallFacts(cluster: Cluster, namespace: string | undefined): Promise<UninstallFacts> {
  const unreadable = new Set<string>();
  const found = async (type: ResourceType, labelSelector?: string): Promise<Stored[]> => {
    const read = await readList(cluster, type, labelSelector === undefined ? {} : { labelSelector });
    if (read.failed) unreadable.add(type.resource);
    return read.failed ? [] : read.value.map((object) => ({ type, object }));
  };
  const installed = await readInstalled(cluster, namespace);
  const answers = apiServiceState(installed).state === "available";
  const guardTypes = [nativeResources.admissionPolicies, nativeResources.admissionPolicyBindings];
  const [sessions, definitions, grants, guards, accessModel, roles, sync, contents] = await Promise.all([
    attempt(() => readSessions(cluster, undefined)),
    Promise.all(
      installed.definitions.map(async (definition) => ({ definition, objects: await found(definedType(definition)) })),
    ),
    found(nativeResources.clusterRoleBindings, GRANT_LABEL),
    Promise.all(guardTypes.map((type) => found(type, `${MANAGED_BY_LABEL}=${MANAGED_BY}`))),
    readAccessModel(cluster, found, unreadable),
    found(nativeResources.clusterRoles, `${MANAGED_BY_LABEL}=${MANAGED_BY}`),
    readSync(cluster),
    installedNamespace(installed) === undefined
      ? undefined
      : readNamespaceContents(cluster, installed.namespace, installed.objects),
  ]);
  return {
    installed,
    definitions,
    sessions,
    answers,
    grants: storedGrants(grants),
    guards: guards.flat(),
    accessModel,
    grantRoles: roles.filter(({ object }) => object.metadata.name?.startsWith(ROLE_PREFIX)),
    sync: sync.sync,
    home: sync.home,
    contents,
    ending: namespaceObject(installed, true),
    unreadable: [...new Set([...installed.unreadable, ...sync.unreadable, ...unreadable])].toSorted(),
  };
}

/** The administrators' binding and the list of collections are written by `grant`, under names of their own. */
async function readAccessModel(
  cluster: Cluster,
  found: (type: ResourceType, labelSelector: string) => Promise<Stored[]>,
  unreadable: Set<string>,
): Promise<Stored[]> {
  const named: [type: ResourceType, name: string, namespace?: string][] = [
    [nativeResources.clusterRoleBindings, ADMIN_ROLE],
    [nativeResources.configMaps, COLLECTIONS.name, COLLECTIONS.namespace],
  ];
  const { customResourceDefinitions, clusterRoles, clusterRoleBindings } = nativeResources;
  const [labelled, single] = await Promise.all([
    Promise.all(
      [customResourceDefinitions, clusterRoles, clusterRoleBindings].map((type) =>
        found(type, `${COMPONENT_LABEL}=access-model`),
      ),
    ),
    Promise.all(
      named.map(async ([type, name, namespace]): Promise<Stored[]> => {
        const read = await readObject(cluster, type, name, namespace);
        if (read.failed) unreadable.add(type.resource);
        return read.failed || read.value === undefined ? [] : [{ type, object: read.value }];
      }),
    ),
  ]);
  return [...labelled.flat(), ...single.flat()];
}

async function readSync(cluster: Cluster): Promise<Pick<UninstallFacts, "sync" | "home" | "unreadable">> {
  const { objects: sync, unreadable } = await readSyncObjects(cluster);
  if (sync.length === 0) return { sync, home: undefined, unreadable };
  const home = await readHome(cluster, sync);
  if (home.failed) return { sync, home: undefined, unreadable: [...unreadable, nativeResources.namespaces.resource] };
  return { sync, home: home.value, unreadable };
}

/** The cluster's own, where an operator can be installed too. */
const isSystem = (name: string): boolean => name === "default" || name.startsWith("kube-");

/** The namespace as an object of the installation, unless it is being deleted already. */
export const installedNamespace = (installed: Installed): Stored | undefined =>
  isSystem(installed.namespace) ? undefined : namespaceObject(installed, false);

function namespaceObject({ objects, namespace }: Installed, isEnding: boolean): Stored | undefined {
  return objects.find(({ type, object: { metadata } }) => {
    const isIt = type.kind === "Namespace" && metadata.name === namespace;
    return isIt && (metadata.deletionTimestamp !== undefined) === isEnding;
  });
}

/** Where the objects of a definition live in the API, in the version in which they are stored. */
function definedType({ spec }: KubernetesObject): ResourceType {
  const { group, scope, names, versions } = objectIn(spec);
  const { plural, kind } = objectIn(names);
  const version = listIn(versions)
    .map(objectIn)
    .find(({ storage }) => storage === true);
  return {
    group: textIn(group),
    version: textIn(version?.["name"]),
    resource: textIn(plural),
    kind: textIn(kind),
    namespaced: scope === "Namespaced",
  };
}
