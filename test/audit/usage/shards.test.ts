import t from "tap";
import { missingShards, missingTexts, shardKey, shardsIn, shardsText } from "../../../lib/audit/usage/shards.ts";

const shard = (index: number, count: number, input = "a".repeat(32)) => ({ input, index, count });
const other = "b".repeat(32);

interface Case {
  name: string;
  given: ReturnType<typeof shard>[];
  missing: string[];
  /** Where not all are named. */
  count?: number;
  says: string[];
}
const cases: Case[] = [
  { name: "none", given: [], missing: [], says: [] },
  { name: "a whole log", given: [shard(0, 1)], missing: [], says: [] },
  {
    name: "all, in any order and twice",
    given: [shard(2, 3), shard(0, 3), shard(1, 3), shard(0, 3)],
    missing: [],
    says: [],
  },
  { name: "all but one", given: [shard(0, 3), shard(2, 3)], missing: ["1/3"], says: ["shard 1/3 is missing"] },
  { name: "all but two", given: [shard(1, 3)], missing: ["0/3", "2/3"], says: ["shards 0/3 and 2/3 are missing"] },
  {
    name: "one of two logs, each by its own",
    given: [shard(0, 2), shard(1, 2, other)],
    missing: ["1/2", "0/2"],
    says: ["shard 1/2 is missing of the logs aaaaaaaaaaaa", "shard 0/2 is missing of the logs bbbbbbbbbbbb"],
  },
  {
    name: "very many, of which the first are named",
    given: [shard(0, 13)],
    missing: Array.from({ length: 10 }, (_, at) => `${at + 1}/13`),
    count: 12,
    says: ["shards 1/13, 2/13, 3/13, 4/13, 5/13, 6/13, 7/13, 8/13, 9/13, 10/13 and 2 more are missing"],
  },
];
for (const { name, given, missing, count = missing.length, says } of cases)
  t.test(`what is missing of: ${name}`, async (t) => {
    const found = missingShards(given);
    t.same(
      found.flatMap(({ first }) => first).map(({ index, count: of }) => `${index}/${of}`),
      missing,
    );
    t.equal(
      found.reduce((sum, each) => sum + each.missing, 0),
      count,
    );
    t.same(missingTexts(found), says);
  });

t.test("of very many logs in very many shards each is counted, and the first shards are named", async (t) => {
  const given = Array.from({ length: 3000 }, (_, at) => shard(at, 100_000, `${at}`));
  const found = missingShards(given);
  t.equal(found.length, 3000);
  t.ok(found.every(({ missing, first }) => missing === 99_999 && first.length === 10));
});

t.test("one shard is singular", async (t) => t.equal(shardsText([shard(3, 10)]), "shard 3/10"));

t.test("a document's shards are read as they were written, and nothing else is taken", async (t) => {
  const list = [shard(0, 2), shard(1, 2)];
  t.same(
    [...shardsIn(list, "part: shards")],
    list.map((each) => [shardKey(each), each]),
  );
  for (const wrong of [
    1,
    [1],
    [{ ...shard(0, 1), input: 1 }],
    [shard(2, 2)],
    [shard(0, 0)],
    [shard(-1, 2)],
    [shard(0.5, 2)],
    [shard(0, 1e9)],
  ])
    t.throws(() => shardsIn(wrong, "part: shards"), { exitCode: 2, message: "part: shards is not a list of shards" });
});
