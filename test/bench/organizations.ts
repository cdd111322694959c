// How long a sync plans for a large company, with the cluster in memory, so that only the work of this project counts:
// npm run bench -- organizations
import { collectionLabels, collectionSelector } from "../../lib/access/collection.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { organizationType } from "../../lib/access/organizations/definition.ts";
import { directory, membersToday } from "../../lib/access/organizations/directory.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { planSync } from "../../lib/commands/grant/plan-sync.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { objectKey } from "../../lib/kubernetes/object-key.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";

const ORGANIZATIONS = 500;
const MEMBERS = 10;
const NAMESPACES = 2000;
const COLLECTIONS = 300;
const GRANTS = 500;
const ROUNDS = 5;

const numbers = (count: number) => [...Array(count).keys()];
const collection = (at: number) => `c${at % COLLECTIONS}`;

export async function run(): Promise<void> {
  const organizations = numbers(ORGANIZATIONS).map((at) => organization(at, MEMBERS));
  const namespaces = numbers(NAMESPACES).map((at): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `ns-${at}`, labels: collectionLabels(`${collection(at)}/x`) },
  }));
  const cluster = exampleMemory(...organizations, ...namespaces, ...bindings(organizations));
  // What was put there has no owners yet; the first sync adopts it.
  await runGrant(["sync", "-y"], { cluster });
  const idle = await planned(cluster);
  process.stdout.write(
    `${ORGANIZATIONS} organizations of ${MEMBERS} members in a team, ${NAMESPACES} namespaces in ${COLLECTIONS} collections, ${GRANTS} grants, ${idle.steps} objects\n` +
      `  plan of a sync with nothing to do, ${idle.writes} writes, first and median of ${ROUNDS}: ${idle.first} and ${idle.median} ms (≤ 2,000)\n`,
  );
  await cluster.apply(organizationType, organization(7, MEMBERS + 1));
  const one = await planned(cluster);
  process.stdout.write(`  the same when one member came: ${one.writes} writes, ${one.first} and ${one.median} ms\n`);
}

const organization = (at: number, count: number) =>
  organizationObject(`org-${at}`, {
    teams: [{ name: "web", members: numbers(count).map((member) => `person-${at}-${member}`) }],
  });

/** The roles and bindings of all grants, each to one team and on one collection. */
function bindings(organizations: readonly KubernetesObject[]): KubernetesObject[] {
  const known = directory(organizations);
  const wanted = numbers(GRANTS).flatMap((at) => {
    const subject = { kind: "Team", name: `org-${at % ORGANIZATIONS}/web` } as const;
    const set: Intent["set"] = { kind: "namespaces", namespaces: [], selectors: [collectionSelector(collection(at))] };
    const membership = membersToday(subject, known);
    const members = membership.state === "known" ? membership.subjects : [];
    const outline = outlineGrant({ subject, role: "user", set, targets: [], reads: true }, members);
    const namespaces = numbers(NAMESPACES).flatMap((each) => (collection(each) === collection(at) ? `ns-${each}` : []));
    const provenance = { grantedBy: "bench", grantedAt: "2026-01-01T00:00:00Z" };
    return grantObjects(outline, provenance, new Map(), { namespaces });
  });
  return [...new Map(wanted.map(({ type, object }) => [objectKey(type, object.metadata), object])).values()];
}

async function planned(cluster: MemoryCluster) {
  const times: number[] = [];
  let plan: Awaited<ReturnType<typeof planSync>>["plan"] = [];
  while (times.length < ROUNDS) {
    const started = performance.now();
    ({ plan } = await planSync(cluster, { acceptAnew: false }, fakeWorld({ cluster })));
    times.push(Math.round(performance.now() - started));
  }
  const [first = 0] = times;
  const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return { steps: plan.length, writes: plan.filter(({ action }) => action !== "unchanged").length, first, median };
}

if (import.meta.main) await run();
