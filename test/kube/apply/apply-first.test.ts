// A creation that overwrites nothing, on a real API server: what it sends is an apply for a version that no object has.
import t from "tap";
import { apply, dryRun } from "../../../lib/kube/apply/apply.ts";
import type { Change } from "../../../lib/kube/cluster.ts";
import { connectCluster } from "../../../lib/kube/live/live-cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { testNamespace } from "../../control-plane/namespace.ts";
import { sharedControlPlane } from "../../control-plane/start.ts";

const plane = await sharedControlPlane();
const { signal } = new AbortController();
const type = nativeResources.configMaps;

function change(namespace: string, value: string, labels: Record<string, string> = { ours: "yes" }): Change {
  const object: KubernetesObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "first", namespace, labels },
    data: { value },
  };
  return { action: "create", type, object, stage: 1, isFirst: true };
}

t.test("one that somebody else has made meanwhile is a conflict, and stays as it is", async (t) => {
  const cluster = await connectCluster(
    { kubeconfig: plane.kubeconfig, context: "admin" },
    { env: {}, signal, warn: () => undefined },
  );
  t.teardown(() => cluster.close());
  const namespace = await testNamespace(plane, t);
  const value = async () => (await cluster.get(type, "first", namespace))?.["data"];
  await dryRun([change(namespace, "tried")], cluster, { signal });
  t.equal(await value(), undefined);
  const [outcome] = await apply([change(namespace, "one")], cluster, { signal });
  t.match(outcome, { written: true, stored: { metadata: { managedFields: [{ operation: "Apply" }] } } });
  const conflict = { message: /the object has been modified/ };
  await t.rejects(apply([change(namespace, "two")], cluster, { signal }), conflict);
  await t.rejects(dryRun([change(namespace, "two")], cluster, { signal }), conflict);
  t.same(await value(), { value: "one" });
  await apply([change(namespace, "three", { ours: "yes", seen: "no" })], cluster, { signal });
  t.same(
    await value(),
    { value: "three" },
    "what the plan could not see, for want of a label, is written like any other",
  );
});
