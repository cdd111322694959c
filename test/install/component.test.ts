import t from "tap";
import { COMPONENT_LABEL, readLabelled, withComponent } from "../../lib/install/component.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";

const role = (name: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name },
});

t.test("an object says which part it belongs to, beside its other labels", async (t) => {
  const labelled = withComponent({ ...role("a"), metadata: { name: "a", labels: { own: "1" } } }, "operator");
  t.same(labelled.metadata.labels, { own: "1", [COMPONENT_LABEL]: "operator" });
});

t.test("what carries a label is found in all kinds that can be removed; what may not be listed is named", async (t) => {
  const objects = [
    withComponent(role("a"), "operator"),
    withComponent(role("b"), "sync"),
    role("c"),
    withComponent({ apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" } }, "operator"),
  ];
  const cluster = fakeCluster({
    objects,
    forbidden: ["secrets"],
    notServed: ["cert-manager.io", "security.openshift.io"],
  });
  const { objects: found, unreadable } = await readLabelled(cluster, `${COMPONENT_LABEL}=operator`);
  t.same(
    found.map(({ object }) => object.metadata.name),
    ["a"],
  );
  t.same(
    unreadable.map(({ resource }) => resource),
    ["secrets"],
  );
});
