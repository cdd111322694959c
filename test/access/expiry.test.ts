import t from "tap";
import {
  expiryQuestions,
  expiryWeakness,
  grantExpiry,
  parseLifetime,
  serverClock,
  type ExpirySeen,
} from "../../lib/access/expiry.ts";
import type { Intent, Lifetime } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { Lookup } from "../../lib/access/places.ts";
import type { StoredGrant } from "../../lib/access/stored.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import { clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";

const now = Date.parse("2026-01-02T03:04:05.500Z");
const hour = 3_600_000;

const lifetimes: [what: string, words: { for?: number; until?: string }, want: Lifetime | RegExp | undefined][] = [
  ["nothing", {}, undefined],
  ["an hour", { for: hour }, { for: hour }],
  ["a time to come", { until: "2026-01-02T04:00:00Z" }, { until: Date.parse("2026-01-02T04:00:00Z") }],
  ["no time at all", { for: 0 }, /no time at all gives nothing/],
  ["less than a second", { for: 999 }, /no time at all/],
  ["a time that is over", { until: "2026-01-02T03:00:00Z" }, /2026-01-02T03:00:00.000Z is over already/],
  ["a year and a day", { for: 366 * 24 * hour }, { for: 366 * 24 * hour }],
  ["longer than that", { for: 366 * 24 * hour + 1 }, /366 days at most/],
  ["a time in another age", { until: "2036-01-01T00:00:00Z" }, /366 days at most/],
];
for (const [what, words, want] of lifetimes) {
  t.test(`a lifetime of ${what}`, async (t) => {
    const until = words.until === undefined ? undefined : new Date(words.until);
    const parse = () => parseLifetime({ for: words.for, until }, now);
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
  });
}

const questions = expiryQuestions(["dev", "qa"]);
/** Answers to the questions of both namespaces: no, but for those that match. */
const answering = (answer: Answer, matches: (question: (typeof questions)[number]) => boolean): Answer[] =>
  questions.map((question) => (matches(question) ? answer : "no"));
const rule = (resource: string, verb: string, apiGroup: string) =>
  new Map<string, Lookup>([["x", clusterRole("x", { apiGroups: [apiGroup], resources: [resource], verbs: [verb] })]]);

const weaknesses: [
  what: string,
  answers: Answer[] | undefined,
  roles: Map<string, Lookup> | undefined,
  want: { namespaces: string[]; unknown: string[] },
][] = [
  ["no right at all", answering("no", () => true), undefined, { namespaces: [], unknown: [] }],
  ["guarded anchors", undefined, rule("jobs", "patch", "batch"), { namespaces: [], unknown: [] }],
  [
    "jobs of one namespace",
    answering("yes", ({ namespace, verb }) => namespace === "qa" && verb === "deletecollection"),
    undefined,
    { namespaces: ["qa"], unknown: [] },
  ],
  [
    "no answer",
    answering("unknown", ({ namespace }) => namespace === "dev"),
    undefined,
    { namespaces: [], unknown: ["dev"] },
  ],
  ["fewer answers than questions", [], undefined, { namespaces: [], unknown: ["dev", "qa"] }],
  [
    "a role that it gets",
    answering("no", () => true),
    rule("jobs", "patch", "batch"),
    { namespaces: ["dev", "qa"], unknown: [] },
  ],
  [
    "a role over bindings",
    answering("no", () => true),
    rule("rolebindings", "update", "rbac.authorization.k8s.io"),
    { namespaces: ["dev", "qa"], unknown: [] },
  ],
  [
    "a role that only looks",
    answering("no", () => true),
    rule("jobs", "get", "batch"),
    { namespaces: [], unknown: [] },
  ],
  [
    "a role that may not be read",
    answering("no", () => true),
    new Map([["x", "forbidden" as const]]),
    { namespaces: [], unknown: [] },
  ],
];
for (const [what, answers, roles, want] of weaknesses) {
  t.test(`${what} ${want.namespaces.length > 0 ? "can undo" : "cannot be seen to undo"} an end`, async (t) => {
    t.same(expiryWeakness(["dev", "qa"], answers, roles), want);
  });
}

const seen: ExpirySeen = { now, clockSkew: 0, syncRuns: false, defeats: undefined };
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
}
function expiry({ intent, live = true, lifetime = { for: hour }, flags, ...given }: Case) {
  const grant = outlineGrant(intentWith({ temporary: true, ...intent }));
  return grantExpiry(
    grant,
    {
      lifetime,
      live,
      namespaces: ["dev", "qa"],
      neededRoles: new Map(),
      stored: given.stored,
      policies: false,
      expiry: { ...seen, ...given.seen },
    },
    { acceptWeakExpiry: false, mayShorten: false, ...flags },
  );
}
const whole = Math.floor(now / 1000) * 1000;

t.test("a permanent grant has no end", async (t) => {
  t.match(expiry({ intent: { temporary: false } }), { end: undefined, anchorSeconds: undefined, notes: [] });
});

t.test("a temporary grant ends in whole seconds, by anchors, and what stays is said", async (t) => {
  const ends = expiry({});
  t.match(ends, { end: whole + hour, anchorSeconds: 3600, warnings: [] });
  t.match(ends.notes, [/At 2026-01-02T04:04:05Z the access ends.*watching events, creating credentials\) stays/]);
  t.notMatch(expiry({ intent: { role: "view" } }).notes.join(), /watching|credentials/);
});

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

t.test("a grant everywhere ends only where something runs sync", async (t) => {
  t.throws(() => expiry({ intent: { set: { kind: "all" } } }), /cannot end by itself/);
  const ends = expiry({ intent: { set: { kind: "all" } }, seen: { syncRuns: true } });
  t.match(ends, { end: whole + hour, anchorSeconds: undefined, notes: [] });
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
  const weak = { defeats: answering("yes", ({ namespace }) => namespace === "qa") };
  t.throws(() => expiry({ seen: weak }), /EXPIRY NOT ENFORCED: jim may change jobs or rolebindings in qa/);
  t.match(expiry({ seen: weak, flags: { acceptWeakExpiry: true } }).warnings, [/EXPIRY NOT ENFORCED.*in qa,/]);
  const unknown = { defeats: answering("unknown", () => true) };
  t.match(expiry({ seen: unknown }).warnings, [/could not be asked whether jim may change jobs.*in dev, qa/]);
});
