import t from "tap";
import { steps } from "../../../steps.ts";
import { builtInSchema, policyTypes, type StructuralSchema } from "../../../../lib/mirrord/policy/schema/crds.ts";
import type { PolicyFinding, LintContext, LintTarget } from "../../../../lib/mirrord/policy/lint/finding.ts";
import { lintPolicies } from "../../../../lib/mirrord/policy/lint/lint.ts";
import { lintRules, type RuleId } from "../../../../lib/mirrord/policy/lint/rules.ts";
import type { MirrordPolicy } from "../../../../lib/mirrord/policy.ts";
import { clusterPolicy, policy } from "../../policy-fixtures.ts";
import { saysKept } from "../../../kept-text.ts";

const schemas = new Map(policyTypes.map(({ kind }) => [kind, builtInSchema]));

function lint(policies: MirrordPolicy | MirrordPolicy[], more: Partial<LintContext> = {}): PolicyFinding[] {
  return lintPolicies([policies].flat(), { schemas, ...more });
}

const web: LintTarget = {
  target: { kind: "deployment", name: "web" },
  namespace: "shop",
  labels: { app: "web", tier: "front" },
  containers: ["app"],
  related: [
    { target: { kind: "pod", name: "web-1" }, labels: { app: "web" } },
    { target: { kind: "service", name: "web" }, labels: {} },
  ],
};

const named = (name: string) => ({ name, namespace: "shop" });
const bound = { appliesToCopyTargets: true };

const newer: StructuralSchema = structuredClone(builtInSchema);
Object.assign(newer.properties?.["spec"]?.properties ?? {}, {
  splitQueues: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
});
const newerSchemas: LintContext["schemas"] = new Map([["MirrordPolicy", newer]]);

const cases: {
  name: string;
  rule: RuleId;
  policies: MirrordPolicy | MirrordPolicy[];
  context?: Partial<LintContext>;
  /** A part of the message; undefined: the rule is silent. */
  says: RegExp | undefined;
}[] = [
  {
    name: "a field that the server would drop",
    rule: "not-in-definition",
    policies: policy({ targetpath: "x" }),
    says: /targetPath/,
  },
  {
    name: "an expression that Rust refuses",
    rule: "invalid-value",
    policies: policy({ fs: { local: ["("] } }),
    says: /spec\.fs\.local\[0\]/,
  },
  {
    name: "an expression that nobody here can check",
    rule: "unchecked-value",
    policies: policy({ fs: { local: ["[a&&b]"] } }),
    says: /set operations/,
  },
  {
    name: "a field that a newer definition knows",
    rule: "unchecked-value",
    policies: policy({ splitQueues: { requireFilter: true } }),
    context: { schemas: newerSchemas },
    says: /^spec\.splitQueues is newer than this program/,
  },
  {
    name: "the same, whose default says nothing",
    rule: "unchecked-value",
    policies: policy({ splitQueues: { requireFilter: false, queues: [] } }),
    context: { schemas: newerSchemas },
    says: undefined,
  },
  {
    name: "a policy of such a field alone",
    rule: "no-limit",
    policies: policy({ splitQueues: { requireFilter: true } }),
    context: { schemas: newerSchemas },
    says: undefined,
  },
  {
    name: "a namespace on the cluster kind",
    rule: "namespace-cleared",
    policies: { ...clusterPolicy({}), metadata: { name: "p", namespace: "mirrord" } },
    says: /is cleared by the API server/,
  },
  {
    name: "deployment/ instead of deploy/",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "deployment/x" }),
    says: /written?s? the kind as deploy|writes the kind as deploy/,
  },
  {
    name: "kubectl's short names",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "sts/db" }),
    says: /statefulset/,
  },
  {
    name: "a capital letter in the kind",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "Deploy/x" }),
    says: /deploy, not "Deploy"/,
  },
  { name: "a name alone", rule: "target-path-spelling", policies: policy({ targetPath: "web" }), says: /KIND\/NAME/ },
  {
    name: "a container written as a third part",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "deploy/web/app" }),
    says: /container/,
  },
  {
    name: "deploy/ is right",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "deploy/x" }),
    says: undefined,
  },
  {
    name: "a wildcard in the kind may be right",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "deploy*/x" }),
    says: undefined,
  },
  {
    name: "targetless is right",
    rule: "target-path-spelling",
    policies: policy({ targetPath: "targetless" }),
    says: undefined,
  },
  {
    name: "an exact path leaves containers out",
    rule: "target-path-container",
    policies: policy({ targetPath: "deploy/x" }),
    says: /deploy\/x\/container\/NAME/,
  },
  {
    name: "an exact container leaves the others out",
    rule: "target-path-container",
    policies: policy({ targetPath: "deploy/x/container/c" }),
    says: /no container or another/,
  },
  {
    name: "all containers leave none out",
    rule: "target-path-container",
    policies: policy({ targetPath: "deploy/x/container/*" }),
    says: undefined,
  },
  {
    name: "a star behind a name",
    rule: "target-path-prefix",
    policies: policy({ targetPath: "deploy/x*" }),
    says: /deploy\/x-1/,
  },
  {
    name: "a star for all names",
    rule: "target-path-prefix",
    policies: policy({ targetPath: "deploy/*" }),
    says: undefined,
  },
  {
    name: "a path of one kind",
    rule: "walk-around",
    policies: policy({ block: ["steal"], targetPath: "deploy/web" }),
    says: /pod, replicaset, service, label/,
  },
  {
    name: "the same for pods leaves fewer ways",
    rule: "walk-around",
    policies: [
      policy({ block: ["steal"], targetPath: "deploy/web" }, named("a")),
      policy({ block: ["steal", "mirror"], targetPath: "pod/*" }, named("b")),
    ],
    says: /by replicaset, service, label$/,
  },
  {
    name: "every path is bound",
    rule: "walk-around",
    policies: policy({ block: ["steal"], targetPath: "*" }),
    says: undefined,
  },
  {
    name: "a policy that refuses nothing has no ways around it",
    rule: "walk-around",
    policies: policy({ targetPath: "deploy/web", env: { exclude: ["A"] } }),
    says: undefined,
  },
  {
    name: "labels that the pods do not carry",
    rule: "walk-around",
    policies: policy({ block: ["steal"], selector: { matchLabels: { tier: "front" } } }),
    context: { targets: [web] },
    says: /deploy\/web is bound, but pod\/web-1/,
  },
  {
    name: "labels that the service does not carry",
    rule: "walk-around",
    policies: policy({ block: ["steal"], selector: { matchLabels: { app: "web" } } }),
    context: { targets: [web] },
    says: /but service\/web/,
  },
  {
    name: "another policy is on the rest",
    rule: "walk-around",
    policies: [
      policy({ block: ["steal"], selector: { matchLabels: { app: "web" } } }, named("a")),
      policy({ block: ["steal"], targetPath: "service/*" }, named("b")),
    ],
    context: { targets: [{ ...web, related: web.related?.slice(0, 2) }] },
    says: undefined,
  },
  {
    name: "a steal block without copies",
    rule: "copy-target",
    policies: policy({ block: ["steal"] }),
    says: /not bound by steal$/,
  },
  {
    name: "a header filter without copies",
    rule: "copy-target",
    policies: policy({ network: { incoming: { httpFilter: { headerFilter: "^a" } } } }),
    says: /header filter/,
  },
  {
    name: "a steal block with copies",
    rule: "copy-target",
    policies: policy({ block: ["steal"], ...bound }),
    says: undefined,
  },
  {
    name: "copy-target-scale-down holds anyway",
    rule: "copy-target",
    policies: policy({ block: ["copy-target-scale-down"] }),
    says: undefined,
  },
  {
    name: "an expression that matches everything",
    rule: "regex-everything",
    policies: policy({ network: { incoming: { httpFilter: { headerFilter: "x*" } } } }),
    says: /"x\*" matches every header/,
  },
  {
    name: "an expression that wants something",
    rule: "regex-everything",
    policies: policy({ network: { incoming: { httpFilter: { headerFilter: "^x-user: .+" } } } }),
    says: undefined,
  },
  {
    name: "an expression that matches nothing",
    rule: "regex-nothing",
    policies: policy({ fs: { readOnly: ["a^"] } }),
    says: /never matches a file/,
  },
  {
    name: "a relative path",
    rule: "regex-nothing",
    policies: policy({ fs: { local: ["^etc/passwd"] } }),
    says: /begin with \//,
  },
  {
    name: "a URL for a host name",
    rule: "regex-nothing",
    policies: policy({ network: { outgoing: { block: [{ hostname: "https://acme" }] } } }),
    says: /scheme/,
  },
  {
    name: "a selector that no object fits",
    rule: "matches-no-object",
    policies: policy({ selector: { matchLabels: { app: "cart" } } }),
    context: { targets: [web] },
    says: /selector "app=cart"/,
  },
  {
    name: "a path that no object has",
    rule: "matches-no-object",
    policies: policy({ targetPath: "deploy/cart" }),
    context: { targets: [web] },
    says: /targetPath "deploy\/cart"/,
  },
  {
    name: "another namespace",
    rule: "matches-no-object",
    policies: policy({ targetPath: "deploy/web" }, { name: "p", namespace: "dev" }),
    context: { targets: [web] },
    says: /no target/,
  },
  {
    name: "a cluster policy looks everywhere",
    rule: "matches-no-object",
    policies: clusterPolicy({ targetPath: "deploy/web" }),
    context: { targets: [web] },
    says: undefined,
  },
  {
    name: "a path with a container that exists",
    rule: "matches-no-object",
    policies: policy({ targetPath: "deploy/web/container/app" }),
    context: { targets: [web] },
    says: undefined,
  },
  {
    name: "a path with a container that does not",
    rule: "matches-no-object",
    policies: policy({ targetPath: "deploy/web/container/other" }),
    context: { targets: [web] },
    says: /no target/,
  },
  {
    name: "not everything could be listed",
    rule: "matches-no-object",
    policies: policy({ targetPath: "deploy/cart" }),
    context: { targets: [web], targetsIncomplete: true },
    says: undefined,
  },
  {
    name: "targetless sessions always exist",
    rule: "matches-no-object",
    policies: policy({ targetPath: "targetless" }),
    context: { targets: [web] },
    says: undefined,
  },
  {
    name: "a profile that is not there",
    rule: "unknown-profile",
    policies: policy({ profileAllowlist: ["safe", "shop/safe", "nowhere"] }),
    context: { profiles: new Set(["safe", "shop/safe"]) },
    says: /no profile "nowhere"$/,
  },
  {
    name: "profiles that nobody may list",
    rule: "unknown-profile",
    policies: policy({ profileAllowlist: ["nowhere"] }),
    says: undefined,
  },
  {
    name: "an empty allowlist",
    rule: "no-profile-left",
    policies: policy({ requireProfile: true, profileAllowlist: [] }),
    says: /no session can start/,
  },
  {
    name: "two allowlists with nothing in common",
    rule: "no-profile-left",
    policies: [policy({ profileAllowlist: ["a"] }, named("a")), clusterPolicy({ profileAllowlist: ["b"] }, "b")],
    says: /MirrordClusterPolicy b does too/,
  },
  {
    name: "an allowlist that nobody has to use",
    rule: "profile-optional",
    policies: policy({ profileAllowlist: ["a"] }),
    says: /without a profile/,
  },
  {
    name: "an allowlist that has to be used",
    rule: "profile-optional",
    policies: policy({ profileAllowlist: ["a"], requireProfile: true }),
    says: undefined,
  },
  {
    name: "env is no security",
    rule: "not-security",
    policies: policy({ env: { exclude: ["*_PASSWORD"] } }),
    says: /spec\.env\.exclude/,
  },
  {
    name: "fs is no security",
    rule: "not-security",
    policies: policy({ fs: { notFound: ["/run"] } }),
    says: /spec\.fs\.notFound/,
  },
  { name: "a block is", rule: "not-security", policies: policy({ block: ["steal"] }), says: undefined },
  {
    name: "a cluster policy that says as much",
    rule: "hidden",
    policies: [
      policy({ block: ["steal-without-filter"], targetPath: "deploy/web*" }, named("a")),
      clusterPolicy({ block: ["steal"], targetPath: "deploy/*" }, "b"),
    ],
    says: /MirrordClusterPolicy b matches all/,
  },
  {
    name: "but not for copies",
    rule: "hidden",
    policies: [policy({ block: ["steal"], ...bound }, named("a")), clusterPolicy({ block: ["steal"] }, "b")],
    says: undefined,
  },
  {
    name: "a cluster policy for fewer targets",
    rule: "hidden",
    policies: [
      policy({ block: ["steal"], targetPath: "*" }, named("a")),
      clusterPolicy({ block: ["steal"], targetPath: "deploy/*" }, "b"),
    ],
    says: undefined,
  },
  {
    name: "a question mark proves nothing",
    rule: "hidden",
    policies: [
      policy({ block: ["steal"], targetPath: "deploy/*" }, named("a")),
      clusterPolicy({ block: ["steal"], targetPath: "deploy/?" }, "b"),
    ],
    says: undefined,
  },
  {
    name: "of two that are the same, one is named",
    rule: "hidden",
    policies: [policy({ block: ["steal"] }, named("a")), policy({ block: ["steal"] }, named("b"))],
    says: /a matches all/,
  },
  {
    name: "nothing at all",
    rule: "no-limit",
    policies: policy({ targetPath: "deploy/web" }),
    says: /nothing is blocked/,
  },
  {
    name: "defaults that the server filled in are nothing",
    rule: "no-limit",
    policies: policy({ env: { exclude: [] }, network: { outgoing: { allow: [], block: [] } } }),
    says: /nothing/,
  },
];

for (const { name, rule, policies, context, says } of cases)
  t.test(`${rule}: ${name}`, async (t) => {
    const found = lint(policies, context).filter((finding) => finding.rule === rule);
    if (says === undefined) return void t.same(found, []);
    t.equal(found.length, 1, JSON.stringify(found));
    t.match(found[0]?.message, says);
    t.not(found[0]?.fix, "");
    saysKept(t, import.meta.filename, `${rule}: ${name}`, () => found);
  });

t.test("every rule has a case that it finds", async (t) => {
  const found = new Set(cases.filter(({ says }) => says !== undefined).map(({ rule }) => rule));
  t.same([...found].toSorted(), Object.keys(lintRules).toSorted());
});

t.test("a policy without a trap has no finding", async (t) => {
  t.same(lint(policy({ block: ["steal"], ...bound })), []);
});

t.test("the worst come first", async (t) => {
  const order = lint([policy({ env: { exclude: ["a"] } }, named("a")), policy({ block: ["stael"] }, named("b"))]).map(
    ({ severity }) => severity,
  );
  t.same(
    order,
    order.toSorted(
      (one, other) => ["error", "warning", "note"].indexOf(one) - ["error", "warning", "note"].indexOf(other),
    ),
  );
  t.ok(new Set(order).size > 1);
});

t.test("whatever a policy holds, lint ends", async (t) => {
  for (const spec of [null, [], "x", { block: "steal", selector: 3, network: [], fs: { local: {} }, targetPath: {} }])
    t.ok(Array.isArray(lint({ ...policy({}), spec })));
});

/** Patterns that make other engines try without end. */
const hostile: { name: string; spec: (size: number) => Record<string, unknown> }[] = [
  { name: "a path with very many stars", spec: (size) => ({ targetPath: "*a".repeat(500 * size) }) },
  {
    name: "nested repetitions and open groups",
    spec: (size) => ({
      network: {
        incoming: {
          httpFilter: { headerFilter: "(a*)*".repeat(size) + "(".repeat(20 * size) + "x".repeat(50 * size) },
        },
      },
    }),
  },
  { name: "open classes", spec: (size) => ({ fs: { local: ["[".repeat(30 * size)] } }) },
  { name: "empty alternatives", spec: (size) => ({ fs: { local: ["|".repeat(90 * size)] } }) },
  { name: "counted groups", spec: (size) => ({ fs: { local: ["(((a))){1,2}".repeat(5 * size)] } }) },
];
for (const { name, spec } of hostile)
  t.test(`${name}: ten times as long takes no more than ten times the steps of lint`, async (t) => {
    const module = import.meta.resolve("../../../../lib/mirrord/policy/lint/lint.ts");
    const check = (size: number) => steps(module, "lintPolicies", [policy(spec(size))], { schemas, targets: [web] });
    const [short, long] = [await check(10), await check(100)];
    t.ok(long < 12 * short, `${short} steps, then ${long}`);
  });

const fixes: [spec: Record<string, unknown>, rule: RuleId, fix: string][] = [
  [{ targetpath: "x" }, "not-in-definition", "Correct spec.targetpath, or upgrade the operator's definitions."],
  [{ fs: { local: ["("] } }, "invalid-value", "Correct spec.fs.local[0]."],
  [{ fs: { local: ["[a&&b]"] } }, "unchecked-value", "Correct spec.fs.local[0]."],
];
for (const [spec, rule, fix] of fixes) {
  t.test(`what to do about ${rule}: ${fix}`, async (t) => {
    t.same(
      lint(policy(spec))
        .filter((found) => found.rule === rule)
        .map((found) => found.fix),
      [fix],
    );
  });
}
