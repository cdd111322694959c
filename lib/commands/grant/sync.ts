import { accessModel } from "../../access/names.ts";
import { isMassPruning } from "../../access/prune-guard.ts";
import type { SyncPlan } from "../../access/sync.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, dryRunFlag, outputFlag, quietWith, yesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError, type UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { guardDoubts } from "../../access/guard.ts";
import { readGrantGuard } from "../../reading/guards.ts";
import { connectBounded } from "../connection.ts";
import { describeChanges, planLines } from "../show-plan.ts";
import { planSync, type PlannedSync } from "./plan-sync.ts";
import { questionLines } from "./question-lines.ts";
import { watchGrants } from "./watch-grants.ts";
import { writePlan, writes } from "../write-plan.ts";

export const sync = command({
  name: "grant sync",
  summary: "Make the cluster what its grants say.",
  description: [
    "Restores what is missing, takes out what was added, follows namespaces that come, go and change labels, adopts grants that",
    "came from files, anchors those that are to end, and deletes what has ended. Run it again and it writes nothing. Whoever can",
    `write a grant's intent can grant: where the access model's policy (${accessModel.policy}) does not guard them, changes need --yes.`,
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord grant sync": "Show what has to change, ask, and do it",
    "kubectl mirrord grant sync --check": "Exit with 1 when something has to change",
    "kubectl mirrord grant sync --watch -y": "Keep it so",
  },
  flags: {
    check: { type: "boolean", describe: "Write nothing; exit code 1 when something has to change." },
    watch: { type: "boolean", short: "w", describe: "Keep running, and sync when something changes or a grant ends." },
    yesPrune: {
      type: "string",
      placeholder: "N",
      describe: "Allow exactly so many bindings to be deleted, where that is nearly a third of them or more.",
      parse: parseCount,
    },
    yes: yesFlag,
    quiet: quietWith("--check"),
    dryRun: dryRunFlag,
    output: outputFlag(["table", "json", "yaml"]),
    ...connectionFlags,
  },
  needs: [
    {
      option: "quiet",
      needs: ["check"],
      message: "-q is for a question",
      hint: "With --check: whether something has to change.",
    },
  ],
  exitCodes: {
    0: "in sync",
    1: "with --check: something has to change; or declined",
    4: "a grant was left alone because a role of its name was made by somebody else, or because it needs consent; or refused, or only part was done",
  },
  waits: "Reading the grants",
  async run({ check, watch, yesPrune, yes, dryRun: mode, output, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const options: RoundOptions = { write: !check && mode === "none", yes, yesPrune, output };
    const first = await round(cluster, options, world);
    if (first.held !== undefined && !watch) throw first.held;
    if (first.refused && !watch) return 4;
    if (check) return first.changes > 0 ? 1 : 0;
    if (!watch || !first.done) return first.done ? 0 : 1;
    world.note("Watching; Ctrl-C ends it.");
    let last = first;
    if (last.held !== undefined) world.warn(last.held.message);
    const changes = watchGrants(cluster, () => last.nextEnd, world);
    while ((await changes.next()).done !== true) {
      last = await round(cluster, options, world, { quiet: true });
      if (last.held !== undefined) world.warn(last.held.message);
    }
    return 0;
  },
});

interface RoundOptions {
  write: boolean;
  yes: boolean;
  yesPrune: number | undefined;
  output: "table" | "json" | "yaml";
}

interface Round {
  changes: number;
  done: boolean;
  refused: boolean;
  /** What the guard against mass pruning says of the grants that it kept from being changed. */
  held: UserError | undefined;
  nextEnd: number | undefined;
}

async function round(
  cluster: Cluster,
  { write, yes, yesPrune, output }: RoundOptions,
  world: World,
  { quiet = false } = {},
): Promise<Round> {
  let held: UserError | undefined;
  const planQuietly = async () => {
    const planned = await planSync(cluster, { acceptAnew: yes }, world);
    held = write ? guardPruning(planned, yesPrune) : undefined;
    // What is over goes in any case.
    return held === undefined ? planned : { ...planned, plan: planned.unpruned };
  };
  const plan = async () => {
    const planned = await planQuietly();
    for (const warning of planned.warnings) world.warn(warning);
    return planned;
  };
  const confirm = async (planned: PlannedSync): Promise<boolean> => {
    const changes = writes(planned.plan);
    if (changes.length === 0) return true;
    if (yes || cluster.offline) return true;
    const { guards, unreadable } = await readGrantGuard(cluster);
    if (guards) return true;
    for (const doubt of guardDoubts(unreadable, "the writing of grants")) world.warn(doubt);
    world.note(questionLines(changes));
    return await world.ask.confirm(`Make these ${changes.length} changes?`, "--yes");
  };
  const { planned, written } = await writePlan(plan, cluster, {
    world,
    dryRun: write ? "none" : "client",
    confirm,
    keepGoing: true,
    followUp: planQuietly,
  });
  const changes = writes(planned.plan);
  const done = !write || written || changes.length === 0;
  if (changes.length > 0 || (!quiet && held === undefined)) await show(planned, { done: write && done, output }, world);
  return { changes: changes.length, done, refused: planned.refused.length > 0, held, nextEnd: planned.nextEnd };
}

function guardPruning(planned: SyncPlan, allowed: number | undefined): UserError | undefined {
  const { pruned, bindings } = planned;
  if (!isMassPruning(planned) || allowed === pruned) return undefined;
  return usageError(
    `${pruned} of ${bindings} bindings would be deleted, which is rather a mistake; their grants were left alone`,
    ["See which: kubectl mirrord grant sync --dry-run", `If that is what you mean: --yes-prune=${pruned}`],
  );
}

async function show(
  { plan, skipped }: SyncPlan,
  { done, output }: { done: boolean; output: RoundOptions["output"] },
  world: World,
): Promise<void> {
  const changes = writes(plan);
  if (output !== "table") {
    const value = { apiVersion: API_VERSION, kind: "GrantSync", done, changes: describeChanges(changes), skipped };
    await printDocument(value, output, world);
    return;
  }
  const others = skipped.length === 0 ? "" : ` Left alone: ${skipped.length}, see above.`;
  if (changes.length === 0) world.note(`In sync: ${plan.length} objects, nothing to do.${others}`);
  else {
    const count = `${changes.length} ${changes.length === 1 ? "change" : "changes"} ${done ? "made" : "to make"}`;
    const lines = planLines(changes, done ? "none" : "client").map((line) => `  ${line}`);
    printText([`${count}, so that the cluster is what its grants say.`, "", ...lines], world);
  }
}

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`invalid argument ${JSON.stringify(text)} for --yes-prune: not a number`);
}
