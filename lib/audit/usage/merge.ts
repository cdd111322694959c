// Parts of logs that were counted apart, added up: each shard counts once.

import { createHash } from "node:crypto";
import { usageError } from "../../errors.ts";
import { usageDocument } from "./document.ts";
import { shardText, shardsText, type LogShard } from "./shards.ts";
import { addUsage, noUsage, type UsageTotals } from "./totals.ts";

export interface UsagePart {
  /** Of where it came from, for messages. */
  name: string;
  usage: UsageTotals;
}

export interface MergedUsage {
  totals: UsageTotals;
  /** Parts that are the same as an earlier one, and were not counted again: their names. */
  repeated: { name: string; by: string }[];
}

interface CountedPart {
  name: string;
  /** The same for the same counts of the same shards. */
  digest: string;
}

/** @throws UserError "usage" where parts overlap and are not the same: nobody can take out of a sum what is in it twice */
export function mergeUsage(parts: Iterable<UsagePart>): MergedUsage {
  const totals = noUsage();
  const counted = new Map<string, CountedPart>();
  const countOfInput = new Map<string, LogShard>();
  const repeated: MergedUsage["repeated"] = [];
  for (const { name, usage } of parts) {
    const digest = usage.shards.size === 0 ? "" : digestOf(usage);
    const known = [...usage.shards].flatMap(([key, shard]) => {
      const by = counted.get(key);
      return by === undefined ? [] : [{ shard, by }];
    });
    const [first] = known;
    if (first !== undefined) {
      if (known.some(({ by }) => by.digest !== digest)) throw overlap(name, first);
      repeated.push({ name, by: first.by.name });
      continue;
    }
    for (const [key, shard] of usage.shards) {
      const other = countOfInput.get(shard.input);
      if (other !== undefined && other.count !== shard.count) throw otherCut(name, shard, other);
      countOfInput.set(shard.input, shard);
      counted.set(key, { name, digest });
    }
    addUsage(totals, usage);
  }
  return { totals, repeated };
}

const digestOf = (usage: UsageTotals): string =>
  createHash("sha256")
    .update(JSON.stringify(usageDocument(usage)))
    .digest("base64");

const overlap = (name: string, { shard, by }: { shard: LogShard; by: CountedPart }) =>
  usageError(
    `${shardsText([shard])} of the same logs is in ${by.name} and in ${name}, with other counts`,
    "One of them was counted again, of logs that had grown, with another --since, or together with other shards. Leave one of them out.",
  );

const otherCut = (name: string, shard: LogShard, other: LogShard) =>
  usageError(
    `${name} is shard ${shardText(shard)} of logs of which there is shard ${shardText(other)}, too`,
    "Merge shards of one division only: the same lines are in others.",
  );
