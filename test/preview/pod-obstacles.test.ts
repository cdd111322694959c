// Targets whose pods the client cannot use: a no, in its own words, whatever the access.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { previewMatrix } from "../../lib/preview/matrix.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import { allRights, deployment, NAMESPACE, namespace, object, operator, pod, user, workload } from "./objects.ts";

const now = new Date("2026-11-22T12:00:00Z");
const as = { name: "jim", groups: [], groupsGiven: true };
const base = [namespace(), operator(), ...allRights(user("jim"))];
const idle = { replicas: 0 };
const service = (selector?: Record<string, string>) =>
  object("v1", "Service", "svc", { spec: selector === undefined ? {} : { selector } }, NAMESPACE);
const counted = (kind: string, status: Record<string, unknown>) => ({ ...workload("apps/v1", kind, "db"), status });
const waiting = pod("db-0", { app: "db" }, { spec: { nodeName: undefined }, status: { phase: "Pending" } });

const none = /: no pods matching the labels were found$/;
const notReady = /: no pod matching the labels is ready to be targeted$/;
interface Case {
  name: string;
  objects: KubernetesObject[];
  target: string;
  action?: Action;
  /** Left out: yes. */
  no?: RegExp;
  more?: FakeOptions;
}
const cases: Case[] = [
  {
    name: "a stateful set of no replicas",
    objects: [workload("apps/v1", "StatefulSet", "db", idle)],
    target: "statefulset/db",
    no: none,
  },
  {
    name: "a replica set of no replicas",
    objects: [workload("apps/v1", "ReplicaSet", "db", idle)],
    target: "replicaset/db",
    no: none,
  },
  {
    name: "a rollout of no replicas",
    objects: [workload("argoproj.io/v1alpha1", "Rollout", "db", idle)],
    target: "rollout/db",
    no: none,
  },
  {
    name: "a stateful set whose pod has no node",
    objects: [workload("apps/v1", "StatefulSet", "db"), waiting],
    target: "statefulset/db",
    no: notReady,
  },
  {
    name: "a stateful set with one pod of two",
    objects: [workload("apps/v1", "StatefulSet", "db"), waiting, pod("db-1", { app: "db" })],
    target: "statefulset/db",
  },
  {
    name: "a stateful set whose pods may not be listed and are none",
    objects: [counted("StatefulSet", { replicas: 1 })],
    target: "statefulset/db",
    no: none,
    more: { forbidden: ["pods"] },
  },
  {
    name: "a stateful set whose pods may not be listed and are available",
    objects: [counted("StatefulSet", { replicas: 1, availableReplicas: 1 })],
    target: "statefulset/db",
    more: { forbidden: ["pods"] },
  },
  {
    name: "a copy of a stateful set of no replicas",
    objects: [workload("apps/v1", "StatefulSet", "db", idle)],
    target: "statefulset/db",
    action: "copy",
  },
  {
    name: "a service that selects nothing that is there",
    objects: [service({ app: "gone" }), pod("p1", { app: "web" })],
    target: "service/svc",
    no: none,
  },
  {
    name: "a service without a selector",
    objects: [service(), pod("p1", { app: "web" })],
    target: "service/svc",
    no: /missing \.spec\.selector$/,
  },
  {
    name: "a service whose pod has no node",
    objects: [service({ app: "db" }), waiting],
    target: "service/svc",
    no: notReady,
  },
  {
    name: "a service with a pod",
    objects: [service({ app: "web" }), pod("p1", { app: "web" })],
    target: "service/svc",
  },
  { name: "a pod without a node", objects: [waiting], target: "pod/db-0", no: /missing \.spec\.nodeName$/ },
  { name: "a copy of a pod without a node", objects: [waiting], target: "pod/db-0", action: "copy" },
  { name: "labels of a pod without a node", objects: [waiting], target: "label/app=db", no: notReady },
  {
    name: "a service in manifests whose workload is there",
    objects: [
      service({ app: "web" }),
      deployment("web", { spec: { template: { metadata: { labels: { app: "web" } } } } }),
    ],
    target: "service/svc",
    more: { offline: true },
  },
  {
    name: "a service in manifests that no workload is behind",
    objects: [
      service({ app: "web" }),
      deployment("web", { spec: { template: { metadata: { labels: { app: "other" } } } } }),
    ],
    target: "service/svc",
    no: none,
    more: { offline: true },
  },
  {
    name: "a stateful set in manifests",
    objects: [workload("apps/v1", "StatefulSet", "db")],
    target: "statefulset/db",
    more: { offline: true },
  },
  {
    name: "a stateful set of no replicas in manifests",
    objects: [workload("apps/v1", "StatefulSet", "db", idle)],
    target: "statefulset/db",
    no: none,
    more: { offline: true },
  },
];

for (const { name, objects, target, action = "mirror", no, more } of cases) {
  const cluster = () => fakeCluster({ objects: [...base, ...objects], ...more });
  t.test(`${name}: ${no === undefined ? "yes" : `no, ${no.source}`}`, async (t) => {
    const question = { action, target: parseTarget(target), namespace: NAMESPACE };
    const { verdict } = await previewSession(cluster(), question, { explain: false, exposure: false, as, now });
    t.equal(verdict.answer, no === undefined ? "yes" : "no", verdict.reason);
    if (no !== undefined) t.match(verdict.reason, no);
    if (question.target.kind === "label") return;
    const { rows } = await previewMatrix(cluster(), { namespace: NAMESPACE, actions: [action], as, now });
    const row = rows.find((each) => "name" in each.target && target === `${each.target.kind}/${each.target.name}`);
    // Who may not list pods sees none of them in the matrix.
    if (row !== undefined) t.same(row.cells[action], verdict, "the matrix says the same");
  });
}

t.test("a hint cannot smuggle anything into a shell", async (t) => {
  const question = { action: "mirror", target: parseTarget("service/svc"), namespace: NAMESPACE } as const;
  const { obstacles } = await previewSession(
    fakeCluster({ objects: [...base, service({ "a;touch x": "$(y)" })] }),
    question,
    { explain: false, exposure: false, as, now },
  );
  t.match(obstacles[0]?.hint, "kubectl get pods -l 'a;touch x=$(y)' -n dev");
});
