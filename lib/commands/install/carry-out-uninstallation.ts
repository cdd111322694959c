import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { isEmpty, readNamespaceContents } from "../../install/namespace-contents.ts";
import type { UninstallFacts } from "../../install/uninstall-facts.ts";
import { keptNamespace, uninstallStages, type Uninstallation } from "../../install/uninstall-plan.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import { apply, dryRun } from "../../kube/apply/apply.ts";
import { changeTexts } from "../../kube/apply/failure.ts";
import { untilGone } from "../../kube/apply/finish-deletions.ts";
import type { Change, Cluster } from "../../kube/cluster.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { killEach } from "../kill-each.ts";
import { deletions } from "./uninstall-view.ts";

type Outside = Pick<World, "signal" | "progress" | "warn" | "wrote">;

/** The operator has so long to undo what an object stands for. */
const OPERATOR_MILLISECONDS = 60_000;

/** What nobody answers for is let go of soon. */
const FINALIZER_MILLISECONDS = 1_000;

/** The API server takes that long to empty a namespace, or to delete the objects of a definition. */
const EMPTYING_MILLISECONDS = 120_000;

/** Has the server judge each deletion without carrying it out. Throws what it refuses, with nothing changed. */
export async function judgeUninstallation(
  cluster: Cluster,
  uninstallation: Uninstallation,
  { signal, progress }: Outside,
): Promise<void> {
  const told = progress("checking");
  const onProgress = (done: number, total: number) => told.update(`checked ${done} of ${total}`);
  await dryRun(deletions(uninstallation), cluster, { signal, onProgress }).finally(() => told.end());
}

interface Given {
  facts: UninstallFacts;
  uninstallation: Uninstallation;
  sessions: readonly Session[];
  ignoreSessions: boolean;
}

/**
 * Ends the sessions, deletes, and waits until what takes time is gone. Throws UserError "refused" that says what was done and
 * what was not. Resolves to what it came to: the namespace stays when somebody made something in it meanwhile.
 */
export async function carryOutUninstallation(
  cluster: Cluster,
  { facts, uninstallation, sessions, ignoreSessions }: Given,
  world: Outside,
): Promise<Uninstallation> {
  const { signal } = world;
  const progress = world.progress("ending sessions");
  try {
    await endSessions(cluster, sessions, ignoreSessions, world);
    const onProgress = (done: number, total: number) => progress.update(`deleted ${done} of ${total}`);
    const finishesDeletions = (change: Change) => finishTime(change, facts.answers);
    const outcomes = await apply(uninstallation.plan, cluster, { signal, onProgress, finishesDeletions });
    world.wrote(changeTexts(outcomes));
    progress.update("waiting until definitions and namespaces are gone");
    const slow = uninstallation.plan.filter(({ stage = 0 }) => stage >= uninstallStages.definitions);
    await waitUntilGone(slow, cluster, signal);
    return await deleteNamespace(cluster, { facts, uninstallation }, signal);
  } finally {
    progress.end();
  }
}

async function endSessions(
  cluster: Cluster,
  sessions: readonly Session[],
  ignore: boolean,
  { warn }: Outside,
): Promise<void> {
  const results = await killEach(cluster, sessions, sessions);
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const lines = failed.map(({ session, reason = "" }) => `session ${session.id} could not be ended: ${reason}`);
  if (failed.length > 0 && !ignore) {
    throw new UserError("refused", lines, [
      "Nothing was uninstalled. Run the same command again,",
      "or, so that what they changed stays as it is, with --ignore-sessions",
    ]);
  }
  for (const line of lines) warn(line);
}

/** Who waits for an object until it is gone: the operator still runs when its state goes, and later nobody does. */
function finishTime({ stage }: Change, answers: boolean): number | undefined {
  if (stage === uninstallStages.state) return answers ? OPERATOR_MILLISECONDS : FINALIZER_MILLISECONDS;
  return stage === uninstallStages.objects ? FINALIZER_MILLISECONDS : undefined;
}

async function deleteNamespace(
  cluster: Cluster,
  { facts, uninstallation }: Pick<Given, "facts" | "uninstallation">,
  signal: AbortSignal,
): Promise<Uninstallation> {
  const { installed, ending } = facts;
  const { namespace } = uninstallation;
  if (ending !== undefined) await waitUntilGone([{ action: "delete", ...ending }], cluster, signal);
  if (namespace === undefined) return uninstallation;
  // Somebody may have made something there while the question stood.
  const contents = await readNamespaceContents(cluster, installed.namespace, installed.objects);
  if (!isEmpty(contents)) {
    const kept = [...uninstallation.kept, keptNamespace(installed.namespace, contents)];
    return { ...uninstallation, namespace: undefined, kept };
  }
  await apply([namespace], cluster, { signal });
  await waitUntilGone([namespace], cluster, signal);
  return uninstallation;
}

async function waitUntilGone(changes: readonly Change[], cluster: Cluster, signal: AbortSignal): Promise<void> {
  const left = await untilGone(changes, cluster, { signal, waitMilliseconds: EMPTYING_MILLISECONDS });
  if (left.length === 0) return;
  const lines = left.flatMap(({ change, object }) => [
    `${describeObject(change)} is still being deleted`,
    ...(object === undefined ? [] : conditionLines(object)),
  ]);
  throw new UserError("refused", lines, [
    `Everything else was done. Look at what holds it, then run the same command again.`,
    ...(left.some(({ change }) => change.type === nativeResources.namespaces)
      ? ["An APIService that is down holds every namespace: kubectl get apiservices"]
      : []),
  ]);
}

/** What the API server says of why it goes on. */
function conditionLines(object: KubernetesObject): string[] {
  return listIn(objectIn(object["status"])["conditions"])
    .map(objectIn)
    .filter(({ status, message, type }) => {
      const isAbout = type === "Terminating" || textIn(type).startsWith("Namespace");
      return status === "True" && isAbout && textIn(message) !== "";
    })
    .map(({ message }) => `  ${textIn(message)}`);
}
