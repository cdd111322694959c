import t from "tap";
import { impersonations, refusals, usageRows } from "../../../lib/audit/usage/rows.ts";
import { usageReader } from "../../../lib/audit/usage/read.ts";
import type { UsageRecord } from "../../../lib/audit/usage/records.ts";
import { addRecord, noUsage } from "../../../lib/audit/usage/totals.ts";

const about = { user: "jim", namespace: "dev", target: "deployment/web" };
const request = {
  from: "api-server",
  ...about,
  verb: "proxy",
  resource: "targets.operator.metalbear.co",
  refused: false,
} as const;
const credential = {
  ...request,
  namespace: "",
  target: "",
  verb: "create",
  resource: "mirrordclusteroperatorusercredentials.operator.metalbear.co",
} as const;
const records: UsageRecord[] = [
  { from: "operator", event: "start", ...about, time: 5000 },
  { from: "operator", event: "end", ...about, time: 9000, duration: 4000 },
  { from: "operator", event: "start", ...about, user: "ann" },
  { ...request, time: 1000 },
  { ...request, refused: true, time: 9500 },
  credential,
  { ...credential, refused: true },
  { ...credential, refused: true },
];

t.test(
  "what one user did with one target is one row, from whatever log; a right without a target only when it was refused",
  async (t) => {
    const totals = noUsage();
    for (const record of records) addRecord(totals, record);
    t.match(usageRows(totals), [
      { user: "ann", sessions: 1, connections: 0, refused: 0 },
      { user: "jim", namespace: "", target: "", connections: 0, refused: 2 },
      { ...about, sessions: 1, connections: 1, refused: 1, seconds: 4, first: 1000, last: 9500 },
    ]);
    t.match(refusals(totals), [
      { verb: "create", refused: 2, allowed: 1 },
      { verb: "proxy", refused: 1 },
    ]);
  },
);

t.test("who stood in for whom is listed by names, in whatever order they came", async (t) => {
  const names = (list: readonly UsageRecord[]) => {
    const totals = noUsage();
    for (const record of list) addRecord(totals, record);
    return impersonations(totals).map(({ impersonator, user }) => `${impersonator} as ${user}`);
  };
  const given = [
    { ...request, impersonator: "ci", user: "zoe" },
    { ...request, impersonator: "bot", user: "jim" },
    { ...request, impersonator: "ci", user: "ann" },
  ];
  t.same(names(given), ["bot as jim", "ci as ann", "ci as zoe"]);
  t.same(names(given.toReversed()), names(given));
});

t.test("a reader counts bytes, leaves out what is earlier, and tells of lines that it cannot read", async (t) => {
  const totals = noUsage();
  const seen: UsageRecord[] = [];
  const reader = usageReader(totals, {
    from: Date.parse("2026-01-02T00:00:00Z"),
    onRecord: (record) => void seen.push(record),
  });
  const line = (timestamp: string) =>
    JSON.stringify({
      timestamp,
      level: "INFO",
      fields: { message: "Session Start", client_user: "jim", target: "pod/a" },
    });
  const text = [line("2026-01-01T00:00:00Z"), line("2026-01-03T00:00:00Z"), line(""), "client_user=jim", "other"].join(
    "\n",
  );
  reader.push(Buffer.from(text));
  reader.end();
  t.match(totals.log, { bytes: text.length, operator: 2, unreadable: 1 });
  t.equal(seen.length, 2);
});
