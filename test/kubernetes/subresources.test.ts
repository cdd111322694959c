import t from "tap";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { knownSubresources } from "../../lib/kubernetes/subresources.ts";

t.test("what the server says of a type counts, else what is known of Kubernetes' own", async (t) => {
  t.match(knownSubresources(nativeResources.pods), ["attach", "binding"]);
  t.ok(knownSubresources(nativeResources.deployments).includes("scale"));
  t.same(knownSubresources(nativeResources.secrets), []);
  t.same(knownSubresources({ ...nativeResources.pods, group: "metrics.k8s.io" }), [], "another group's pods");
  t.same(knownSubresources({ ...nativeResources.pods, subresources: ["own"] }), ["own"]);
});
