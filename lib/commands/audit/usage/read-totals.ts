import { PARTIAL_KIND, usageIn } from "../../../audit/usage/document.ts";
import { usageReader, type ReadOptions } from "../../../audit/usage/read.ts";
import { addUsage, noUsage, type UsageTotals } from "../../../audit/usage/totals.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { readNamed, goFileError } from "../../../kube/config/files.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { logBytes, logFiles, type Shard } from "./log-files.ts";
import { readOperatorLog } from "./operator-log.ts";

const MEBIBYTE = 1024 * 1024;

export interface UsageSource extends ReadOptions {
  log: readonly string[];
  files: readonly string[];
  merge: readonly string[];
  operator: boolean;
  shard?: Shard | undefined;
  follow?: boolean;
}

/** What the logs that were named come to: files, the operator's own, or what -o partial has counted. */
export async function readTotals(
  { log, files, merge, operator, shard, follow = false, ...options }: UsageSource,
  connect: () => Promise<Cluster>,
  world: World,
): Promise<UsageTotals> {
  const totals = noUsage();
  const { from } = options;
  if (merge.length > 0) for (const path of [...merge, ...files]) mergeFile(totals, path);
  else if (operator) {
    const since = from === undefined ? undefined : world.now().getTime() - from;
    const sinceSeconds = since === undefined ? undefined : Math.max(1, Math.ceil(since / 1000));
    await readOperatorLog(await connect(), totals, { ...options, sinceSeconds, follow }, world);
  } else await readLogs(totals, logFiles([...log, ...files], shard), from, world);
  return totals;
}

async function readLogs(
  totals: UsageTotals,
  paths: readonly string[],
  from: number | undefined,
  world: World,
): Promise<void> {
  const progress = world.progress("Reading the logs");
  try {
    for (const path of paths) {
      const reader = usageReader(totals, { from });
      for await (const chunk of logBytes(path, world.signal)) {
        reader.push(chunk);
        progress.update(`Read ${Math.floor(totals.log.bytes / MEBIBYTE)} MiB of the logs`);
      }
      reader.end();
    }
  } finally {
    progress.end();
  }
}

/** A file may hold several, one a line, as the pods of a Job print them. */
function mergeFile(totals: UsageTotals, path: string): void {
  const name = path === "-" ? "standard input" : path;
  const lines = readText(path, name).split("\n");
  const documents = lines.flatMap((line, at) => (line.trim() === "" ? [] : [parseLine(line, name, at + 1)]));
  if (documents.length === 0) throw usageError(`${name} is empty`);
  for (const [at, document] of documents.entries())
    addUsage(totals, usageIn(document, documents.length === 1 ? name : `${name}, document ${at + 1}`));
}

function readText(path: string, name: string): string {
  try {
    return readNamed(path).toString("utf8");
  } catch (cause) {
    throw usageError(goFileError(name, cause), undefined, { cause });
  }
}

/** @param number from 1; what the line says is not repeated: it may be of any file */
function parseLine(line: string, name: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw usageError(
      `${name} is not what -o partial prints, a line of JSON for each log (${PARTIAL_KIND})`,
      `Line ${number} is something else. Of a Job, a pod that failed has printed its error: leave out what it printed, and make sure that each index has completed.`,
      {
        cause,
      },
    );
  }
}
