// Which parts of which logs have been counted: whoever adds them up has to know that none is missing and none is there twice.

import { usageError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { listWords } from "../../text/list-words.ts";
import { byCodePoint } from "../../text/order.ts";

/** What one machine reads: of the files of an input every COUNTth, from INDEX on, which begins at 0. */
export interface LogShard {
  /** Equal for the same files, and for no others. */
  input: string;
  index: number;
  count: number;
}

export const shardKey = ({ input, index, count }: LogShard): string => `${index}/${count} ${input}`;

export const inShardOrder = (shards: Iterable<LogShard>): LogShard[] =>
  [...shards].toSorted((a, b) => byCodePoint(a.input, b.input) || a.count - b.count || a.index - b.index);

const NAMED_SHARDS = 10;

/** What is missing of an input of which there is some. */
export interface MissingShards {
  input: string;
  /** How many. */
  missing: number;
  /** The first of them; a document could make anybody list millions. */
  first: LogShard[];
}

/** In order of the inputs. */
export function missingShards(shards: Iterable<LogShard>): MissingShards[] {
  const divisions = new Map<string, Division>();
  for (const { input, index, count } of inShardOrder(shards)) {
    const key = `${count} ${input}`;
    const division = divisions.get(key) ?? { input, count, present: new Set() };
    division.present.add(index);
    divisions.set(key, division);
  }
  return [...divisions.values()].map(missingOf).filter(({ missing }) => missing > 0);
}

interface Division extends Pick<LogShard, "input" | "count"> {
  present: Set<number>;
}

function missingOf({ input, count, present }: Division): MissingShards {
  const missing = count - present.size;
  const first: LogShard[] = [];
  for (let index = 0; first.length < Math.min(missing, NAMED_SHARDS); index += 1)
    if (!present.has(index)) first.push({ input, index, count });
  return { input, missing, first };
}

/** As `--shard` is written. */
export const shardText = ({ index, count }: Pick<LogShard, "index" | "count">): string => `${index}/${count}`;

/** `shard 3/10`, `shards 3/10 and 4/10`; of more than are named how many. */
export function shardsText(named: readonly LogShard[], count = named.length): string {
  const more = count > named.length ? [`${count - named.length} more`] : [];
  return `${count === 1 ? "shard" : "shards"} ${listWords([...named.map(shardText), ...more])}`;
}

/** What is missing, in a clause for each input. */
export function missingTexts(inputs: readonly MissingShards[]): string[] {
  return inputs.map(({ input, missing, first }) => {
    const text = `${shardsText(first, missing)} ${missing === 1 ? "is" : "are"} missing`;
    return inputs.length < 2 ? text : `${text} of the logs ${input.slice(0, 12)}`;
  });
}

/** Of a document. */
export function shardsIn(list: unknown, where: string): Map<string, LogShard> {
  if (!Array.isArray(list)) throw notShards(where);
  const shards = list.map((item: unknown): LogShard => {
    const { input, index, count } = isJsonObject(item) ? item : {};
    if (typeof input !== "string" || !isCount(index) || !isCount(count) || index >= count) throw notShards(where);
    return { input, index, count };
  });
  return new Map(shards.map((shard) => [shardKey(shard), shard]));
}

const MOST_SHARDS = 100_000;

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MOST_SHARDS;

const notShards = (where: string) =>
  usageError(
    `${where} is not a list of shards`,
    "Make the document again; it was not written by this command as it is.",
  );
