import t from "tap";
import { UserError } from "../../lib/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { clientVersion } from "../../lib/mirrord/plan/client-age.ts";
import { knownOperator, likelyPlan, resolveSession } from "../../lib/preview/resolve.ts";
import type { FailedRead } from "../../lib/reading/read.ts";
import { saysKept } from "../kept-text.ts";
import { currentFeatures, deployment, object, pod, workload } from "./objects.ts";
import { operatorInfo, sessionFacts, type FactsChange } from "./session-facts.ts";

const now = new Date("2026-11-22T12:00:00Z");
const found = (value: KubernetesObject | undefined) => ({ failed: false, value }) as const;
const refused: FailedRead = { failed: true, error: new UserError("refused", "no"), status: 403 };
const idle = deployment("web", { available: 0 });
const starting = deployment("web", { status: {} });
const withTarget = (spec: object) => found(object("operator.metalbear.co/v1", "Target", "deployment.web", { spec }));
const profile = object("profiles.mirrord.metalbear.co/v1alpha", "MirrordClusterProfile", "calm", {
  spec: { featureAdjustments: [{ change: "incoming-mirror" }] },
});
const incoming = (value: unknown) => ({ target: "deploy/web", feature: { network: { incoming: value } } });
const copying = (more: object = {}) => ({ target: "deploy/web", feature: { copy_target: { enabled: true, ...more } } });
const queues = {
  target: "deploy/web",
  feature: { split_queues: { q: { queue_type: "SQS", message_filter: { a: "b" } } } },
};
const direct = ["KafkaQueueSplittingDirect", "SqsQueueSplittingDirect"];
const withFeatures = (...more: string[]) => ({ features: new Set([...currentFeatures, ...more]) });
const rollout = workload("argoproj.io/v1alpha1", "Rollout", "shop", {
  workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
});

const cases: Record<string, FactsChange> = {
  plain: {},
  "of a container": { path: "deploy/web/container/main" },
  stealing: { question: { action: "steal" } },
  "stealing as configured": {
    config: incoming({ mode: "steal", http_filter: { header_filter: "x" }, ports: [80] }),
    question: { action: "steal" },
  },
  "mirroring as configured": { config: incoming("mirror") },
  "copying a target as configured": { config: copying() },
  "copying and scaling down as configured": { config: copying({ scale_down: true }) },
  "copying as asked, whatever is configured of scaling down": {
    config: copying({ scale_down: true }),
    question: { action: "copy" },
  },
  "copying and scaling down as asked": { question: { action: "copy-scale-down" } },
  "of a deployment without replicas": { target: { object: idle } },
  "of a deployment of which no status is known": { target: { object: starting } },
  "of a deployment of which no status is known, with a copy": { target: { object: starting }, config: copying() },
  "with an old client, of a deployment without replicas": {
    target: { object: idle },
    question: { clientVersion: clientVersion("3.100.0") },
  },
  "of what may not be read": { target: { object: undefined, forbidden: true } },
  "of what is not there": { target: { object: undefined, similar: "webs" } },
  "of a namespace that is not there": { target: { object: undefined, namespaceMissing: true } },
  "with queues, on an operator that splits them by a copy": { config: queues },
  "with queues, on one that splits one kind of them itself": {
    config: queues,
    info: withFeatures("SqsQueueSplittingDirect"),
  },
  "with queues, on one that splits them itself": { config: queues, info: withFeatures(...direct) },
  "of several clusters": { info: withFeatures("MultiClusterPrimary"), target: { object: undefined } },
  "of several clusters, forced into one": {
    info: withFeatures("MultiClusterPrimary"),
    config: { target: "deploy/web", multi_cluster: false },
  },
  "targetless, on the primary of several": {
    path: "targetless",
    info: withFeatures("MultiClusterPrimary"),
    target: { object: undefined },
  },
  targetless: {
    path: "targetless",
    target: { object: undefined },
    config: { feature: { network: { incoming: "off" } } },
  },
  "of a Rollout that has its pods from elsewhere": {
    path: "rollout/shop",
    target: { object: rollout, pods: [pod("shop-0", { app: "shop" })] },
  },
  "of a stateful set without pods": {
    path: "statefulset/db",
    target: { object: workload("apps/v1", "StatefulSet", "db"), pods: [] },
  },
  "of a stateful set whose pods may not be listed": {
    path: "statefulset/db",
    target: { object: workload("apps/v1", "StatefulSet", "db") },
  },
  "of a stateful set in a folder": {
    path: "statefulset/db",
    offline: true,
    target: { object: workload("apps/v1", "StatefulSet", "db"), pods: [] },
  },
  "with a profile": { config: { target: "deploy/web", profile: "calm" }, profile: found(profile) },
  "with a profile that may not be read": { config: { target: "deploy/web", profile: "calm" }, profile: refused },
  "with a profile that is not there": { config: { target: "deploy/web", profile: "calm" }, profile: found(undefined) },
  "with a profile of another namespace": {
    config: { target: "deploy/web", profile: "qa/calm" },
    profile: found(undefined),
  },
  "listing, with a profile that does not matter": {
    question: { action: "list-sessions" },
    config: { target: "deploy/web", profile: "calm" },
  },
  "in all namespaces": { question: { action: "list-sessions", allNamespaces: true } },
  "a preview": { question: { action: "preview" } },
  "a preview, with what is configured of traffic": {
    question: { action: "preview" },
    config: incoming("steal"),
    info: { namespace: "mirrord" },
  },
  "a preview, of which the operator names the container": {
    question: { action: "preview" },
    operatorTarget: withTarget({ target: { container: "main" } }),
  },
  "a preview, of which the operator leaves it open": {
    question: { action: "preview" },
    operatorTarget: withTarget({ target: { container: null } }),
  },
  "a preview, of which the operator shows nothing": {
    question: { action: "preview" },
    operatorTarget: found(undefined),
  },
  "a preview, of which the operator may not be asked": { question: { action: "preview" }, operatorTarget: refused },
  "a preview, of what the operator says in another shape": {
    question: { action: "preview" },
    operatorTarget: withTarget({ target: "x" }),
  },
  "of one of two workloads whose connections are spelled alike": {
    target: { namesakes: [deployment("web.container.main")] },
    path: "deploy/web/container/main",
  },
  "without an operator": { operator: { state: "missing" } },
  "without an operator, in a folder": { operator: { state: "missing" }, offline: true },
  "with an operator that does not answer": { operator: { state: "unreachable", why: "timed out" } },
  "with an operator that may not be read": {
    operator: { state: "installed", info: operatorInfo, assumption: "the operator is a current one" },
  },
  "with an operator that may not be read, copying": {
    operator: { state: "installed", info: operatorInfo, assumption: "the operator is a current one" },
    config: copying(),
  },
  "with an operator that may not be read, and may lack what is asked": {
    operator: {
      state: "installed",
      info: { ...operatorInfo, features: new Set() },
      assumption: "the operator is a current one",
    },
    question: { action: "copy" },
  },
  "the same in a folder": {
    operator: {
      state: "installed",
      info: { ...operatorInfo, features: new Set() },
      assumption: "the operator is a current one",
    },
    question: { action: "copy" },
    offline: true,
  },
  ...Object.fromEntries(
    (["copy", "preview", "kill-sessions", "list-sessions"] as const).flatMap((action) => [
      [`${action}, on an operator that can nothing`, { question: { action }, info: { features: new Set<string>() } }],
      [
        `${action}, on an operator that can nothing and does not say its version`,
        { question: { action }, info: { features: new Set<string>(), version: undefined } },
      ],
    ]),
  ),
  "of labels, on an operator that has no label targets": {
    path: "label/app=web",
    info: { features: new Set<string>() },
    target: { object: undefined, pods: [pod("web-0", { app: "web" })] },
  },
  "of labels, in a folder of an old operator": {
    path: "label/app=web",
    offline: true,
    operator: {
      state: "installed",
      info: { ...operatorInfo, features: new Set() },
      assumption: "the operator is a current one",
    },
    target: { object: undefined, pods: [pod("web-0", { app: "web" })] },
  },
  "of labels": {
    path: "label/app=web",
    target: { object: undefined, pods: [pod("web-0", { app: "web" })] },
  },
  "with an old client, of labels": {
    path: "label/app=web",
    question: { clientVersion: clientVersion("3.100.0") },
    target: { object: undefined, pods: [pod("web-0", { app: "web" })] },
  },
  "of a container that is not there": { path: "deploy/web/container/nobody" },
  "with a licence until today": { info: { licenseExpiresAt: "2026-11-22" } },
  "with a licence until yesterday": { info: { licenseExpiresAt: "2026-11-21" } },
  "with a licence until a day that is none": { info: { licenseExpiresAt: "2026-13-01" } },
  "with a licence until a time": { info: { licenseExpiresAt: "2026-11-22T00:00:00Z" } },
  "of branches of databases": {
    config: {
      target: "deploy/web",
      feature: { db_branches: [{ type: "pg", connection: { url: { type: "env", variable: "DB" } } }] },
    },
  },
};

/** The session; of its plan what is not as in a plain one. */
function resolved(change: FactsChange): object {
  const { workload: target, plan, ...session } = resolveSession(sessionFacts(change), now);
  const plain = Object.entries(resolveSession(sessionFacts(), now).plan);
  const known = new Map(plain.map(([key, value]) => [key, plainText(value)]));
  const changed = Object.entries(plan).filter(([key, value]) => plainText(value) !== known.get(key));
  return { plan: Object.fromEntries(changed), ...session, workload: target?.metadata.name ?? null };
}

const plainText = (value: unknown) => JSON.stringify(value instanceof Set ? [...value] : value);

for (const [name, change] of Object.entries(cases)) {
  t.test(`a session ${name}: its plan, what stands in its way, and what is taken for granted`, async (t) => {
    saysKept(t, import.meta.filename, name, () => resolved(change));
  });
}

t.test("a plain session, whole", async (t) => {
  saysKept(t, import.meta.filename, "whole", () => resolveSession(sessionFacts(), now));
});

t.test("of an operator that does not say, what a current one can is taken for granted", async (t) => {
  const assumed = ["CopyTarget", "ExtendableUserCredentials", "LabelTargeting", "ProxyApi", "SessionManagement"];
  for (const state of [{ state: "missing" }, { state: "unreachable", why: "x" }] as const) {
    const { version, features, namespace } = knownOperator(state);
    t.same([version, [...features].toSorted(), namespace], [undefined, assumed, undefined]);
  }
  const info = { ...operatorInfo, version: "1" };
  t.equal(knownOperator({ state: "installed", info }), info);
});

t.test("before anything was read, the plan is that of a session on a current operator", async (t) => {
  const { question } = sessionFacts({ question: { action: "steal" } });
  t.match(likelyPlan(question), { action: "steal", copy: false, scaleDown: false, rolloutProbe: false });
  t.same([...(likelyPlan(question).features ?? [])].toSorted(), [
    "CopyTarget",
    "ExtendableUserCredentials",
    "LabelTargeting",
    "ProxyApi",
    "SessionManagement",
  ]);
});
