import { isDeepStrictEqual } from "node:util";
import { netTexts } from "../../../access/change-text.ts";
import { organizationType } from "../../../access/organizations/definition.ts";
import {
  directory,
  membersToday,
  onlyTakes,
  organizationPart,
  type Directory,
} from "../../../access/organizations/directory.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { isShared, type GrantSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import type { Hooks } from "../../../kube/apply/apply.ts";
import type { Change, Cluster, Plan } from "../../../kube/cluster.ts";
import { afterPlan } from "../../../kubernetes/after-plan.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { fieldSource, installationOwner, ownerText } from "../../../kubernetes/owner.ts";
import { inOrder } from "../../../kubernetes/plan.ts";
import { requireOrganizations } from "../../../reading/organizations.ts";
import { withAll } from "../../../kube/overlay.ts";
import { changedMeanwhile, writePlan, writes } from "../../write-plan.ts";
import { planSync } from "../plan-sync.ts";
import { writeFirstHalf, type Halves } from "./halves.ts";
import { showChange, type ChangeOptions } from "../show-change.ts";
import { shellCommand } from "../../../text/shell-quote.ts";

export interface OrganizationsSeen {
  objects: readonly KubernetesObject[];
  directory: Directory;
}

/** What a command changes, and the sentences that say so when it is done. */
export interface OrganizationChange {
  plan: Plan;
  sentences: string[];
  /** Of grants that go along. */
  revocation?: { plan: Plan; hooks: Hooks };
  /** Grants that are made with it, in place of others. */
  made?: readonly StoredGrant[];
  /** Nobody gets anything by it. */
  takes?: boolean;
}

/** How a change of organizations is carried out. */
export interface OrganizationOptions extends ChangeOptions {
  halves?: Halves;
}

interface Planned {
  plan: Plan;
  hooks: Hooks;
  sentences: string[];
  warnings: string[];
  /** Those of the plan's steps that follow from the change: the bindings of grants. */
  grants: Plan;
  /** Those of the plan's steps that are left to the second half. */
  takes: ReadonlySet<Change>;
}

/**
 * Carries out a change of organizations together with what it means for the grants to them and to their teams: who comes is in the bindings,
 * and who goes is out of them, by the same plan. It is made again when somebody else changed the same organization meanwhile. Resolves to
 * the exit code.
 */
export async function changeOrganizations(
  cluster: Cluster,
  decide: (seen: OrganizationsSeen) => Promise<OrganizationChange> | OrganizationChange,
  { halves, ...options }: OrganizationOptions,
  world: World,
): Promise<number> {
  const see = async (): Promise<OrganizationsSeen> => {
    const objects = await requireOrganizations(cluster);
    return { objects, directory: directory(objects) };
  };
  const plan = async (): Promise<Planned> => {
    const seen = await see();
    const { objects } = seen;
    const change = await decide(seen);
    const changes = writes(change.plan);
    if (!cluster.offline) refuseKept(changes);
    const after = afterPlan(objects, changes);
    refuseNewDisputes(seen.directory, directory(after));
    const isRepeated = changes.length === 0;
    const takesOnly = isRepeated ? change.takes === true : onlyTakes(seen.directory, directory(after));
    const concerns = concerned(seen.directory, directory(after), change.plan);
    const grants = await planGrants(cluster, after, { ...change, takesOnly, isRepeated, concerns }, world);
    return {
      plan: inOrder([...change.plan, ...grants.plan]),
      hooks: { ...grants.hooks, ...change.revocation?.hooks },
      sentences: change.sentences,
      warnings: grants.warnings,
      grants: grants.plan,
      takes: new Set([...change.plan.filter(({ stage }) => stage === Infinity), ...(change.revocation?.plan ?? [])]),
    };
  };
  const isHalved = halves !== undefined && options.dryRun === "none" && !cluster.offline;
  const planAloud = async () => {
    const planned = await (isHalved ? plan().catch(changedMeanwhile) : plan());
    for (const warning of planned.warnings) world.warn(warning);
    return planned;
  };
  const followUp = async () => await planSync(cluster, { acceptAnew: false, only: isToShared }, world);
  const given = isHalved ? await writeFirstHalf({ ...halves, plan, see }, cluster, world) : undefined;
  const { planned } = await writePlan(planAloud, cluster, { world, dryRun: options.dryRun, followUp });
  const all = { plan: [...(given?.plan ?? []), ...planned.plan], grants: given?.grants ?? planned.grants };
  // The reads come and go with the role.
  const texts = netTexts(all.grants.filter(({ object }) => object.metadata.name?.endsWith(":reads") === false));
  const sentences = [...planned.sentences, ...(texts.length === 0 ? [] : ["", ...texts])];
  await showChange("OrganizationChange", { plan: all.plan, sentences }, options, world);
  return 0;
}

/** Throws UserError "usage" where a tool sets what is to be changed from somewhere else, and would set it again. */
function refuseKept(changes: Plan): void {
  for (const { current } of changes) {
    if (current === undefined) continue;
    const owner = installationOwner([current]);
    const source = owner === undefined ? fieldSource(current, ["f:spec"]) : ownerText(owner);
    if (source === undefined) continue;
    throw usageError(
      `organization ${current.metadata.name ?? ""} is set by ${source}, which would set it again`,
      "Change it there; grant sync gives the bindings what follows.",
    );
  }
}

const isToShared = ({ intent }: StoredGrant) => intent !== undefined && isShared(intent.subject);

/** What is wrong already does not stand in the way of other changes. */
function refuseNewDisputes(before: Directory, after: Directory): void {
  for (const [group, places] of after.disputed) {
    const old = before.claims.get(group) ?? [];
    const added = places.find((place) => !old.includes(place));
    const held = old.find((place) => added !== undefined && organizationPart(place) !== organizationPart(added));
    if (held === undefined) continue;
    throw usageError(
      `group ${JSON.stringify(group)} already belongs to ${placeText(held)}: a group can be in one organization only`,
      `Take it out there first: ${shellCommand(["kubectl", "mirrord", "grant", held.includes("/") ? "team" : "org", "remove"], [held, `group:${group}`])}`,
    );
  }
}

const placeText = (place: string) => `${place.includes("/") ? "team" : "organization"} ${place}`;

/**
 * Whose grants may follow from a change. The organizations were read before the grants: a team that was made in between, with what
 * was granted to it, is not one that is gone, and who came to another organization in between does not go from its bindings.
 */
function concerned(before: Directory, after: Directory, changes: Plan): (subject: GrantSubject) => boolean {
  const organizations = new Set(changes.map(({ object }) => object.metadata.name));
  return (subject) => {
    const [then, now] = [membersToday(subject, before), membersToday(subject, after)];
    if (then.state === "absent" && now.state === "absent") return false;
    return organizations.has(organizationPart(subject.name)) || !isDeepStrictEqual(then, now);
  };
}

async function planGrants(
  cluster: Cluster,
  after: readonly KubernetesObject[],
  {
    plan,
    revocation,
    made = [],
    takesOnly,
    isRepeated,
    concerns,
  }: OrganizationChange & { takesOnly: boolean; isRepeated: boolean; concerns(subject: GrantSubject): boolean },
  world: World,
): Promise<{ plan: Plan; hooks: Hooks; warnings: string[] }> {
  const gone = new Set(revocation?.plan.map(({ object }) => object.metadata.name));
  const nothing = { plan: revocation?.plan ?? [], hooks: {}, warnings: [] };
  // One that was interrupted has changed the organization, and not yet all bindings: the same command finishes it.
  const organizations = new Set(plan.map(({ object }) => object.metadata.name));
  if (organizations.size === 0) return nothing;
  const seen = withAll(cluster, organizationType, after);
  const { hooks, warnings, ...sync } = await planSync(
    seen,
    {
      acceptAnew: false,
      only: ({ intent, binding }) =>
        intent !== undefined &&
        isShared(intent.subject) &&
        !gone.has(binding?.metadata.name) &&
        concerns(intent.subject) &&
        (!isRepeated || organizations.has(organizationPart(intent.subject.name))),
      made,
      // Whoever goes does not wait for what may be refused: what is missing elsewhere is made by sync.
      takesOnly: () => takesOnly && made.length === 0,
    },
    world,
  );
  const lost = made.find(({ id }) => sync.skipped.some((skipped) => skipped.id === id));
  if (lost !== undefined) {
    const why = sync.skipped.find(({ id }) => id === lost.id)?.why ?? "";
    throw usageError(`the grants cannot go along: ${why}`, "Revoke them, and grant what should be.");
  }
  return { plan: [...sync.plan, ...nothing.plan], hooks, warnings };
}
