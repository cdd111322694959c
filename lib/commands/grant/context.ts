import type { CheckContext } from "../../access/findings.ts";
import { workloadTarget } from "../../access/intent.ts";
import type { LimitedTarget } from "../../access/roles.ts";
import { bindsPolicyReads, type StoredGrant } from "../../access/stored.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { workloadType } from "../../mirrord/target.ts";
import { unlessForbidden } from "../../reading/read.ts";
import { containerNames, templateReference } from "../../mirrord/workload.ts";
import { limitedTarget } from "../../access/roles.ts";
import { withTemplate } from "../../reading/workload.ts";
import { anchorsAreGuarded, weakExpiry } from "./expiry.ts";
import { readPolicyServed } from "../../reading/policy-reads.ts";
import { isTerminating, operatorNamespace, readNamespaces, selectNamespaces } from "./places.ts";

export interface Contexts {
  of(grant: StoredGrant): CheckContext;
  warnings: string[];
}

/**
 * What stored grants have to be compared with, read once for all of them: namespaces with their labels, the workloads that
 * grants are limited to, and whether subjects could undo an expiry. What may not be read is a warning, and not compared.
 */
export async function contextsOf(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  options: { now: number; weakness: boolean; anchorsRead?: boolean },
): Promise<Contexts> {
  const [listed, own, policies] = await Promise.all([
    readNamespaces(cluster),
    operatorNamespace(cluster),
    readPolicyServed(cluster),
  ]);
  const spaces = listed.failed ? undefined : listed.value;
  const places = new Map(
    grants.map((grant) => [grant, placesToday(grant, { spaces, operator: own, offline: cluster.offline })]),
  );
  const [workloads, weak] = await Promise.all([
    workloadsOf(cluster, grants, places),
    options.weakness ? weaknesses(cluster, grants, places, options.now) : new Map<StoredGrant, string[]>(),
  ]);
  return {
    warnings: [
      ...(spaces === undefined ? ["you may not list namespaces: where selectors match today is not compared"] : []),
      ...workloads.warnings,
    ],
    of(grant) {
      const namespaces = places.get(grant);
      const limits = limitsToday(grant, namespaces, workloads);
      return {
        now: options.now,
        live: !cluster.offline,
        policies: policies || bindsPolicyReads(grant),
        ...(namespaces === undefined ? {} : { namespaces }),
        ...(limits === undefined ? {} : { limits }),
        weak: weak.get(grant) ?? [],
        anchorsRead: options.anchorsRead ?? true,
      };
    },
  };
}

/** Namespaces that are gone or going are no place for a grant. */
function placesToday(
  { intent }: StoredGrant,
  {
    spaces,
    operator,
    offline,
  }: { spaces: readonly KubernetesObject[] | undefined; operator: string; offline: boolean },
): string[] | undefined {
  if (intent === undefined || intent.set.kind === "all") return intent === undefined ? undefined : [];
  const { namespaces, selectors = [] } = intent.set;
  if (spaces === undefined) return selectors.length === 0 ? namespaces : undefined;
  const standing = new Set(spaces.filter((space) => !isTerminating(space)).map(({ metadata }) => metadata.name));
  // A folder seldom holds its namespaces: they are there as soon as something is in them.
  const named = namespaces.filter((namespace) => offline || standing.has(namespace));
  return [...new Set([...named, ...selectNamespaces(spaces, selectors, operator)])].toSorted();
}

interface Workloads {
  /** Undefined: may not be read. */
  find(type: ResourceType, namespace: string, name: string): KubernetesObject | undefined;
  unreadable: ReadonlySet<string>;
  warnings: string[];
}

/** More workloads of one kind than this are listed at once. */
const GET_AT_MOST = 50;

async function workloadsOf(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  places: ReadonlyMap<StoredGrant, string[] | undefined>,
): Promise<Workloads> {
  const wanted = new Map<string, { type: ResourceType; at: Map<string, { namespace: string; name: string }> }>();
  for (const grant of grants) {
    for (const path of grant.intent?.targets ?? []) {
      const { kind, name } = workloadTarget(path);
      const type = workloadType(kind);
      const known = wanted.get(type.resource) ?? { type, at: new Map<string, { namespace: string; name: string }>() };
      wanted.set(type.resource, known);
      for (const namespace of places.get(grant) ?? []) known.at.set(keyOf(type, namespace, name), { namespace, name });
    }
  }
  const found = new Map<string, KubernetesObject>();
  const unreadable = new Set<string>();
  const add = (type: ResourceType, object: KubernetesObject) =>
    found.set(keyOf(type, object.metadata.namespace ?? "", object.metadata.name ?? ""), object);
  await Promise.all(
    [...wanted.values()].map(async ({ type, at }) => {
      const read = await unlessForbidden(async () =>
        at.size > GET_AT_MOST
          ? await Array.fromAsync(cluster.list(type))
          : await Promise.all([...at.values()].map(({ namespace, name }) => cluster.get(type, name, namespace))),
      );
      if (read.failed) unreadable.add(type.resource);
      else {
        const there = read.value.filter((object) => object !== undefined);
        for (const object of await Promise.all(there.map((each) => withTemplate(cluster, each)))) add(type, object);
      }
    }),
  );
  return {
    find: (type, namespace, name) => found.get(keyOf(type, namespace, name)),
    unreadable,
    warnings: [...unreadable].map(
      (resource) => `you may not read ${resource}: whether limits fit their containers is not compared`,
    ),
  };
}

const keyOf = (type: ResourceType, namespace: string, name: string) => [type.resource, namespace, name].join("\0");

/** A namespace that a selector chose is left out until it has all of the targets. */
function limitsToday(
  { intent }: StoredGrant,
  namespaces: readonly string[] | undefined,
  { find, unreadable }: Workloads,
): Map<string, LimitedTarget[]> | undefined {
  if (intent === undefined || intent.targets.length === 0 || namespaces === undefined) return undefined;
  const targets = intent.targets.map(workloadTarget);
  if (targets.some(({ kind }) => unreadable.has(workloadType(kind).resource))) return undefined;
  const named = intent.set.kind === "all" ? [] : intent.set.namespaces;
  const hidesItsContainers = (workload: KubernetesObject | undefined) =>
    workload !== undefined && templateReference(workload) !== undefined && containerNames(workload).length === 0;
  const found = (namespace: string) => targets.map(({ kind, name }) => find(workloadType(kind), namespace, name));
  if (namespaces.some((namespace) => found(namespace).some(hidesItsContainers))) return undefined;
  return new Map(
    namespaces.flatMap((namespace): [string, LimitedTarget[]][] => {
      const workloads = found(namespace);
      if (!named.includes(namespace) && workloads.includes(undefined)) return [];
      return [[namespace, targets.map((target, index) => limitedTarget(target, workloads[index]))]];
    }),
  );
}

async function weaknesses(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  places: ReadonlyMap<StoredGrant, string[] | undefined>,
  now: number,
): Promise<Map<StoredGrant, string[]>> {
  const ending = grants.filter(
    ({ intent, expiresAt }) => intent?.temporary === true && intent.set.kind !== "all" && (expiresAt ?? 0) > now,
  );
  if (cluster.offline || ending.length === 0 || (await anchorsAreGuarded(cluster))) return new Map();
  const asked = ending.map(async (grant): Promise<[StoredGrant, string[]]> => {
    if (grant.intent === undefined) return [grant, []];
    return [grant, (await weakExpiry(cluster, grant.intent, places.get(grant) ?? [])).namespaces];
  });
  return new Map(await Promise.all(asked));
}
