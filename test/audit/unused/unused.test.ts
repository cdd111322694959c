import t from "tap";
import type { CheckContext } from "../../../lib/access/findings.ts";
import type { Intent } from "../../../lib/access/intent.ts";
import { annotations } from "../../../lib/access/names.ts";
import { logCoverage, untilNow } from "../../../lib/audit/unused/coverage.ts";
import { unusedGrants, type JudgedGrant } from "../../../lib/audit/unused/unused.ts";
import type { UsageRecord } from "../../../lib/audit/usage/records.ts";
import { DAY_MILLISECONDS } from "../../../lib/audit/usage/span.ts";
import { addRecord, noUsage, type UsageTotals } from "../../../lib/audit/usage/totals.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { intentWith } from "../../access/grant.ts";
import { operatorClusterRoles } from "../../access/operator-roles.ts";
import { storedGrant, storedParts } from "../../access/stored-grant.ts";

const to = Date.parse("2026-06-01T12:00:00Z");
const window = { from: to - 90 * DAY_MILLISECONDS, to };
const recent = to - 10 * DAY_MILLISECONDS;
const CONNECT = { verb: "proxy", resource: "targets.operator.metalbear.co" };

function session(user: string, namespace: string, target: string, time = recent): UsageRecord {
  return { from: "operator", event: "start", user, namespace, target, time };
}
function request(user: string, namespace: string, target: string, more: Partial<UsageRecord> = {}): UsageRecord {
  return {
    from: "api-server",
    user,
    namespace,
    target,
    ...CONNECT,
    refused: false,
    time: recent,
    ...more,
  } as UsageRecord;
}

/** What such logs come to that reach over so many days until yesterday. */
function logs(records: readonly UsageRecord[], { operator = 0, apiServer = 0 }): UsageTotals {
  const totals = noUsage();
  for (const record of records) addRecord(totals, record);
  const today = Math.floor(to / DAY_MILLISECONDS);
  for (let day = today - operator; day < today; day += 1) totals.days.operator.add(day);
  for (let day = today - apiServer; day < today; day += 1) totals.days.apiServer.add(day);
  return totals;
}
const other = request("somebody", "other", "deployment/x");
const otherSession = session("somebody", "other", "deployment/x");

function judge(
  intent: Intent,
  totals: UsageTotals,
  {
    context = {},
    change = (object) => object,
    members,
  }: {
    context?: Partial<CheckContext>;
    change?: (object: KubernetesObject) => KubernetesObject;
    members?: Parameters<typeof storedParts>[2];
  } = {},
): JudgedGrant | undefined {
  const objects = storedParts(intent, undefined, members).objects.map(({ type, object }) => ({
    type,
    object: change(object),
  }));
  const grant = storedGrant(objects);
  const at: CheckContext = { now: to, live: true, policies: false, ...context };
  const roles = [...operatorClusterRoles, ...storedParts(intent).roles.values()];
  return unusedGrants({ grants: [{ grant, context: at }], totals, window, roles, connection: ["--context", "c"] })
    .items[0];
}

const inBoth = intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
const full = { apiServer: 90 };
const bindingIn = (intent: Intent, namespace: string) => {
  const found = storedParts(intent).objects.find(
    ({ object: { kind, metadata } }) => kind === "RoleBinding" && metadata.namespace === namespace,
  );
  return { kind: "RoleBinding" as const, name: found?.object.metadata.name ?? "", namespace };
};
const group = intentWith({ subject: { kind: "Group", name: "oidc:web" } });
const everywhere = intentWith({ set: { kind: "all" } });

const cases: [name: string, intent: Intent, totals: UsageTotals, verdict: string, why: RegExp, commands: RegExp[]][] = [
  [
    "nobody used it",
    inBoth,
    logs([other], full),
    "unused",
    /^nobody used it$/,
    [/^kubectl mirrord grant revoke [a-z2-7]{20} --context c$/],
  ],
  [
    "nobody used it, by the operator's log",
    inBoth,
    logs([otherSession], { operator: 90 }),
    "unused",
    /^nobody/,
    [/revoke/],
  ],
  [
    "it was used before that time alone",
    inBoth,
    logs([other, request("jim", "dev", "deployment/web", { time: window.from - 1 })], full),
    "unused",
    /^nobody/,
    [/revoke/],
  ],
  [
    "somebody else used mirrord there",
    inBoth,
    logs([request("ann", "dev", "deployment/web")], full),
    "unused",
    /^nobody/,
    [/revoke/],
  ],
  [
    "it was refused",
    inBoth,
    logs([request("jim", "dev", "deployment/web", { refused: true })], full),
    "unused",
    /^nobody/,
    [/revoke/],
  ],
  ["a log of five days", inBoth, logs([other], { apiServer: 5 }), "unknown", /^the log reaches over 5 of 90 days$/, []],
  [
    "the better of two logs that are too short",
    inBoth,
    logs([other, otherSession], { apiServer: 5, operator: 30 }),
    "unknown",
    /30 of 90 days/,
    [],
  ],
  ["a log that is about something else", inBoth, logs([], { apiServer: 90 }), "unknown", /says nothing of mirrord/, []],
  [
    "used, and the log is too short for more",
    inBoth,
    logs([request("jim", "dev", "deployment/web")], { apiServer: 5 }),
    "used",
    /5 of 90 days/,
    [],
  ],
  [
    "a group, by the operator's log alone",
    group,
    logs([otherSession], { operator: 90 }),
    "unknown",
    /does not say who is in a group/,
    [],
  ],
  ["a group, by a log that names no bindings", group, logs([other], full), "unknown", /does not name the bindings/, []],
  [
    "a group, by a log that names those of others",
    group,
    logs(
      [request("tom", "dev", "deployment/web", { binding: { kind: "RoleBinding", name: "x", namespace: "dev" } })],
      full,
    ),
    "unused",
    /^nobody/,
    [/revoke/],
  ],
  [
    "a role without sessions, by the operator's log",
    intentWith({ role: "view" }),
    logs([otherSession], { operator: 90 }),
    "unknown",
    /tells of sessions alone/,
    [],
  ],
  [
    "a group, by the binding that let somebody in",
    group,
    logs([request("tom", "dev", "deployment/web", { binding: bindingIn(group, "dev") })], full),
    "larger",
    /minimal/,
    [/--role minimal/, /revoke/],
  ],
  [
    "one of two namespaces, by the operator's log",
    inBoth,
    logs([session("jim", "dev", "deployment/web")], { operator: 90 }),
    "larger",
    /^dev would do$/,
    [/^kubectl mirrord grant revoke [a-z2-7]{20} --ns qa --context c$/],
  ],
  [
    "one namespace, one target, by the API server's log",
    inBoth,
    logs([request("jim", "dev", "deployment/web")], full),
    "larger",
    /^role minimal; dev; deployment\/web would do$/,
    [/^kubectl mirrord grant jim --ns dev --role minimal --target deployment\/web --context c$/, /grant revoke/],
  ],
  [
    "a copy needs the larger role",
    intentWith(),
    logs([request("jim", "dev", "copy", { verb: "create", resource: "copytargets.operator.metalbear.co" })], full),
    "used",
    /^$/,
    [],
  ],
  [
    "a session that was ended keeps the role, and a list of targets keeps every target",
    inBoth,
    logs(
      [
        request("jim", "qa", "deployment/web"),
        request("jim", "dev", "", { verb: "list", resource: "targets.operator.metalbear.co" }),
      ],
      full,
    ),
    "used",
    /^$/,
    [],
  ],
  [
    "a pod can be no limit",
    intentWith(),
    logs([request("jim", "dev", "pod/x")], full),
    "larger",
    /^role minimal would do$/,
    [/--role minimal/, /revoke/],
  ],
  [
    "more targets than anybody would list",
    intentWith({ role: "minimal" }),
    logs(
      ["a", "b", "c", "d"].map((name) => request("jim", "dev", `deployment/${name}`)),
      full,
    ),
    "used",
    /^$/,
    [],
  ],
  [
    "everywhere, used in two namespaces",
    everywhere,
    logs(
      [
        request("jim", "dev", "copy", { verb: "create", resource: "copytargets.operator.metalbear.co" }),
        request("jim", "qa", "copy", { verb: "create", resource: "copytargets.operator.metalbear.co" }),
      ],
      full,
    ),
    "larger",
    /^dev, qa would do$/,
    [/^kubectl mirrord grant jim --ns dev --ns qa --context c$/, /revoke/],
  ],
  [
    "everywhere, and sessions of the whole cluster were listed",
    everywhere,
    logs(
      [
        request("jim", "", "", { verb: "deletecollection", resource: "sessions.operator.metalbear.co" }),
        request("jim", "dev", "deployment/web"),
      ],
      full,
    ),
    "used",
    /^$/,
    [],
  ],
];
for (const [name, intent, totals, verdict, why, commands] of cases)
  t.test(name, async (t) => {
    const item = judge(intent, totals);
    t.equal(item?.verdict, verdict);
    t.match(item?.why, why);
    t.equal(item?.commands.length, commands.length, String(item?.commands));
    t.match(item?.commands, commands);
  });

t.test("a grant that is younger than the time proves nothing", async (t) => {
  const granted = (time: string | undefined, creationTimestamp?: string) => (object: KubernetesObject) => ({
    ...object,
    metadata: {
      ...object.metadata,
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      annotations: { ...object.metadata.annotations, [annotations.grantedAt]: time as string },
    },
  });
  t.match(judge(inBoth, logs([other], full), { change: granted("2026-05-30T00:00:00Z") }), {
    verdict: "unknown",
    why: "it was granted at 2026-05-30T00:00:00Z, within that time",
    commands: { length: 0 },
  });
});

t.test("whoever is in a team today counts, and who that is must be known", async (t) => {
  const team = intentWith({ subject: { kind: "Team", name: "acme/web" } });
  const ann = [{ kind: "User", name: "ann" }] as const;
  const context = { membership: { state: "known", subjects: ann } } as const;
  const used = logs([request("ann", "dev", "deployment/web")], full);
  t.match(judge(team, used, { context, members: ann }), { verdict: "larger" });
  const unknown = { context: { membership: { state: "unknown" } } as const, members: ann };
  t.match(judge(team, logs([otherSession], { operator: 90 }), unknown), {
    verdict: "unknown",
    why: /may not list organizations/,
  });
});

t.test("rights that nobody used: all that the role gives about mirrord, without those of requests", async (t) => {
  const item = judge(intentWith(), logs([request("jim", "dev", "deployment/web")], full));
  t.ok(
    item?.unexercised?.some((text) => text.includes("copytargets")),
    String(item?.unexercised),
  );
  t.notOk(item?.unexercised?.some((text) => /proxy.*\btargets\b/.test(text) && !text.includes("copytargets")));
  t.equal(judge(intentWith(), logs([other], { apiServer: 5 }))?.unexercised, undefined);
});

t.test("what has ended or was revoked is not judged", async (t) => {
  const revoked = (object: KubernetesObject) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [annotations.revokedAt]: "x" } },
  });
  t.equal(judge(inBoth, logs([other], full), { change: revoked }), undefined);
  t.equal(judge({ ...inBoth, temporary: true }, logs([other], full)), undefined, "it ended in January");
});

t.test("the smaller of a grant that ends, ends then as well, with its reason", async (t) => {
  const later = (object: KubernetesObject) => {
    const notes = object.metadata.annotations;
    if (notes?.[annotations.intent] === undefined) return object;
    const more = { [annotations.expiresAt]: "2026-07-01T00:00:00Z", [annotations.reason]: "INC 42" };
    return { ...object, metadata: { ...object.metadata, annotations: { ...notes, ...more } } };
  };
  const item = judge({ ...intentWith(), temporary: true }, logs([request("jim", "dev", "pod/x")], full), {
    change: later,
  });
  t.match(item?.commands[0], /--role minimal --until 2026-07-01T00:00:00Z --reason 'INC 42' --context c$/);
});

t.test("selectors say where it holds: they are left as they are", async (t) => {
  const selected = intentWith({
    role: "minimal",
    set: { kind: "namespaces", namespaces: [], selectors: ["team=web"] },
  });
  const context = { namespaces: ["dev", "qa"] };
  t.match(judge(selected, logs([request("jim", "dev", "pod/x")], full), { context }), { verdict: "used", why: "" });
});

t.test("which days are missing; today is not over", async (t) => {
  const totals = logs([], { apiServer: 3 });
  const { apiServer, operator } = logCoverage(totals, { from: to - 5 * DAY_MILLISECONDS, to });
  t.match(apiServer, { covered: 3, of: 5, missing: { first: Date.parse("2026-05-27T00:00:00Z") } });
  t.match(operator, { covered: 0, of: 5, missing: { last: Date.parse("2026-05-31T00:00:00Z") } });
  t.same(logCoverage(totals, { from: to, to }).operator, { covered: 0, of: 0, missing: undefined });
});

t.test("a log that is being written reaches until now; an empty one reaches nowhere", async (t) => {
  const days = new Set([20_000]);
  untilNow(days, 20_003 * DAY_MILLISECONDS);
  t.same([...days], [20_000, 20_001, 20_002, 20_003]);
  const none = new Set<number>();
  untilNow(none, to);
  t.equal(none.size, 0);
});
