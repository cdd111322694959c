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
  group,
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

const noSteal = policy("p", { block: ["steal"] });
const granted = [namespace(), operator(), deployment("web"), ...allRights(user("jim"))];
const one = { namespace: NAMESPACE, actions: ["steal"] as Action[], as: jim, now };
const cell = async (options: FakeOptions, more: Partial<Parameters<typeof previewMatrix>[1]> = {}) => {
  const { rows, ...rest } = await previewMatrix(fakeCluster(options), { ...one, ...more });
  return { ...rest, cells: rows.map(({ target, cells }) => `${formatTarget(target)}: ${cells.steal?.answer}`) };
};

t.test("without policies, rights alone decide, and no policy is read", async (t) => {
  const objects = [...granted, noSteal];
  t.same((await cell({ objects })).cells, ["deployment/web: no"]);
  const all = fakeCluster({ objects });
  const { rows } = await previewMatrix(all, { ...one, policies: false });
  t.match(rows, [{ cells: { steal: { answer: "yes" } } }]);
  t.same(
    all.reads.filter((read) => read.includes("policies")),
    [],
  );
});

t.test(
  "whose groups nobody gave is not refused where a group could allow it: of that namespace, or of any",
  async (t) => {
    const objects = [namespace(), operator(), deployment("web"), ...allRights(group("devs"))];
    const as = { name: "jim", groups: [], groupsGiven: false };
    t.same((await cell({ objects }, { as })).cells, ["deployment/web: unknown"]);
    const { namespace: _everywhere, ...anywhere } = { ...one, as };
    const { rows } = await previewMatrix(fakeCluster({ objects }), anywhere);
    t.match(rows, [{ cells: { steal: { answer: "unknown", reason: /^groups not given: allowed to "devs"/ } } }]);
    t.same((await cell({ objects }, { as: { ...as, groupsGiven: true } })).cells, ["deployment/web: no"]);
    const roles = async (more: object) => {
      const all = fakeCluster({ objects });
      await previewMatrix(all, { ...anywhere, ...more });
      return all.reads.filter((read) => read.includes("role"));
    };
    t.same(await roles({ as: jim }), [], "they are not read where the groups are known");
    t.ok((await roles({})).length > 0);
  },
);

t.test("the caller is asked about as such, and what it is called is known", async (t) => {
  const { as: _nobody, ...own } = one;
  const objects = [...granted];
  const { identity, rows } = await previewMatrix(fakeCluster({ objects, caller: { name: "jim", groups: [] } }), own);
  t.same(identity, { self: true, groupsKnown: true, impliedGroups: [], user: { name: "jim", groups: [] } });
  t.match(rows, [{ cells: { steal: { answer: "yes" } } }]);
});

for (const [resource, status] of [
  ["deployments", 500],
  ["deployments", 429],
  ["namespaces", 503],
] as const) {
  t.test(`a list of ${resource} that fails with ${status} is no list of nothing`, async (t) => {
    const { namespace: _everywhere, ...anywhere } = { ...one, actions: ["mirror", "targetless"] as Action[] };
    await t.rejects(previewMatrix(fakeCluster({ objects: granted, failing: { [resource]: status } }), anywhere));
  });
}

t.test("what may not be listed is named in order, and the rest is answered", async (t) => {
  const forbidden = ["pods", "namespaces", "deployments"];
  const { namespace: _everywhere, ...anywhere } = { ...one, actions: ["steal", "targetless"] as Action[] };
  const objects = [...granted, workload("apps/v1", "StatefulSet", "db")];
  const { incomplete, rows } = await previewMatrix(fakeCluster({ objects, forbidden }), anywhere);
  t.same(incomplete, ["deployments", "namespaces", "pods"]);
  t.same(
    rows.map(({ target }) => formatTarget(target)),
    ["statefulset/db"],
  );
});

t.test("in one namespace a targetless session needs no list of namespaces", async (t) => {
  const { rows, incomplete } = await previewMatrix(fakeCluster({ objects: granted, forbidden: ["namespaces"] }), {
    ...one,
    actions: ["targetless"],
  });
  t.same(incomplete, []);
  t.same(
    rows.map(({ target, namespace: place }) => `${place} ${formatTarget(target)}`),
    ["dev targetless", "dev deployment/web"],
  );
});

t.test("that an operator is taken for a current one is said", async (t) => {
  const { assumptions, cells } = await cell({ objects: granted, forbidden: ["mirrordoperators"] });
  t.equal(assumptions.length, 1);
  t.match(assumptions, [/operator/]);
  t.same(cells, ["deployment/web: yes"]);
  t.same((await cell({ objects: granted })).assumptions, []);
  t.same((await cell({ objects: granted.filter(({ kind }) => kind !== "MirrordOperator") })).assumptions, []);
});

t.test("many targets are answered in batches, each once, and how many are done is told", async (t) => {
  const many = Array.from({ length: 501 }, (_, index) => deployment(`web-${String(index).padStart(3, "0")}`));
  for (const version of ["3.187.0", "3.193.0"]) {
    const told: number[] = [];
    const objects = [namespace(), operator({ operator_version: version }), ...many, ...allRights(user("jim"))];
    const { rows } = await previewMatrix(
      fakeCluster({ objects: [...objects, policy("p", { targetPath: "deploy/web-000", block: ["steal"] })] }),
      { ...one, onProgress: (count) => told.push(count) },
    );
    t.same(
      rows.map(({ target }) => formatTarget(target)),
      many.map(({ metadata }) => `deployment/${metadata.name}`),
    );
    t.same(
      rows.filter(({ cells }) => cells.steal?.answer === "no").map(({ target }) => formatTarget(target)),
      ["deployment/web-000"],
    );
    const steps = [...new Set(told)].filter((count) => count > 0);
    t.same(steps, [250, 500, 501]);
  }
});
