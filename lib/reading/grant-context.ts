import type { CheckContext } from "../access/findings.ts";
import { expiryWeakness, type Weakness } from "../access/defeat.ts";
import { guardDoubts } from "../access/guard.ts";
import { workloadTarget } from "../access/intent.ts";
import { limitsToday, type WorkloadsSeen } from "../access/limits.ts";
import { uidsNow } from "../access/namespace-uids.ts";
import { outlineGrant } from "../access/outline.ts";
import { placesToday } from "../access/places.ts";
import { directoryFaults, membersToday, type Directory, type Membership } from "../access/organizations/directory.ts";
import { boundSubjects, bindsPolicyReads, type StoredGrant } from "../access/stored.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { workloadType } from "../mirrord/target.ts";
import { readDefeat } from "./grant-expiry.ts";
import { readEndGuards } from "./guards.ts";
import { readNamespaces, readOperatorNamespace } from "./namespaces.ts";
import { readPlatformFinalizers } from "./platform-finalizers.ts";
import { readPolicyServed } from "./policy-reads.ts";
import { readRbac } from "./rbac-objects.ts";
import { readDirectoryFor } from "./organizations.ts";
import { unlessForbidden } from "./read.ts";
import { withTemplate } from "./workload.ts";
import { allObjects } from "../kubernetes/object-list.ts";

export interface GrantContexts {
  of(grant: StoredGrant): CheckContext;
  warnings: string[];
  /** Those of the warnings that name what may not be read. */
  unread: string[];
}

/** Where each grant holds today; undefined: nobody could say. */
type PlacesByGrant = ReadonlyMap<StoredGrant, string[] | undefined>;

/**
 * What stored grants have to be compared with, read once for all of them: namespaces with their labels, the workloads that
 * grants are limited to, and, with `weakness`, whether subjects could undo an expiry. What may not be read is a warning, and
 * not compared. `now` is in milliseconds since 1970; `operator` is its namespace, `namespaces` are all there are and
 * `directory` says who belongs where, where that is known already.
 */
export async function readGrantContexts(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  options: {
    now: number;
    weakness: boolean;
    anchorsRead?: boolean;
    operator?: string;
    namespaces?: readonly KubernetesObject[];
    directory?: Directory;
  },
): Promise<GrantContexts> {
  const { offline } = cluster;
  const [all, operator, policies, directory] = await Promise.all([
    options.namespaces ?? readNamespaces(cluster),
    options.operator ?? readOperatorNamespace(cluster),
    readPolicyServed(cluster),
    options.directory === undefined
      ? readDirectoryFor(
          cluster,
          grants.map(({ intent }) => intent?.subject),
        )
      : { known: options.directory, warnings: directoryFaults(options.directory) },
  ]);
  // Whom its bindings name matters only of groups in dispute.
  const bound = ({ objects }: StoredGrant) => ((directory.known?.disputed.size ?? 0) > 0 ? boundSubjects(objects) : []);
  const memberships = new Map(
    grants.map((grant) => [
      grant.id,
      grant.intent && membersToday(grant.intent.subject, directory.known, bound(grant)),
    ]),
  );
  const places: PlacesByGrant = new Map(
    grants.map((grant) => [grant, grant.intent && placesToday(grant.intent.set, { all, operator }, { offline })]),
  );
  const [workloads, platform, weak] = await Promise.all([
    readWorkloads(cluster, grants, places),
    readPlatformFinalizers(cluster, grants),
    options.weakness
      ? readWeaknesses(cluster, grants, { places, memberships }, options.now)
      : new Map<StoredGrant, Weakness>(),
  ]);
  const uids = uidsNow(all ?? []);
  const contexts = new Map<StoredGrant, CheckContext>();
  const noSelectors = "you may not list namespaces: where selectors match today is not compared";
  const unlisted = [...(all === undefined ? [noSelectors] : []), ...weaknessDoubts([...weak.values()])];
  return {
    warnings: [...unlisted, ...directory.warnings, ...workloads.warnings],
    unread: [...unlisted, ...(directory.known === undefined ? directory.warnings : []), ...workloads.warnings],
    of(grant) {
      const known = contexts.get(grant);
      if (known !== undefined) return known;
      const namespaces = places.get(grant);
      const limits = grant.intent && limitsToday(outlineGrant(grant.intent), namespaces, workloads);
      const membership = memberships.get(grant.id);
      const context: CheckContext = {
        now: options.now,
        live: !offline,
        policies: policies || bindsPolicyReads(grant),
        ...(namespaces === undefined ? {} : { namespaces }),
        ...(limits === undefined ? {} : { limits }),
        ...(membership === undefined ? {} : { membership }),
        weak: weak.get(grant)?.namespaces ?? [],
        weakGroups: weak.get(grant)?.groups ?? [],
        ...(all === undefined || offline ? {} : { uids }),
        platform,
        anchorsRead: options.anchorsRead ?? true,
      };
      contexts.set(grant, context);
      return context;
    },
  };
}

/** What could not be read of what keeps subjects from undoing the end of their grants. */
function weaknessDoubts(weak: readonly Weakness[]): string[] {
  const open = weak.filter(({ namespaces, groups }) => namespaces.length + groups.length > 0);
  const unread = new Set(open.flatMap(({ unreadGuards }) => unreadGuards));
  return guardDoubts([...unread], "jobs and rolebindings of grants");
}

/** More workloads of one kind than this are listed at once. */
const GET_AT_MOST = 50;

/** The workloads that grants are limited to: one list for each kind of which there are many. */
async function readWorkloads(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  places: PlacesByGrant,
): Promise<WorkloadsSeen & { warnings: string[] }> {
  const wanted = new Map<string, { type: ResourceType; at: Map<string, { namespace: string; name: string }> }>();
  for (const grant of grants) {
    for (const path of grant.intent?.targets ?? []) {
      const { kind, name } = workloadTarget(path);
      const type = workloadType(kind);
      const known = wanted.get(type.resource) ?? { type, at: new Map<string, { namespace: string; name: string }>() };
      wanted.set(type.resource, known);
      for (const namespace of places.get(grant) ?? [])
        known.at.set(objectKey(type, { namespace, name }), { namespace, name });
    }
  }
  const found = new Map<string, KubernetesObject>();
  const unreadable = new Set<string>();
  await Promise.all(
    [...wanted.values()].map(async ({ type, at }) => {
      const read = await unlessForbidden(async () =>
        at.size > GET_AT_MOST
          ? await allObjects(cluster.list(type))
          : await Promise.all([...at.values()].map(({ namespace, name }) => cluster.get(type, name, namespace))),
      );
      if (read.failed) unreadable.add(type.resource);
      else {
        const there = read.value.filter((object) => object !== undefined);
        for (const object of await Promise.all(there.map((each) => withTemplate(cluster, each)))) {
          const { namespace = "", name = "" } = object.metadata;
          found.set(objectKey(type, { namespace, name }), object);
        }
      }
    }),
  );
  return {
    find: ({ kind, name }, namespace) => {
      const type = workloadType(kind);
      return unreadable.has(type.resource)
        ? "forbidden"
        : (found.get(objectKey(type, { namespace, name })) ?? "absent");
    },
    warnings: [...unreadable].map(
      (resource) => `you may not read ${resource}: whether limits fit their containers is not compared`,
    ),
  };
}

/** Where subjects of grants that are yet to end could undo that. */
async function readWeaknesses(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  { places, memberships }: { places: PlacesByGrant; memberships: ReadonlyMap<string, Membership | undefined> },
  now: number,
): Promise<Map<StoredGrant, Weakness>> {
  const ending = grants.flatMap((grant) => {
    const { intent, expiresAt = 0 } = grant;
    return intent?.temporary === true && intent.set.kind !== "all" && expiresAt > now ? [{ grant, intent }] : [];
  });
  if (cluster.offline || ending.length === 0) return new Map();
  const endGuard = await readEndGuards(
    cluster,
    ending.map(({ intent }) => intent),
  );
  let reading: ReturnType<typeof readRbac> | undefined;
  const rbac = () =>
    (reading ??= readRbac(cluster, [...new Set(ending.flatMap(({ grant }) => places.get(grant) ?? []))]));
  const weak = ending.map(async ({ grant, intent }): Promise<[StoredGrant, Weakness]> => {
    const namespaces = places.get(grant) ?? [];
    const membership = memberships.get(grant.id);
    const members = membership?.state === "known" ? membership.subjects : boundSubjects(grant.objects);
    const { guards, unreadable } = endGuard(intent);
    if (guards) return [grant, expiryWeakness(namespaces, undefined)];
    const defeat = await readDefeat(cluster, { ...intent, members }, namespaces, rbac);
    return [grant, expiryWeakness(namespaces, { ...defeat, unreadGuards: unreadable })];
  });
  return new Map(await Promise.all(weak));
}
