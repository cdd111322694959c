import { PARTIAL_KIND, usageIn } from "../../../audit/usage/document.ts";
import { mergeUsage, type UsagePart } from "../../../audit/usage/merge.ts";
import { usageReader, type ReadOptions } from "../../../audit/usage/read.ts";
import { shardKey } from "../../../audit/usage/shards.ts";
import { noUsage, type UsageTotals } from "../../../audit/usage/totals.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { readNamedText, shownPath } from "../../../kube/config/files.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { logBytes, logFiles, logInput, shardFiles, type Shard } from "./log-files.ts";
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
  if (merge.length > 0) return mergeFiles([...merge, ...files], world);
  const totals = noUsage();
  const { from } = options;
  if (operator) {
    const since = from === undefined ? undefined : world.now().getTime() - from;
    const sinceSeconds = since === undefined ? undefined : Math.max(1, Math.ceil(since / 1000));
    await readOperatorLog(await connect(), totals, { ...options, sinceSeconds, follow }, world);
    return totals;
  }
  const all = logFiles([...log, ...files]);
  const own = shard ?? { index: 0, count: 1 };
  const input = logInput(all);
  if (input !== undefined) totals.shards.set(shardKey({ input, ...own }), { input, ...own });
  await readLogs(totals, shardFiles(all, own), from, world);
  return totals;
}

function mergeFiles(paths: readonly string[], world: World): UsageTotals {
  const { totals, repeated } = mergeUsage(partsIn(paths));
  for (const { name, by } of repeated) world.note(`${name} is the same as ${by}, and is not counted again.`);
  if (totals.unknownParts > 0)
    world.note(
      "Some parts do not say which shard they are (an older version has counted them): whether one is missing or there twice cannot be said.",
    );
  return totals;
}

function* partsIn(paths: readonly string[]): Generator<UsagePart> {
  for (const path of paths) yield* partsOfFile(path);
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
function* partsOfFile(path: string): Generator<UsagePart> {
  const file = shownPath(path);
  const lines = readNamedText(path).split("\n");
  const documents = lines.flatMap((line, at) => (line.trim() === "" ? [] : [parseLine(line, file, at + 1)]));
  if (documents.length === 0) throw usageError(`${file} is empty`);
  for (const [at, document] of documents.entries()) {
    const name = documents.length === 1 ? file : `${file}, document ${at + 1}`;
    yield { name, usage: usageIn(document, name) };
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
