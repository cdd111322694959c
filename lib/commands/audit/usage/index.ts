import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag, listFlag, stringFlag } from "../../../cli/grammar/flags.ts";
import { connectionFlags, namespaceFlag, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { parseDuration } from "../../../text/duration.ts";
import { printDocument } from "../../../view/output.ts";
import type { Shard } from "./log-files.ts";
import { showEach } from "./operator-log.ts";
import { readTotals } from "./read-totals.ts";
import { showUsage } from "./show.ts";
import { shellCommand } from "../../../text/shell-quote.ts";

const MOST_SHARDS = 10_000;

export const usage = command({
  name: "audit usage",
  summary: "Count who used mirrord on what, and what was refused, from the logs.",
  description: [
    "Reads the operator's events (operator.jsonLog) and an API server's audit log, of any size, as they were written, compressed by gzip, or as collectors wrapped them.",
    "What one machine counts of a part of the logs (-o partial) another one adds to the rest (--merge): the result is that of one run.",
  ].join(" "),
  usage: "(--log FILE... | --operator | --merge FILE... | --job) [flags]",
  examples: {
    "kubectl mirrord audit usage --log operator.log audit.log.gz": "Of files, compressed ones too",
    "zstdcat audit.log.zst | kubectl mirrord audit usage --log -": "Of a pipe",
    "kubectl mirrord audit usage --operator --since 24h": "Of the operator's own log, now",
    "kubectl mirrord audit usage --operator -f": "Each session as it begins and ends",
    "kubectl mirrord audit usage --log part-1.gz -o partial": "What this part comes to, for --merge",
    "kubectl mirrord audit usage --merge part-*.json -o csv": "All parts together",
    "kubectl mirrord audit usage --job --image IMAGE --claim logs --shards 20": "A Job that reads the logs on a volume",
  },
  positionals: {
    files: { type: "list", placeholder: "FILE", describe: "More files, for --log and --merge.", completes: "file" },
  },
  flags: {
    log: listFlag("FILE", "Read this log, or those in this folder; '-' is stdin. May be repeated.", {
      completes: "file",
    }),
    operator: booleanFlag("Read the log of the operator that runs."),
    follow: booleanFlag("With --operator: go on, and show each event as it comes.", { short: "f" }),
    since: stringFlag("DURATION", "Only what happened in this time before now (24h, 90d).", { parse: parseDuration }),
    merge: listFlag("FILE", "Add what -o partial has printed; '-' is stdin. May be repeated.", { completes: "file" }),
    shard: stringFlag("INDEX/COUNT", "Of all files only every COUNTth, from INDEX on, which begins at 0.", {
      parse: parseShard,
    }),
    job: booleanFlag("Print a Job whose pods each read their part of the logs on a volume."),
    image: stringFlag("IMAGE", "With --job: the image with this program."),
    claim: stringFlag("NAME", "With --job: the PersistentVolumeClaim that holds the logs."),
    shards: stringFlag("NUMBER", "With --job: into how many parts; 10 when left out.", { parse: parseShards }),
    namespace: namespaceFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown", "partial"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  conflicts: [
    { option: "log", excludes: ["operator", "merge", "job"] },
    { option: "operator", excludes: ["merge", "job", "files", "shard"] },
    { option: "merge", excludes: ["job", "since", "shard"] },
    { option: "job", excludes: ["files", "since"] },
  ],
  needs: [
    {
      needs: ["log", "operator", "merge", "job"],
      message: "nothing to read: name a log",
      hint: "Write for example: kubectl mirrord audit usage --operator --since 24h",
    },
    {
      option: "follow",
      needs: ["operator"],
      message: "-f goes on reading the operator's own log",
      hint: "Add --operator.",
    },
    { option: "job", needs: ["image"], message: "--job needs the image to run", hint: "Add --image IMAGE." },
    {
      option: "job",
      needs: ["claim"],
      message: "--job needs the claim that holds the logs",
      hint: "Add --claim NAME.",
    },
    ...(["image", "claim", "shards", "namespace"] as const).map((option) => ({
      option,
      needs: ["job"] as const,
      message: `--${option} is for --job`,
    })),
  ],
  exitCodes: { 0: "counted", 3: "a shard of what --merge adds up is missing" },
  waits: "Reading the logs",

  async run(options, world) {
    const { log, files, merge, operator, follow, job, output: format, noHeaders, since, shard } = options;
    if (job) return await printJob(options, world);
    const from = since === undefined ? undefined : world.now().getTime() - since;
    const { log: _log, merge: _merge, namespace: _namespace, ...connection } = options;
    const connect = async () => await world.connect(connection);
    const each = follow ? { onRecord: showEach(format, world) } : {};
    const totals = await readTotals({ log, files, merge, operator, from, shard, follow, ...each }, connect, world);
    if (follow) return 0;
    return await showUsage(totals, { format, noHeaders }, world);
  },
});

async function printJob(
  {
    output,
    image = "",
    claim = "",
    shards = 10,
    namespace = "default",
  }: {
    output: string;
    image: string | undefined;
    claim: string | undefined;
    shards: number | undefined;
    namespace: string | undefined;
  },
  world: World,
): Promise<number> {
  const { usageJob } = await import("./job.ts");
  const made = usageJob({ namespace, image, claim, shards });
  await printDocument(made, output === "json" ? "json" : "yaml", world);
  const logs = shellCommand([
    "kubectl",
    "logs",
    "-n",
    namespace,
    "-l",
    `batch.kubernetes.io/job-name=${made.metadata.name}`,
    "--tail=-1",
    `--max-log-requests=${shards}`,
  ]);
  world.note([
    "Apply it, and when its pods have completed add up what they printed:",
    `  ${logs} | kubectl mirrord audit usage --merge -`,
  ]);
  return 0;
}

function parseShard(text: string): Shard {
  const [, index = "", count = ""] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index !== "" && shard.index < shard.count) return shard;
  throw usageError(`--shard ${JSON.stringify(text)} is not INDEX/COUNT`, "The first of ten is 0/10, the last 9/10.");
}

function parseShards(text: string): number {
  const shards = Number(text);
  if (/^\d+$/.test(text) && shards >= 1 && shards <= MOST_SHARDS) return shards;
  throw usageError(`--shards ${JSON.stringify(text)} is not a number from 1 to ${MOST_SHARDS}`);
}
