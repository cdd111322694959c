import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { formatTarget } from "../../lib/mirrord/target.ts";
import { previewMatrix } from "../../lib/preview/matrix.ts";
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

const now = new Date("2026-11-22T10:00:00Z");
const jim = { name: "jim", groups: [], groupsGiven: true };
const actions: Action[] = ["mirror", "steal", "copy", "copy-scale-down", "preview"];

const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: "main" }] } });
const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: template(app) });
const controlledBy = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: "u", controller: true }],
});
const owned = (one: KubernetesObject, kind: string, name: string): KubernetesObject => ({
  ...one,
  metadata: { ...one.metadata, ...controlledBy(kind, name) },
});

const cluster = [
  namespace(),
  deployment("web", { spec: selecting("web") }),
  deployment("idle", { spec: { ...selecting("idle"), replicas: 0 } }),
  workload("apps/v1", "StatefulSet", "db", selecting("db")),
  workload("argoproj.io/v1alpha1", "Rollout", "shop", {
    workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    selector: { matchLabels: { app: "shop" } },
    template: undefined,
  }),
  object(
    "batch/v1",
    "CronJob",
    "nightly",
    { spec: { jobTemplate: { spec: { template: template("night") } } } },
    NAMESPACE,
  ),
  owned(workload("batch/v1", "Job", "nightly-1", selecting("night")), "CronJob", "nightly"),
  owned(workload("apps/v1", "ReplicaSet", "web-1", selecting("web")), "Deployment", "web"),
  object("v1", "Service", "front", { spec: { selector: { app: "web" } } }, NAMESPACE),
  object("v1", "Service", "external", { spec: {} }, NAMESPACE),
  ...allRights(user("jim")),
];
const pods = [
  owned(pod("web-1-a", { app: "web" }), "ReplicaSet", "web-1"),
  owned(pod("db-0", { app: "db" }), "StatefulSet", "db"),
  owned(pod("orphan", { app: "web" }), "ReplicaSet", "gone"),
  pod("alone", { app: "alone" }),
];

const policies = {
  none: [],
  "on a deployment by its path": [policy("p", { targetPath: "deploy/web", block: ["steal"] })],
  "on pods by their label": [policy("p", { selector: { matchLabels: { app: "web" } }, block: ["steal"] })],
  "on a pod by its path": [policy("p", { targetPath: "pod/db-0", block: ["mirror"] })],
  "on a cron job's pods": [
    policy("p", { selector: { matchLabels: { app: "night" } }, block: ["steal"], appliesToCopyTargets: true }),
  ],
  "on a service": [policy("p", { targetPath: "service/front", block: ["steal"] })],
  "on whatever is not alone": [
    policy("p", {
      selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["alone"] }] },
      block: ["steal"],
    }),
  ],
} as const;

const versions = ["3.192.0", "3.193.0", undefined];
const readings: Record<string, FakeOptions> = {
  "of a live cluster": { objects: pods },
  "of manifests": { offline: true },
  "without pods": { objects: pods, forbidden: ["pods"] },
  "without replica sets": { objects: pods, forbidden: ["replicasets"] },
  "without jobs": { objects: pods, forbidden: ["jobs"] },
};

for (const [reading, more] of Object.entries(readings))
  for (const [title, written] of Object.entries(policies))
    t.test(`a policy ${title}, ${reading}: the matrix says of each target what its own preview says`, async (t) => {
      for (const version of versions) {
        const asked = () =>
          fakeCluster({
            ...more,
            objects: [...cluster, ...(more.objects ?? []), ...written, operator({ operator_version: version })],
          });
        const matrix = await previewMatrix(asked(), { namespace: NAMESPACE, actions, as: jim, now });
        t.ok(matrix.rows.length >= 8);
        for (const { target, cells } of matrix.rows)
          for (const [action, cell] of Object.entries(cells)) {
            if (cell.answer === "n/a") continue;
            const { verdict } = await previewSession(
              asked(),
              { action: action as Action, target, namespace: NAMESPACE },
              { as: jim, explain: false, now },
            );
            t.equal(
              cell.answer,
              verdict.answer,
              `${action} ${formatTarget(target)}, operator ${version}: ${verdict.reason}`,
            );
          }
      }
    });

t.test(
  "a newer operator: only what a policy can reach through its pods is in doubt, and every kind is listed once",
  async (t) => {
    const written = policies["on pods by their label"];
    const all = fakeCluster({ objects: [...cluster, ...pods, ...written, operator({ operator_version: "3.193.0" })] });
    const { rows } = await previewMatrix(all, { namespace: NAMESPACE, actions: ["steal"], as: jim, now });
    const answers = Object.fromEntries(rows.map(({ target, cells }) => [formatTarget(target), cells.steal?.answer]));
    t.match(answers, { "deployment/web": "no", "replicaset/web-1": "unknown", "service/front": "unknown" });
    t.match(answers, { "pod/web-1-a": "no", "deployment/idle": "yes", "statefulset/db": "yes", "pod/alone": "yes" });
    const lists = all.reads.filter((read) => read.startsWith("list "));
    t.same(lists.length, new Set(lists).size);
  },
);

t.test("rollouts that the cluster does not have are not missed by whoever may not list them", async (t) => {
  const forbidden = ["rollouts"];
  const list = async (notServed: string[]) =>
    await previewMatrix(fakeCluster({ objects: cluster, forbidden, notServed }), {
      namespace: NAMESPACE,
      actions,
      as: jim,
      now,
    });
  t.same((await list([])).incomplete, ["rollouts"]);
  t.same((await list(["argoproj.io"])).incomplete, []);
});

t.test("a namespace that is not there gives no targetless session", async (t) => {
  const { rows } = await previewMatrix(fakeCluster({ objects: [operator(), ...allRights(user("jim"))] }), {
    namespace: "nowhere",
    actions: ["targetless"],
    as: jim,
    now,
  });
  t.match(rows, [{ cells: { targetless: { answer: "no", reason: /there is no namespace "nowhere"/ } } }]);
});

t.test(
  "targets come by namespace, then kind as mirrord has them, then name, whatever the order of the lists",
  async (t) => {
    const at = (one: KubernetesObject, place: string) => ({ ...one, metadata: { ...one.metadata, namespace: place } });
    const [web, api, db] = [deployment("web"), deployment("api"), workload("apps/v1", "StatefulSet", "db")];
    const objects = [operator(), ...[web, db, api].flatMap((one) => [at(one, "qa"), at(one, "dev")])];
    const namespaces = ["qa", "dev"].map((name) => namespace(name));
    const found = await previewMatrix(
      fakeCluster({ objects: [...objects, ...namespaces, ...allRights(user("jim"))] }),
      {
        actions: ["mirror", "targetless"],
        as: jim,
        now,
      },
    );
    t.same(
      found.rows.map(({ namespace: place, target }) => `${place} ${formatTarget(target)}`),
      ["dev", "qa"].flatMap((place) =>
        ["targetless", "deployment/api", "deployment/web", "statefulset/db"].map((target) => `${place} ${target}`),
      ),
    );
  },
);
