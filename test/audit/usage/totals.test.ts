import fc from "fast-check";
import t from "tap";
import { usageDocument, usageIn, PARTIAL_KIND } from "../../../lib/audit/usage/document.ts";
import type { UsageRecord } from "../../../lib/audit/usage/records.ts";
import { addRecord, addUsage, noUsage, type UsageTotals } from "../../../lib/audit/usage/totals.ts";
import { UserError } from "../../../lib/errors.ts";

const name = fc.constantFrom("jim", "ann", "", 'a"b', "é\u0000");
const time = fc.option(fc.record({ time: fc.integer({ min: -1000, max: 2_000_000_000_000 }) }), { nil: {} });

const operator = fc
  .tuple(
    fc.record({
      from: fc.constant("operator" as const),
      event: fc.constantFrom("start", "end", "steal", "mirror", "copy"),
      user: name,
      namespace: fc.constantFrom("dev", ""),
      target: fc.constantFrom("deployment/web", "targetless", "copy"),
    }),
    fc.record(
      {
        duration: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
        filtered: fc.boolean(),
        scaleDown: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    time,
  )
  .map(([must, may, at]): UsageRecord => ({ ...must, ...may, ...at }));

const apiServer = fc
  .tuple(
    fc.record({
      from: fc.constant("api-server" as const),
      user: name,
      verb: fc.constantFrom("proxy", "create"),
      resource: fc.constantFrom("targets.operator.metalbear.co", "copytargets.operator.metalbear.co"),
      namespace: fc.constantFrom("dev", ""),
      target: fc.constantFrom("deployment/web", ""),
      refused: fc.boolean(),
    }),
    fc.record(
      {
        impersonator: name,
        binding: fc.constantFrom(
          { kind: "RoleBinding" as const, name: "b", namespace: "dev" },
          { kind: "ClusterRoleBinding" as const, name: "b" },
        ),
      },
      { requiredKeys: [] },
    ),
    time,
  )
  .map(([must, may, at]): UsageRecord => ({ ...must, ...may, ...at }));

const records = fc.array(fc.oneof(operator, apiServer), { maxLength: 40 });

function usage(list: readonly UsageRecord[]): UsageTotals {
  const totals = noUsage();
  for (const record of list) addRecord(totals, record);
  totals.log.bytes = list.length * 7;
  return totals;
}

const text = (totals: UsageTotals): string =>
  JSON.stringify({ apiVersion: "kubectl-mirrord.io/v1alpha1", kind: PARTIAL_KIND, ...usageDocument(totals) });

t.test("any split of any order, through documents, comes to the same as one run", async (t) => {
  fc.assert(
    fc.property(
      records.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length }),
          fc.array(fc.nat({ max: list.length }), { maxLength: 5 }),
        ),
      ),
      ([list, shuffled, cuts]) => {
        const ends = [...cuts.toSorted((a, b) => a - b), shuffled.length];
        const merged = noUsage();
        for (const [at, end] of ends.entries())
          addUsage(merged, usageIn(JSON.parse(text(usage(shuffled.slice(ends[at - 1] ?? 0, end)))), "part"));
        t.equal(text(merged), text(usage(list)));
      },
    ),
    { numRuns: 300 },
  );
});

t.test("merged parts may be merged in any grouping, and what was merged stays as it was", async (t) => {
  fc.assert(
    fc.property(records, records, records, (a, b, c) => {
      const left = noUsage();
      for (const each of [a, b, c]) addUsage(left, usage(each));
      const right = usage(b);
      const last = usage(c);
      addUsage(right, last);
      const whole = usage(a);
      addUsage(whole, right);
      t.equal(text(left), text(whole));
      t.equal(text(last), text(usage(c)));
    }),
    { numRuns: 200 },
  );
});

t.test("what is counted of each", async (t) => {
  const about = { user: "jim", namespace: "dev", target: "deployment/web" };
  const totals = usage([
    { from: "operator", event: "start", ...about, time: 1000 },
    { from: "operator", event: "steal", ...about, time: 2000, filtered: true },
    { from: "operator", event: "steal", ...about, time: 2000, filtered: false },
    { from: "operator", event: "mirror", ...about },
    { from: "operator", event: "copy", ...about, scaleDown: true },
    { from: "operator", event: "end", ...about, time: 61_000, duration: 60_000 },
    { from: "operator", event: "end", ...about, duration: 5 },
    { from: "api-server", ...about, verb: "proxy", resource: "targets", refused: true, impersonator: "ci", time: 500 },
  ]);
  t.same(
    [...totals.sessions.values()],
    [
      {
        ...about,
        started: 1,
        ended: 2,
        milliseconds: 60_005,
        longest: 60_000,
        stolen: 2,
        unfiltered: 1,
        mirrored: 1,
        copies: 1,
        scaleDowns: 1,
        first: 1000,
        last: 61_000,
      },
    ],
  );
  t.match([...totals.requests.values()], [{ allowed: 0, refused: 1, first: 500, last: 500 }]);
  t.match([...totals.impersonations.values()], [{ impersonator: "ci", user: "jim", requests: 1 }]);
  t.match(totals.log, { operator: 7, apiServer: 1, first: 500, last: 61_000 });
});

const whole = () =>
  JSON.parse(text(usage([{ from: "operator", event: "end", user: "j", namespace: "", target: "t" }])));
const set = (path: string[], value: unknown) => () => {
  const document: Record<string, unknown> = whole();
  let at: Record<string, unknown> = document;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return document;
};
const binding = { user: "j", requests: 1 };
for (const [what, made, says] of [
  ["another kind", set(["kind"], "GrantList"), /^part is not the partial usage of a log$/],
  ["another version", set(["apiVersion"], "v1"), /not the partial usage/],
  ["no document", () => [], /not the partial usage/],
  ["a list that is none", set(["requests"], {}), /^part: requests is not a list$/],
  ["no log", set(["log"], 1), /^part: log is not an object$/],
  ["a number that is none", set(["sessions", "0", "ended"], "1"), /^part: sessions\[0\]\.ended is not a whole number$/],
  ["a number below zero", set(["log", "bytes"], -1), /log\.bytes is not a whole number/],
  ["a time after the year 9999", set(["log", "last"], 253_402_300_800_000), /^part: log\.last is not a time$/],
  [
    "a time that no calendar has",
    set(["sessions", "0", "last"], Number.MAX_SAFE_INTEGER),
    /^part: sessions\[0\]\.last is not a time$/,
  ],
  [
    "a time before the year 0",
    set(["sessions", "0", "first"], Number.MIN_SAFE_INTEGER),
    /^part: sessions\[0\]\.first is not a time$/,
  ],
  ["a name that is none", set(["sessions", "0", "user"], 1), /^part: sessions\[0\]\.user is not a text$/],
  [
    "an entry that is none",
    set(["bindings"], [{ ...binding, binding: { kind: "Role", name: "x" } }]),
    /names no binding/,
  ],
  [
    "the same twice",
    set(
      ["impersonations"],
      [1, 2].map(() => ({ impersonator: "a", user: "b", requests: 1 })),
    ),
    /^part: impersonations\[1\] is there twice$/,
  ],
] as const)
  t.test(`a document with ${what} is refused`, async (t) => {
    try {
      usageIn(made(), "part");
      t.fail("it was taken");
    } catch (error) {
      t.ok(error instanceof UserError && error.exitCode === 2);
      t.match(String(error instanceof Error && error.message), says);
    }
  });

t.test("of very many users each has sums of their own, those that were seen before among them", async (t) => {
  const totals = noUsage();
  const seen = (index: number): UsageRecord => ({
    from: "operator",
    event: "start",
    user: `user-${index}`,
    namespace: "dev",
    target: "deployment/web",
  });
  const COUNT = 60_000;
  for (let index = 0; index < COUNT; index += 1) addRecord(totals, seen(index));
  addRecord(totals, seen(0));
  addRecord(totals, seen(COUNT - 1));
  t.equal(totals.sessions.size, COUNT);
  const started = (user: string) => [...totals.sessions.values()].find((each) => each.user === user)?.started;
  t.same([started("user-0"), started("user-1"), started(`user-${COUNT - 1}`)], [2, 1, 2]);
});
