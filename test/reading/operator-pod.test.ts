import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { findOperatorPod, readinessFault, type OperatorPlace } from "../../lib/reading/operator-pod.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { object } from "../preview/objects.ts";

const LEADER = "mirrord-operator-leader";

const registration = (spec: object = {}, more: object = {}) =>
  object("apiregistration.k8s.io/v1", "APIService", "v1.operator.metalbear.co", {
    spec: { service: { namespace: "ops", name: "op", port: 8443 }, caBundle: btoa("PEM"), ...spec },
    status: { conditions: [{ type: "Available", status: "True", reason: "Passed", message: "all checks passed" }] },
    ...more,
  });
const service = (spec: object = {}, namespace = "ops", name = "op") =>
  object(
    "v1",
    "Service",
    name,
    { spec: { selector: { app: "op" }, ports: [{ port: 8443, targetPort: 3000 }], ...spec } },
    namespace,
  );
const ready = { conditions: [{ type: "Ready", status: "True" }] };
const pod = (name: string, more: { labels?: object; metadata?: object; status?: object; namespace?: string } = {}) =>
  object(
    "v1",
    "Pod",
    name,
    {
      metadata: { labels: { app: "op", ...more.labels }, ...more.metadata },
      spec: { containers: [{ name: "main", ports: [{ name: "https", containerPort: 4000 }] }, { name: "side" }] },
      status: more.status ?? ready,
    },
    more.namespace ?? "ops",
  );

const find = (objects: KubernetesObject[], more: FakeOptions = {}): Promise<OperatorPlace> =>
  findOperatorPod(fakeCluster({ objects, ...more }));

t.test("the pod is found as the API server finds it", async (t) => {
  t.same(await find([registration(), service(), pod("op-1"), pod("op-2", { namespace: "other" })]), {
    found: "pod",
    service: {
      namespace: "ops",
      name: "op",
      port: 8443,
      authority: "PEM",
      availability: "Available=True (Passed): all checks passed",
    },
    pod: { namespace: "ops", name: "op-1", container: "main", port: 3000, notReady: "" },
  });
});

const short: { name: string; objects: KubernetesObject[]; found: string; why: string }[] = [
  {
    name: "no registration",
    objects: [service(), pod("a")],
    found: "nothing",
    why: "there is no APIService v1.operator.metalbear.co",
  },
  {
    name: "no service",
    objects: [registration(), pod("a")],
    found: "registration",
    why: "there is no Service op in namespace ops",
  },
  {
    name: "a service of no pods",
    objects: [registration(), service({ selector: undefined })],
    found: "service",
    why: "Service ops/op selects no pods",
  },
  {
    name: "no pod",
    objects: [registration(), service()],
    found: "service",
    why: "no pod in namespace ops is selected by app=op",
  },
];
for (const { name, objects, found, why } of short)
  t.test(`the search ends at ${name}`, async (t) => t.match(await find(objects), { found, why }));

t.test("whoever may not read the registration gets the chart's names", async (t) => {
  const place = await find([service({}, "mirrord", "mirrord-operator"), pod("a", { namespace: "mirrord" })], {
    forbidden: ["apiservices"],
  });
  t.match(place, {
    found: "pod",
    service: {
      namespace: "mirrord",
      name: "mirrord-operator",
      port: 443,
      authority: "",
      availability: "you may not read it",
    },
  });
});

for (const resource of ["services", "pods"])
  t.test(`whoever may not read ${resource} is told`, async (t) => {
    await t.rejects(find([registration(), service(), pod("a")], { forbidden: [resource] }), {
      status: 403,
      message: /server/,
    });
  });

t.test("another failure to read the registration is no missing right", async (t) => {
  await t.rejects(find([], { failing: { apiservices: 503 } }), { status: 503, message: /server/ });
});

t.test("anybody may sign where the registration says so, and it may have no condition yet", async (t) => {
  const place = await find([registration({ insecureSkipTLSVerify: true }, { status: {} }), service(), pod("a")]);
  t.match(place, { service: { authority: "", availability: "Available=Unknown (): " } });
});

const stuck = { conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }] };
const chosen: { name: string; selector?: object; pods: KubernetesObject[]; want: object }[] = [
  {
    name: "a ready one before others",
    pods: [pod("a", { status: stuck }), pod("b")],
    want: { name: "b", notReady: "" },
  },
  {
    name: "the first where none is ready",
    pods: [pod("a", { status: stuck }), pod("b", { status: stuck })],
    want: { name: "a", notReady: "ContainersNotReady" },
  },
  {
    name: "the leader",
    selector: { app: "op", [LEADER]: "true" },
    pods: [pod("a"), pod("b", { labels: { [LEADER]: "true" } })],
    want: { name: "b", notReady: "" },
  },
  {
    name: "a leader that is not ready before one that does not lead",
    selector: { app: "op", [LEADER]: "true" },
    pods: [pod("a"), pod("b", { labels: { [LEADER]: "true" }, status: stuck })],
    want: { name: "b", notReady: "ContainersNotReady" },
  },
  {
    name: "one that does not lead where none does",
    selector: { app: "op", [LEADER]: "true" },
    pods: [pod("a")],
    want: { name: "a", notReady: "no pod of the operator leads" },
  },
];
for (const { name, selector = { app: "op" }, pods, want } of chosen)
  t.test(`of several pods it is ${name}`, async (t) => {
    t.match(await find([registration(), service({ selector }), ...pods]), { pod: want });
  });

t.test("the container whose logs are the operator's may be named", async (t) => {
  const metadata = { annotations: { "kubectl.kubernetes.io/default-container": "side" } };
  t.match(await find([registration(), service(), pod("a", { metadata })]), { pod: { container: "side" } });
});

const ports: { ports: unknown; port: number }[] = [
  {
    ports: [
      { port: 1, targetPort: 2 },
      { port: 8443, targetPort: 3 },
    ],
    port: 3,
  },
  { ports: [{ port: 8443, targetPort: "https" }], port: 4000 },
  { ports: [{ port: 8443, targetPort: "http" }], port: 8443 },
  { ports: [{ port: 8443, targetPort: 0 }], port: 8443 },
  { ports: [{ port: 1, targetPort: 2 }], port: 2 },
  { ports: [{ port: 5 }], port: 5 },
  { ports: [], port: 8443 },
  { ports: "x", port: 8443 },
];
for (const { ports: given, port } of ports)
  t.test(`the port behind ${JSON.stringify(given)} is ${port}`, async (t) => {
    t.match(await find([registration(), service({ ports: given }), pod("a")]), { pod: { port } });
  });

const condition = (type: string, status: string, more: object = {}) => ({ type, status, ...more });
const faults: { name: string; status: object; metadata?: object; want: string }[] = [
  { name: "ready", status: ready, want: "" },
  {
    name: "ready and going",
    status: ready,
    metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
    want: "it is being deleted",
  },
  {
    name: "a container that waits",
    status: {
      ...stuck,
      containerStatuses: [
        { state: { running: {} } },
        { state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
      ],
    },
    want: "ImagePullBackOff: no such image",
  },
  {
    name: "a container that ended",
    status: { ...stuck, containerStatuses: [{ state: { terminated: { reason: "OOMKilled" } } }] },
    want: "OOMKilled",
  },
  {
    name: "no node",
    status: {
      conditions: [
        condition("Ready", "False"),
        condition("PodScheduled", "False", { reason: "Unschedulable", message: "0/3 nodes" }),
      ],
    },
    want: "Unschedulable: 0/3 nodes",
  },
  {
    name: "a node, and a readiness that says why",
    status: {
      conditions: [
        condition("Ready", "False", { message: "probe failed" }),
        condition("PodScheduled", "True", { reason: "Scheduled" }),
      ],
    },
    want: "probe failed",
  },
  { name: "nothing but a phase", status: { phase: "Pending" }, want: "its phase is Pending" },
  { name: "nothing", status: {}, want: "its phase is unknown" },
];
for (const { name, status, metadata = {}, want } of faults)
  t.test(`a pod with ${name}: ${want || "ready"}`, async (t) =>
    t.equal(readinessFault(pod("a", { status, metadata })), want),
  );
