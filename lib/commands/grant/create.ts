import { opensEverywhere } from "../../access/all-namespaces.ts";
import type { GrantFlags } from "../../access/grant-decision.ts";
import type { CollectionPath } from "../../access/collection.ts";
import { followsOthers, grantId, normalizeIntent, type Intent, type Lifetime } from "../../access/intent.ts";
import { annotations } from "../../access/names.ts";
import type { Provenance } from "../../access/objects.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Change, Cluster, Plan } from "../../kube/cluster.ts";
import { LAST_APPLIED } from "../../kubernetes/field-manager.ts";
import type { UserError } from "../../errors.ts";
import { readKnownCollections } from "../../reading/collections.ts";
import { readGrants } from "../../reading/grants.ts";
import { readNamespaces, readOperatorNamespace } from "../../reading/namespaces.ts";
import { isPlainRole } from "../../reading/plain-role.ts";
import { refuseOutOfReach } from "../../reading/role-scope.ts";
import { nextStep } from "../../text/next-step.ts";
import { printDocument } from "../../view/output.ts";
import { deletedMeanwhile } from "./collection/look-again.ts";
import { grantCommand } from "./grant-command.ts";
import { planGrant, type PlannedGrant } from "./plan-grant.ts";
import { planRevocation } from "./plan-revocation.ts";
import { settleEnd } from "./settle-end.ts";
import { foretell, showGranted, staysNote } from "./show-granted.ts";
import { connectBounded } from "../connection.ts";
import { printDiff } from "../plan-diff.ts";
import { foldedPlan, manifest, printPlan } from "../show-plan.ts";
import { writePlan, writes } from "../write-plan.ts";

export interface CreateOptions extends Omit<GrantFlags, "mayShorten" | "tolerant" | "absentNamespaces"> {
  reason: string | undefined;
  lifetime: Lifetime | undefined;
  dryRun: "none" | "client" | "server";
  diff: boolean;
  yes: boolean;
  output: "table" | "wide" | "json" | "yaml" | "name";
  /** Asked with the plan before it is carried out; false: nothing is written. */
  confirm?: (lines: string[]) => Promise<boolean>;
}

/**
 * Makes the grant true: plan, server dry run of every object, then the writes; it ends with what the subject can do now.
 * Resolves to the exit code.
 */
export async function createGrant(
  wanted: Intent,
  options: CreateOptions,
  connection: ConnectOptions,
  world: World,
): Promise<number> {
  const { reason, lifetime, dryRun: mode, diff, dangerous, allowSystem } = options;
  const cluster = await connectBounded(connection, world);
  const [plain] = await Promise.all([isPlainRole(cluster, wanted.role), refuseOutOfReach(cluster, wanted)]);
  const intent = normalizeIntent({ ...wanted, dangerous, allowSystem, plain, temporary: lifetime !== undefined });
  // Runs while the cluster is read: only what is written needs to know who grants.
  const provenance = cluster.identity().then(({ name }): Provenance => ({
    grantedBy: name,
    grantedAt: world.now().toISOString(),
    ...(reason === undefined ? {} : { reason }),
  }));
  // Its failure is the plan's, which may still be read: until then nobody hears of it.
  provenance.catch(() => {});
  const flags: GrantFlags = {
    ...options,
    mayShorten: false,
    tolerant: mode === "client",
    absentNamespaces: options.force,
  };
  let isMade = false;
  const created = new Set<CollectionPath>();
  let lost: UserError | undefined;
  const plan = async () => {
    const planned = await planGrant(cluster, intent, { flags, provenance, lifetime }, world);
    isMade ||= makesIntent(planned);
    for (const path of planned.created) created.add(path);
    for (const warning of planned.warnings) world.warn(warning);
    return { ...planned, notes: planned.notes.map((note) => nextStep(note, connection.manifests)) };
  };
  const { planned, written } = await writePlan(plan, cluster, {
    world,
    way: grantCommand(intent, options),
    dryRun: diff ? "client" : mode,
    confirm: async (changes) => await isMeant(cluster, intent, changes, options, world),
    followUp: async () => {
      const gone = isMade && !options.force ? await lostCollection(cluster, created) : undefined;
      const judged = { ...flags, collectionsMayBeGone: true };
      if (gone === undefined)
        return await planFollowing(cluster, intent, { flags: judged, provenance, lifetime }, world);
      lost = deletedMeanwhile(gone, "nothing was granted");
      return await planRevocation(cluster, await readGrants(cluster, { id: grantId(intent) }), [], world);
    },
  });
  if (lost !== undefined) throw lost;
  if (diff) return await printDiff(planned.plan, world);
  if (mode !== "none") {
    await showDryRun(planned, options, world);
    return 0;
  }
  if (!written && writes(planned.plan).length > 0) {
    world.print("Nothing was granted.");
    return 1;
  }
  if (written) await settleEnd(cluster, intent, { ...planned, provenance }, world);
  const isLong = options.output === "wide" || (connection.v ?? 0) > 0;
  await showGranted(
    cluster,
    intent,
    planned,
    { output: options.output, isLong, manifests: connection.manifests },
    world,
  );
  return 0;
}

/**
 * Who belongs to a team and which namespaces a selector matches may have changed between the reads and the writes. A grant whose
 * intent is not there any more was revoked meanwhile, and stays so.
 */
async function planFollowing(
  cluster: Cluster,
  intent: Intent,
  options: Parameters<typeof planGrant>[2],
  world: World,
): Promise<{ plan: Plan; hooks?: Hooks }> {
  if (!followsOthers(intent)) return { plan: [] };
  const planned = await planGrant(cluster, intent, options, world);
  return makesIntent(planned) ? { plan: [] } : planned;
}

/** Whether the object that carries the intent is not there yet. */
const makesIntent = ({ plan }: Pick<PlannedGrant, "plan">): boolean =>
  plan.some(({ action, type }) => action === "create" && type.kind === "ClusterRoleBinding");

/** Of the collections that somebody had created, one that was deleted while the grant was made. */
async function lostCollection(
  cluster: Cluster,
  created: ReadonlySet<CollectionPath>,
): Promise<CollectionPath | undefined> {
  if (created.size === 0) return undefined;
  const [namespaces, operator] = await Promise.all([readNamespaces(cluster), readOperatorNamespace(cluster)]);
  const seen = await readKnownCollections(cluster, namespaces, operator);
  return seen === undefined ? undefined : [...created].find((path) => !seen.known.has(path));
}

/** Asks with the whole plan where the command asks anyway, and always before a grant in all namespaces is written. */
async function isMeant(
  cluster: Cluster,
  intent: Intent,
  planned: PlannedGrant,
  { confirm, yes }: Pick<CreateOptions, "confirm" | "yes">,
  world: World,
): Promise<boolean> {
  const opens = intent.set.kind === "all" ? [opensEverywhere(intent)] : [];
  if (confirm !== undefined)
    return await confirm([
      ...(await foretell(cluster, intent, planned, world)),
      "",
      ...foldedPlan(planned.plan),
      ...opens,
    ]);
  if (opens.length === 0 || writes(planned.plan).length === 0) return true;
  world.note(opens);
  return yes || (await world.ask.confirm("Grant this in all namespaces?", "--yes"));
}

async function showDryRun(
  { plan, notes, stays, expiresAt }: PlannedGrant,
  { output, dryRun: mode }: CreateOptions,
  world: World,
): Promise<void> {
  if ((output === "json" || output === "yaml") && expiresAt !== undefined) {
    world.note(`A manifest carries only when it ends (${expiresAt}). Once it is applied: kubectl mirrord grant sync`);
  }
  if (output === "json" || output === "yaml") {
    if (plan.some(isAppliedHere)) world.note(appliedNote(plan));
    await printDocument(manifest(plan), output, world);
  } else {
    const more = [...notes, ...staysNote(stays, expiresAt)];
    printPlan(plan, { dryRun: mode, output: output === "name" ? output : "table", notes: more }, world);
  }
}

/** Roles are shared: that one is there says nothing of this grant. */
function appliedNote(plan: Plan): string {
  const isGranted = plan.some(
    ({ current, object }) =>
      object.metadata.annotations?.[annotations.intent] !== undefined &&
      current !== undefined &&
      current.metadata.annotations?.[annotations.revokedAt] === undefined,
  );
  const there = isGranted ? "It is granted already." : "Some of these objects are there already.";
  return `${there} kubectl warns of that unless it applies the file so: kubectl apply --server-side -f FILE`;
}

/** kubectl apply warns of what it did not make itself, and a server-side apply does not. */
function isAppliedHere({ current }: Change): boolean {
  return current !== undefined && current.metadata.annotations?.[LAST_APPLIED] === undefined;
}
