import t from "tap";
import { readCurrent } from "../../../lib/install/plan/current.ts";
import { typedObjects } from "../../../lib/install/plan/typed-objects.ts";
import { renderOperator } from "../../../lib/install/render.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";

const nobody = { discover: async () => undefined };
const secret = (name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "mirrord" },
});

t.test("the wanted objects that are there, and the Secrets of others that the pods read", async (t) => {
  const wanted = await typedObjects(renderOperator({ license: { keyRef: "licence" } }), nobody, "mirrord");
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "mirrord" } };
  const { stored, secrets } = await readCurrent(fakeCluster({ objects: [namespace, secret("licence")] }), wanted);
  t.same(
    stored.map(({ object }) => object.metadata.name),
    ["mirrord"],
  );
  t.match(secrets, [
    { reference: { name: "licence" }, read: { failed: false, value: { metadata: { name: "licence" } } } },
  ]);
});

t.test("a Secret that is one of the wanted objects is read once; one that may not be read is no end", async (t) => {
  const own = await typedObjects(renderOperator({ license: { key: "k" } }), nobody, "mirrord");
  t.same((await readCurrent(fakeCluster(), own)).secrets, []);
  const other = await typedObjects(renderOperator({ license: { keyRef: "licence" } }), nobody, "mirrord");
  const { secrets } = await readCurrent(fakeCluster({ forbidden: ["secrets"] }), other);
  t.match(secrets, [{ read: { failed: true, status: 403 } }]);
});
