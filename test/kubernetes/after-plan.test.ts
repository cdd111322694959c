import t from "tap";
import { afterPlan } from "../../lib/kubernetes/after-plan.ts";
import { patchChange } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import type { Change } from "../../lib/kube/cluster.ts";
import { namespaceObject } from "../access/namespace-object.ts";

const type = nativeResources.namespaces;
const [dev, qa] = [namespaceObject("dev"), namespaceObject("qa")];
const labelled = (value: string) =>
  patchChange({ type, current: dev, stage: 0 }, { metadata: { labels: { env: value } } });

const cases: { name: string; plan: Change[]; want: object[] }[] = [
  { name: "nothing", plan: [], want: [dev] },
  { name: "made", plan: [{ action: "create", type, object: qa }], want: [dev, qa] },
  { name: "changed", plan: [labelled("x")], want: [{ metadata: { name: "dev", labels: { env: "x" } } }] },
  { name: "changed twice", plan: [labelled("x"), labelled("y")], want: [{ metadata: { labels: { env: "y" } } }] },
  {
    name: "as it was",
    plan: [{ action: "unchanged", type, object: namespaceObject("dev", { a: "b" }), current: dev }],
    want: [dev],
  },
  { name: "gone", plan: [{ action: "delete", type, object: dev, current: dev }], want: [] },
  {
    name: "made anew",
    plan: [
      { action: "delete", type, object: dev },
      { action: "create", type, object: dev },
    ],
    want: [dev],
  },
];
for (const { name, plan, want } of cases)
  t.test(`what follows from a plan is foreseen: ${name}`, async (t) => {
    const after = afterPlan([dev], plan);
    t.equal(after.length, want.length);
    t.match(after, want);
  });

t.test("an object of the same name in another namespace, or of another kind, is another one", async (t) => {
  const kind = { apiVersion: "v1", kind: "ConfigMap" };
  const [one, other] = ["dev", "qa"].map((namespace) => ({ ...kind, metadata: { name: "dev", namespace } }));
  if (one === undefined || other === undefined) throw new Error("two maps");
  t.same(afterPlan([dev, one, other], [{ action: "delete", type: nativeResources.configMaps, object: one }]), [
    dev,
    other,
  ]);
});
