import { guardDoubts } from "../../access/guard.ts";
import { accessModel } from "../../access/names.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { typedObjects } from "../../install/plan/typed-objects.ts";
import { writeStage } from "../../install/plan/wanted.ts";
import { syncObjects } from "../../install/sync/objects.ts";
import { readSyncFacts, type SyncFacts } from "../../install/sync/read.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { plan } from "../../kubernetes/plan.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { listWords } from "../../text/list-words.ts";
import { printText } from "../../view/text.ts";
import { connectBounded } from "../connection.ts";
import { printDiff } from "../plan-diff.ts";
import { foldedPlan, planCounts, printPlan } from "../show-plan.ts";
import { writePlan, writes } from "../write-plan.ts";
import { refuseBeforehand } from "./beforehand.ts";
import { current } from "./staged.ts";

export interface SyncOptions {
  syncImage: string | undefined;
  diff: boolean;
  dryRun: "none" | "client" | "server";
  yes: boolean;
  /** What the same command installs before it: the access model, and whether that guards grants. */
  accessModel: { installed: boolean; guards: boolean };
}

/** Installs what runs `grant sync`, and nothing else; resolves to the exit code. */
export async function installSync(options: SyncOptions & ConnectOptions, world: World): Promise<number> {
  const { diff, dryRun, yes, syncImage: _image, accessModel: model, ...connection } = options;
  const cluster = await connectBounded(connection, world);
  const facts = await readSyncFacts(cluster);
  const image = syncImage(options.syncImage, facts.image);
  if (!model.installed) await refuseBeforehand(cluster, "sync", world);
  for (const text of warnings(facts, model.guards)) world.warn(text);
  const makePlan = async () => ({ plan: await planSync(cluster, image, facts.bindable) });
  const { planned, written } = await writePlan(makePlan, cluster, {
    world,
    dryRun: diff && dryRun === "none" ? "server" : dryRun,
    confirmsJudged: true,
    confirm: ({ plan: judged }) => isConfirmed(judged, yes, world),
    way: "kubectl mirrord install -o yaml --sync",
  });
  if (diff) return await printDiff(planned.plan, world);
  if (dryRun !== "none") {
    printPlan(planned.plan, { dryRun, output: "table" }, world);
    return 0;
  }
  const changed = writes(planned.plan);
  if (!written && changed.length > 0) {
    world.note("Nothing was written.");
    return 1;
  }
  const { namespace, name } = accessModel.sync;
  const where = `cronjob ${name} in namespace ${namespace} runs grant sync every five minutes.`;
  const done = changed.length === 0 ? ["Nothing was changed."] : planCounts(changed);
  printText(
    [
      where,
      "",
      ...done,
      "",
      "To see how it went:",
      { paste: shellCommand(["kubectl", "get", "jobs", "-n", namespace]) },
    ],
    world,
  );
  return 0;
}

/** The objects without a cluster: custom roles are not known, `grant role` adds them. */
export function syncManifests(image: string | undefined): KubernetesObject[] {
  return syncObjects({ image: syncImage(image, undefined), bindable: [] });
}

/** The image that was given, or the one that runs. There is none that could be guessed. */
function syncImage(given: string | undefined, runs: string | undefined): string {
  const image = given ?? runs;
  if (image === undefined) {
    throw usageError("no image is known that holds kubectl-mirrord, for the CronJob that runs grant sync", [
      "Build one of a release's archive for Linux with the Dockerfile of this project, push it, and name it: --sync-image IMAGE",
    ]);
  }
  if (image === "" || /\s/.test(image)) throw usageError(`--sync-image ${JSON.stringify(image)} is not an image`);
  return image;
}

async function planSync(cluster: Cluster, image: string, bindable: readonly string[]): Promise<Plan> {
  const typed = await typedObjects(syncObjects({ image, bindable }), cluster, accessModel.sync.namespace);
  const wanted = typed.map((each) => ({ ...each, stage: writeStage(each.type.kind) }));
  return plan(await current(cluster, wanted), wanted);
}

function warnings({ guard, dangerous }: SyncFacts, guards: boolean): string[] {
  const roles = dangerous.map((name) => `clusterrole ${name}`);
  return [
    ...(guard.guards || guards ? [] : guardDoubts(guard.unreadable, "the writing of grants")),
    ...(guard.guards || guards || guard.unreadable.length > 0
      ? []
      : [
          `nothing keeps others from writing grants (policy ${accessModel.policy}), so it would have to ask before each change, and changes nothing until there is: --access-model`,
        ]),
    ...(roles.length === 0
      ? []
      : [
          `it may not bind ${listWords(roles)}, whose holder could give himself everything: restore such grants by hand`,
        ]),
  ];
}

async function isConfirmed(judged: Plan, yes: boolean, world: World): Promise<boolean> {
  if (yes || writes(judged).length === 0) return true;
  world.note(["To be done:", "", ...foldedPlan(judged), ""]);
  return await world.ask.confirm("Go on?", "--yes");
}
