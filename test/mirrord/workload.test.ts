import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import {
  availableReplicas,
  containerNames,
  podSpec,
  podTemplate,
  spelledAlike,
  templateReference,
  withReferencedTemplate,
} from "../../lib/mirrord/workload.ts";

const object = (kind: string, fields: object, name = "web"): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...fields,
});
const containers = [{ name: "main" }, { name: 3 }, null, { name: "side" }];
const initContainers = [{ name: "setup" }, { name: "proxy", restartPolicy: "Always" }];
const spec = { containers, initContainers };
const template = { metadata: { labels: { app: "web" } }, spec };

const places: { kind: string; fields: object }[] = [
  { kind: "Pod", fields: { spec } },
  { kind: "Deployment", fields: { spec: { template } } },
  { kind: "CronJob", fields: { spec: { jobTemplate: { spec: { template } }, template: { spec: {} } } } },
  { kind: "PodTemplate", fields: { template } },
];
for (const { kind, fields } of places)
  t.test(`the containers of a ${kind}, sidecars too`, async (t) => {
    t.same(containerNames(object(kind, fields)), ["main", "side", "proxy"]);
    t.same(podSpec(object(kind, fields)), spec);
  });

t.test("what has no pods has no containers", async (t) => {
  for (const fields of [{}, { spec: null }, { spec: { template: "x" } }, { spec: { containers: [{ name: "a" }] } }])
    t.same(containerNames(object("Service", fields)), [], JSON.stringify(fields));
  t.same(podTemplate(object("Service", {})), {});
  t.same(containerNames(object("CronJob", { spec: { template } })), [], "only in the template of its jobs");
});

const replicas: { name: string; fields: object | undefined; want: string }[] = [
  { name: "that is not there", fields: undefined, want: "unknown" },
  { name: "that is scaled down", fields: { spec: { replicas: 0 }, status: { availableReplicas: 1 } }, want: "none" },
  { name: "without a status", fields: { spec: { replicas: 1 } }, want: "unknown" },
  { name: "with an empty status", fields: { spec: {}, status: {} }, want: "unknown" },
  { name: "with none available", fields: { spec: {}, status: { replicas: 1 } }, want: "none" },
  { name: "with zero available", fields: { spec: {}, status: { availableReplicas: 0 } }, want: "none" },
  { name: "with one available", fields: { spec: {}, status: { availableReplicas: 1 } }, want: "some" },
  { name: "with a status that is no number", fields: { spec: {}, status: { availableReplicas: "1" } }, want: "none" },
];
for (const { name, fields, want } of replicas)
  t.test(`available replicas of a deployment ${name}: ${want}`, async (t) => {
    t.equal(availableReplicas(fields === undefined ? undefined : object("Deployment", fields)), want);
  });

t.test("two names are spelled alike when a container makes one of the other", async (t) => {
  const withContainer = (name: string, container: string) =>
    object("Deployment", { spec: { template: { spec: { containers: [{ name: container }] } } } }, name);
  const alike = { long: "web.container.main", short: "web", container: "main" };
  t.same(spelledAlike({ name: "web.container.main" }, withContainer("web", "main")), alike);
  t.equal(spelledAlike({ name: "web.container.main" }, withContainer("web", "side")), undefined);
  t.same(spelledAlike({ name: "web" }, withContainer("web.container.main", "x")), alike);
});

const references: [reference: unknown, want: string | undefined][] = [
  [{ kind: "Deployment", name: "app" }, "deployments"],
  [{ kind: "ReplicaSet", name: "app" }, "replicasets"],
  [{ kind: "StatefulSet", name: "app" }, "statefulsets"],
  [{ kind: "PodTemplate", name: "app" }, "podtemplates"],
  [{ kind: "DaemonSet", name: "app" }, undefined],
  [{ kind: "Deployment", name: "" }, undefined],
  [{ kind: "Deployment" }, undefined],
  ["app", undefined],
];
for (const [workloadRef, want] of references)
  t.test(`a rollout that refers to ${JSON.stringify(workloadRef)}`, async (t) => {
    const found = templateReference(object("Rollout", { spec: { workloadRef } }));
    t.equal(found?.resource, want);
    if (want !== undefined) t.equal(found?.name, "app");
    t.equal(templateReference(object("Deployment", { spec: { workloadRef } })), undefined);
  });

t.test("a rollout has the template that it refers to", async (t) => {
  const rollout = object("Rollout", { spec: { replicas: 2, workloadRef: {} } });
  const whole = withReferencedTemplate(rollout, object(nativeResources.deployments.kind, { spec: { template } }));
  t.same(containerNames(whole), ["main", "side", "proxy"]);
  t.match(whole, { kind: "Rollout", spec: { replicas: 2, template: { metadata: { labels: { app: "web" } } } } });
  t.equal(templateReference(undefined), undefined);
});
