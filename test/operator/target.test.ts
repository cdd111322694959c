import t from "tap";
import { displayTarget, policyPath, specOfTarget, targetOfSpec, targetOfUrlName } from "./target.ts";
import type { Target } from "./target.ts";

const names: { url: string; target: Target | undefined }[] = [
  { url: "deployment.web", target: { kind: "deployment", name: "web" } },
  { url: "deploy.web", target: { kind: "deployment", name: "web" } },
  { url: "deployment.web.container.app", target: { kind: "deployment", name: "web", container: "app" } },
  { url: "deploy.web.container.app", target: { kind: "deployment", name: "web", container: "app" } },
  { url: "deployment.v1.2.container.app", target: { kind: "deployment", name: "v1.2", container: "app" } },
  { url: "pod.web-1", target: { kind: "pod", name: "web-1" } },
  { url: "pod.container.container.app", target: { kind: "pod", name: "container", container: "app" } },
  { url: "rollout.r", target: { kind: "rollout", name: "r" } },
  { url: "statefulset.db", target: { kind: "statefulset", name: "db" } },
  { url: "replicaset.rs", target: { kind: "replicaset", name: "rs" } },
  { url: "service.s", target: { kind: "service", name: "s" } },
  { url: "job.j", target: { kind: "job", name: "j" } },
  { url: "cronjob.cj", target: { kind: "cronjob", name: "cj" } },
  { url: "targetless", target: { kind: "targetless" } },
  { url: "label", target: undefined },
  { url: "deployment", target: undefined },
  { url: "deployment.", target: undefined },
  { url: "deployments.web", target: undefined },
  { url: "Deployment.web", target: undefined },
  { url: "whatever.new", target: undefined },
  { url: "", target: undefined },
];
for (const { url, target } of names) {
  t.test(`URL name ${JSON.stringify(url)}`, async (t) => t.same(targetOfUrlName(url), target));
}

const specs: { target: Target; spec: unknown; display: string; policy: string }[] = [
  {
    target: { kind: "deployment", name: "web" },
    spec: { deployment: "web", container: null },
    display: "deployment/web",
    policy: "deploy/web",
  },
  {
    target: { kind: "cronjob", name: "cj", container: "app" },
    spec: { cron_job: "cj", container: "app" },
    display: "cronjob/cj/container/app",
    policy: "cronjob/cj/container/app",
  },
  {
    target: { kind: "statefulset", name: "db" },
    spec: { stateful_set: "db", container: null },
    display: "statefulset/db",
    policy: "statefulset/db",
  },
  {
    target: { kind: "replicaset", name: "rs" },
    spec: { replica_set: "rs", container: null },
    display: "replicaset/rs",
    policy: "replicaset/rs",
  },
  {
    target: { kind: "label", labels: { app: "web", tier: "front" } },
    spec: { labels: { app: "web", tier: "front" } },
    display: "label/app=web,tier=front",
    policy: "label/app=web,tier=front",
  },
  { target: { kind: "targetless" }, spec: null, display: "targetless", policy: "targetless" },
];
for (const { target, spec, display, policy } of specs) {
  t.test(`target ${display}`, async (t) => {
    t.same(specOfTarget(target), spec);
    t.same(targetOfSpec(spec), target);
    t.equal(displayTarget(target), display);
    t.equal(policyPath(target), policy);
  });
}

t.test("an unknown shape is no target", async (t) => {
  for (const spec of [
    { daemon_set: "agent" },
    { labels: {} },
    { deployment: "" },
    { deployment: 1 },
    [],
    7,
    undefined,
  ]) {
    t.equal(targetOfSpec(spec), undefined);
  }
});
