import t from "tap";
import { waitForOperator } from "../../../lib/commands/install/waits.ts";
import { renderOperator } from "../../../lib/install/render.ts";
import { UserError } from "../../../lib/errors.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";

const rendered = renderOperator({ license: { keyRef: "licence" } });
const find = (kind: string) => rendered.filter((object) => object.kind === kind);

const status = {
  Deployment: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  APIService: { conditions: [{ type: "Available", status: "True" }] },
};
const ready = (kind: "Deployment" | "APIService") => find(kind).map((object) => ({ ...object, status: status[kind] }));
const slice = (isReady: boolean): KubernetesObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "s", namespace: "mirrord", labels: { "kubernetes.io/service-name": "mirrord-operator" } },
  endpoints: [{ conditions: { ready: isReady } }],
});
const answer: KubernetesObject = {
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: { operator_version: "3.187.0", license: { expire_at: "2027-01-01" } },
};
const pod: KubernetesObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "mirrord-operator-1", namespace: "mirrord", labels: { app: "mirrord-operator" } },
  spec: { containers: [{ name: "mirrord-operator" }] },
  status: {
    containerStatuses: [{ state: { waiting: { reason: "CreateContainerConfigError", message: "no Secret" } } }],
  },
};

function world(abort = new AbortController()): {
  progress: (label: string) => { update(text: string): void; end(): void };
  signal: AbortSignal;
  told: string[];
} {
  const told: string[] = [];
  return {
    told,
    signal: abort.signal,
    progress: () => ({ update: (text) => void told.push(text), end: () => undefined }),
  };
}

const wait = (cluster: Cluster, objects = rendered, given = world()) =>
  waitForOperator(objects, cluster, { world: given, timeoutMilliseconds: 0 });

const stuck: { name: string; objects: KubernetesObject[]; says: RegExp; hint: RegExp }[] = [
  {
    name: "the Deployment, with what its pod says",
    objects: [...find("Deployment"), pod],
    says: /deployment mirrord\/mirrord-operator is not ready, after 0s: .*CreateContainerConfigError: no Secret\n  pod mirrord-operator-1/,
    hint: /kubectl describe pods -n mirrord\nAll objects are written/,
  },
  {
    name: "the endpoints, with the label that is missing",
    objects: [...ready("Deployment"), slice(false)],
    says: /service mirrord\/mirrord-operator is not ready, after 0s: none of its pods is ready/,
    hint: /mirrord-operator-leader=true/,
  },
  {
    name: "the APIService, with what can be in the way and how to take it away",
    objects: [...ready("Deployment"), slice(true), ...find("APIService")],
    says: /apiservice v1\.operator\.metalbear\.co is not ready/,
    hint: /firewall[^]*kubectl delete apiservice v1\.operator\.metalbear\.co/,
  },
  {
    name: "the operator's answer",
    objects: [...ready("Deployment"), slice(true), ...ready("APIService")],
    says: /the operator's answer is not ready, after 0s: mirrordoperators\/operator is not there yet/,
    hint: /session status --probe/,
  },
];

for (const { name, objects, says, hint } of stuck) {
  t.test(`when the time is over it says where it ends: ${name}`, async (t) => {
    await t.rejects(wait(memoryCluster(...objects)), { kind: "undetermined", message: says, hint });
  });
}

t.test("it ends with what the operator says of itself", async (t) => {
  const cluster = memoryCluster(...ready("Deployment"), slice(true), ...ready("APIService"), answer);
  t.match(await wait(cluster), { version: "3.187.0", licenseExpiresAt: "2027-01-01" });
});

t.test("a server that fails for a moment is waited for; one that forbids is not", async (t) => {
  const cluster = memoryCluster(...ready("Deployment"), slice(true), ...ready("APIService"), answer);
  const { get } = cluster;
  let failures = 2;
  cluster.get = async (...wanted) => {
    if (failures > 0) throw apiFailure(503, "ServiceUnavailable", "starting");
    return await get(...wanted);
  };
  const given = world();
  const progress = given.progress;
  given.progress = (label) => {
    const line = progress(label);
    return {
      ...line,
      update(text) {
        failures -= 1;
        line.update(text);
      },
    };
  };
  t.ok(await waitForOperator(rendered, cluster, { world: given, timeoutMilliseconds: 600_000 }));
  t.match(given.told, [/waiting for deployment mirrord\/mirrord-operator: .*starting/]);
  cluster.get = () => Promise.reject(apiFailure(403, "Forbidden", "not you"));
  await t.rejects(wait(cluster), { message: /not you/ });
});

t.test("who may not read the operator hears that at once", async (t) => {
  const cluster = memoryCluster(...ready("Deployment"), slice(true), ...ready("APIService"), answer);
  const { get } = cluster;
  cluster.get = async (type, ...place) => {
    if (type.kind === "MirrordOperator") throw apiFailure(403, "Forbidden", "not you");
    return await get(type, ...place);
  };
  const waiting = waitForOperator(rendered, cluster, { world: world(), timeoutMilliseconds: 600_000 });
  await t.rejects(waiting, { kind: "undetermined", message: /not you/ });
});

t.test("Ctrl-C says what was waited for, and that all is written", async (t) => {
  const abort = new AbortController();
  const given = world(abort);
  given.progress = () => ({
    update: () => abort.abort(new UserError("interrupted", "interrupted")),
    end: () => undefined,
  });
  const waiting = waitForOperator(rendered, memoryCluster(...find("Deployment")), {
    world: given,
    timeoutMilliseconds: 600_000,
  });
  await t.rejects(waiting, {
    kind: "interrupted",
    message: /while waiting for deployment/,
    hint: /All objects are written/,
  });
});

t.test("of no replicas and of no operator nothing more is waited for", async (t) => {
  const off = find("Deployment").map((object) => ({ ...object, spec: { replicas: 0 }, status: status.Deployment }));
  const service = [...find("Service"), ...find("APIService")];
  t.equal(await wait(memoryCluster(...off), [...off, ...service]), undefined);
  t.equal(await wait(memoryCluster(), find("ConfigMap")), undefined);
});
