import { command } from "../../cli/grammar/command.ts";
import { outputFlag, yesFlag } from "../../cli/grammar/shared-flags.ts";
import { usageError } from "../../errors.ts";
import { bounded } from "../../kube/live/bounded.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { confirmKill } from "./confirm-kill.ts";
import { booleanFlag } from "../../cli/grammar/flags.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { filterFlags, liveFlags, placeFlag, SEE_SESSIONS } from "./flags.ts";
import { killEach, killInactive, lookAgain, type KillResult } from "../kill-each.ts";
import { chooseToKill, selectionMethod, type KillOptions, type ToKill, type Way } from "./choose-to-kill.ts";
import { showKilled, showToBeKilled } from "./show-killed.ts";

const filters = ["user", "target", "key", "longerThan", "stale"] as const;

export const kill = command({
  name: "session kill",
  summary: "End sessions: by id, or all that fit.",
  description: [
    "Shows what would end, asks, and then ends exactly that, one by one: a session that starts in between is left alone. Filters",
    "reach every namespace unless -n is given. Ending sessions needs delete on sessions in the whole cluster, because mirrord",
    "ends them by a path without a namespace; whoever has it can end everybody's.",
  ].join(" "),
  usage:
    "(ID… | --user USER | --target TARGET | -n NAMESPACE | --longer-than DURATION | --stale | --all | --inactive) [flags]",
  examples: {
    "kubectl mirrord session kill 487F4F2B6D2376AD": "End one session",
    "kubectl mirrord session kill --user jim@acme.example": "End all sessions of a user",
    "kubectl mirrord session kill -n dev --longer-than 1d --yes": "End the old ones of a namespace, without asking",
    "kubectl mirrord session kill --stale --dry-run": "See whose access is gone while a session goes on",
  },
  positionals: {
    ids: {
      type: "list",
      placeholder: "ID",
      describe: "As `session list` shows it, or in decimal",
      completes: "session",
    },
  },
  flags: {
    namespace: { ...placeFlag, describe: "Only in this namespace; without it, in every one." },
    ...filterFlags,
    all: booleanFlag("Every session of the cluster."),
    inactive: booleanFlag("Those that no client is connected to; only the operator knows which these are."),
    dryRun: {
      type: "optional-value",
      values: ["none", "client"],
      bare: "client",
      default: "none",
      placeholder: "MODE",
      describe: "none, or client: show what would end, and end nothing.",
      refusal: (value: string) =>
        `--dry-run=${value} is not possible: an operator that does not know it would end the sessions`,
    },
    yes: yesFlag,
    output: outputFlag(["table", "json", "yaml", "name"]),
    ...liveFlags,
  },
  conflicts: [
    { option: "ids", excludes: [...filters, "all", "inactive"] },
    { option: "all", excludes: [...filters, "inactive"] },
    { option: "inactive", excludes: filters },
    {
      option: "namespace",
      excludes: ["all", "inactive"],
      message: (_namespace, excluded) => `${excluded} is about the whole cluster`,
      hint: "For one namespace, give -n alone.",
    },
  ],
  needs: [
    {
      needs: ["ids", ...filters, "namespace", "all", "inactive"],
      message:
        "say which sessions to end: ID…, --user, --target, --key, -n, --longer-than, --stale, --inactive or --all",
      hint: "See what is there: kubectl mirrord session list -A",
    },
  ],
  exitCodes: { 0: "ended, or nothing to end", 1: "declined", 4: "some could not be ended" },
  waits: "Asking the operator about the sessions",
  async run(options, world) {
    const way = selectionMethod(options);
    const cluster = bounded(await world.connect(connectOptions(options)));
    const chosen = await chooseToKill(cluster, options, world);
    const { output } = options;
    const dryRun = options.dryRun === "client";
    const { sessions, missing } = chosen;
    const reasons = missing.map(({ reason }) => reason);
    if (sessions.length > 0) world.note(reasons.map((reason) => `error: ${reason}`));
    for (const warning of chosen.warnings) world.warn(warning);
    if (sessions.length === 0) {
      if (missing.length > 0) throw usageError(reasons, ["Nothing was ended.", SEE_SESSIONS]);
      await requireNamespace(cluster, options.namespace);
      await showKilled({ results: [], missing: [], dryRun, way }, output, world);
      return 0;
    }
    if (dryRun) {
      await showKilled(
        { results: sessions.map((session) => ({ session, outcome: "ended" })), missing: [], dryRun, way },
        output,
        world,
      );
      return 0;
    }
    await showToBeKilled(sessions, way, world);
    if (!options.yes && !(await confirmKill(sessions, way, world))) {
      world.print("declined: nothing was ended");
      return 1;
    }
    const results = await end(cluster, chosen, { way, confirmed: !options.yes });
    await showKilled({ results, missing, dryRun, way }, output, world);
    return results.some(({ outcome }) => outcome === "failed") || missing.length > 0 ? 4 : 0;
  },
});

async function end(
  cluster: Cluster,
  { sessions, all }: ToKill,
  { way, confirmed }: { way: Way; confirmed: boolean },
): Promise<KillResult[]> {
  if (way === "inactive") return await killInactive(cluster, sessions);
  if (!confirmed) return await killEach(cluster, sessions, all);
  const now = await lookAgain(cluster, sessions);
  return [...(await killEach(cluster, now.sessions, now.all)), ...now.results];
}

function connectOptions({ user: _user, target: _target, ...options }: KillOptions) {
  return options;
}
