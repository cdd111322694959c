import t from "tap";
import { readingOnce } from "../../lib/reading/reading-once.ts";
import { allObjects } from "../../lib/kubernetes/object-list.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { namespaceObject } from "../access/namespace-object.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";

const { namespaces, secrets } = nativeResources;
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "dev" } };

t.test(
  "each whole list is read once, whoever asks and however often; what is chosen from one is asked for anew",
  async (t) => {
    const plain = memoryCluster(namespaceObject("dev"), namespaceObject("qa"), secret);
    const requests: string[] = [];
    const counted = {
      ...plain,
      list: (...[type, options = {}]: Parameters<typeof plain.list>) => {
        requests.push(`list ${type.resource} ${JSON.stringify(options)}`);
        return plain.list(type, options);
      },
      discover: async (...[group, version]: Parameters<typeof plain.discover>) => {
        requests.push(`discover ${group}/${version}`);
        return await plain.discover(group, version);
      },
    };
    const cluster = readingOnce(counted);
    const names = async (options = {}) =>
      (await Array.fromAsync(cluster.list(namespaces, options))).map(({ metadata }) => metadata.name);
    t.same(await Promise.all([names(), names(), names()]), [
      ["dev", "qa"],
      ["dev", "qa"],
      ["dev", "qa"],
    ]);
    const whole = await allObjects(cluster.list(namespaces));
    whole.pop();
    t.same(await names(), ["dev", "qa"], "whoever changes the list that came changes nobody else's");
    t.same(await names({ labelSelector: "env=test" }), []);
    t.equal((await Array.fromAsync(cluster.list(secrets, { namespace: "dev" }))).length, 1);
    await Promise.all([
      cluster.discover("apps", "v1"),
      cluster.discover("apps", "v1"),
      cluster.discover("batch", "v1"),
    ]);
    t.same(requests, [
      "list namespaces {}",
      'list namespaces {"labelSelector":"env=test"}',
      'list secrets {"namespace":"dev"}',
      "discover apps/v1",
      "discover batch/v1",
    ]);
  },
);

t.test("a list that is refused is refused to everybody who asks", async (t) => {
  const plain = memoryCluster();
  const cluster = readingOnce({
    ...plain,
    // eslint-disable-next-line require-yield
    async *list() {
      throw new Error("refused");
    },
  });
  for (const _ of [1, 2]) await t.rejects(Array.fromAsync(cluster.list(namespaces)), /refused/);
});
