// What goes on of a grant that is revoked in one namespace, when the attempt that made it was not the one that took the grant back.
import t from "tap";
import type { StoredGrant } from "../../../lib/access/stored.ts";
import { stages } from "../../../lib/access/plan.ts";
import { annotations, GRANT_LABEL } from "../../../lib/access/names.ts";
import { madeRests } from "../../../lib/commands/grant/made-rests.ts";
import type { Change } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";

function binding(id: string, notes: Record<string, string> = {}): KubernetesObject {
  const metadata = { name: id, uid: `uid-${id}`, annotations: notes };
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata };
}

const grant = (id: string, notes?: Record<string, string>): StoredGrant => ({
  id,
  intent: undefined,
  binding: binding(id, notes),
  expiresAt: undefined,
  objects: [],
});
const revoked = { [annotations.revokedAt]: "2026-01-02T04:00:00Z" };
const goesOn = { narrowed: [{ from: "whole", to: "rest", namespaces: ["qa"] }] };
const step = (id: string, stage: number): Change => ({
  action: "update",
  type: nativeResources.clusterRoleBindings,
  object: binding(id),
  stage,
});

/** This command has made what goes on, or has written it again. */
function written(action: "create" | "update", end?: string): Change {
  const { metadata, ...rest } = binding("rest", end === undefined ? {} : { [annotations.expiresAt]: end });
  const object = { ...rest, metadata: { ...metadata, labels: { [GRANT_LABEL]: "rest" } } };
  return { action, type: nativeResources.clusterRoleBindings, object, stage: stages.main };
}
const make = written("create");

const cases: [name: string, first: StoredGrant[], steps: Change[], then: StoredGrant[], lost: string[]][] = [
  [
    "the grant stands: the rest is what this command will leave",
    [grant("whole")],
    [make],
    [grant("whole"), grant("rest")],
    [],
  ],
  ["somebody else has taken it back", [grant("whole")], [make], [grant("whole", revoked), grant("rest")], ["rest"]],
  ["somebody else has taken it back, and it is gone", [grant("whole")], [make], [grant("rest")], ["rest"]],
  [
    "somebody else has taken it back, and lets the same go on",
    [grant("whole")],
    [make],
    [grant("whole", { ...revoked, [annotations.goesOnAs]: "rest" }), grant("rest")],
    [],
  ],
  [
    "somebody else has taken it back, and lets something else go on",
    [grant("whole")],
    [make],
    [grant("whole", { ...revoked, [annotations.goesOnAs]: "other" }), grant("rest")],
    ["rest"],
  ],
  ["somebody else has made the rest, too", [grant("whole")], [], [grant("rest")], []],
  ["this command has marked it", [grant("whole")], [make, step("whole", stages.mark)], [grant("rest")], []],
  [
    "the second of several marks of this command",
    [grant("whole")],
    [make, step("whole", stages.mark + 0.5)],
    [grant("rest")],
    [],
  ],
  [
    "another step of this command is no mark",
    [grant("whole")],
    [make, step("whole", stages.main)],
    [grant("rest")],
    ["rest"],
  ],
  ["the rest was granted before", [grant("rest"), grant("whole")], [written("update")], [grant("rest")], []],
  ["the rest was not made", [grant("whole")], [], [], []],
  ["another grant that came meanwhile", [grant("whole")], [], [grant("other")], []],
];
for (const [name, first, steps, then, lost] of cases) {
  t.test(name, async (t) => {
    const rests = madeRests();
    t.same(rests.lost(first), [], "nothing was made before the first attempt");
    rests.add(goesOn, first);
    for (const one of steps) rests.written(one);
    t.same(
      rests.lost(then).map(({ id }) => id),
      lost,
    );
  });
}

t.test("what goes on from two grants stands as long as one of them is this command's", async (t) => {
  const rests = madeRests();
  const both = [grant("one"), grant("two")];
  rests.lost(both);
  const narrowed = both.map(({ id }) => ({ from: id, to: "rest", namespaces: ["qa"] }));
  rests.add({ narrowed }, both);
  rests.written(make);
  rests.written(step("one", stages.mark));
  t.same(rests.lost([grant("rest")]), []);
});

t.test("when it ends is known of what this command has made, as it has written it last", async (t) => {
  const [first, second] = ["2026-01-02T04:00:00Z", "2026-01-02T03:00:00Z"];
  const rests = madeRests();
  rests.written(written("update", first));
  t.equal(rests.madeEnd("rest"), undefined, "somebody else has made it");
  rests.written(written("create", first));
  t.equal(rests.madeEnd("rest"), Date.parse(first));
  rests.written(written("update", second));
  t.equal(rests.madeEnd("rest"), Date.parse(second));
  rests.written(make);
  t.equal(rests.madeEnd("rest"), undefined, "it never ends");
});
