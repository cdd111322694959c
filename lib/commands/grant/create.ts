import { currentTime } from "../../reading/current-time.ts";
import { opensEverywhere } from "../../access/all-namespaces.ts";
import type { GrantFlags } from "../../access/grant-decision.ts";
import { exemptedAttributes, normalizeIntent, type Intent, type Lifetime } from "../../access/intent.ts";
import { blockingPolicies, type BlockingPolicy } from "../../access/blocking-policies.ts";
import { outlineGrant, type GrantOutline } from "../../access/outline.ts";
import type { Provenance } from "../../access/objects.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import type { Change, Cluster, Plan } from "../../kube/cluster.ts";
import { LAST_APPLIED } from "../../kubernetes/field-manager.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { isPlainRole } from "../../reading/plain-role.ts";
import { readPolicies } from "../../reading/policies.ts";
import { listWords } from "../../text/list-words.ts";
import { humanDuration } from "../../text/duration.ts";
import { parseTime } from "../../text/instant.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { accessAfter, accessLines, heldSentence, type GrantedWords } from "./access-after.ts";
import { readBesides } from "./besides.ts";
import { grantCommand } from "./grant-command.ts";
import { planGrant, type PlannedGrant } from "./plan-grant.ts";
import { settleEnd } from "./settle-end.ts";
import { connectBounded } from "../connection.ts";
import { printDiff } from "../plan-diff.ts";
import { describeChange, manifest, planBlock, planLines, printPlan } from "../show-plan.ts";
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
  const plain = await isPlainRole(cluster, wanted.role);
  const intent = normalizeIntent({ ...wanted, dangerous, allowSystem, plain, temporary: lifetime !== undefined });
  // Runs while the cluster is read: only what is written needs to know who grants.
  const provenance = cluster.identity().then(({ name }): Provenance => ({
    grantedBy: name,
    grantedAt: world.now().toISOString(),
    ...(reason === undefined ? {} : { reason }),
  }));
  const flags: GrantFlags = {
    ...options,
    mayShorten: false,
    tolerant: mode === "client",
    absentNamespaces: options.force,
  };
  const plan = async () => {
    const planned = await planGrant(cluster, intent, { flags, provenance, lifetime }, world);
    for (const warning of planned.warnings) world.warn(warning);
    return planned;
  };
  const { planned, written } = await writePlan(plan, cluster, {
    world,
    way: grantCommand(intent, options),
    dryRun: diff ? "client" : mode,
    confirm: async ({ plan: changes }) => await isMeant(intent, changes, options, world),
  });
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
  await showGranted(cluster, intent, planned, { output: options.output, isLong }, world);
  return 0;
}

/** Asks with the whole plan where the command asks anyway, and always before a grant in all namespaces is written. */
async function isMeant(
  intent: Intent,
  plan: Plan,
  { confirm, yes }: Pick<CreateOptions, "confirm" | "yes">,
  world: World,
): Promise<boolean> {
  const opens = intent.set.kind === "all" ? [opensEverywhere(intent)] : [];
  if (confirm !== undefined) return await confirm([...planLines(plan, "client"), ...opens]);
  if (opens.length === 0 || writes(plan).length === 0) return true;
  world.note(opens);
  return yes || (await world.ask.confirm("Grant this in all namespaces?", "--yes"));
}

async function showDryRun(
  { plan, notes, expiresAt }: PlannedGrant,
  { output, dryRun: mode }: CreateOptions,
  world: World,
): Promise<void> {
  if ((output === "json" || output === "yaml") && expiresAt !== undefined) {
    world.note(`A manifest carries only when it ends (${expiresAt}). Once it is applied: kubectl mirrord grant sync`);
  }
  if (output === "json" || output === "yaml") {
    if (plan.some(isAppliedHere))
      world.note("It is granted already. Without warnings: kubectl apply --server-side -f FILE");
    await printDocument(manifest(plan), output, world);
  } else printPlan(plan, { dryRun: mode, output: output === "name" ? output : "table", notes }, world);
}

/** kubectl apply warns of what it did not make itself, and a server-side apply does not. */
function isAppliedHere({ current }: Change): boolean {
  return current !== undefined && current.metadata.annotations?.[LAST_APPLIED] === undefined;
}

async function showGranted(
  cluster: Cluster,
  intent: Intent,
  { plan, namespaces, notes, expiresAt }: PlannedGrant,
  { output, isLong }: Pick<CreateOptions, "output"> & { isLong: boolean },
  world: World,
): Promise<void> {
  if (output === "name") {
    printPlan(plan, { dryRun: "none", output }, world);
    return;
  }
  const wrote = writes(plan).length > 0;
  const grant = outlineGrant(intent);
  const access =
    intent.plain === true
      ? []
      : await accessAfter(cluster, grant, { namespaces, wanted: wrote ? "yes" : undefined }, world);
  if (output === "json" || output === "yaml") {
    const { id, name } = grant;
    const value = {
      apiVersion: API_VERSION,
      kind: "Grant",
      id,
      name,
      intent,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      namespaces,
      changes: plan.map(describeChange),
      access,
    };
    await printDocument(value, output, world);
    return;
  }
  const [words, besides] = await Promise.all([
    grantedWords(cluster, grant, { namespaces, expiresAt, isUnchanged: !wrote }, world),
    readBesides(cluster, grant, { namespaces, expiresAt, blocked: () => blockedWords(cluster, grant, namespaces) }),
  ]);
  const more = [...included(intent), ...notes];
  const done = wrote ? planBlock(plan, isLong) : ["Nothing was changed."];
  const sentence = besides.goesOn ? { ...words, until: "" } : words;
  const said =
    intent.plain === true ? [heldSentence(grant, namespaces, sentence)] : accessLines(grant, access, sentence);
  printText([...said, ...besides.lines, ...done, ...(more.length === 0 ? [] : ["", ...more])], world);
}

/** Until when, and what a policy takes away all the same. */
async function grantedWords(
  cluster: Cluster,
  grant: GrantOutline,
  granted: { namespaces: readonly string[]; expiresAt: string | undefined; isUnchanged: boolean },
  world: World,
): Promise<GrantedWords> {
  const { namespaces, expiresAt, isUnchanged } = granted;
  const end = parseTime(expiresAt);
  const left = end === undefined ? 0 : end - currentTime(cluster, world.now()).getTime();
  const until =
    expiresAt === undefined
      ? ""
      : `, until ${expiresAt.slice(0, 16).replace("T", " ")} UTC (in ${humanDuration(left)})`;
  const { role, plain } = grant.intent;
  const isOther = role === "view" || exemptedAttributes(role) !== undefined || plain === true;
  const but = isOther ? "" : await blockedWords(cluster, grant, namespaces);
  return { until, but, isUnchanged };
}

/** `, but MirrordPolicy dev/no-steal blocks steal`; empty where nothing is blocked. */
async function blockedWords(
  cluster: Cluster,
  { intent, targets }: GrantOutline,
  namespaces: readonly string[],
): Promise<string> {
  const { policies, unreadable } = await readPolicies(cluster, namespaces.length === 1 ? namespaces[0] : undefined);
  const blocking = blockingPolicies(policies, intent.set.kind === "all" ? undefined : namespaces, targets);
  const texts = [
    ...blocking.slice(0, SHOWN_POLICIES).map(blockingText),
    ...(blocking.length > SHOWN_POLICIES ? [`${blocking.length - SHOWN_POLICIES} more policies limit it`] : []),
    ...(unreadable.length > 0 ? [`a policy may limit it (you may not list ${unreadable.join(" and ")})`] : []),
  ];
  return texts.length === 0 ? "" : `, but ${listWords(texts)}`;
}

const SHOWN_POLICIES = 2;

/** `MirrordPolicy dev/no-steal blocks steal on some targets`. */
function blockingText({ policy, features, reach }: BlockingPolicy): string {
  const does = features.length === 0 ? "requires a mirrord profile" : `blocks ${listWords(features)}`;
  return `${referenceText(policy)} ${does}${{ all: "", some: " on some targets", perhaps: ", perhaps" }[reach]}`;
}

/** What comes with the role besides connecting, and what people may not expect. */
function included({ reads, role, set, targets, plain }: Intent): string[] {
  if (exemptedAttributes(role) !== undefined || plain === true) return [];
  return [
    ...(reads && role !== "view"
      ? ["Included: to get the targets and to list pods, which a session needs (--no-reads leaves them out)."]
      : []),
    ...(reads && targets.length > 0
      ? ["Listing pods cannot be limited to a target: it is allowed in the whole namespace."]
      : []),
    ...(role === "user" && set.kind === "all"
      ? ["In all namespaces the role also allows stopping the sessions of everybody (--role minimal does not)."]
      : []),
  ];
}
