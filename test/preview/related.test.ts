// Through which other objects a policy may reach a session, with operators that may inherit policies.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import {
  allRights,
  deployment,
  NAMESPACE,
  namespace,
  object,
  operator,
  pod,
  policy,
  user,
  workload,
} from "./objects.ts";

const ownedBy = (kind: string, name: string) => ({
  metadata: { ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: "u", controller: true }] },
});
const labelled = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: "main" }] } });
const service = object("v1", "Service", "svc", { spec: { selector: { app: "web" } } }, NAMESPACE);
const bare = [
  namespace(),
  operator({ operator_version: "3.193.0" }),
  deployment("web", { spec: { template: labelled("web") } }),
  deployment("cart", { spec: { template: labelled("cart") } }),
  service,
  object("v1", "Service", "other", { spec: { selector: { app: "cart" } } }, NAMESPACE),
  object(
    "batch/v1",
    "CronJob",
    "nightly",
    { spec: { jobTemplate: { spec: { template: labelled("night") } } } },
    NAMESPACE,
  ),
  ...allRights(user("jim")),
];
const replicaSet = workload("apps/v1", "ReplicaSet", "web-1");
const running = [
  ...bare,
  { ...replicaSet, metadata: { ...replicaSet.metadata, ...ownedBy("Deployment", "web").metadata } },
  pod("web-1-a", { app: "web" }, ownedBy("ReplicaSet", "web-1")),
  pod("cart-1-a", { app: "cart" }),
];

const onDeployment = policy("no-steal", { targetPath: "deploy/web", block: ["steal"] });
const onPods = policy("no-steal", { selector: { matchLabels: { app: "web" } }, block: ["steal"] });
const onNightPods = policy("no-steal", {
  selector: { matchLabels: { app: "night" } },
  block: ["steal"],
  appliesToCopyTargets: true,
});

async function steal(target: string, objects: readonly KubernetesObject[], more: FakeOptions = {}) {
  const { verdict, policies } = await previewSession(
    fakeCluster({ objects, ...more }),
    { action: "steal", target: parseTarget(target), namespace: NAMESPACE },
    { explain: false, as: { name: "jim", groups: [], groupsGiven: true }, now: new Date("2026-11-22T12:00:00Z") },
  );
  return { ...verdict, assumptions: policies?.verdict.assumptions };
}

const cases: { name: string; target: string; objects: KubernetesObject[]; more?: FakeOptions; want: string }[] = [
  {
    name: "a service reaches the pods of a deployment that a policy is on",
    target: "service/svc",
    objects: [...running, onDeployment],
    want: "unknown",
  },
  {
    name: "so do labels",
    target: "label/app=web",
    objects: [...running, onDeployment],
    want: "unknown",
  },
  { name: "and a pod by itself", target: "pod/web-1-a", objects: [...running, onDeployment], want: "unknown" },
  { name: "not so another service", target: "service/other", objects: [...running, onDeployment], want: "yes" },
  { name: "nor other labels", target: "label/app=cart", objects: [...running, onDeployment], want: "yes" },
  {
    name: "an owner that may not be read may have a policy on it",
    target: "service/svc",
    objects: [...running, onDeployment],
    more: { forbidden: ["replicasets"] },
    want: "unknown",
  },
  {
    name: "manifests without pods: a service selects the template of a deployment that a policy is on",
    target: "service/svc",
    objects: [...bare, onDeployment],
    more: { offline: true },
    want: "unknown",
  },
  {
    name: "manifests without pods: so do labels",
    target: "label/app=web",
    objects: [...bare, onDeployment],
    more: { offline: true },
    want: "unknown",
  },
  {
    name: "manifests without pods: another service does not",
    target: "service/other",
    objects: [...bare, onDeployment],
    more: { offline: true },
    want: "yes",
  },
  {
    name: "manifests without pods: the labels of the template are those of its pods",
    target: "deploy/web",
    objects: [...bare.filter(({ kind }) => kind !== "Deployment"), unlabelled("web"), onPods],
    more: { offline: true },
    want: "unknown",
  },
  {
    name: "the pods of a cron job are those of its template",
    target: "cronjob/nightly",
    objects: [...running, onNightPods],
    want: "unknown",
  },
];

function unlabelled(name: string): KubernetesObject {
  const made = deployment(name, { spec: { template: labelled(name) } });
  return { ...made, metadata: { ...made.metadata, labels: {} } };
}

for (const { name, target, objects, more, want } of cases) {
  t.test(name, async (t) => {
    const { answer, reason } = await steal(target, objects, more);
    t.equal(answer, want, reason);
  });
}

t.test("pods that were made up are said, where they matter", async (t) => {
  const assumption = ["the pods behind it are as the templates say"];
  const newer = await steal("service/svc", [...bare, onDeployment], { offline: true });
  t.same(newer.assumptions, assumption);
  const older = [operator(), ...bare.filter(({ kind }) => kind !== "MirrordOperator"), onDeployment];
  t.same((await steal("service/svc", older, { offline: true })).assumptions, []);
});

t.test("many pods of one owner are one read of it", async (t) => {
  const pods = Array.from({ length: 40 }, (_, index) =>
    pod(`web-1-${index}`, { app: "web" }, ownedBy("ReplicaSet", "web-1")),
  );
  const cluster = fakeCluster({ objects: [...running, ...pods, onDeployment] });
  await previewSession(
    cluster,
    { action: "steal", target: parseTarget("service/svc"), namespace: NAMESPACE },
    { explain: false, as: { name: "jim", groups: [], groupsGiven: true }, now: new Date("2026-11-22T12:00:00Z") },
  );
  t.equal(cluster.reads.filter((read) => read === "get replicasets").length, 1, "read once for all pods");
  t.equal(cluster.reads.filter((read) => read === "get deployments").length, 1, "read once for all pods");
});
