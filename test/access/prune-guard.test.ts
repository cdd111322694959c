import t from "tap";
import { countPruning, isMassPruning } from "../../lib/access/prune-guard.ts";
import type { StoredObject } from "../../lib/access/stored.ts";
import { plan } from "../../lib/kubernetes/plan.ts";
import { intentWith } from "./grant.ts";
import { storedGrant, storedParts } from "./stored-grant.ts";

const intent = intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
const { objects } = storedParts(intent);
const deletionOf = (some: readonly StoredObject[]) => plan(some, []);

t.test("the bindings of a grant count, those that a plan deletes as pruned", async (t) => {
  const grant = storedGrant(objects);
  t.same(countPruning(grant, []), { bindings: 5, pruned: 0 });
  t.same(countPruning(grant, deletionOf(objects)), { bindings: 5, pruned: 5 });
  const inQa = objects.filter(({ object }) => object.metadata.namespace === "qa");
  t.same(countPruning(grant, deletionOf(inQa)), { bindings: 5, pruned: 2 });
});

t.test("what anybody may put under a grant's label does not count", async (t) => {
  const junk = objects.flatMap(({ type, object }): StoredObject[] =>
    object.kind === "RoleBinding"
      ? [{ type, object: { ...object, metadata: { ...object.metadata, name: "junk" } } }]
      : [],
  );
  t.same(countPruning(storedGrant([...objects, ...junk]), deletionOf(junk)), { bindings: 5, pruned: 0 });
});

t.test("what is being deleted already, and what cannot be read, does not count either", async (t) => {
  const leaving = objects.map(({ type, object }) => ({
    type,
    object: { ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-01-02T04:00:00Z" } },
  }));
  t.same(countPruning(storedGrant(leaving), deletionOf(leaving)), { bindings: 0, pruned: 0 });
  t.same(countPruning({ ...storedGrant(objects), intent: undefined }, deletionOf(objects)), { bindings: 0, pruned: 0 });
});

const judged: [pruned: number, bindings: number, mass: boolean][] = [
  [0, 0, false],
  [0, 10, false],
  [1, 1, true],
  [5, 6, false],
  [5, 5, true],
  [6, 20, false],
  [6, 19, true],
  [30, 100, false],
  [31, 100, true],
];
for (const [pruned, bindings, mass] of judged)
  t.equal(isMassPruning({ pruned, bindings }), mass, `${pruned} of ${bindings} is ${mass ? "" : "no "}mass pruning`);
