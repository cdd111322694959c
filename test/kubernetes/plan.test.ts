import t from "tap";
import type { Plan } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { inOrder, oneByOne, plan, type Stored, type Wanted } from "../../lib/kubernetes/plan.ts";
import { objectFor, types } from "./planned-objects.ts";

const deploymentType = types.deployment;

/** A Deployment of ours as the server stores it: with its defaults, what the rollout notes, and who set what. */
function storedDeployment(): KubernetesObject {
  const spec = {
    replicas: 1,
    progressDeadlineSeconds: 600,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        restartPolicy: "Always",
        containers: [{ name: "web", image: "web:1", args: ["-v"], imagePullPolicy: "IfNotPresent" }],
      },
    },
  };
  const container = { ".": {}, "f:name": {}, "f:image": {}, "f:args": {} };
  const fieldsV1 = {
    "f:spec": {
      "f:replicas": {},
      "f:selector": {},
      "f:template": {
        "f:metadata": { "f:labels": { "f:app": {} } },
        "f:spec": { "f:containers": { 'k:{"name":"web"}': container } },
      },
    },
  };
  const metadata = {
    name: "web",
    namespace: "dev",
    uid: "uid-web",
    resourceVersion: "7",
    generation: 2,
    annotations: { "deployment.kubernetes.io/revision": "1" },
    managedFields: [{ manager: "kubectl-mirrord", operation: "Apply", fieldsV1 }],
  };
  return objectFor(deploymentType, metadata, { spec, status: { replicas: 1 } });
}

function deployment(container: object = {}, selector: object = { app: "web" }): KubernetesObject {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "web:1", args: ["-v"], ...container }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: selector }, template };
  return objectFor(deploymentType, { name: "web", namespace: "dev" }, { spec });
}

const wanted = (object: KubernetesObject, stage = 1): Wanted => ({ type: deploymentType, object, stage });
const words = (changes: Plan) => changes.map(({ action, object }) => `${action} ${object.metadata.name ?? "?"}`);

t.test("what is stored as wanted is unchanged, whatever the server and others added", async (t) => {
  const [change] = plan([{ type: deploymentType, object: storedDeployment() }], [wanted(deployment())]);
  t.match(change, { action: "unchanged", current: { metadata: { uid: "uid-web" } } });
});

const updates: [name: string, object: KubernetesObject, merged: object][] = [
  ["another image", deployment({ image: "web:2" }), { image: "web:2", args: ["-v"], imagePullPolicy: "IfNotPresent" }],
  ["a field that is not wanted any more", deployment({ args: undefined }), { image: "web:1", args: undefined }],
  ["a shorter list", deployment({ args: [] }), { args: [] }],
];
for (const [name, object, merged] of updates) {
  t.test(`${name} is an update, with what it will come to`, async (t) => {
    const [change, ...rest] = plan([{ type: deploymentType, object: storedDeployment() }], [wanted(object)]);
    t.same([change?.action, change?.force, rest], ["update", undefined, []]);
    t.match(change?.merged, { spec: { template: { spec: { containers: [merged] } } } });
    t.same(change?.object, object, "only what is ours is sent");
  });
}

t.test("another selector needs another Deployment; it goes right before the new one comes", async (t) => {
  const other = objectFor(deploymentType, { name: "other", namespace: "dev" }, {});
  const changes = plan(
    [{ type: deploymentType, object: storedDeployment() }],
    [wanted(other, 1), wanted(deployment({}, { app: "other" }), 2)],
  );
  t.same(words(changes), ["create other", "delete web", "create web"]);
  t.equal(changes[1]?.object.metadata.uid, "uid-web", "and only that one goes");
  t.equal(new Set(changes.map(({ stage }) => stage)).size, 3, "one after the other");
});

t.test("stages are in order, and what is not wanted goes last", async (t) => {
  const named = (name: string) => objectFor(deploymentType, { name, namespace: "dev" }, {});
  const current: Stored[] = [
    { type: deploymentType, object: named("late") },
    { type: deploymentType, object: named("early"), stage: 3 },
  ];
  const changes = plan(current, [wanted(named("b"), 2), wanted(named("a"), 1), wanted(named("c"), 2)]);
  t.same(words(changes), ["create a", "create b", "create c", "delete early", "delete late"]);
});

t.test("objects are told apart by namespace and group, not by version", async (t) => {
  const current = [{ type: { ...deploymentType, version: "v1beta1" }, object: storedDeployment() }];
  t.same(words(plan(current, [wanted(deployment())])), ["unchanged web"]);
  const elsewhere = { ...deployment(), metadata: { name: "web", namespace: "qa" } };
  t.same(words(plan(current, [wanted(elsewhere)])), ["create web", "delete web"]);
  const extension: Wanted = { ...wanted(deployment()), type: { ...deploymentType, group: "extensions" } };
  t.same(words(plan(current, [extension])), ["create web", "delete web"]);
});

t.test("an object whose name the server makes up is always new", async (t) => {
  const object = objectFor(types.job, { generateName: "once-", namespace: "dev" }, {});
  const current = [{ type: types.job, object: objectFor(types.job, { name: "once-1", namespace: "dev" }, {}) }];
  t.same(words(plan(current, [{ type: types.job, object, stage: 1 }])), ["create ?", "delete once-1"]);
});

t.test("an owner must own alone, and one that is made anew owns nothing yet", async (t) => {
  const owner = { type: deploymentType, name: "web", namespace: "dev" };
  const child = objectFor(types.job, { name: "child", namespace: "dev" }, {});
  const ownedBy = (...uids: string[]): Stored => {
    const ownerReferences = uids.map((uid) => ({ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid }));
    return { type: types.job, object: { ...child, metadata: { ...child.metadata, ownerReferences } } };
  };
  const main: Stored = { type: deploymentType, object: storedDeployment() };
  const children = (current: Stored[], above = deployment()) =>
    plan(current, [wanted(above), { type: types.job, object: child, stage: 2, owner }])
      .filter(({ type }) => type === types.job)
      .map(({ action }) => action);
  t.same(children([main, ownedBy("uid-web")]), ["unchanged"]);
  t.same(children([main, ownedBy()]), ["update"]);
  t.same(children([main, ownedBy("uid-web", "uid-2")]), ["update"]);
  t.same(children([ownedBy("uid-web")]), ["update"], "its owner is gone");
  t.same(children([main, ownedBy("uid-web")], deployment({}, { app: "other" })), ["update"], "its owner is replaced");
});

t.test("an owner that an earlier apply of ours set is not taken off while it is wanted", async (t) => {
  const owner = { type: deploymentType, name: "web", namespace: "dev" };
  const reference = { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "uid-web" };
  const fieldsV1 = { "f:metadata": { "f:ownerReferences": { 'k:{"uid":"uid-web"}': {} } } };
  const managedFields = [{ manager: "kubectl-mirrord", operation: "Apply", fieldsV1 }];
  const child = objectFor(types.job, { name: "child", namespace: "dev" }, {});
  const stored = { ...child, metadata: { ...child.metadata, ownerReferences: [reference], managedFields } };
  const current = [
    { type: deploymentType, object: storedDeployment() },
    { type: types.job, object: stored },
  ];
  const item = { type: types.job, object: child, stage: 2 };
  t.same(words(plan(current, [wanted(deployment()), { ...item, owner }])), ["unchanged web", "unchanged child"]);
  t.same(words(plan(current, [wanted(deployment()), item])), ["unchanged web", "update child"]);
});

t.test("fields of others are taken over where that is said, and only for a write", async (t) => {
  const jim = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jim" };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" };
  const binding = (subjects: object[], labels: Record<string, string> = {}) =>
    objectFor(types.roleBinding, { name: "b", namespace: "dev", labels }, { roleRef, subjects });
  const force = (stored: KubernetesObject, given: Wanted["force"]) => {
    const item = { type: types.roleBinding, object: binding([jim]), stage: 1 };
    const [change] = plan(
      [{ type: types.roleBinding, object: stored }],
      [given === undefined ? item : { ...item, force: given }],
    );
    return [change?.action, change?.force];
  };
  const eve = binding([jim, { ...jim, name: "eve" }]);
  t.same(force(eve, ["subjects"]), ["update", true]);
  t.same(force(eve, undefined), ["update", undefined]);
  t.same(force(eve, true), ["update", true]);
  t.same(force(eve, ["metadata.labels"]), ["update", undefined]);
  t.same(force(binding([jim]), true), ["unchanged", undefined]);
  const labelled = { type: types.roleBinding, object: binding([jim], { grant: "a" }), stage: 1 };
  const [relabelled] = plan(
    [{ type: types.roleBinding, object: binding([jim], { grant: "b" }) }],
    [{ ...labelled, force: ["subjects", "metadata.labels"] }],
  );
  t.match(relabelled, { action: "update", force: true });
});

t.test(
  "few changes of one stage are made one after another in the order of their names; many at the same time",
  async (t) => {
    const change = (name: string): Plan[number] => ({
      action: "update",
      type: types.service,
      object: objectFor(types.service, { name, namespace: "dev" }, {}),
      stage: 2,
    });
    const ordered = inOrder([{ ...change("after"), stage: 3 }, ...oneByOne(["c", "a", "b"].map(change))]);
    t.same(
      ordered.map(({ object }) => object.metadata.name),
      ["a", "b", "c", "after"],
    );
    t.equal(new Set(ordered.map(({ stage }) => stage)).size, 4);
    const many = Array.from({ length: 21 }, (_, at) => change(`n${at}`));
    t.same(oneByOne(many), many);
  },
);
