import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, dryRunFlag, namespacesFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { remainingAccess, remainingText, type Remaining } from "../../access/remaining.ts";
import { outlineGrant } from "../../access/outline.ts";
import { accessAfter } from "./access-after.ts";
import { chooseGrants } from "./choose.ts";
import { expiredGrants, planRevocation, type RevokedAccess } from "./plan-revocation.ts";
import { connectBounded } from "../connection.ts";
import { readGrants } from "../../reading/grants.ts";
import { readRbac } from "../../reading/rbac-objects.ts";
import { isLeft, sessionLines, subjectSessions, type SubjectSessions } from "./sessions.ts";
import { describeChange, printPlan } from "../show-plan.ts";
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
    "kubectl mirrord grant revoke --all-expired": "Clear up what is over",
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
    allExpired: { type: "boolean", describe: "Every grant that is over." },
    killSessions: { type: "boolean", describe: "End the subject's live sessions there, too." },
    dryRun: dryRunFlag,
    output: outputFlag(["table", "json", "yaml", "name"]),
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
    0: "revoked",
    1: "revoked, but the subject still has the access by another way, or sessions could not be ended",
  },
  async run({ subject: wanted, namespace: namespaces, killSessions: kill, dryRun: mode, output, ...rest }, world) {
    const cluster = await connectBounded(rest, world);
    const plan = async () => {
      const grants = await readGrants(cluster);
      const chosen =
        wanted === undefined ? expiredGrants(grants, world.now().getTime()) : chooseGrants(grants, wanted, namespaces);
      return await planRevocation(cluster, chosen, namespaces, world);
    };
    const { planned } = await writePlan(plan, cluster, { world, dryRun: mode });
    if (mode !== "none") {
      await show({ plan: planned.plan, remaining: [], sessions: [], mode, output }, world);
      return 0;
    }
    const remaining = (
      await Promise.all(planned.revoked.map((revoked) => readRemaining(cluster, revoked, world)))
    ).flat();
    const owners = planned.revoked.map(({ intent: { subject, set }, namespaces: held }) => ({
      subject,
      namespaces: set.kind === "all" ? undefined : held,
    }));
    const sessions = await subjectSessions(cluster, owners, kill);
    await show({ plan: planned.plan, remaining, sessions, mode, output }, world);
    const left = sessions.some((found) => isLeft(found, kill));
    return remaining.some(({ state }) => state === "remains") || left ? 1 : 0;
  },
});

/** Asks again for everything that a grant gave, and finds what else gives it. */
async function readRemaining(
  cluster: Cluster,
  { intent, namespaces }: RevokedAccess,
  world: World,
): Promise<Remaining[]> {
  const grant = outlineGrant(intent);
  const access = await accessAfter(cluster, grant, { namespaces, settle: "no" }, world);
  return remainingAccess(grant, access, await readRbac(cluster, namespaces));
}

async function show(
  result: {
    plan: Plan;
    remaining: readonly Remaining[];
    sessions: readonly SubjectSessions[];
    mode: "none" | "client" | "server";
    output: "table" | "json" | "yaml" | "name";
  },
  world: World,
): Promise<void> {
  const { plan, remaining, sessions, mode, output } = result;
  if (plan.length === 0 && output !== "json" && output !== "yaml") {
    world.note("Nothing to revoke.");
  } else if (output === "name" || output === "table") {
    // Several grants of one subject leave the same behind.
    const texts = [...new Set([...remaining.map(remainingText), ...sessions.flatMap(sessionLines)])];
    printPlan(plan, { dryRun: mode, output, notes: texts.length === 0 ? [] : ["", ...texts] }, world);
  } else {
    const changes = plan.map(describeChange);
    await printDocument(
      { apiVersion: API_VERSION, kind: "Revocation", dryRun: mode, changes, remaining, sessions },
      output,
      world,
    );
  }
}
