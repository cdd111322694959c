import { SEE_GRANTS } from "../../reading/targets.ts";
import { listWords } from "../../text/list-words.ts";
import { nextStep } from "../../text/next-step.ts";
import { isDeepStrictEqual } from "node:util";
import { command } from "../../cli/grammar/command.ts";
import {
  connectionFlags,
  dryRunFlag,
  namespacesFlag,
  outputFlag,
  unaskedYesFlag,
} from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { isShared, parseSubject } from "../../access/subject.ts";
import type { Remaining } from "../../access/remaining.ts";
import { findGrants, looksLikeId, noGrant } from "./choose.ts";
import { expiredGrants, planRevocation, type PlannedRevocation, type RevokedAccess } from "./plan-revocation.ts";
import { planSync } from "./plan-sync.ts";
import { madeRests } from "./made-rests.ts";
import { movedCopies } from "./organizations/moved-copies.ts";
import { proveLoss } from "./prove-loss.ts";
import { remainingLines, removalText } from "./remaining-text.ts";
import { connectBounded } from "../connection.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readServerTime } from "../../reading/grant-expiry.ts";
import { readGrants, readIntents } from "../../reading/grants.ts";
import { isLeft, killText, sessionLines, subjectSessions, type SubjectSessions } from "./sessions.ts";
import { describeChanges, planBlock, printPlan } from "../show-plan.ts";
import { writePlan } from "../write-plan.ts";

export const revoke = command({
  name: "grant revoke",
  summary: "Take grants back, and prove that the access is gone.",
  description: [
    "Deletes every object of the grant, then asks again what the subject can do, and names every other way that still gives the",
    "access: other bindings, and groups that the subject may be in. Sessions that are running go on unless they are killed.",
  ].join(" "),
  usage: "(SUBJECT|ID [--ns NAMESPACE …] | --all-expired) [flags]",
  examples: {
    "kubectl mirrord grant revoke jim": "Everything that was granted to jim",
    "kubectl mirrord grant revoke jim --ns dev": "In one namespace; a grant for more keeps the others",
    "kubectl mirrord grant revoke k3q7v2": "One grant, by the beginning of the id that `grant list` shows",
    "kubectl mirrord grant revoke jim --kill-sessions": "And end the sessions that are running",
    "kubectl mirrord grant revoke --all-expired": "Clear up what has ended",
  },
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT|ID",
      describe: "Whose grants, or the id of one",
      completes: "grant",
    },
  },
  flags: {
    namespace: { ...namespacesFlag, describe: "Only in this namespace; may be repeated." },
    allExpired: { type: "boolean", describe: "Every grant that has ended." },
    killSessions: { type: "boolean", describe: "End the subject's live sessions there, too." },
    ignoreNotFound: {
      type: "boolean",
      describe: "Where there is no such grant, succeed, whatever else gives the access.",
    },
    yes: unaskedYesFlag,
    dryRun: dryRunFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name"]),
    ...connectionFlags,
  },
  conflicts: [{ option: "subject", excludes: ["allExpired"] }],
  needs: [
    {
      needs: ["subject", "allExpired"],
      message: "say what to revoke: SUBJECT, an id, or --all-expired (one of them)",
    },
  ],
  exitCodes: {
    0: "revoked, or there was no grant and asking shows no access",
    1: "the subject is still let through by another way, or sessions could not be ended",
    3: "what the subject can still do could not be asked",
  },
  waits: "Reading the grants, and asking what remains",
  async run(
    { subject: wanted, namespace: namespaces, killSessions: kill, ignoreNotFound, dryRun: mode, output, ...rest },
    world,
  ) {
    const cluster = await connectBounded(rest, world);
    const moved = movedCopies(cluster);
    const rests = madeRests();
    const plan = async () => {
      const grants = await readGrants(cluster);
      const chosen =
        wanted === undefined
          ? expiredGrants(grants, readServerTime(cluster, () => world.now().getTime()).now)
          : findGrants(grants, wanted, namespaces);
      const all = [...chosen, ...(await moved.find(chosen, grants))];
      const planned = await planRevocation(cluster, all, namespaces, world, {
        withdrawn: rests.lost(grants),
        madeEnd: rests.madeEnd,
      });
      rests.add(planned, all);
      return { ...planned, hooks: { ...planned.hooks, written: rests.written } };
    };
    const followUp = async ({ narrowed }: PlannedRevocation) => {
      const copies = await moved.findLater();
      const later = copies.length > 0 ? copies : await madeMeanwhile(cluster, wanted, namespaces);
      if (later.length > 0) return await planRevocation(cluster, later, namespaces, world);
      const goOn = new Set(narrowed.map(({ to }) => to));
      return goOn.size === 0
        ? { plan: [] }
        : await planSync(cluster, { acceptAnew: false, only: ({ id }) => goOn.has(id) }, world);
    };
    const { planned } = await writePlan(plan, cluster, { world, dryRun: mode, followUp });
    for (const { from, to, namespaces: places } of planned.narrowed)
      world.note(`Grant ${from} goes on as grant ${to}, in ${listWords(places)}.`);
    const isLong = output === "wide" || (rest.v ?? 0) > 0;
    const isFound = wanted === undefined || planned.isFound;
    if (planned.unproven > 0) world.note(`Not asked about each of them: ${planned.unproven} more members.`);
    if (!isFound && !ignoreNotFound) await requireKnown(cluster, wanted, namespaces);
    if (!isFound) world.note(`${noGrant(wanted, namespaces)}.`);
    if (mode !== "none" && isFound) {
      await show({ plan: planned.plan, remaining: [], sessions: [], mode, output, isLong, isFound }, world);
      return 0;
    }
    // Where there is no grant, that nothing is left is still to be shown, and sessions may go on.
    const revoked = isFound ? planned.revoked : ungranted(wanted, namespaces);
    const wide = wanted !== undefined && namespaces.length === 0 && isAbout(revoked, wanted);
    const remaining = await proveLoss(cluster, revoked, wide, world);
    const sessions = await subjectSessions(cluster, revoked, kill && mode === "none");
    await show({ plan: planned.plan, remaining, sessions, mode, output, isLong, isFound }, world);
    const left = sessions.some((found) => isLeft(found, kill));
    if (!isFound && ignoreNotFound && !left) return 0;
    if (remaining.some(({ state }) => state === "remains") || left) return 1;
    // Without a grant there is nothing done: only what was asked could be a success.
    const isOpen = ({ state }: Remaining) => state === "unknown" || (!isFound && state === "may-remain");
    const isUnknown = remaining.some(isOpen);
    if (isUnknown && !isFound)
      world.note([nextStep(SEE_GRANTS, rest.manifests), "Where there may be none to revoke, add --ignore-not-found."]);
    return isUnknown ? 3 : 0;
  },
});

/**
 * What somebody else has made of grants of this subject while they were taken back: what goes on after a revocation in one namespace.
 * Who takes everything back takes that, too.
 */
async function madeMeanwhile(
  cluster: Cluster,
  wanted: string | undefined,
  namespaces: readonly string[],
): Promise<StoredGrant[]> {
  if (wanted === undefined || looksLikeId(wanted) || namespaces.length > 0) return [];
  if (findGrants(await readIntents(cluster), wanted, []).length === 0) return [];
  return findGrants(await readGrants(cluster), wanted, []);
}

/** A slip in an id or in the name of a namespace must not look like access that is gone. */
async function requireKnown(cluster: Cluster, wanted: string, namespaces: readonly string[]): Promise<void> {
  if (looksLikeId(wanted)) {
    throw new UserError(
      "undetermined",
      `no grant has the id ${wanted}, nor one that begins so: whose access it was is not known`,
      ["See what there is: kubectl mirrord grant list", `For a user of that name write user:${wanted}.`],
    );
  }
  for (const namespace of namespaces) await requireNamespace(cluster, namespace);
}

/** What nobody granted: everything, or everything in the namespaces. */
function ungranted(wanted: string, namespaces: readonly string[]): RevokedAccess[] {
  const places = namespaces.length === 0 ? undefined : [...namespaces];
  const subject = parseSubject(wanted);
  // Whoever belongs to a team has nothing by it but what grants give.
  return isShared(subject) ? [] : [{ subject, namespaces: places, targets: [], lists: false }];
}

/** Whether the word was a subject, who is to lose everything, and not the id of one grant. */
function isAbout(revoked: readonly RevokedAccess[], wanted: string): boolean {
  const subject = parseSubject(wanted);
  return revoked.every((one) => isDeepStrictEqual(one.subject, subject));
}

async function show(
  result: {
    plan: Plan;
    remaining: readonly Remaining[];
    sessions: readonly SubjectSessions[];
    mode: "none" | "client" | "server";
    output: "table" | "wide" | "json" | "yaml" | "name";
    /** Each object in a line. */
    isLong: boolean;
    isFound: boolean;
  },
  world: World,
): Promise<void> {
  const { plan, remaining, sessions, mode, output, isLong, isFound } = result;
  if (output === "json" || output === "yaml") {
    const changes = describeChanges(plan);
    const fields = { apiVersion: API_VERSION, kind: "Revocation", dryRun: mode, changes, remaining, sessions };
    return await printDocument(fields, output, world);
  }
  if (plan.length === 0 && isFound) world.note("Nothing to revoke.");
  if (output === "name") return printPlan(plan, { dryRun: mode, output }, world);
  if (mode !== "none") printPlan(plan, { dryRun: mode, output: "table" }, world);
  // Several grants of one subject leave the same sessions behind.
  const sentences = [...remainingLines(remaining, isFound), ...new Set(sessions.flatMap(sessionLines))];
  const end = killText(sessions);
  printText(
    [
      ...sentences,
      ...(mode === "none" ? planBlock(plan, isLong) : []),
      ...removalText(remaining),
      ...(end.length === 0 ? [] : ["", ...end]),
    ],
    world,
  );
}
