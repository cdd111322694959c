import t from "tap";
import { diagnose } from "../../../lib/install/wait/diagnosis.ts";
import { UserError } from "../../../lib/errors.ts";
import type { LogOptions } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";

const deployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "op", namespace: "ops" },
  spec: { selector: { matchLabels: { app: "op" } } },
};

const pod = (name: string, status: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "ops", labels: { app: "op" } },
  spec: { containers: [{ name: "main" }] },
  status,
});
const waiting = (reason: string, message: string) => ({
  containerStatuses: [{ state: { waiting: { reason, message } } }],
});
const event = (about: string, reason: string, lastTimestamp: string, type = "Warning"): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `${about}.${reason}`, namespace: "ops" },
  involvedObject: { name: about },
  type,
  reason,
  message: `of ${about}`,
  lastTimestamp,
});

const objects = [
  pod("op-1", { conditions: [{ type: "Ready", status: "True" }] }),
  pod("op-2", waiting("ImagePullBackOff", "no such image")),
  event("op-2", "Failed", "2026-11-22T12:02:00Z"),
  event("op", "Quota", "2026-11-22T12:01:00Z"),
  event("op-2", "Scheduled", "2026-11-22T12:03:00Z", "Normal"),
  event("other", "Failed", "2026-11-22T12:04:00Z"),
];

t.test("the pods that are not ready, the last warnings about them, and the last lines of one of them", async (t) => {
  const asked: LogOptions[] = [];
  const cluster = {
    ...fakeCluster({ objects }),
    pods: {
      connectionFault: undefined,
      request: () => Promise.reject(new Error("not asked")),
      logStream: () => {
        throw new Error("not asked");
      },
      logs: async (_pod: object, options: LogOptions) => {
        asked.push(options);
        return options.previous === true ? "panicked\r\n\nat start\n" : "";
      },
    },
  };
  t.same(await diagnose(cluster, deployment), {
    pods: ["pod op-2: ImagePullBackOff: no such image"],
    events: ["Quota: of op", "Failed: of op-2"],
    log: ["panicked", "at start"],
  });
  t.match(asked, [{ container: "main", tailLines: 10, previous: false }, { previous: true }]);
});

t.test("what may not be read is left out", async (t) => {
  const forbidden = fakeCluster({ objects, forbidden: ["pods", "events"] });
  t.same(await diagnose(forbidden, deployment), { pods: [], events: [], log: [] });
  const silent = {
    ...fakeCluster({ objects }),
    pods: {
      connectionFault: undefined,
      request: () => Promise.reject(new Error("not asked")),
      logStream: () => {
        throw new Error("not asked");
      },
      logs: () => Promise.reject(new UserError("undetermined", "no kubelet")),
    },
  };
  t.match(await diagnose(silent, deployment), { log: { length: 0 } });
});

t.test("without a way to pods there is no log, and no pod that is ready is asked for one", async (t) => {
  const withoutPods = fakeCluster({ objects });
  t.same((await diagnose(withoutPods, deployment)).log, []);
  const ready = fakeCluster({ objects: objects.filter(({ metadata }) => metadata.name !== "op-2") });
  t.same(await diagnose(ready, deployment), { pods: [], events: ["Quota: of op", "Failed: of op-2"], log: [] });
});

t.test("the last five warnings count, by whichever of their times there is", async (t) => {
  const many = [1, 2, 3, 4, 5, 6].map((at) => event("op-1", `R${at}`, `2026-11-22T12:0${7 - at}:00Z`));
  const { lastTimestamp: _none, ...newest } = event("op", "Newest", "") as KubernetesObject & { lastTimestamp: string };
  const timed = { ...newest, eventTime: "2026-11-22T12:09:00.000000Z" };
  t.same((await diagnose(fakeCluster({ objects: [...many, timed] }), deployment)).events, [
    "R4: of op-1",
    "R3: of op-1",
    "R2: of op-1",
    "R1: of op-1",
    "Newest: of op",
  ]);
});
