import t from "tap";
import { expiryQuestions } from "../../lib/access/defeat.ts";
import { grantExpiry, parseLifetime, serverClock, type ExpirySeen } from "../../lib/access/expiry.ts";
import type { Intent, Lifetime } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { StoredGrant } from "../../lib/access/stored.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";
import { saysKept } from "../kept-text.ts";

const now = Date.parse("2026-01-02T03:04:05.500Z");
const hour = 3_600_000;

const lifetimes: [what: string, words: { for?: number; until?: string }, want: Lifetime | RegExp | undefined][] = [
  ["nothing", {}, undefined],
  ["an hour", { for: hour }, { for: hour }],
  ["a time to come", { until: "2026-01-02T04:00:00Z" }, { until: Date.parse("2026-01-02T04:00:00Z") }],
  ["no time at all", { for: 0 }, /no time at all gives nothing/],
  ["less than a second", { for: 999 }, /no time at all/],
  ["a time that is over", { until: "2026-01-02T03:00:00Z" }, /2026-01-02T03:00:00.000Z has passed already/],
  ["a year and a day", { for: 366 * 24 * hour }, { for: 366 * 24 * hour }],
  ["longer than that", { for: 366 * 24 * hour + 1 }, /366 days at most/],
  ["a time in another age", { until: "2036-01-01T00:00:00Z" }, /366 days at most/],
];
for (const [what, words, want] of lifetimes) {
  t.test(`a lifetime of ${what}`, async (t) => {
    const until = words.until === undefined ? undefined : new Date(words.until);
    const parse = () => parseLifetime({ for: words.for, until }, now);
    if (want instanceof RegExp) saysKept(t, import.meta.filename, what, parse);
    if (want instanceof RegExp) t.throws(parse, want);
    else t.same(parse(), want);
  });
}

const clocks: [skew: number | undefined, server: number, says: RegExp[]][] = [
  [0, now, []],
  [30_000, now, []],
  [-30_000, now, []],
  [30_001, now + 30_001, [/30 seconds behind the server's/]],
  [-90_000, now - 90_000, [/90 seconds ahead of the server's/]],
  [undefined, now, [/this machine's clock/]],
];
for (const [clockSkew, server, says] of clocks) {
  t.test(`a clock that is ${clockSkew ?? "unknown"} milliseconds off`, async (t) => {
    const clock = serverClock({ now, clockSkew });
    t.equal(clock.now, server);
    t.equal(clock.warnings.length, says.length);
    t.match(clock.warnings, says);
    saysKept(t, import.meta.filename, `off by ${clockSkew}`, () => clock);
  });
}

/** Answers to the questions of both namespaces: no, but for those that match. */
const answering = (answer: Answer, matches: (at: string) => boolean): Answer[] =>
  expiryQuestions(["dev", "qa"]).map(({ namespace }) => (matches(namespace) ? answer : "no"));

const seen: ExpirySeen = { now, clockSkew: 0, sync: undefined, defeat: undefined };
const stored = (expiresAt: number): StoredGrant => ({
  id: "abc",
  intent: intentWith(),
  binding: undefined,
  expiresAt,
  objects: [],
});

interface Case {
  intent?: Partial<Intent>;
  seen?: Partial<ExpirySeen>;
  live?: boolean;
  lifetime?: Lifetime | undefined;
  stored?: StoredGrant;
  flags?: { acceptWeakExpiry?: boolean; mayShorten?: boolean };
  policies?: boolean;
}
function expiry({ intent, live = true, lifetime = { for: hour }, flags, policies = false, ...given }: Case) {
  const grant = outlineGrant(intentWith({ temporary: true, ...intent }));
  return grantExpiry(
    grant,
    {
      lifetime,
      live,
      namespaces: ["dev", "qa"],
      neededRoles: new Map(),
      stored: given.stored,
      policies,
      expiry: { ...seen, ...given.seen },
    },
    { acceptWeakExpiry: false, mayShorten: false, ...flags },
  );
}
const whole = Math.floor(now / 1000) * 1000;

t.test("a permanent grant has no end", async (t) => {
  t.match(expiry({ intent: { temporary: false } }), { end: undefined, anchorSeconds: undefined, notes: { length: 0 } });
});

t.test("a temporary grant ends in whole seconds, by anchors, and what stays is said", async (t) => {
  const ends = expiry({});
  t.match(ends, { end: whole + hour, anchorSeconds: 3600, warnings: { length: 0 } });
  t.same(ends.notes, []);
  t.same(ends.stays, ["reading the operator's status", "watching events", "creating credentials"]);
  t.same(expiry({ intent: { role: "view" } }).stays, ["reading the operator's status"]);
  t.same(expiry({ intent: { role: "privileged/hostPID" } }).stays, []);
  t.match(expiry({ intent: { role: "privileged/hostPID" } }).notes, [
    /the exemption ends by itself\. What was made by then goes on/,
  ]);
});

const everything = ["reading the operator's status", "watching events", "creating credentials"];
const policyReads = "listing cluster-wide policies";
const staying: [intent: Partial<Intent>, policies: boolean, want: string[]][] = [
  [{}, true, [...everything, policyReads]],
  [{}, false, everything],
  [{ reads: false }, true, everything],
  [{ role: "minimal" }, true, ["reading the operator's status", "creating credentials", policyReads]],
  [{ role: "view" }, true, ["reading the operator's status"]],
  [{ role: "privileged/hostPID" }, true, []],
];
for (const [intent, policies, want] of staying) {
  t.test(`what stays of ${JSON.stringify(intent)} where there are ${policies ? "" : "no "}policies`, async (t) => {
    t.same(expiry({ intent, policies }).stays, want);
  });
}

t.test("the server's clock counts", async (t) => {
  const ends = expiry({ seen: { clockSkew: 120_000 } });
  t.equal(ends.end, whole + 120_000 + hour);
  t.equal(ends.now, now + 120_000);
  t.match(ends.warnings, [/120 seconds behind/]);
});

t.test("files carry only when it ends", async (t) => {
  const ends = expiry({ live: false });
  t.match(ends, { end: whole + hour, anchorSeconds: undefined });
  t.match(ends.notes, [/Files carry only when it ends/]);
});

t.test("a grant everywhere ends only where something runs sync, which is named", async (t) => {
  const everywhere: Case = { intent: { set: { kind: "all" } } };
  t.throws(() => expiry(everywhere), {
    message: /cannot end by itself.*nothing runs grant sync/,
    hint: "Name the namespaces, or have the cluster run grant sync: kubectl mirrord install --sync",
  });
  const suspended = { runs: false, why: "cronjob x is suspended" } as const;
  t.throws(() => expiry({ ...everywhere, seen: { sync: suspended } }), /cannot end by itself.*cronjob x is suspended/);
  const ends = expiry({ ...everywhere, seen: { sync: { runs: true, text: "cronjob x" } } });
  t.match(ends, { end: whole + hour, anchorSeconds: undefined });
  t.match(ends.notes, [/After 2026-01-02T04:04:05Z the access goes with the next run of cronjob x/]);
});

t.test("a repeat never shortens, unless that is meant", async (t) => {
  const later = stored(whole + 2 * hour);
  const kept = expiry({ stored: later });
  t.equal(kept.end, later.expiresAt);
  t.match(kept.notes[0], /lasts until .* already, which is later.*grant extend abc --until/);
  t.equal(expiry({ stored: later, flags: { mayShorten: true } }).end, whole + hour);
  t.equal(expiry({ stored: stored(whole) }).end, whole + hour, "an earlier end is extended");
});

t.test("an end that the subject could undo is refused, or accepted with a warning", async (t) => {
  const weak = { defeat: { answers: answering("yes", (at) => at === "qa") } };
  t.throws(() => expiry({ seen: weak }), /EXPIRY NOT ENFORCED: jim may change jobs or rolebindings in qa/);
  t.match(expiry({ seen: weak, flags: { acceptWeakExpiry: true } }).warnings, [/EXPIRY NOT ENFORCED.*in qa,/]);
  const unknown = { defeat: { answers: answering("unknown", () => true) } };
  t.match(expiry({ seen: unknown }).warnings, [/could not be asked whether jim may change jobs.*in dev, qa/]);
});

t.test("so is one that a group could undo in which the subject may be", async (t) => {
  const edit = [
    clusterRole("edit", { apiGroups: ["batch"], resources: ["jobs"], verbs: ["patch"] }),
    bound("devs", "edit", { group: "devs" }, "qa"),
  ];
  const asked = { defeat: { answers: answering("no", () => true), rbac: { objects: edit, unreadable: [] } } };
  t.throws(() => expiry({ seen: asked }), {
    message: /EXPIRY NOT ENFORCED if jim is in a group.*unknown: group "devs" may change jobs or rolebindings in qa/,
    hints: [/--groups/, /--accept-weak-expiry/],
  });
  t.match(expiry({ seen: asked, flags: { acceptWeakExpiry: true } }).warnings, [/group "devs"/]);
  const blind = { defeat: { ...asked.defeat, rbac: { objects: [], unreadable: ["roles"] } } };
  t.match(expiry({ seen: blind }).warnings, [/you may not list roles: whether a group of jim/]);
});
