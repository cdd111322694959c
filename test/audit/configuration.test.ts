import t from "tap";
import { customFindings, fits, withoutExceptions } from "../../lib/audit/apply-configuration.ts";
import { parseBaseline, sinceBaseline } from "../../lib/audit/baseline.ts";
import { parseConfiguration } from "../../lib/audit/configuration.ts";
import type { AuditFinding } from "../../lib/audit/finding.ts";
import { UserError } from "../../lib/errors.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { findingText } from "./facts.ts";

const now = Date.parse("2026-01-02T00:00:00Z");
const kind = "AuditConfiguration";
const exception = { rule: "wildcard", owner: "sec", reason: "INC-1", expires: "2026-02-01" };
const own = { id: "no-secrets", summary: "nobody reads Secrets", rights: ["get secrets"] };

const refusals: { name: string; given: unknown; says: RegExp }[] = [
  { name: "a text", given: "x", says: /f: not an AuditConfiguration/ },
  { name: "another kind", given: { kind: "Policy" }, says: /f: not an AuditConfiguration/ },
  { name: "an unknown field", given: { kind, exeptions: [] }, says: /f: unknown field "exeptions"/ },
  { name: "no list", given: { kind, rules: {} }, says: /f: rules is not a list/ },
  { name: "no object", given: { kind, exceptions: ["x"] }, says: /f: exceptions\[0\] is not an object/ },
  {
    name: "an exception without an owner",
    given: { kind, exceptions: [{ ...exception, owner: " " }] },
    says: /f: exceptions\[0\]\.owner is missing/,
  },
  {
    name: "without a reason",
    given: { kind, exceptions: [{ ...exception, reason: undefined }] },
    says: /exceptions\[0\]\.reason is missing/,
  },
  {
    name: "without an end",
    given: { kind, exceptions: [{ ...exception, expires: "never" }] },
    says: /expires: "never" is no date/,
  },
  {
    name: "with a slip",
    given: { kind, exceptions: [{ ...exception, subjekt: "jim" }] },
    says: /unknown field "subjekt"/,
  },
  {
    name: "a rule without rights",
    given: { kind, rules: [{ ...own, rights: [] }] },
    says: /rules\[0\]\.rights is missing/,
  },
  {
    name: "rights that are no texts",
    given: { kind, rules: [{ ...own, rights: [1] }] },
    says: /rights is not a list of texts/,
  },
  {
    name: "a right that is none",
    given: { kind, rules: [{ ...own, rights: ["secrets"] }] },
    says: /"secrets" is not VERB RESOURCE/,
  },
  {
    name: "an id that is taken",
    given: { kind, rules: [{ ...own, id: "wildcard" }] },
    says: /"wildcard" is a rule of the audit's own/,
  },
  { name: "an id twice", given: { kind, rules: [own, own] }, says: /two rules are called "no-secrets"/ },
  {
    name: "an id that is no word",
    given: { kind, rules: [{ ...own, id: "No Secrets" }] },
    says: /is not lower-case letters/,
  },
  {
    name: "a severity that is none",
    given: { kind, rules: [{ ...own, severity: "error" }] },
    says: /severity is not high, medium or low/,
  },
];
for (const { name, given, says } of refusals)
  t.test(`${name} is refused`, async (t) => {
    t.throws(() => parseConfiguration([given], "f"), says);
    t.throws(() => parseConfiguration([given], "f"), UserError);
  });

t.test("several documents are one configuration; what is left out has a default", async (t) => {
  const { rules, exceptions } = parseConfiguration(
    [
      { kind, exceptions: [exception] },
      { kind, rules: [{ ...own, severity: "high", rights: ["create pods/exec", "list nodes"] }] },
    ],
    "f",
  );
  t.match(exceptions, [{ rule: "wildcard", subject: undefined, expires: Date.parse("2026-02-01") }]);
  t.match(rules, [{ severity: "error", explanation: own.summary, namespaces: { length: 0 }, except: { length: 0 } }]);
  t.same(rules[0]?.rights, {
    "create pods/exec": { scope: "namespaced", verb: "create", apiGroup: "", resource: "pods", subresource: "exec" },
    "list nodes": { scope: "cluster", verb: "list", apiGroup: "", resource: "nodes" },
  });
});

t.test("a rule of one's own finds who has all its rights where it is about", async (t) => {
  const rbac = [
    clusterRole("secrets", [rule("", "secrets", "get")]),
    roleBinding("prod-eu", "s", clusterRoleRef("secrets"), [
      user("jim"),
      group("sec-ops"),
      serviceAccount("x", "kube-system"),
    ]),
    roleBinding("dev", "s", clusterRoleRef("secrets"), [user("ana")]),
    clusterRoleBinding("s", "secrets", [user("eve")]),
  ];
  const { rules } = parseConfiguration(
    [{ kind, rules: [{ ...own, namespaces: ["prod-*"], except: ["group:sec-*"] }] }],
    "f",
  );
  t.same(customFindings(rbac, rules).map(findingText), [
    "warning no-secrets RoleBinding prod-eu/s: jim may get secrets in prod-eu: nobody reads Secrets",
    "warning no-secrets ClusterRoleBinding s: eve may get secrets everywhere: nobody reads Secrets",
  ]);
});

const finding = (id: string, ...who: string[]): AuditFinding => ({
  rule: id,
  severity: "warning",
  subject: { kind: "RoleBinding", name: "b", namespace: "dev" },
  message: `${who.join(" and ")} may`,
  fix: "Stop.",
  who,
  evidence: [],
});

const excepted: { name: string; exception: object; given?: AuditFinding[]; want: string[]; count: number }[] = [
  { name: "a whole rule", exception: {}, want: [], count: 1 },
  {
    name: "one of two people",
    exception: { subject: "jim" },
    given: [finding("wildcard", "ana", "jim")],
    want: ["warning wildcard RoleBinding dev/b: ana may"],
    count: 0,
  },
  { name: "all of them by a pattern", exception: { rule: "*", subject: "*" }, want: [], count: 1 },
  { name: "an object by its name, or with its kind", exception: { object: "RoleBinding dev/b" }, want: [], count: 1 },
  {
    name: "of another object",
    exception: { object: "c" },
    want: [
      "warning wildcard RoleBinding dev/b: jim may",
      "note exception-unused Exception wildcard: the exception from wildcard for anybody (sec: INC-1) fits nothing",
    ],
    count: 0,
  },
  {
    name: "of another person",
    exception: { subject: "ana" },
    want: [
      "warning wildcard RoleBinding dev/b: jim may",
      "note exception-unused Exception wildcard: the exception from wildcard for ana (sec: INC-1) fits nothing",
    ],
    count: 0,
  },
  { name: "a finding about nobody", exception: {}, given: [finding("wildcard")], want: [], count: 1 },
  {
    name: "a finding about nobody is not about jim",
    exception: { subject: "jim" },
    given: [finding("wildcard")],
    want: [
      "warning wildcard RoleBinding dev/b:  may",
      "note exception-unused Exception wildcard: the exception from wildcard for jim (sec: INC-1) fits nothing",
    ],
    count: 0,
  },
  {
    name: "one that is over does nothing",
    exception: { expires: "2026-01-01" },
    want: [
      "warning wildcard RoleBinding dev/b: jim may",
      "warning exception-over Exception wildcard: the exception from wildcard for anybody (sec: INC-1) is over",
    ],
    count: 0,
  },
  {
    name: "the very end counts as over",
    exception: { expires: "2026-01-02T00:00:00Z" },
    want: [
      "warning wildcard RoleBinding dev/b: jim may",
      "warning exception-over Exception wildcard: the exception from wildcard for anybody (sec: INC-1) is over",
    ],
    count: 0,
  },
];
for (const { name, exception: change, given = [finding("wildcard", "jim")], want, count } of excepted)
  t.test(`an exception: ${name}`, async (t) => {
    const { exceptions } = parseConfiguration([{ kind, exceptions: [{ ...exception, ...change }] }], "f");
    const left = withoutExceptions(given, exceptions, now);
    t.same(left.findings.map(findingText), want);
    t.equal(left.count, count);
  });

const inCluster: { name: string; cluster?: string; found?: string; want: string[] }[] = [
  { name: "about any is about each", found: "east", want: [] },
  { name: "about this one", cluster: "ea*", found: "east", want: [] },
  {
    name: "about another one that was read",
    cluster: "west",
    found: "east",
    want: ["wildcard", "exception-unused"],
  },
  {
    name: "about one that was not read",
    cluster: "down",
    found: "east",
    want: ["wildcard"],
  },
  { name: "about a cluster, where the only one has no name", cluster: "east", want: ["wildcard"] },
];
for (const { name, cluster, found, want } of inCluster)
  t.test(`an exception of a cluster: ${name}`, async (t) => {
    const given = { ...finding("wildcard", "jim"), ...(found === undefined ? {} : { cluster: found }) };
    const { exceptions } = parseConfiguration([{ kind, exceptions: [{ ...exception, cluster }] }], "f");
    const lookedAt = found === undefined ? undefined : { clusters: ["east", "west"], all: false };
    const left = withoutExceptions([given], exceptions, now, lookedAt);
    t.same(
      left.findings.map(({ rule: id }) => id),
      want,
    );
  });

t.test("an exception that names no cluster fits nothing only where all of them were read", async (t) => {
  const { exceptions } = parseConfiguration([{ kind, exceptions: [exception] }], "f");
  const rules = (all: boolean) =>
    withoutExceptions([], exceptions, now, { clusters: ["a"], all }).findings.map(({ rule: id }) => id);
  t.same(rules(false), []);
  t.same(rules(true), ["exception-unused"]);
});

t.test("patterns", async (t) => {
  for (const [pattern, text] of [
    ["*", ""],
    ["a*", "abc"],
    ["*c", "abc"],
    ["a*c", "abc"],
    ["a*b*c", "aXbYc"],
    ["a.c", "a.c"],
  ] as const)
    t.ok(fits(pattern, text), `${pattern} ${text}`);
  for (const [pattern, text] of [
    ["a", "ab"],
    ["a.c", "abc"],
    ["a*c", "ab"],
    ["ab*ba", "aba"],
    ["a*b*c", "ac"],
    ["x*", "abc"],
  ] as const)
    t.notOk(fits(pattern, text), `${pattern} ${text}`);
});

t.test("a baseline knows a finding in its cluster", async (t) => {
  const object = { kind: "RoleBinding", name: "b", namespace: "dev" };
  const item = { cluster: "east", rule: "wildcard", object, who: ["jim"] };
  const baseline = parseBaseline([{ kind: "Audit", items: [item] }], "f");
  const found = [undefined, "east", "west"].map((cluster) => ({
    ...finding("wildcard", "jim"),
    ...(cluster === undefined ? {} : { cluster }),
  }));
  t.same(
    sinceBaseline(found, baseline).map(({ cluster }) => cluster),
    [undefined, "west"],
  );
});

t.test("a baseline knows a finding at its severity and below, and at any where it does not say", async (t) => {
  const object = { kind: "RoleBinding", name: "b", namespace: "dev" };
  const item = (severity?: string) => ({ rule: "wildcard", object, who: ["jim"], severity });
  const news = (...items: object[]) =>
    (["error", "warning", "note"] as const).filter((severity) => {
      const baseline = parseBaseline([{ kind: "Audit", items }], "f");
      return sinceBaseline([{ ...finding("wildcard", "jim"), severity }], baseline).length > 0;
    });
  t.same(news(item("high")), []);
  t.same(news(item("medium")), ["error"]);
  t.same(news(item("low")), ["error", "warning"]);
  t.same(news(item()), []);
  t.same(news(item("low"), item("medium"), item("low")), ["error"], "the most severe of several counts");
});

t.test("a baseline: only people and findings that are new", async (t) => {
  const item = { rule: "wildcard", object: { kind: "RoleBinding", name: "b", namespace: "dev" }, who: ["jim"] };
  const baseline = parseBaseline(
    [
      {
        kind: "AuditFindings",
        items: [item, { rule: "pod-security", object: { kind: "Namespace", name: "dev" }, who: [] }],
      },
    ],
    "f",
  );
  const open = { ...finding("pod-security"), subject: { kind: "Namespace", name: "dev" } };
  t.same(
    sinceBaseline(
      [
        finding("wildcard", "ana", "jim"),
        finding("wildcard", "jim"),
        finding("bind", "jim"),
        open,
        finding("pod-security"),
      ],
      baseline,
    ).map(findingText),
    [
      "warning wildcard RoleBinding dev/b: ana may",
      "warning bind RoleBinding dev/b: jim may",
      "warning pod-security RoleBinding dev/b:  may",
    ],
  );
  t.throws(() => parseBaseline([], "f"), /f: not a report of the audit/);
  t.throws(() => parseBaseline([{ kind: "PolicyLint" }], "f"), /f: not a report of the audit/);
});
