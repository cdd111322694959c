import { untilNow } from "../../audit/unused/coverage.ts";
import { unusedGrants } from "../../audit/unused/unused.ts";
import { DAY_MILLISECONDS } from "../../audit/usage/span.ts";
import { command } from "../../cli/grammar/command.ts";
import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import { usageError, UserError } from "../../errors.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { listWords } from "../../text/list-words.ts";
import { readGrantsAmong } from "../../audit/read-grants.ts";
import { connectBounded, connectionWords } from "../connection.ts";
import { showUnused } from "./show-unused.ts";
import { readTotals } from "./usage/read-totals.ts";

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
  },
  conflicts: [
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
    { days = DEFAULT_DAYS, log, files, merge, operator, output: format, noHeaders, quiet: _quiet, ...connection },
    world,
  ) {
    const cluster = await connectBounded(connection, world);
    const totals = await readTotals({ log, files, merge, operator, from: undefined }, async () => cluster, world);
    const { objects, unreadable } = await readAllRbac(cluster);
    if (unreadable.length > 0)
      throw new UserError(
        "undetermined",
        `you may not list ${listWords(unreadable)}, so nobody can say what is granted`,
      );
    const now = currentTime(cluster, world.now()).getTime();
    if (operator) untilNow(totals.days.operator, now);
    const { grants, anchorsRead } = await readGrantsAmong(cluster, objects);
    const contexts = await readGrantContexts(cluster, grants, { now, weakness: false, anchorsRead });
    for (const warning of contexts.warnings) world.warn(warning);
    const window = { from: now - days * DAY_MILLISECONDS, to: now };
    const found = unusedGrants({
      grants: grants.map((grant) => ({ grant, context: contexts.of(grant) })),
      totals,
      window,
      roles: objects.filter(({ kind }) => kind === "ClusterRole"),
      connection: connectionWords(connection),
    });
    await showUnused(found, { format, noHeaders, window, days }, world);
    const verdicts = new Set(found.items.map(({ verdict }) => verdict));
    if (verdicts.has("unused") || verdicts.has("larger")) return 1;
    return verdicts.has("unknown") || found.items.some(({ verdict, why }) => verdict === "used" && why !== "") ? 3 : 0;
  },
});

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw usageError(`--days ${JSON.stringify(text)} is not a number from 1 to ${MOST_DAYS}`);
}
