// The related objects of a target are the same whether it is asked about alone or among all.
import t from "tap";
import { execute } from "../../lib/cli/execute.ts";
import { canI } from "../../lib/commands/can-i/index.ts";
import { policy as policyCommand } from "../../lib/commands/policy/index.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { plainPlan } from "../../lib/mirrord/plan/session-plan.ts";
import { relatedObjects } from "../../lib/reading/related-objects.ts";
import { readRelations } from "../../lib/reading/relations.ts";
import { readTarget } from "../../lib/reading/session-facts.ts";
import { readTargets } from "../../lib/reading/targets.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
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
} from "../preview/objects.ts";

const controlledBy = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: "u", controller: true }],
});
const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: "main" }] } });
const service = (name: string, selector: object) => object("v1", "Service", name, { spec: { selector } }, NAMESPACE);
const rollout = (name: string, kind: string, reference: string) =>
  object("argoproj.io/v1alpha1", "Rollout", name, { spec: { workloadRef: { kind, name: reference } } }, NAMESPACE);

const workloads: KubernetesObject[] = [
  namespace(),
  operator({ operator_version: "3.193.0" }),
  deployment("web", { spec: { template: template("web") } }),
  deployment("cart", { spec: { template: template("cart") } }),
  service("web", { app: "web" }),
  service("everything", {}),
  service("impossible", { app: "no value of a label!" }),
  service("number", { app: 1 }),
  rollout("by-deployment", "Deployment", "cart"),
  rollout("by-template", "PodTemplate", "rolled"),
  object("v1", "PodTemplate", "rolled", { template: template("rolled") }, NAMESPACE),
  service("rolled", { app: "rolled" }),
  object(
    "batch/v1",
    "CronJob",
    "nightly",
    { spec: { jobTemplate: { spec: { template: template("night") } } } },
    NAMESPACE,
  ),
  object("apps/v1", "ReplicaSet", "web-1", { metadata: controlledBy("Deployment", "web") }, NAMESPACE),
  ...allRights(user("jim")),
];
const pods = [
  pod("web-1-a", { app: "web" }, { metadata: { labels: { app: "web" }, ...controlledBy("ReplicaSet", "web-1") } }),
  pod("cart-1-a", { app: "cart" }),
];

const worlds: { name: string; options: FakeOptions }[] = [
  { name: "a cluster", options: { objects: [...workloads, ...pods] } },
  { name: "a cluster without pods", options: { objects: workloads } },
  { name: "manifests", options: { objects: workloads, offline: true } },
  { name: "manifests with pods", options: { objects: [...workloads, ...pods], offline: true } },
  { name: "hidden replica sets", options: { objects: [...workloads, ...pods], forbidden: ["replicasets"] } },
];
for (const { name, options } of worlds) {
  t.test(`${name}: each target has the related objects that it has among all`, async (t) => {
    const cluster = fakeCluster(options);
    const listed = await readTargets(cluster, NAMESPACE);
    const index = relatedObjects(listed, cluster);
    for (const one of listed.targets) {
      const target = { kind: one.kind, name: one.object.metadata.name ?? "" };
      const plan = plainPlan("mirror", target, NAMESPACE);
      const relations = await readRelations(cluster, plan, await readTarget(cluster, plan));
      const { related, relatedIncomplete = false } = relations.plan;
      t.same(relatedIncomplete ? undefined : related, index.behind(one), `${one.kind}/${target.name}`);
    }
  });
}

const refusing = [
  policy("no-mirror", { targetPath: "deploy/web", block: ["mirror"] }),
  policy("no-pods", { selector: { matchLabels: { app: "web" } }, block: ["mirror"] }),
];
const inManifests: FakeOptions = { objects: [...workloads, ...refusing], offline: true };

async function answers(command: typeof canI | typeof policyCommand, cluster: FakeOptions, ...words: string[]) {
  const world = fakeWorld({ cluster: fakeCluster(cluster) });
  await execute(command, [...words, "-n", NAMESPACE, "-o", "json"], world);
  return JSON.parse(world.stdout) as {
    answer: string;
    items: { target: string; answers: Record<string, { answer: string }>; outcomes: { result: string }[] }[];
    outcomes: { result: string }[];
  };
}

for (const name of ["web", "impossible", "number", "everything", "rolled"]) {
  for (const cluster of [inManifests, { ...inManifests, offline: false }]) {
    const place = cluster.offline === true ? "manifests" : "a cluster";
    t.test(`service/${name} in ${place} has one answer, alone and in a list`, async (t) => {
      const target = `service/${name}`;
      const alone = await answers(canI, cluster, "mirror", target, "--as", "jim", "--as-group", "dev");
      const all = await answers(canI, cluster, "--list", "mirror", "--as", "jim", "--as-group", "dev");
      t.equal(all.items.find((item) => item.target === target)?.answers["mirror"]?.answer, alone.answer);

      const tested = await answers(policyCommand, cluster, "test", target, "--action", "mirror");
      const testedAll = await answers(policyCommand, cluster, "test", "--all", "--action", "mirror");
      const row = testedAll.items.find((item) => item.target === target);
      t.same(
        row?.outcomes.map(({ result }) => result),
        tested.outcomes.map(({ result }) => result),
      );
    });
  }
}
