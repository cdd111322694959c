import t from "tap";
import { guardObjects } from "../../../lib/install/access-model/policies.ts";
import { readModelSet } from "../../../lib/install/verify/access-model-set.ts";
import { memoryCluster } from "../../kube/memory-cluster.ts";
import { refusing } from "../../kube/refusing-cluster.ts";
import { saysKept } from "../../kept-text.ts";
import { exemptingLines, presentSet, triedLines } from "./tried.ts";

const { policies, bindings } = guardObjects();

t.test("what is not installed is not verified", async (t) => {
  t.equal(await readModelSet(memoryCluster()), undefined);
});

t.test("each policy that users could meet has something that they may not make", async (t) => {
  const cluster = memoryCluster(...policies, ...bindings);
  const set = presentSet(await readModelSet(cluster));
  t.equal(set.policies.length, 7);
  const probed = new Set(set.probes.map(({ policy }) => policy));
  const left = policies.map(({ metadata }) => metadata.name ?? "").filter((name) => !probed.has(name));
  t.same(left, ["kubectl-mirrord-collection-labels"], "only administrators get so far");
  for (const { attempt, only } of set.probes) await attempt(cluster, only ?? "dev");
  t.same(cluster.writes, [], "in dry runs");
});

t.test("what is tried against each policy, and by whom it proves nothing", async (t) => {
  const set = presentSet(await readModelSet(memoryCluster(...bindings)));
  t.same(
    { policies: set.policies, bindings: set.bindings, name: set.name, toEnforce: set.toEnforce },
    { policies, bindings, name: "access model", toEnforce: "Run kubectl mirrord install --access-model." },
  );
  const said = [...(await triedLines(set)), "", ...exemptingLines(set)];
  saysKept(t, import.meta.filename, "tried", () => said);
});

t.test(
  "policies of somebody else are not the access model, and of what may not be listed nothing is known",
  async (t) => {
    const [binding] = bindings;
    if (binding === undefined) throw new Error("there is none");
    t.equal(await readModelSet(memoryCluster({ ...binding, metadata: { name: "somebody-elses" } })), undefined);
    const cluster = refusing(memoryCluster(), "ValidatingAdmissionPolicyBinding");
    t.match(await readModelSet(cluster), { failed: true, status: 403 });
  },
);
