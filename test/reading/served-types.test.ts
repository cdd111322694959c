import t from "tap";
import { servedTypes } from "../../lib/reading/served-types.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";

t.test("a group that does not answer is named, and hides no other", async (t) => {
  const cluster = fakeCluster({ failing: { "down.example.com": 503 } });
  const { discover } = cluster;
  cluster.groups = async () => [
    { group: "", version: "v1" },
    { group: "down.example.com", version: "v1" },
    { group: "gone.example.com", version: "v1" },
    { group: "apps", version: "v1" },
  ];
  const types = new Map([
    ["", [nativeResources.pods]],
    ["apps", [nativeResources.deployments]],
  ]);
  cluster.discover = async (group, version) =>
    group === "gone.example.com" ? undefined : (types.get(group) ?? (await discover(group, version)));
  t.same(await servedTypes(cluster), {
    types: [nativeResources.pods, nativeResources.deployments],
    silent: ["down.example.com"],
  });
});

t.test("a bug is no group that is silent", async (t) => {
  const cluster = fakeCluster();
  cluster.groups = async () => [{ group: "apps", version: "v1" }];
  cluster.discover = () => Promise.reject(new TypeError("a bug"));
  await t.rejects(servedTypes(cluster), { name: "TypeError" });
});
