import t from "tap";
import { withAll } from "../../lib/kube/overlay.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { namespaceObject } from "../access/namespace-object.ts";
import { memoryCluster } from "./memory-cluster.ts";

const { namespaces, secrets } = nativeResources;
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "dev" } };

t.test("one type is as given, and everything else is the cluster's", async (t) => {
  const cluster = withAll(memoryCluster(namespaceObject("dev"), namespaceObject("qa"), secret), namespaces, [
    namespaceObject("dev", { env: "test" }),
    namespaceObject("prod", { env: "prod" }),
  ]);
  const names = async (options = {}) =>
    (await Array.fromAsync(cluster.list(namespaces, options))).map(({ metadata }) => metadata.name);
  t.same(await names(), ["dev", "prod"]);
  t.same(await names({ labelSelector: "env=test" }), ["dev"]);
  t.match(await cluster.get(namespaces, "dev"), { metadata: { labels: { env: "test" } } });
  t.match(
    await cluster.get(namespaces, "qa"),
    { metadata: { name: "qa" } },
    "one that is not given may be there all the same",
  );
  t.equal((await Array.fromAsync(cluster.list(secrets))).length, 1);
  t.match(await cluster.get(secrets, "key", "dev"), { kind: "Secret" });
});
