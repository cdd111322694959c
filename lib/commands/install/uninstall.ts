import { command } from "../../cli/grammar/command.ts";
import { booleanFlag } from "../../cli/grammar/flags.ts";
import { dryRunFlag, liveClusterFlags, namespaceFlag, outputFlag, yesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError, usageError } from "../../errors.ts";
import { readUninstallFacts, type UninstallFacts } from "../../install/uninstall-facts.ts";
import { uninstallPlan, type Uninstallation } from "../../install/uninstall-plan.ts";
import { ownerText, type Owner } from "../../kubernetes/owner.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { connectBounded } from "../connection.ts";
import { carryOutUninstallation, judgeUninstallation } from "./carry-out-uninstallation.ts";
import { deletions, uninstalledLines, uninstalledNames, uninstalledValue, type Uninstalled } from "./uninstall-view.ts";

export const uninstall = command({
  name: "install uninstall",
  summary: "Take the operator out of the cluster, in an order that works.",
  description: [
    "Ends the sessions and lets the operator undo what they changed, then removes its APIService, its workload, roles and settings,",
    "and its namespace if nobody else has anything in it. Definitions stay, and policies and profiles with them, unless --crds is",
    "given; grants, the access model and what guards the cluster stay, and so does what runs grant sync (--sync): they are listed, with",
    "the command that takes each out. Run it again after a failure: it does the rest.",
  ].join(" "),
  usage: "[-n NAMESPACE] [--crds] [--sync] [flags]",
  examples: {
    "kubectl mirrord install uninstall --dry-run": "See what would go and what would stay",
    "kubectl mirrord install uninstall -y": "Without being asked",
    "kubectl mirrord install uninstall --crds": "With every policy and profile of the cluster",
  },
  flags: {
    namespace: { ...namespaceFlag, describe: "The operator's namespace; without it, the one its APIService names." },
    crds: booleanFlag("Delete the operator's definitions too, and every object of their kinds."),
    sync: booleanFlag("Delete what runs grant sync, too."),
    ignoreSessions: booleanFlag("Go on where sessions cannot be listed or ended: what they changed stays as it is."),
    yes: yesFlag,
    dryRun: dryRunFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name"]),
    ...liveClusterFlags("files are deleted with rm"),
  },
  exitCodes: {
    0: "uninstalled, or there was nothing to uninstall",
    1: "declined",
    3: "not all could be read, so nobody can say what there is",
    4: "refused, or only part was done",
  },
  async run({ namespace, crds, sync, ignoreSessions, yes, dryRun: mode, output, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const progress = world.progress("Looking at what is installed");
    const facts = await readUninstallFacts(cluster, namespace).finally(() => progress.end());
    checkFacts(facts);
    const uninstallation = uninstallPlan(facts, { crds, sync });
    const sessions = await sessionsToEnd(cluster, facts, ignoreSessions);
    warnOfState(facts, uninstallation, world);
    if (!facts.sessions.failed) world.note(facts.sessions.value.notes);
    const planned: Uninstalled = { facts, uninstallation, sessions, mode, done: false };
    if (deletions(uninstallation).length === 0 && facts.ending === undefined) {
      world.note("There is nothing of the operator to uninstall.");
      if (output !== "name") await show(planned, output, world);
      return 0;
    }
    if (mode === "client") return await shown(planned, output, world);
    if (mode === "none" && !yes) {
      world.note(uninstalledLines(planned, false, world.columns));
      if (!(await world.ask.confirm("Uninstall the operator?", "--yes"))) {
        world.print("declined: nothing was changed");
        return 1;
      }
    }
    await judgeUninstallation(cluster, uninstallation, world);
    if (mode === "server") return await shown(planned, output, world);
    const given = { facts, uninstallation, sessions, ignoreSessions };
    const carriedOut = await carryOutUninstallation(cluster, given, world);
    return await shown({ ...planned, uninstallation: carriedOut, done: true }, output, world);
  },
});

async function shown(result: Uninstalled, output: Output, world: World): Promise<0> {
  await show(result, output, world);
  return 0;
}

type Output = "table" | "wide" | "json" | "yaml" | "name";

async function show(result: Uninstalled, output: Output, world: World): Promise<void> {
  if (output === "json" || output === "yaml") {
    const document = { apiVersion: API_VERSION, kind: "Uninstallation", ...uninstalledValue(result) };
    return await printDocument(document, output, world);
  }
  world.print(
    output === "name"
      ? uninstalledNames(result)
      : uninstalledLines(result, output === "wide", world.isTerminal.stdout ? world.columns : Infinity),
  );
}

/** @throws UserError for what is somebody else's, and for what nobody can see the whole of */
function checkFacts({ installed, unreadable }: UninstallFacts): void {
  if (installed.owner !== undefined) throw ownedBy(installed.owner);
  if (unreadable.length === 0) return;
  throw new UserError(
    "undetermined",
    `you may not list ${unreadable.join(", ")}: nobody can say what of the operator there is`,
    "Ask somebody who may. Nothing was changed.",
  );
}

function ownedBy(owner: Owner): UserError {
  const { kind, name, namespace = "default" } = owner;
  const what = `the operator was installed by ${ownerText(owner)}`;
  if (kind !== "Helm release")
    return usageError(what, "It would install it again: delete it there. Nothing was changed.");
  return usageError(what, [
    "Helm keeps a record of it. Uninstall it there:",
    `  ${shellCommand(["helm", "uninstall", name, "-n", namespace])}`,
    "It deletes definitions too, and every policy with them. Nothing was changed.",
  ]);
}

async function sessionsToEnd(cluster: Cluster, facts: UninstallFacts, ignore: boolean): Promise<Session[]> {
  const { sessions, answers } = facts;
  if (!answers) return [];
  const hint = "To uninstall it all the same, so that what they changed stays as it is: --ignore-sessions";
  if (sessions.failed) {
    if (ignore) return [];
    throw new UserError("undetermined", ["the sessions could not be listed:", ...sessions.error.lines], hint, {
      cause: sessions.error,
    });
  }
  const running = sessions.value.sessions.filter(({ id }) => id !== "");
  if (running.length === 0) return [];
  const [right] = await cluster.review([
    { verb: "delete", apiGroup: "operator.metalbear.co", resource: "sessions", namespace: "" },
  ]);
  if (right?.answer !== "no" || ignore) return running;
  throw new UserError("refused", `${running.length} sessions are running, and you may not end them`, [
    hint,
    "Nothing was changed.",
  ]);
}

/** Only the operator knows how to undo what it did. */
function warnOfState({ answers }: UninstallFacts, { plan }: Uninstallation, world: World): void {
  const state = plan.filter(({ stage }) => stage === 0).length;
  if (answers || state === 0) return;
  world.warn(
    `the operator does not answer: ${state} objects by which it keeps what it changed or made go, and what they stand for is not undone`,
  );
}
