import * as fc from "fast-check";
import t from "tap";
import { matchPolicies, type Labels, type MirrordPolicy } from "../../lib/mirrord/policy.ts";
import type { SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import type { HttpFilter, Incoming } from "../../lib/mirrord/plan/session-use.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { clusterPolicy, policy, session, shopPolicies } from "./policy-fixtures.ts";

const NOT_ALLOWED = "your organization does not allow you to use this mirrord feature with the chosen target";
const stealBlock = { block: ["steal"] };

interface Case {
  name: string;
  policies: MirrordPolicy[];
  plan: SessionPlan;
  labels?: Labels | undefined;
  answer: "yes" | "no" | "unknown";
  /** `stage field policy` of each block, in order. */
  blocks?: string[];
}

function check({ name, policies, plan, answer, blocks = [], ...rest }: Case): void {
  t.test(name, async (t) => {
    const verdict = matchPolicies(policies, plan, "labels" in rest ? rest.labels : {});
    t.equal(verdict.answer, answer);
    t.same(
      verdict.asGiven.blocks.map(({ stage, field, policy: { name: by } }) => `${stage} ${field} ${by}`),
      blocks,
    );
    t.same(verdict.problems, []);
    t.equal(verdict.policies.length, policies.length);
  });
}

const steal = session("steal", "deploy/web");
const blocked = ["later spec.block: steal p"];

const where: Case[] = [
  { name: "without policies everything passes", policies: [], plan: steal, answer: "yes" },
  {
    name: "a policy without selectors applies",
    policies: [policy(stealBlock)],
    plan: steal,
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a policy of another namespace does not apply",
    policies: [policy(stealBlock, { namespace: "other" })],
    plan: steal,
    answer: "yes",
  },
  {
    name: "a cluster policy applies everywhere",
    policies: [clusterPolicy(stealBlock)],
    plan: steal,
    answer: "no",
    blocks: blocked,
  },
  {
    name: "the path of a deployment is spelled deploy",
    policies: [policy({ ...stealBlock, targetPath: "deploy/web" })],
    plan: steal,
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a path spelled deployment never matches",
    policies: [policy({ ...stealBlock, targetPath: "deployment/web" })],
    plan: steal,
    answer: "yes",
  },
  {
    name: "a container that the user names is part of the path",
    policies: [policy({ ...stealBlock, targetPath: "deploy/web" })],
    plan: session("steal", "deploy/web/container/app"),
    answer: "yes",
  },
  {
    name: "a star goes over the container",
    policies: [policy({ ...stealBlock, targetPath: "deploy/web/container/*" })],
    plan: session("steal", "deploy/web/container/app"),
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a policy on the deployment does not bind its pod",
    policies: [policy({ ...stealBlock, targetPath: "deploy/web*" })],
    plan: session("steal", "pod/web-abc", { related: [] }),
    answer: "yes",
  },
  {
    name: "a selector that the labels fulfil",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { app: "web" } } })],
    plan: steal,
    labels: { app: "web", tier: "fe" },
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a selector that the labels do not fulfil",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { app: "web" } } })],
    plan: steal,
    labels: { app: "api" },
    answer: "yes",
  },
  {
    name: "path and selector must both match",
    policies: [policy({ ...stealBlock, targetPath: "deploy/*", selector: { matchLabels: { app: "web" } } })],
    plan: steal,
    labels: {},
    answer: "yes",
  },
  {
    name: "a selector over labels that could not be read is unknown",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { app: "web" } } })],
    plan: steal,
    labels: undefined,
    answer: "unknown",
    blocks: blocked,
  },
  {
    name: "labels that could not be read do not matter to another path",
    policies: [policy({ ...stealBlock, targetPath: "pod/*", selector: { matchLabels: { app: "web" } } })],
    plan: steal,
    labels: undefined,
    answer: "yes",
  },
  {
    name: "a targetless session has a path of its own",
    policies: [policy({ targetPath: "targetless", requireProfile: true })],
    plan: session("targetless", "targetless"),
    answer: "no",
    blocks: ["connect spec.requireProfile p"],
  },
  {
    name: "a targetless session has no labels",
    policies: [
      policy({ requireProfile: true, selector: { matchExpressions: [{ key: "a", operator: "DoesNotExist" }] } }),
    ],
    plan: session("targetless", "targetless"),
    labels: undefined,
    answer: "no",
    blocks: ["connect spec.requireProfile p"],
  },
  {
    name: "how the path of a label target is spelled is not public",
    policies: [policy({ ...stealBlock, targetPath: "label" })],
    plan: session("steal", "label/app=web"),
    answer: "unknown",
    blocks: blocked,
  },
  {
    name: "a path that matches a label target in every spelling",
    policies: [policy({ ...stealBlock, targetPath: "label*" })],
    plan: session("steal", "label/app=web"),
    answer: "no",
    blocks: blocked,
  },
  {
    name: "the pods of a label target have at least its labels",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { app: "web" } } })],
    plan: session("steal", "label/app=web"),
    answer: "no",
    blocks: blocked,
  },
  {
    name: "the pods of a label target may have other labels",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { tier: "fe" } } })],
    plan: session("steal", "label/app=web"),
    answer: "unknown",
    blocks: blocked,
  },
  {
    name: "one pod of a label target is enough",
    policies: [policy({ ...stealBlock, selector: { matchLabels: { tier: "fe" } } })],
    plan: session("steal", "label/app=web", {
      related: [
        { target: parseTarget("pod/a"), labels: { app: "web" } },
        { target: parseTarget("pod/b"), labels: { app: "web", tier: "fe" } },
      ],
    }),
    answer: "no",
    blocks: blocked,
  },
];

const withFilter = (filter: HttpFilter): SessionPlan =>
  session("steal", "deploy/web", { incoming: { mode: "steal", filter } });
const incoming = (mode: Incoming["mode"]): SessionPlan => session("mirror", "deploy/web", { incoming: { mode } });
const needsFilter = policy({ block: ["steal-without-filter"] });
const headerFilter = (regex: string) => policy({ network: { incoming: { httpFilter: { headerFilter: regex } } } });
const HEADER = "later spec.network.incoming.httpFilter.headerFilter p";

const traffic: Case[] = [
  {
    name: "a steal block leaves mirroring alone",
    policies: [policy(stealBlock)],
    plan: incoming("mirror"),
    answer: "yes",
  },
  {
    name: "a mirror block leaves stealing alone",
    policies: [policy({ block: ["mirror"] })],
    plan: steal,
    answer: "yes",
  },
  {
    name: "a mirror block refuses mirroring",
    policies: [policy({ block: ["mirror"] })],
    plan: session("mirror", "deploy/web"),
    answer: "no",
    blocks: ["later spec.block: mirror p"],
  },
  {
    name: "without incoming traffic nothing is refused",
    policies: [policy({ block: ["steal", "mirror"] })],
    plan: incoming("off"),
    answer: "yes",
  },
  {
    name: "stealing without a filter can be refused",
    policies: [needsFilter],
    plan: steal,
    answer: "no",
    blocks: ["later spec.block: steal-without-filter p"],
  },
  {
    name: "any filter will do, one that matches all included",
    policies: [needsFilter],
    plan: withFilter({ path: ".*" }),
    answer: "yes",
  },
  {
    name: "a steal block refuses filters too",
    policies: [policy(stealBlock)],
    plan: withFilter({ header: "a" }),
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a header filter that matches",
    policies: [headerFilter("^baggage: .+")],
    plan: withFilter({ header: "baggage: jim" }),
    answer: "yes",
  },
  {
    name: "whether the anchors of the user's expression are compared is not known",
    policies: [headerFilter("^baggage: .+")],
    plan: withFilter({ header: "^baggage: .*mirrord-session=alice.*" }),
    answer: "unknown",
    blocks: [HEADER],
  },
  {
    name: "nor is it at the end",
    policies: [headerFilter("^baggage: jim$")],
    plan: withFilter({ allOf: [{ path: "/" }, { header: "(?i)^baggage: jim$" }] }),
    answer: "unknown",
    blocks: [HEADER],
  },
  {
    name: "an expression that matches with the anchors and without them passes",
    policies: [headerFilter("baggage: .+")],
    plan: withFilter({ header: "^baggage: jim$" }),
    answer: "yes",
  },
  {
    name: "one that matches neither way is refused",
    policies: [headerFilter("^baggage: .+")],
    plan: withFilter({ header: "^x-user: jim$" }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "a header filter implies that a filter is needed",
    policies: [headerFilter(".")],
    plan: steal,
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "a path filter is no header filter",
    policies: [headerFilter(".")],
    plan: withFilter({ path: "/" }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "all of: one header filter that matches is enough",
    policies: [headerFilter("jim")],
    plan: withFilter({ allOf: [{ path: "/" }, { header: "x: bob" }, { header: "x: jim" }] }),
    answer: "yes",
  },
  {
    name: "all of: none that matches",
    policies: [headerFilter("jim")],
    plan: withFilter({ allOf: [{ path: "jim" }, { header: "x: bob" }] }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "any of: every header filter must match",
    policies: [headerFilter("jim")],
    plan: withFilter({ anyOf: [{ header: "x: jim" }, { header: "x: bob" }] }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "any of: other filters do not count",
    policies: [headerFilter("jim")],
    plan: withFilter({ anyOf: [{ header: "x: jim" }, { path: "/" }] }),
    answer: "yes",
  },
  {
    name: "any of: a header filter is needed",
    policies: [headerFilter("jim")],
    plan: withFilter({ anyOf: [{ path: "jim" }, { method: "GET" }] }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "an empty list of filters lets nothing through",
    policies: [headerFilter(".")],
    plan: withFilter({ allOf: [] }),
    answer: "no",
    blocks: [HEADER],
  },
  {
    name: "every header filter of several policies must be matched",
    policies: [
      headerFilter("jim"),
      clusterPolicy({ network: { incoming: { httpFilter: { headerFilter: "^x:" } } } }, "q"),
    ],
    plan: withFilter({ header: "y: jim" }),
    answer: "no",
    blocks: ["later spec.network.incoming.httpFilter.headerFilter q"],
  },
];

const copyPlan = (more: Partial<SessionPlan> = {}) =>
  session("copy", "deploy/web", { incoming: { mode: "steal" }, ...more });
const SCALE = "connect spec.block: copy-target-scale-down p";
const scaleBlock = policy({ block: ["copy-target-scale-down"] });

const copies: Case[] = [
  { name: "a copy target walks around a steal block", policies: [policy(stealBlock)], plan: copyPlan(), answer: "yes" },
  {
    name: "unless the policy applies to copy targets",
    policies: [policy({ ...stealBlock, appliesToCopyTargets: true })],
    plan: copyPlan(),
    answer: "no",
    blocks: blocked,
  },
  {
    name: "a job is always copied",
    policies: [policy({ block: ["mirror"] })],
    plan: session("mirror", "job/j"),
    answer: "yes",
  },
  {
    name: "scaling down is refused whether or not the policy applies to copies",
    policies: [scaleBlock],
    plan: copyPlan({ scaleDown: true }),
    answer: "no",
    blocks: [SCALE],
  },
  { name: "a copy without scaling down is not", policies: [scaleBlock], plan: copyPlan(), answer: "yes" },
  {
    name: "scaling down elsewhere is not refused",
    policies: [policy({ block: ["copy-target-scale-down"], targetPath: "deploy/api" })],
    plan: copyPlan({ scaleDown: true }),
    answer: "yes",
  },
  {
    name: "what is refused at the connection comes first",
    policies: [
      policy({ ...stealBlock, appliesToCopyTargets: true }),
      policy({ block: ["copy-target-scale-down"] }, { name: "q", namespace: "shop" }),
    ],
    plan: copyPlan({ scaleDown: true }),
    answer: "no",
    blocks: ["connect spec.block: copy-target-scale-down q", "later spec.block: steal p"],
  },
];

const safe = { profile: { name: "safe" } };
const shopSafe = { profile: { name: "safe", namespace: "shop" } };
const mirror = (more: Partial<SessionPlan>) => session("mirror", "deploy/web", more);
const LIST = "connect spec.profileAllowlist p";

const profiles: Case[] = [
  {
    name: "a required profile that is missing",
    policies: [policy({ requireProfile: true })],
    plan: mirror({}),
    answer: "no",
    blocks: ["connect spec.requireProfile p"],
  },
  {
    name: "any profile meets the requirement",
    policies: [policy({ requireProfile: true })],
    plan: mirror(safe),
    answer: "yes",
  },
  {
    name: "a profile in the list",
    policies: [policy({ profileAllowlist: ["safe"] })],
    plan: mirror(safe),
    answer: "yes",
  },
  {
    name: "a profile out of the list",
    policies: [policy({ profileAllowlist: ["other"] })],
    plan: mirror(safe),
    answer: "no",
    blocks: [LIST],
  },
  {
    name: "an empty list allows no profile",
    policies: [policy({ profileAllowlist: [] })],
    plan: mirror(safe),
    answer: "no",
    blocks: [LIST],
  },
  {
    name: "a list alone requires none",
    policies: [policy({ profileAllowlist: ["safe"] })],
    plan: mirror({}),
    answer: "yes",
  },
  {
    name: "a namespaced profile has its namespace in its name",
    policies: [policy({ profileAllowlist: ["shop/safe"] })],
    plan: mirror(shopSafe),
    answer: "yes",
  },
  {
    name: "the name alone is another profile",
    policies: [policy({ profileAllowlist: ["safe"] })],
    plan: mirror(shopSafe),
    answer: "no",
    blocks: [LIST],
  },
  {
    name: "a profile must be in every list",
    policies: [policy({ profileAllowlist: ["safe"] }), clusterPolicy({ profileAllowlist: ["other"] }, "q")],
    plan: mirror(safe),
    answer: "no",
    blocks: ["connect spec.profileAllowlist q"],
  },
];

for (const one of [...where, ...traffic, ...copies, ...profiles]) check(one);

t.test("the client's words name the action and the policy", async (t) => {
  const message = (policies: MirrordPolicy[], plan: SessionPlan) =>
    matchPolicies(policies, plan, {}).asGiven.blocks[0]?.message;
  t.equal(
    message([policy(stealBlock)], session("steal", "deploy/web", { incoming: { mode: "steal", ports: [80] } })),
    `Stealing traffic from port 80 is forbidden by the mirrord policy "p" for this target (${NOT_ALLOWED}).`,
  );
  t.equal(
    message(
      [policy({ block: ["mirror"] })],
      session("mirror", "deploy/web", { incoming: { mode: "mirror", ports: [80] } }),
    ),
    `Mirroring traffic from port 80 is forbidden by the mirrord policy "p" for this target (${NOT_ALLOWED}).`,
  );
  t.equal(
    message(
      [headerFilter("jim")],
      session("steal", "deploy/web", { incoming: { mode: "steal", ports: [80], filter: { header: "x" } } }),
    ),
    'Stealing traffic from port 80 with http request filter: header=x is forbidden by the mirrord policy "p" for this target (the header filter must match "jim").',
  );
  t.equal(message([scaleBlock], copyPlan({ scaleDown: true })), "Operation was blocked by policy `p`");
});

t.test("a policy that does not match says why", async (t) => {
  const policies = [
    policy({}, { namespace: "other" }),
    policy({ targetPath: "deployment/web", selector: { matchLabels: { app: "api" } } }),
  ];
  const { policies: matches } = matchPolicies(policies, session("copy", "deploy/web"), { app: "web" });
  t.match(matches, [
    { asGiven: "no", failures: [{ selector: "namespace", wanted: "other", found: "shop" }] },
    {
      asGiven: "no",
      failures: [
        { selector: "targetPath", wanted: "deployment/web", found: "deploy/web" },
        { selector: "selector", wanted: "app=api", found: "app=web" },
        { selector: "appliesToCopyTargets" },
      ],
    },
  ]);
});

t.test("several policies bind together", async (t) => {
  const labels = { tier: "payments", env: "staging" };
  const { asGiven, policies } = matchPolicies(shopPolicies, session("steal", "deploy/checkout"), labels);
  t.same(
    policies.map(({ asGiven: match }) => match),
    ["yes", "yes", "yes", "no"],
  );
  t.same(
    asGiven.blocks.map(({ field, policy: { name } }) => `${field} ${name}`),
    [
      "spec.requireProfile payments-hard",
      "spec.block: steal-without-filter need-filter",
      "spec.block: steal no-steal-checkout",
      "spec.block: steal payments-hard",
    ],
  );
  t.match(asGiven.limits, {
    block: [
      { feature: "steal-without-filter", by: [{ name: "need-filter" }] },
      { feature: "steal", by: [{ name: "no-steal-checkout" }, { name: "payments-hard" }] },
      { feature: "mirror", by: [{ name: "payments-hard" }] },
      { feature: "copy-target-scale-down", by: [{ name: "payments-hard" }] },
    ],
    headerFilters: [{ regex: "^baggage: .+" }],
    requireProfile: [{ name: "payments-hard" }],
    profileAllowlist: ["safe-mirror", "shop/safe"],
    envExclude: [{ glob: "*_PASSWORD" }, { glob: "AWS_*" }],
    files: [{ limit: "local" }, { limit: "notFound" }, { limit: "readOnly" }],
    outgoing: [{ name: "payments-hard" }],
  });
  t.match(asGiven.changes, [
    { field: "spec.env.exclude", patterns: ["*_PASSWORD", "AWS_*"], answer: "yes" },
    { field: "spec.fs.local" },
    { field: "spec.fs.notFound" },
    { field: "spec.fs.readOnly" },
  ]);
});

const onDeployment = policy({ ...stealBlock, targetPath: "deploy/web*" });
const deployment = { target: parseTarget("deploy/web"), labels: {} };

t.test("where policies are inherited, a policy on the deployment binds its pod", async (t) => {
  const verdict = matchPolicies([onDeployment], session("steal", "pod/web-abc", { related: [deployment] }), {});
  t.match(verdict, { answer: "yes", readingsDiffer: true, asGiven: { answer: "yes" }, inherited: { answer: /^no$/u } });
  t.match(verdict.policies, [{ asGiven: /^no$/u, inherited: "yes" }]);
});

t.test("whether a policy is inherited is unknown while the workload is", async (t) => {
  const verdict = matchPolicies([onDeployment], session("steal", "pod/web-abc"), {});
  t.match(verdict, { answer: "yes", readingsDiffer: true, inherited: { answer: "unknown" } });
});

t.test("a container that the user named is looked for in the inherited path too", async (t) => {
  const onContainer = policy({ ...stealBlock, targetPath: "deploy/web/container/app" });
  const related = [deployment];
  const named = matchPolicies([onContainer], session("steal", "pod/web-abc/container/app", { related }), {});
  t.equal(named.inherited.answer, "no");
  const bare = matchPolicies([onContainer], session("steal", "pod/web-abc", { related }), {});
  t.equal(bare.inherited.answer, "yes");
});

t.test("a policy that matches as it is makes no difference between the readings", async (t) => {
  const verdict = matchPolicies([onDeployment], session("steal", "deploy/web"), {});
  t.match(verdict, { answer: /^no$/u, readingsDiffer: false, inherited: { answer: /^no$/u } });
});

t.test("nothing is inherited by a targetless session", async (t) => {
  const profileOnDeployments = policy({ requireProfile: true, targetPath: "deploy/*" });
  const verdict = matchPolicies([profileOnDeployments], session("targetless", "targetless"), {});
  t.match(verdict, { answer: "yes", readingsDiffer: false, inherited: { answer: "yes" } });
});

for (const action of ["ci", "list-sessions", "kill-sessions"] as const) {
  t.test(`${action} connects to nothing that a policy could bind`, async (t) => {
    t.match(matchPolicies([policy({ requireProfile: true })], session(action, "targetless"), {}), {
      answer: "yes",
      policies: { length: 0 },
    });
  });
}

t.test("whether policies bind previews is not documented", async (t) => {
  const verdict = matchPolicies([policy({ requireProfile: true })], session("preview", "deploy/web"), {});
  t.equal(verdict.answer, "unknown");
  t.equal(verdict.assumptions.length, 1, "what is not documented is said as an assumption");
});

t.test("a preview takes no traffic unless its plan says so", async (t) => {
  t.equal(matchPolicies([policy({ block: ["mirror", "steal"] })], session("preview", "deploy/web"), {}).answer, "yes");
});

t.test("a header filter that cannot be evaluated is unknown, and needs a filter for certain", async (t) => {
  for (const regex of ["(?=a)", "[a&&b]"]) {
    const verdict = matchPolicies([headerFilter(regex)], withFilter({ header: "a" }), {});
    t.equal(verdict.answer, "unknown");
    t.match(verdict.problems, [{ field: "spec.network.incoming.httpFilter.headerFilter" }]);
    t.equal(matchPolicies([headerFilter(regex)], steal, {}).answer, "no");
  }
});

t.test("the fewer policies, the more is allowed", async () => {
  const order = { no: 0, unknown: 1, yes: 2 };
  const spec = fc.record({
    block: fc.subarray(["steal", "steal-without-filter", "mirror", "copy-target-scale-down"]),
    targetPath: fc.constantFrom(undefined, "*", "deploy/*", "pod/*"),
    requireProfile: fc.boolean(),
    appliesToCopyTargets: fc.boolean(),
  });
  const plan = fc.constantFrom(
    steal,
    session("mirror", "pod/a"),
    copyPlan({ scaleDown: true }),
    withFilter({ path: "/" }),
  );
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 4 }), plan, (specs, one) => {
      const toAnswer = (some: typeof specs) =>
        order[
          matchPolicies(
            some.map((each) => policy(each)),
            one,
            {},
          ).answer
        ];
      return toAnswer(specs.slice(1)) >= toAnswer(specs);
    }),
  );
});

t.test("a policy may be as deep as it likes", async (t) => {
  const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const policies = ["targetPath", "selector", "block", "env", "fs", "network", "profileAllowlist"].flatMap((field) => [
    policy({ [field]: deep }),
    policy({
      [field]: {
        matchLabels: { a: deep },
        matchExpressions: [{ key: "a", operator: deep, values: [deep] }],
        exclude: deep,
      },
    }),
  ]);
  const noKind: unknown = { ...policy({}), kind: deep };
  t.doesNotThrow(() => matchPolicies([...policies, noKind as MirrordPolicy], steal, {}));
});

t.test("a policy holds no surprise, whatever is in it", async () => {
  const hostile = fc.oneof(
    fc.jsonValue(),
    fc.record({
      kind: fc.constantFrom("MirrordPolicy", "MirrordClusterPolicy"),
      metadata: fc.jsonValue(),
      spec: fc.jsonValue(),
    }),
  );
  const inSpec = fc
    .dictionary(
      fc.constantFrom(
        "targetPath",
        "selector",
        "block",
        "env",
        "fs",
        "network",
        "requireProfile",
        "profileAllowlist",
        "appliesToCopyTargets",
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.record({
          exclude: fc.jsonValue(),
          local: fc.jsonValue(),
          incoming: fc.jsonValue(),
          outgoing: fc.jsonValue(),
          matchLabels: fc.jsonValue(),
          matchExpressions: fc.jsonValue(),
        }),
      ),
    )
    .map((spec) => ({ ...clusterPolicy({}), spec }));
  const plan = session("steal", "deploy/web", {
    outgoing: [{ protocol: "TCP", address: "10.0.0.1", port: 1 }],
    env: ["A"],
    files: [{ path: "/a", mode: "read" }],
  });
  fc.assert(
    fc.property(fc.oneof(hostile, inSpec), (object) => {
      const { answer } = matchPolicies([object as unknown as MirrordPolicy], plan, { a: "b" });
      return answer === "yes" || answer === "no" || answer === "unknown";
    }),
    { numRuns: 2000 },
  );
});
