import fc from "fast-check";
import t from "tap";
import { PARTIAL_KIND, usageDocument, usageIn } from "../../../lib/audit/usage/document.ts";
import { mergeUsage, type UsagePart } from "../../../lib/audit/usage/merge.ts";
import { shardKey } from "../../../lib/audit/usage/shards.ts";
import { addRecord, noUsage } from "../../../lib/audit/usage/totals.ts";

/** So many sessions, in these shards of a log. */
function part(name: string, shards: [index: number, count: number, input?: string][], sessions = 1): UsagePart {
  const usage = noUsage();
  for (const [index, count, input = "x"] of shards) {
    const shard = { input, index, count };
    usage.shards.set(shardKey(shard), shard);
  }
  const about = { user: "jim", namespace: "dev", target: "deployment/web" };
  for (let at = 0; at < sessions; at += 1) addRecord(usage, { from: "operator", event: "start", ...about });
  return { name, usage };
}

const cases: { name: string; parts: UsagePart[]; events: number; repeated?: string[] }[] = [
  { name: "nothing", parts: [], events: 0 },
  { name: "shards of one log", parts: [part("a", [[0, 2]], 3), part("b", [[1, 2]], 4)], events: 7 },
  {
    name: "the same shard twice counts once",
    parts: [part("a", [[0, 2]], 3), part("b", [[0, 2]], 3)],
    events: 3,
    repeated: ["b is a"],
  },
  {
    name: "three times once, and what was there between counts",
    parts: [part("a", [[0, 2]]), part("b", [[1, 2]], 2), part("c", [[0, 2]]), part("d", [[0, 2]])],
    events: 3,
    repeated: ["c is a", "d is a"],
  },
  { name: "the same shard of two logs is two", parts: [part("a", [[0, 2]]), part("b", [[0, 2, "y"]])], events: 2 },
  {
    name: "a sum of several twice counts once",
    parts: [
      part(
        "a",
        [
          [0, 2],
          [1, 2],
        ],
        5,
      ),
      part(
        "b",
        [
          [0, 2],
          [1, 2],
        ],
        5,
      ),
    ],
    events: 5,
    repeated: ["b is a"],
  },
  { name: "of a pipe nobody can say whether it is there twice", parts: [part("a", []), part("b", [])], events: 2 },
];
for (const { name, parts, events, repeated = [] } of cases)
  t.test(name, async (t) => {
    const merged = mergeUsage(parts);
    t.equal(merged.totals.log.operator, events);
    t.same(
      merged.repeated.map((each) => `${each.name} is ${each.by}`),
      repeated,
    );
  });

const refused: { name: string; parts: UsagePart[]; says: string }[] = [
  {
    name: "a shard that was counted again, with another result",
    parts: [part("a", [[0, 2]], 3), part("b", [[0, 2]], 4)],
    says: "shard 0/2 of the same logs is in a and in b, with other counts",
  },
  {
    name: "a shard that is also in a sum",
    parts: [
      part(
        "a",
        [
          [0, 3],
          [1, 3],
        ],
        2,
      ),
      part("b", [[1, 3]]),
    ],
    says: "shard 1/3 of the same logs is in a and in b, with other counts",
  },
  {
    name: "sums that overlap",
    parts: [
      part(
        "a",
        [
          [0, 3],
          [1, 3],
        ],
        2,
      ),
      part(
        "b",
        [
          [1, 3],
          [2, 3],
        ],
        2,
      ),
    ],
    says: "shard 1/3 of the same logs is in a and in b, with other counts",
  },
  {
    name: "shards of two divisions of one log",
    parts: [part("a", [[0, 2]]), part("b", [[2, 3]])],
    says: "b is shard 2/3 of logs of which there is shard 0/2, too",
  },
];
for (const { name, parts, says } of refused)
  t.test(`${name} is refused`, async (t) => t.throws(() => mergeUsage(parts), { exitCode: 2, message: says }));

t.test("a document of an older version merges as ever, and is remembered in what is made of it", async (t) => {
  const document = (usage: UsagePart["usage"]) =>
    JSON.parse(
      JSON.stringify({ apiVersion: "kubectl-mirrord.io/v1alpha1", kind: PARTIAL_KIND, ...usageDocument(usage) }),
    ) as Record<string, unknown>;
  const { shards: _shards, ...older } = document(part("a", [[0, 1]], 2).usage);
  const parts = [1, 2].map((at) => ({ name: `old-${at}`, usage: usageIn(older, "old") }));
  const { totals } = mergeUsage([...parts, part("new", [[0, 1]])]);
  t.match(totals, { unknownParts: 2, log: { operator: 5 } });
  const again = usageIn(document(totals), "again");
  t.match(again, { unknownParts: 2, log: { operator: 5 } });
  t.same([...again.shards.values()], [{ input: "x", index: 0, count: 1 }]);
  t.throws(() => usageIn({ ...document(totals), unknownParts: -1 }, "f"), {
    message: /unknownParts is not a whole number/,
  });
});

t.test("shards in any order, any of them several times, come to the sum of all", async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 8 }).chain((sessions) => {
        const indexes = sessions.map((_, at) => at);
        return fc
          .tuple(fc.constant(sessions), fc.array(fc.constantFrom(...indexes), { maxLength: 5 }))
          .chain(([all, more]) =>
            fc.tuple(
              fc.constant(all),
              fc.shuffledSubarray([...indexes, ...more], { minLength: indexes.length + more.length }),
            ),
          );
      }),
      ([sessions, order]) => {
        const parts = order.map((index, at) => part(`${at}`, [[index, sessions.length]], sessions[index]));
        const { totals, repeated } = mergeUsage(parts);
        t.equal(
          totals.log.operator,
          sessions.reduce((sum, each) => sum + each, 0),
        );
        t.equal(totals.shards.size, sessions.length);
        t.equal(repeated.length, order.length - sessions.length);
      },
    ),
    { numRuns: 100 },
  );
});
