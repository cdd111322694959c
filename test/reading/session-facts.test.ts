import t from "tap";
import { apiFailure } from "../kube/memory-cluster.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { readTarget } from "../../lib/reading/session-facts.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { deployment, NAMESPACE, namespace } from "../preview/objects.ts";

const objects = [namespace(), deployment("web"), deployment("checkout")];
const similarTo = async (target: string, more: FakeOptions = {}) =>
  (
    await readTarget(fakeCluster({ objects, ...more }), {
      action: "mirror",
      target: parseTarget(target),
      namespace: NAMESPACE,
    })
  ).similar;

const slips: [target: string, similar: string | undefined, more?: FakeOptions][] = [
  ["deploy/wbe", "web"],
  ["deploy/chekout", "checkout"],
  ["deploy/payments", undefined],
  ["statefulset/wbe", undefined],
  ["deploy/wbe", undefined, { objects: [namespace()] }],
  ["deploy/web", undefined],
];
for (const [target, similar, more] of slips)
  t.test(
    `${target} is taken for ${similar ?? "no slip"}${more === undefined ? "" : " where there is nothing"}`,
    async (t) => {
      t.equal(await similarTo(target, more), similar);
    },
  );

t.test("whoever may not list is not told what there is, and nothing fails", async (t) => {
  const cluster = fakeCluster({ objects });
  const list = () => {
    throw apiFailure(403, "Forbidden", "forbidden");
  };
  const found = await readTarget(
    { ...cluster, list },
    { action: "mirror", target: parseTarget("deploy/wbe"), namespace: NAMESPACE },
  );
  t.match(found, { object: undefined, forbidden: false });
  t.equal(found.similar, undefined);
});
