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

/** The shards that are missing of each input of which there are some. */
export function missingShards(shards: Iterable<LogShard>): LogShard[] {
  const known = new Map([...shards].map((shard) => [shardKey(shard), shard]));
  const divisions = new Map([...known.values()].map(({ input, count }) => [`${count} ${input}`, { input, count }]));
  const missing = [...divisions.values()].flatMap(({ input, count }) =>
    Array.from({ length: count }, (_, index) => ({ input, index, count })).filter(
      (shard) => !known.has(shardKey(shard)),
    ),
  );
  return inShardOrder(missing);
}

/** As `--shard` is written. */
export const shardText = ({ index, count }: Pick<LogShard, "index" | "count">): string => `${index}/${count}`;

const NAMED_SHARDS = 10;

/** `shard 3/10`, `shards 3/10 and 4/10`; of very many the first. */
export function shardsText(shards: readonly LogShard[]): string {
  const more = shards.length - NAMED_SHARDS;
  const named = shards.slice(0, NAMED_SHARDS).map(shardText);
  return `${shards.length === 1 ? "shard" : "shards"} ${listWords([...named, ...(more > 0 ? [`${more} more`] : [])])}`;
}

/** What is missing, in a clause for each input. */
export function missingTexts(missing: readonly LogShard[]): string[] {
  const byInput = [...Map.groupBy(missing, ({ input }) => input).values()];
  const texts = byInput.map((shards) => `${shardsText(shards)} ${shards.length === 1 ? "is" : "are"} missing`);
  if (texts.length < 2) return texts;
  return texts.map((text, at) => `${text} of the logs ${byInput[at]?.[0]?.input.slice(0, 12)}`);
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
