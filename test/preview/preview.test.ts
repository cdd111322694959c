import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { UserError } from "../../lib/errors.ts";
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { clientVersion } from "../../lib/mirrord/plan/client-age.ts";
import { knownExposure } from "../../lib/preview/exposure.ts";
import { previewAttributes, previewSession, type PreviewOptions } from "../../lib/preview/preview.ts";
import type { SessionQuestion } from "../../lib/mirrord/plan/session-question.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import {
  allRights,
  basicRules,
  bound,
  connectRules,
  currentFeatures,
  deployment,
  group,
  NAMESPACE,
  namespace,
  nativeRules,
  object,
  operator,
  OPERATOR,
  podSpec,
  policy,
  rule,
  targets,
  user,
} from "./objects.ts";
import { smallestFixes } from "../../lib/preview/fix.ts";
import { saysKept } from "../kept-text.ts";

const now = new Date("2026-11-22T12:00:00Z");
const jim: PreviewOptions["as"] = { name: "jim", groups: ["staff"], groupsGiven: true };
const world = [namespace(), operator(), ...targets];
const granted = [...world, ...allRights(user("jim"))];

interface Question {
  action?: Action;
  target?: string;
  config?: object;
  clientVersion?: string;
  allNamespaces?: boolean;
  namespace?: string;
}

function asking({
  action = "mirror",
  target = "deploy/web",
  config,
  namespace: place = NAMESPACE,
  ...more
}: Question): SessionQuestion {
  return {
    action,
    target: parseTarget(target),
    namespace: place,
    ...(more.allNamespaces === undefined ? {} : { allNamespaces: more.allNamespaces }),
    ...(more.clientVersion === undefined ? {} : { clientVersion: clientVersion(more.clientVersion) }),
    ...(config === undefined
      ? {}
      : {
          config: {
            session: parseSessionConfig(JSON.stringify(config), { fileName: "m.json", env: {} }),
            file: "m.json",
          },
        }),
  };
}

const ask = (cluster: FakeOptions, question: Question, options: Partial<PreviewOptions> = {}) =>
  previewSession(fakeCluster(cluster), asking(question), { explain: false, as: jim, now, ...options });

const withOperator = (spec: Record<string, unknown>, rest: readonly KubernetesObject[] = granted) => [
  operator(spec),
  ...rest.filter(({ kind }) => kind !== "MirrordOperator"),
];
const without = (kind: string, name: string) =>
  granted.filter((each) => each.kind !== kind || each.metadata.name !== name);

const targetPaths = [
  "deploy/web",
  "deployment/web/container/side",
  "deployment/idle",
  "statefulset/db",
  "replicaset/rs",
  "rollout/ro",
  "pod/p1",
  "service/svc",
  "job/j1",
  "cronjob/cj1",
  "label/app=web",
  "targetless",
];

for (const target of targetPaths) {
  t.test(`with all rights a session with ${target} is a yes, and without any a no`, async (t) => {
    const action = target === "targetless" ? "targetless" : "mirror";
    t.same((await ask({ objects: granted }, { action, target })).verdict, { answer: "yes", reason: "" });
    t.equal((await ask({ objects: world }, { action, target })).verdict.answer, "no");
  });
}

const verdicts: { name: string; cluster: FakeOptions; question?: Question; answer: string; reason: RegExp }[] = [
  {
    name: "no operator",
    cluster: { objects: without("MirrordOperator", "operator"), notServed: [OPERATOR] },
    answer: "no",
    reason: /^the mirrord operator is not installed/,
  },
  {
    name: "an operator that may not be read, where there is none",
    cluster: { objects: granted, forbidden: ["mirrordoperators"], notServed: [OPERATOR] },
    answer: "no",
    reason: /not installed/,
  },
  {
    name: "an operator behind a 503",
    cluster: { objects: granted, failing: { mirrordoperators: 503 } },
    answer: "unknown",
    reason: /^the mirrord operator does not answer: .*unable to handle/,
  },
  {
    name: "an operator that may not be read, behind a 503",
    cluster: { objects: granted, forbidden: ["mirrordoperators"], failing: { [OPERATOR]: 503 } },
    answer: "unknown",
    reason: /does not answer/,
  },
  {
    name: "an API without the operator object",
    cluster: { objects: without("MirrordOperator", "operator") },
    answer: "unknown",
    reason: /does not serve mirrordoperators/,
  },
  {
    name: "a licence that ended yesterday",
    cluster: { objects: withOperator({ license: { expire_at: "2026-11-21" } }) },
    answer: "no",
    reason: /licence expired on 2026-11-21/,
  },
  {
    name: "a licence that ends today",
    cluster: { objects: withOperator({ license: { expire_at: "2026-11-22" } }) },
    answer: "yes",
    reason: /^$/,
  },
  {
    name: "a licence that ends at no date",
    cluster: { objects: withOperator({ license: { expire_at: "soon" } }) },
    answer: "unknown",
    reason: /"soon", which is no date/,
  },
  {
    name: "a target that does not exist",
    cluster: { objects: granted },
    question: { target: "deploy/nope" },
    answer: "no",
    reason: /^there is no deployment "nope" in dev$/,
  },
  {
    name: "a kind that the cluster does not know",
    cluster: { objects: granted, notServed: ["argoproj.io"] },
    question: { target: "rollout/ro" },
    answer: "no",
    reason: /^there is no rollout "ro" in dev/,
  },
  {
    name: "a namespace that does not exist",
    cluster: { objects: granted },
    question: { namespace: "nope" },
    answer: "no",
    reason: /^there is no namespace "nope"/,
  },
  {
    name: "a container that does not exist",
    cluster: { objects: granted },
    question: { target: "deploy/web/container/x" },
    answer: "no",
    reason: /has no container "x"/,
  },
  {
    name: "labels that no pod has",
    cluster: { objects: granted },
    question: { target: "label/app=none" },
    answer: "no",
    reason: /^there is no pod in dev with label\/app=none/,
  },
  {
    name: "labels on an operator without label targets",
    cluster: { objects: withOperator({ supported_features: ["ProxyApi"] }) },
    question: { target: "label/app=web" },
    answer: "no",
    reason: /^the mirrord operator 3.187.0 does not support label targets/,
  },
  {
    name: "a copy on an operator without copies",
    cluster: { objects: withOperator({ supported_features: ["ProxyApi", "ExtendableUserCredentials"] }) },
    question: { action: "copy" },
    answer: "no",
    reason: /does not support copy targets/,
  },
  {
    name: "a preview on an operator that may not be read",
    cluster: {
      objects: [
        ...granted,
        ...bound("previews", user("jim"), [
          rule("preview.mirrord.metalbear.co", ["previewsessions"], ["create", "list", "watch"]),
        ]),
      ],
      forbidden: ["mirrordoperators"],
    },
    question: { action: "preview" },
    answer: "unknown",
    reason: /features are not known/,
  },
  {
    name: "a client that is too old for labels",
    cluster: { objects: granted },
    question: { target: "label/app=web", clientVersion: "3.245.9" },
    answer: "no",
    reason: /^mirrord 3.245.9 does not know label targets/,
  },
  {
    name: "a client that is too old for copies",
    cluster: { objects: granted },
    question: { action: "copy", clientVersion: "3.74.0" },
    answer: "no",
    reason: /does not know copy targets/,
  },
  {
    name: "a profile that does not exist",
    cluster: { objects: granted },
    question: { config: { profile: "safe", target: "deploy/web" } },
    answer: "no",
    reason: /^the mirrord profile "safe" was not found/,
  },
  {
    name: "a preview, whatever profile its configuration names",
    cluster: { objects: granted },
    question: { action: "preview", config: { profile: "other/safe", target: "deploy/web" } },
    answer: "no",
    reason: /previewsessions/,
  },
  {
    name: "the right to ask taken away",
    cluster: {
      objects: granted,
      answer: () => ({ answer: "unknown", reason: "could not be asked (sar: you may not)" }),
    },
    answer: "unknown",
    reason: /could not be asked/,
  },
  {
    name: "a server that gives no words for what it does not know",
    cluster: { objects: granted, answer: () => ({ answer: "unknown", reason: "" }) },
    answer: "unknown",
    reason: /^could not ask whether jim can get mirrordoperators/,
  },
];

for (const { name, cluster, question = {}, answer, reason } of verdicts) {
  t.test(`${name}: ${answer}`, async (t) => {
    const preview = await ask(cluster, question);
    const { verdict, obstacles, policies } = preview;
    const fixes = smallestFixes(preview, { connection: ["--context", "c"], manifests: [] });
    const { answer: allowed, reason: why, unreadable } = policies ?? {};
    saysKept(t, import.meta.filename, name, () => ({ verdict, obstacles, allowed, why, unreadable, fixes }));
    t.equal(verdict.answer, answer);
    t.match(verdict.reason, reason);
    for (const { hint } of obstacles) t.not(hint, "", "an obstacle says what to do next");
  });
}

const impossible: { name: string; question: Question; message: RegExp }[] = [
  { name: "steal from nothing", question: { action: "steal", target: "targetless" }, message: /cannot steal/ },
  { name: "copy nothing", question: { action: "copy", target: "targetless" }, message: /cannot copy/ },
  {
    name: "copy a service",
    question: { action: "copy", target: "service/svc" },
    message: /service target cannot be copied/,
  },
  {
    name: "copy labels",
    question: { action: "copy-scale-down", target: "label/app=web" },
    message: /label target cannot be copied/,
  },
  { name: "a preview of labels", question: { action: "preview", target: "label/app=web" }, message: /single workload/ },
  { name: "a preview of nothing", question: { action: "preview", target: "targetless" }, message: /needs a workload/ },
];
for (const { name, question, message } of impossible) {
  t.test(`${name} is refused as the client refuses it`, async (t) => {
    await t.rejects(ask({ objects: granted }, question), { name: "UserError", kind: "usage", message });
  });
}

t.test(
  "without an operator the command that brings it is named: into the cluster, or into the manifests",
  async (t) => {
    const hint = async (offline: boolean) => {
      const objects = without("MirrordOperator", "operator");
      return (await ask({ objects, notServed: [OPERATOR], offline }, {})).obstacles[0]?.hint;
    };
    t.match(await hint(false), /: kubectl mirrord install$/);
    t.match(await hint(true), /manifests: kubectl mirrord install -o yaml$/);
  },
);

t.test("which version of the operator has label targets is known from its image", async (t) => {
  const at = async (image: string) => {
    const running = deployment("mirrord-operator", {
      spec: { template: { spec: podSpec({ containers: [{ name: "operator", image }] }) } },
    });
    const objects = [...without("MirrordOperator", "operator"), running];
    return (await ask({ objects, offline: true }, { target: "label/app=web" })).verdict;
  };
  t.match(await at("ghcr.io/x/operator:3.187.0"), {
    answer: "no",
    reason: "the mirrord operator 3.187.0 does not support label targets",
  });
  t.equal((await at("ghcr.io/x/operator:3.192.0")).answer, "yes");
  t.equal((await at("ghcr.io/x/operator:latest")).answer, "yes", "assumed, and said");
});

t.test("an operator that says nothing, or nonsense, is unknown, and the next step is about it", async (t) => {
  for (const silence of ["Client.Timeout exceeded", "the server's answer is not JSON"]) {
    const cluster = fakeCluster({ objects: granted });
    const { get } = cluster;
    cluster.get = (type, ...where) =>
      type.resource === "mirrordoperators"
        ? Promise.reject(new UserError("undetermined", silence))
        : get(type, ...where);
    const { verdict, obstacles } = await previewSession(cluster, asking({}), { explain: false, as: jim, now });
    t.match(verdict, { answer: "unknown", reason: new RegExp(silence) });
    t.match(obstacles, [{ answer: "unknown", hint: /operator/ }]);
  }
});

t.test("an unreachable cluster is an error, never an answer", async (t) => {
  const cluster = fakeCluster({ objects: granted });
  cluster.get = () => Promise.reject(new UserError("undetermined", "cannot reach it"));
  await t.rejects(previewSession(cluster, asking({}), { explain: false, as: jim, now }), UserError);
});

// What a client of a certain age, operator or configuration asks besides, or does not.
const plannedSteps = async (question: Question, objects = granted) =>
  (await ask({ objects }, question)).checks.map(({ id }) => id);
const planned: { name: string; question: Question; objects?: KubernetesObject[]; has: string[]; lacks: string[] }[] = [
  {
    name: "a client before 3.118.1",
    question: { clientVersion: "3.118.0" },
    has: ["target-get-legacy", "credential-old"],
    lacks: ["native-list-pods", "credential-new"],
  },
  {
    name: "a client of 3.118.1",
    question: { clientVersion: "3.118.1" },
    has: ["native-list-pods", "credential-old"],
    lacks: ["target-get-legacy"],
  },
  {
    name: "a client of 3.164",
    question: { clientVersion: "v3.164.0" },
    has: ["credential-new"],
    lacks: ["credential-old"],
  },
  {
    name: "an operator without user credentials",
    question: {},
    objects: withOperator({ supported_features: ["ProxyApi"] }),
    has: ["credential-old"],
    lacks: ["credential-new"],
  },
  {
    name: "an operator without ProxyApi",
    question: {},
    objects: withOperator({ supported_features: [] }),
    has: ["connect-get"],
    lacks: ["connect-proxy"],
  },
  {
    name: "a deployment without replicas",
    question: { target: "deploy/idle" },
    has: ["native-rollout-probe", "copy-create", "copy-connect"],
    lacks: ["connect-proxy", "native-list-pods"],
  },
  {
    name: "a deployment without replicas and a client that cannot know",
    question: { target: "deploy/idle", clientVersion: "3.100.0" },
    has: ["connect-proxy"],
    lacks: ["copy-create"],
  },
  { name: "a job", question: { target: "job/j1" }, has: ["copy-create"], lacks: ["native-list-pods"] },
  {
    name: "the primary of several clusters",
    question: { target: "deploy/nope" },
    objects: withOperator({ supported_features: [...currentFeatures, "MultiClusterPrimary"] }),
    has: ["connect-proxy"],
    lacks: ["native-get-deployment", "native-list-pods", "native-check"],
  },
  {
    name: "the primary of several clusters with multi_cluster: false",
    question: { config: { multi_cluster: false, target: "deploy/web" } },
    objects: withOperator({ supported_features: [...currentFeatures, "MultiClusterPrimary"] }),
    has: ["native-get-deployment", "native-list-pods", "native-check"],
    lacks: [],
  },
  {
    name: "copy_target of a configuration",
    question: { action: "copy", config: { target: "deploy/web", feature: { copy_target: true } } },
    has: ["copy-list", "copy-create", "copy-poll", "copy-connect"],
    lacks: ["connect-proxy"],
  },
  {
    name: "a profile",
    question: { config: { profile: "safe", target: "deploy/web" } },
    has: ["profile-cluster"],
    lacks: ["profile-ns"],
  },
  {
    name: "a profile of the namespace",
    question: { config: { profile: "dev/safe", target: "deploy/web" } },
    has: ["profile-ns"],
    lacks: ["profile-cluster"],
  },
  {
    name: "a preview, which reads no profile",
    question: { action: "preview", config: { profile: "safe", target: "deploy/web" } },
    has: ["preview-create"],
    lacks: ["profile-ns", "profile-cluster"],
  },
  {
    name: "a list of sessions",
    question: { action: "list-sessions" },
    has: ["operator-get", "session-list-ns"],
    lacks: ["session-list-all"],
  },
  {
    name: "a list of all sessions",
    question: { action: "list-sessions", allNamespaces: true },
    has: ["session-list-all"],
    lacks: ["session-list-ns"],
  },
  {
    name: "ending sessions",
    question: { action: "kill-sessions" },
    has: ["session-stop", "session-kill-all"],
    lacks: ["connect-proxy"],
  },
  { name: "a CI key", question: { action: "ci" }, has: ["operator-get", "ci-key"], lacks: ["native-check"] },
  {
    name: "a preview",
    question: { action: "preview" },
    has: ["target-get-preview", "preview-list", "preview-create", "preview-watch", "native-get-deployment"],
    lacks: ["connect-proxy", "credential-new"],
  },
];
for (const { name, question, objects = granted, has, lacks } of planned) {
  t.test(`${name}: ${has.join(", ")}${lacks.length === 0 ? "" : `, not ${lacks.join(", ")}`}`, async (t) => {
    const steps = await plannedSteps(question, objects);
    for (const id of has) t.ok(steps.includes(id), `${id} in ${steps.join(", ")}`);
    for (const id of lacks) t.notOk(steps.includes(id), `no ${id} in ${steps.join(", ")}`);
  });
}

const referring = object(
  "argoproj.io/v1alpha1",
  "Rollout",
  "ro",
  { spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } } },
  NAMESPACE,
);
const withReference = granted.map((each) => (each.kind === "Rollout" ? referring : each));

t.test("a rollout that refers to a workload needs that as well", async (t) => {
  const { checks } = await ask({ objects: withReference }, { target: "rollout/ro" });
  t.match(checks.find(({ id }) => id === "native-get-workload-ref")?.attributes, {
    resource: "deployments",
    name: "web",
  });
});

const showsKeys = { name: "main", envFrom: [{ secretRef: { name: "keys" } }] };
const showing = deployment("web", {
  spec: { template: { spec: podSpec({ containers: [showsKeys, { name: "side" }] }) } },
});

t.test("a rollout has the containers and shows the Secrets of the workload that it refers to", async (t) => {
  const cluster = {
    objects: withReference.map((each) => (each.kind === "Deployment" && each.metadata.name === "web" ? showing : each)),
  };
  const side = await ask(cluster, { target: "rollout/ro/container/side" });
  t.same(side.verdict, { answer: "yes", reason: "" });
  t.match((await ask(cluster, { target: "rollout/ro/container/nope" })).verdict, {
    answer: "no",
    reason: /^rollout "ro" has no container "nope"/,
  });
  const shown = (preview: Awaited<ReturnType<typeof ask>>) =>
    knownExposure(preview).map(({ kind, name }) => [kind, name]);
  const own = shown(await ask(cluster, { target: "deploy/web" }));
  t.not(own.length, 0);
  t.same(shown(await ask(cluster, { target: "rollout/ro" })), own);
});

t.test("what a rollout refers to may not be readable: its containers are then taken as they are named", async (t) => {
  const cluster = { objects: withReference, forbidden: ["deployments"] };
  const { verdict } = await ask(cluster, { target: "rollout/ro/container/any" });
  t.not(verdict.answer, "no", verdict.reason);
});

t.test("a preview is made in the operator's namespace, and RBAC of there decides", async (t) => {
  const previews = [rule("preview.mirrord.metalbear.co", ["previewsessions"], ["create", "list", "watch"])];
  const objects = [
    ...withOperator({ operator_namespace: "mirrord" }),
    ...bound("previews", user("jim"), previews, "mirrord"),
  ];
  t.equal((await ask({ objects }, { action: "preview" })).verdict.answer, "yes");
  const elsewhere = [
    ...withOperator({ operator_namespace: "mirrord" }),
    ...bound("previews", user("jim"), previews, NAMESPACE),
  ];
  const { verdict, rbac } = await ask({ objects: elsewhere }, { action: "preview" });
  t.match(verdict.reason, /previewsessions.* in namespace "mirrord"/);
  t.ok(rbac?.objects.every(({ metadata }) => metadata.namespace !== "other"));
});

const named = (container: string | null) =>
  object(`${OPERATOR}/v1`, "Target", "deploy.web", { spec: { target: { deployment: "web", container } } }, NAMESPACE);
const previewing = [
  rule(OPERATOR, ["mirrordoperators", "targets"], ["get"]),
  rule("preview.mirrord.metalbear.co", ["previewsessions"], ["create", "list", "watch"]),
];
const openContainers: { name: string; target?: string; shown?: KubernetesObject; answer: string; assumes: boolean }[] =
  [
    { name: "the operator names it", shown: named("main"), answer: "yes", assumes: false },
    { name: "the operator leaves it open", shown: named(null), answer: "no", assumes: false },
    { name: "the operator does not show the target", answer: "no", assumes: true },
    { name: "it is written", target: "deploy/web/container/main", answer: "yes", assumes: false },
  ];
for (const { name, target, shown, answer, assumes } of openContainers) {
  t.test(`a preview's container, without native reads: ${name}`, async (t) => {
    const objects = [...world, ...(shown === undefined ? [] : [shown]), ...bound("previews", user("jim"), previewing)];
    const { verdict, session } = await ask(
      { objects },
      { action: "preview", ...(target === undefined ? {} : { target }) },
    );
    t.equal(verdict.answer, answer, verdict.reason);
    if (answer === "no") t.match(verdict.reason, /cannot get deployments.apps "web"/);
    const assumed = session?.resolved.assumptions.some((text) => text.includes("leaves the container open"));
    t.equal(assumed, assumes);
  });
}

const alike = /has the same name to the API server$/;
const spelled: { target: string; others: KubernetesObject[]; says: RegExp | undefined }[] = [
  {
    target: "deployment/web/container/main",
    others: [deployment("web.container.main")],
    says: /^deployment\/web\/container\/main is meant, and not deployment\/web\.container\.main, /,
  },
  {
    target: "deployment/web.container.main",
    others: [deployment("web.container.main")],
    says: /^deployment\/web\.container\.main is meant, and not container main of deployment\/web, /,
  },
  { target: "deployment/web/container/main", others: [], says: undefined },
  { target: "deployment/web", others: [deployment("web.container.main")], says: undefined },
  { target: "deployment/web.container.no", others: [deployment("web.container.no")], says: undefined },
];
for (const { target, others, says } of spelled) {
  t.test(
    `${target} beside ${others.map(({ metadata }) => metadata.name).join()}: ${says?.source ?? "one name"}`,
    async (t) => {
      const limited = [
        rule(
          OPERATOR,
          ["targets"],
          ["proxy"],
          ["deployment.web.container.main", "deployment.web.container.no", "deployment.web"],
        ),
      ];
      const objects = [
        ...world,
        ...others,
        ...bound("b", user("jim"), basicRules),
        ...bound("c", user("jim"), [...nativeRules, ...limited], NAMESPACE),
      ];
      const { verdict, session } = await ask({ objects }, { target });
      t.equal(verdict.answer, "yes", verdict.reason);
      const said = session?.resolved.assumptions.filter((text) => alike.test(text)) ?? [];
      t.equal(said.length, says === undefined ? 0 : 1);
      if (says !== undefined) t.match(said[0], says);
    },
  );
}

t.test("what the caller may not read is assumed, and said", async (t) => {
  const { verdict, session } = await ask({ objects: granted, forbidden: ["mirrordoperators", "deployments"] }, {});
  t.equal(verdict.answer, "yes");
  t.match(session?.resolved.assumptions, [
    /you may not read the operator/,
    /deployment\/web exists and has available replicas \(you may not read it\)/,
  ]);
  const status = granted.map((each) =>
    each.metadata.name === "web" && each.kind === "Deployment" ? { ...each, status: undefined } : each,
  );
  t.match((await ask({ objects: status }, {})).session?.resolved.assumptions, [/its status is not known/]);
  const empty = status.map((each) => ("status" in each && each.kind === "Deployment" ? { ...each, status: {} } : each));
  const { session: written } = await ask({ objects: empty, offline: true }, {});
  t.match(written?.resolved.assumptions, [/its status is not known/], "kubectl writes manifests with an empty status");
  t.equal(written?.resolved.plan.copy, false);
});

t.test("a no that a group could turn is unknown and names the group, unless groups were given", async (t) => {
  const objects = [
    ...world,
    ...bound("b", group("oidc:web"), basicRules),
    ...bound("i", group("oidc:web"), [...nativeRules, ...connectRules], NAMESPACE),
  ];
  const alone = await ask({ objects }, {}, { as: { name: "jim", groups: [], groupsGiven: false } });
  t.equal(alone.verdict.answer, "unknown");
  t.equal(alone.verdict.reason, 'groups not given: allowed to "oidc:web" (and 5 more steps)');
  t.same(alone.identity.impliedGroups, ["system:authenticated"]);
  t.equal((await ask({ objects }, {})).verdict.answer, "no", "in other groups than that");
  t.equal(
    (await ask({ objects }, {}, { as: { name: "jim", groups: ["oidc:web"], groupsGiven: true } })).verdict.answer,
    "yes",
  );
  t.equal(
    (await ask({ objects: world }, {}, { as: { name: "jim", groups: [], groupsGiven: false } })).verdict.answer,
    "no",
    "no group could turn it",
  );
  const blind = await ask(
    { objects, forbidden: ["rolebindings"] },
    {},
    { as: { name: "jim", groups: [], groupsGiven: false } },
  );
  t.match(blind.verdict, { answer: "unknown", reason: /groups not given, and you may not list rolebindings/ });
});

t.test("a service account is asked about with its groups, which are all it has", async (t) => {
  const subject = group("system:serviceaccounts:ci");
  const objects = [...world, ...allRights(subject)];
  const as = { name: "system:serviceaccount:ci:bot", groups: [], groupsGiven: false };
  const { verdict, identity } = await ask({ objects }, {}, { as });
  t.equal(verdict.answer, "yes");
  t.same(identity.impliedGroups, ["system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"]);
  t.equal((await ask({ objects: world }, {}, { as })).verdict.answer, "no", "its groups are known");
  const anonymous = { name: "system:anonymous", groups: [], groupsGiven: false };
  t.equal((await ask({ objects: world }, {}, { as: anonymous })).identity.groupsKnown, true, "so is that of nobody");
  const odd = { name: "system:serviceaccount:a:b:c", groups: [], groupsGiven: false };
  t.equal((await ask({ objects: world }, {}, { as: odd })).identity.groupsKnown, false, "a user with a strange name");
});

t.test("no question is asked twice, and a plain session is asked in one go", async (t) => {
  const cluster = fakeCluster({ objects: granted });
  await previewSession(cluster, asking({}), { explain: false, exposure: false, as: jim, now });
  t.equal(cluster.reviews, 1);
  const keys = cluster.reviewed.map((question) => JSON.stringify(question));
  t.same(keys, [...new Set(keys)]);
  t.notOk(
    cluster.reads.some((read) => read.includes("role")),
    "a yes needs no RBAC objects",
  );
});

t.test("a verdict that nobody explains reads RBAC objects only for groups that were not given", async (t) => {
  const refused = fakeCluster({ objects: world });
  await previewSession(refused, asking({}), { explain: false, verdictOnly: true, as: jim, now });
  t.notOk(refused.reads.includes("list clusterroles"));
  const unknown = fakeCluster({ objects: world });
  await previewSession(unknown, asking({}), {
    explain: false,
    verdictOnly: true,
    as: { name: "jim", groups: [], groupsGiven: false },
    now,
  });
  t.ok(unknown.reads.includes("list clusterroles"));
});

t.test("the caller's own session is asked as the caller", async (t) => {
  const caller = { name: "jim", groups: ["system:authenticated"] };
  const cluster = fakeCluster({ objects: granted, caller });
  const { verdict, identity } = await previewSession(cluster, asking({}), { explain: false, now });
  t.equal(verdict.answer, "yes");
  t.match(identity, { self: true, groupsKnown: true, user: caller });
});

t.test("policies that refuse make it a no, later ones too, and the vendor's words say so", async (t) => {
  const blocking = (spec: Record<string, unknown>) => [...granted, policy("p", spec)];
  const stealing = await ask({ objects: blocking({ block: ["steal"], targetPath: "deploy/*" }) }, { action: "steal" });
  t.equal(stealing.verdict.answer, "no");
  t.match(stealing.verdict.reason, /^Stealing traffic from port <port> is forbidden by the mirrord policy "p"/);
  t.equal(stealing.policies?.verdict.asGiven.blocks[0]?.stage, "later");
  t.equal((await ask({ objects: blocking({ block: ["steal"] }) }, {})).verdict.answer, "yes", "it mirrors");
  const profile = await ask({ objects: blocking({ requireProfile: true }) }, {});
  t.match(profile.verdict, { answer: "no", reason: /requires a mirrord profile/ });
  t.equal(
    (await ask({ objects: blocking({ block: ["steal"] }) }, { action: "steal" }, { policies: false })).verdict.answer,
    "yes",
    "left out",
  );
  const silent = await ask({ objects: blocking({ env: { exclude: ["SECRET_*"] } }) }, {});
  t.equal(silent.verdict.answer, "yes");
  t.match(silent.policies?.verdict.asGiven.changes, [{ field: "spec.env.exclude", patterns: ["SECRET_*"] }]);
  const ci = await ask({ objects: blocking({ block: ["mirror"], requireProfile: true }) }, { action: "ci" });
  t.equal(ci.policies, undefined, "they have no say in a CI key");
});

t.test("policies that may not be read make a yes unknown, and leave a no alone", async (t) => {
  const forbidden = ["mirrordpolicies", "mirrordclusterpolicies"];
  const hidden = await ask({ objects: granted, forbidden }, {});
  t.match(hidden.verdict, {
    answer: "unknown",
    reason: "you may not list mirrordpolicies and mirrordclusterpolicies, and a policy may refuse it",
  });
  const absent = await ask({ objects: granted, forbidden, notServed: ["policies.mirrord.metalbear.co"] }, {});
  t.equal(absent.verdict.answer, "yes", "where they are not installed there are none");
  t.equal((await ask({ objects: world, forbidden }, {})).verdict.answer, "no");
  const half = { objects: [...granted, policy("p", { block: ["mirror"] })], forbidden: ["mirrordclusterpolicies"] };
  t.equal((await ask(half, {})).verdict.answer, "no", "one that could be read refuses");
  t.equal((await ask({ objects: granted, forbidden }, {}, { policies: false })).verdict.answer, "yes");
});

t.test("an operator that may inherit policies through pods makes a difference of the readings unknown", async (t) => {
  const onPods = policy("pods", { block: ["mirror"], targetPath: "pod/*" });
  const question = { target: "deploy/web" };
  const before = await ask({ objects: [...withOperator({ operator_version: "3.192.4" }), onPods] }, question);
  t.equal(before.verdict.answer, "yes");
  t.equal(before.policies?.verdict.readingsDiffer, true, "both readings are there to be shown");
  const after = await ask({ objects: [...withOperator({ operator_version: "3.193.0" }), onPods] }, question);
  t.match(after.verdict, { answer: "unknown", reason: /^it depends on whether operator 3.193.0 lets policies reach/ });
  const plain = policy("all", { block: ["mirror"] });
  t.equal(
    (await ask({ objects: [...withOperator({ operator_version: "3.200.0" }), plain] }, question)).verdict.answer,
    "no",
  );
});

t.test("a plain question is answered like any step", async (t) => {
  const attributes = { verb: "list", apiGroup: "", resource: "pods", namespace: NAMESPACE };
  const yes = await previewAttributes(fakeCluster({ objects: granted }), [attributes], [NAMESPACE], {
    as: jim,
    explain: false,
  });
  t.equal(yes.verdict.answer, "yes");
  const no = await previewAttributes(fakeCluster({ objects: world }), [attributes], [NAMESPACE], {
    as: jim,
    explain: false,
  });
  t.match(no.verdict, { answer: "no", reason: 'jim cannot list pods in namespace "dev"' });
});

const rbacReads: [what: string, objects: KubernetesObject[], options: Partial<PreviewOptions>, isRead: boolean][] = [
  ["a yes", granted, {}, false],
  ["a yes that is to be explained", granted, { explain: true }, true],
  ["a no", world, {}, true],
  ["a no whose reason nobody reads", world, { verdictOnly: true }, false],
  [
    "such a no, where groups could change it",
    world,
    { verdictOnly: true, as: { name: "jim", groups: [], groupsGiven: false } },
    true,
  ],
  ["such a no, to be explained", world, { verdictOnly: true, explain: true }, true],
];
for (const [what, objects, options, isRead] of rbacReads) {
  t.test(`the RBAC objects are ${isRead ? "" : "not "}read for ${what}`, async (t) => {
    const attributes = { verb: "list", apiGroup: "", resource: "pods", namespace: NAMESPACE };
    const cluster = fakeCluster({ objects });
    const { rbac } = await previewAttributes(cluster, [attributes], [NAMESPACE], {
      as: jim,
      explain: false,
      ...options,
    });
    t.equal(rbac !== undefined, isRead);
    t.equal(cluster.reads.includes("list clusterroles"), isRead);
  });
}
