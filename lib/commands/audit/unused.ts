import { untilNow, type Window } from "../../audit/unused/coverage.ts";
import { isDoubtful, unusedGrants, type UnusedGrants } from "../../audit/unused/unused.ts";
import { missingShards, missingTexts } from "../../audit/usage/shards.ts";
import { DAY_MILLISECONDS } from "../../audit/usage/span.ts";
import { connectionWords } from "../../cli/connection-words.ts";
import { command } from "../../cli/grammar/command.ts";
import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError, UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { listWords } from "../../text/list-words.ts";
import { readGrantsAmong } from "../../audit/read-grants.ts";
import { clustersConflicts, clustersFlags, severalClusters, type ClustersOptions } from "./clusters/contexts.ts";
import { readClusters } from "./clusters/read-clusters.ts";
import { clusterRows, unreadClusters } from "./clusters/report.ts";
import { showUnused } from "./show-unused.ts";
import { readTotals, type UsageSource } from "./usage/read-totals.ts";

const DEFAULT_DAYS = 90;
const MOST_DAYS = 3650;

export const unused = command({
  name: "audit unused",
  summary: "Name grants that nobody used, and smaller ones that would do, from the logs.",
  description: [
    "Compares the grants of the cluster with what logs say was used in the last days. The API server's audit log shows every right that was used, the operator's log only sessions.",
    "Where the logs cover only part of that time, or the grant is newer than that, nothing is proved: the grant is shown as unknown, and no command is printed for it.",
  ].join(" "),
  usage: "(--log FILE... | --operator | --merge FILE...) [flags]",
  examples: {
    "kubectl mirrord audit unused --log audit.log.gz operator.log": "The last 90 days, from these logs",
    "kubectl mirrord audit unused --days 30 --log ./logs": "The last 30 days, from all files of a folder",
    "kubectl mirrord audit unused --merge part-*.json": "From what audit usage -o partial counted on other machines",
    "kubectl mirrord audit unused --operator --context east,west": "Two clusters, each by the log of its own operator",
  },
  positionals: {
    files: { type: "list", placeholder: "FILE", describe: "More files, for --log and --merge.", completes: "file" },
  },
  flags: {
    days: stringFlag("NUMBER", `How many days back; ${DEFAULT_DAYS} when left out.`, { parse: parseDays }),
    log: listFlag("FILE", "Read this log, or those in this folder; '-' is stdin. May be repeated.", {
      completes: "file",
    }),
    operator: booleanFlag("Read the log of the operator that runs."),
    merge: listFlag("FILE", "Add what -o partial has printed; '-' is stdin. May be repeated.", { completes: "file" }),
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown"]),
    noHeaders: noHeadersFlag,
    quiet: quietFlag,
    ...connectionFlags,
    ...clustersFlags,
  },
  conflicts: [
    ...clustersConflicts,
    { option: "log", excludes: ["operator", "merge"] },
    { option: "operator", excludes: ["merge", "files"] },
  ],
  needs: [
    {
      needs: ["log", "operator", "merge"],
      message: "nothing to read: name a log",
      hint: "Write for example: kubectl mirrord audit unused --log audit.log",
    },
  ],
  exitCodes: {
    0: "every grant was used, and no smaller one would do",
    1: "some grant was not used, or a smaller one would do",
    3: "no grant is known to be unused or too large, but some cannot be judged",
  },
  waits: "Reading the logs",

  async run(
    { days = DEFAULT_DAYS, log, files, merge, operator, output: format, noHeaders, quiet: _quiet, ...clusters },
    world,
  ) {
    if (!operator) refuseSeveral(clusters, world);
    const source = { log, files, merge, operator, from: undefined };
    const answers = await readClusters(clusters, world, (cluster, said, reached) =>
      judgeCluster(cluster, { source, days, connection: connectionWords(reached) }, said),
    );
    await showUnused(answers, { format, noHeaders, days, now: world.now().getTime() }, world);
    const unread = unreadClusters(answers);
    for (const why of unread) world.warn(why);
    const items = clusterRows(answers, (value) => value.items);
    if (items.some(({ verdict }) => verdict === "unused" || verdict === "larger")) return 1;
    return unread.length > 0 || items.some(isDoubtful) ? 3 : 0;
  },
});

/** @throws UserError "usage": a file does not say which cluster it is of, and what nobody used in one may be used in another */
function refuseSeveral(clusters: ClustersOptions, world: World): void {
  if (severalClusters(clusters, world) === undefined) return;
  throw usageError(
    "the logs of --log and --merge are those of one cluster, and several are named",
    "Give --operator, to read the log of each cluster's own operator, or name one context.",
  );
}

interface Judging {
  source: UsageSource;
  days: number;
  connection: readonly string[];
}

async function judgeCluster(
  cluster: Cluster,
  { source, days, connection }: Judging,
  world: World,
): Promise<UnusedGrants & { window: Window }> {
  const totals = await readTotals(source, async () => cluster, world);
  const missing = missingTexts(missingShards(totals.shards.values()));
  if (missing.length > 0)
    throw new UserError("undetermined", `${missing.join("; ")}, so nobody can say what was not used`);
  const { objects, unreadable } = await readAllRbac(cluster);
  if (unreadable.length > 0)
    throw new UserError("undetermined", `you may not list ${listWords(unreadable)}, so nobody can say what is granted`);
  const now = currentTime(cluster, world.now()).getTime();
  if (source.operator) untilNow(totals.days.operator, now);
  const { grants, anchorsRead } = await readGrantsAmong(cluster, objects);
  const contexts = await readGrantContexts(cluster, grants, { now, weakness: false, anchorsRead });
  for (const warning of contexts.warnings) world.warn(warning);
  const window = { from: now - days * DAY_MILLISECONDS, to: now };
  const found = unusedGrants({
    grants: grants.map((grant) => ({ grant, context: contexts.of(grant) })),
    totals,
    window,
    roles: objects.filter(({ kind }) => kind === "ClusterRole"),
    connection,
  });
  return { ...found, window };
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw usageError(`--days ${JSON.stringify(text)} is not a number from 1 to ${MOST_DAYS}`);
}
