import { accessModel, MANAGED_BY, MANAGED_BY_LABEL, ROLE_PREFIX } from "../../access/names.ts";
import type { Guard } from "../../access/guard.ts";
import { outlineGrant } from "../../access/outline.ts";
import { dangerousRules } from "../../access/roles.ts";
import { bindableRoles } from "../../access/sync-role.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Stored } from "../../kubernetes/plan.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { typeRegistry } from "../../kubernetes/type-registry.ts";
import { roleRules } from "../../rbac/decode.ts";
import { readGrantGuard } from "../../reading/guards.ts";
import { readGrants, readOwnRoles } from "../../reading/grants.ts";
import { readObject, type Read } from "../../reading/read.ts";
import { readNamespaceContents, type NamespaceWithContents } from "../namespace-contents.ts";
import { alwaysBindable, syncReferences } from "./objects.ts";

/** What is installed of it by this program, without the namespace. `unreadable`: plural resource names of what may not be read. */
export async function readSyncObjects(cluster: Cluster): Promise<{ objects: Stored[]; unreadable: string[] }> {
  const references = syncReferences();
  const { typeOf } = typeRegistry(references, []);
  const unreadable = new Set<string>();
  const found = await Promise.all(
    references.map(async (reference): Promise<Stored[]> => {
      const type = typeOf(reference);
      const { name = "", namespace } = reference.metadata;
      if (type === undefined) return [];
      const read = await readObject(cluster, type, name, namespace);
      if (read.failed) unreadable.add(type.resource);
      return read.failed || read.value === undefined || !isOurs(read.value) ? [] : [{ type, object: read.value }];
    }),
  );
  return { objects: found.flat(), unreadable: [...unreadable] };
}

const isOurs = ({ metadata: { labels } }: KubernetesObject): boolean => labels?.[MANAGED_BY_LABEL] === MANAGED_BY;

/** Its namespace, where this program made it, and what is in it besides these objects. Fails where it may not be read. */
export async function readHome(
  cluster: Cluster,
  objects: readonly Stored[],
): Promise<Read<NamespaceWithContents | undefined>> {
  const { namespace } = accessModel.sync;
  const type = nativeResources.namespaces;
  const read = await readObject(cluster, type, namespace);
  if (read.failed) return read;
  if (read.value === undefined || !isOurs(read.value)) return { failed: false, value: undefined };
  const contents = await readNamespaceContents(cluster, namespace, objects);
  return { failed: false, value: { namespace: { type, object: read.value }, contents } };
}

export interface SyncFacts {
  /** Of the CronJob that is there. */
  image: string | undefined;
  /** ClusterRoles that it has to bind besides those that it always may: of custom roles, and of grants. */
  bindable: string[];
  /** Those of them whose holder could give himself everything: whoever reaches the CronJob would have that, so it may not bind them. */
  dangerous: string[];
  /** Whether only administrators write grants, so that it acts by itself. */
  guard: Guard;
}

/** Throws where grants or roles may not be read: their roles would be left out. */
export async function readSyncFacts(cluster: Cluster): Promise<SyncFacts> {
  const { sync } = accessModel;
  const [role, job, grants, own, guard] = await Promise.all([
    cluster.get(nativeResources.clusterRoles, sync.role),
    cluster.get(nativeResources.cronJobs, sync.name, sync.namespace),
    readGrants(cluster),
    readOwnRoles(cluster),
    readGrantGuard(cluster),
  ]);
  const granted = grants.flatMap(({ intent }) => (intent === undefined ? [] : outlineGrant(intent).roles.needed));
  const custom = [...own.keys()].filter((name) => name.startsWith(ROLE_PREFIX));
  const always = new Set(alwaysBindable);
  const kept = role === undefined ? [] : bindableRoles(role);
  const names = [...new Set([...kept, ...granted, ...custom])].filter((name) => !always.has(name)).toSorted();
  const judged = await Promise.all(
    names.map(async (name) => {
      const found = own.get(name) ?? (await cluster.get(nativeResources.clusterRoles, name));
      return { name, isThere: found !== undefined, isDangerous: found !== undefined && isDangerous(found) };
    }),
  );
  const there = judged.filter(({ isThere }) => isThere);
  return {
    image: job && cronJobImage(job),
    bindable: there.filter((each) => !each.isDangerous).map(({ name }) => name),
    dangerous: there.filter((each) => each.isDangerous).map(({ name }) => name),
    guard: cluster.offline ? { guards: true, unreadable: [] } : guard,
  };
}

const isDangerous = (role: KubernetesObject): boolean => dangerousRules(roleRules(role)).length > 0;

/** Of its first container; undefined for none. */
export function cronJobImage(job: KubernetesObject): string | undefined {
  const { template } = objectIn(objectIn(objectIn(job["spec"])["jobTemplate"])["spec"]);
  const [container] = listIn(objectIn(objectIn(template)["spec"])["containers"]);
  return textIn(objectIn(container)["image"]) || undefined;
}
