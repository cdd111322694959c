import t from "tap";
import { completeCollections } from "../../../lib/commands/grant/complete-collections.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { object } from "../../preview/objects.ts";

const complete = async (options: FakeOptions) =>
  await completeCollections(
    {},
    { connect: async () => fakeCluster(options) } as never,
    { given: [], current: "", options: new Set() },
    () => {},
  );
const list = object(
  "v1",
  "ConfigMap",
  "mirrord-collections",
  { data: { prod: "", "prod.web": "The shops" } },
  "mirrord-access",
);

t.test("collections complete by their paths, with what somebody said of them", async (t) => {
  t.same(await complete({ objects: [list] }), ["prod", { value: "prod/web", describe: "The shops" }]);
  t.same(await complete({}), []);
});
