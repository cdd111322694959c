import t from "tap";
import { accessModel, secureDefaults } from "../../lib/access/names.ts";
import { guardObjects } from "../../lib/install/access-model/policies.ts";
import { binding } from "../../lib/install/secure-defaults/policy-parts.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { readAnchorGuard, readCollectionGuard, readEndGuards, readGrantGuard } from "../../lib/reading/guards.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";

const { policies, bindings } = guardObjects();
const POLICIES = "validatingadmissionpolicies";
const BINDINGS = "validatingadmissionpolicybindings";

/** The cluster for somebody who may not read these types. */
function clusterWith(objects: readonly KubernetesObject[], unreadable: readonly string[] = []) {
  const cluster = memoryCluster(...objects);
  const { get } = cluster;
  cluster.get = async (type, ...place) => {
    if (unreadable.includes(type.resource))
      throw apiFailure(403, "Forbidden", `cannot get resource "${type.resource}"`);
    return await get(type, ...place);
  };
  return cluster;
}

const guarding = { guards: true, unreadable: [] };
const open = { guards: false, unreadable: [] };
const audited = bindings.map(({ metadata }) => binding(metadata.name ?? "", "audit"));

const cases: [what: string, objects: readonly KubernetesObject[], unreadable: string[], want: object][] = [
  ["installed", [...policies, ...bindings], [], guarding],
  ["not installed", [], [], open],
  ["policies without their bindings", policies, [], open],
  ["bindings without their policies", bindings, [], open],
  ["only audited", [...policies, ...audited], [], open],
  ["policies that may not be read", [...policies, ...bindings], [POLICIES], { guards: false, unreadable: [POLICIES] }],
  ["bindings that may not be read", [...policies, ...bindings], [BINDINGS], { guards: false, unreadable: [BINDINGS] }],
  ["neither may be read", [], [POLICIES, BINDINGS], { guards: false, unreadable: [POLICIES, BINDINGS] }],
  ["no binding, and policies that may not be read", policies, [POLICIES], open],
];
for (const [what, objects, unreadable, want] of cases)
  t.test(`policies of the access model: ${what}`, async (t) => {
    const cluster = clusterWith(objects, unreadable);
    for (const read of [readGrantGuard, readAnchorGuard, readCollectionGuard]) t.same(await read(cluster), want);
    t.same((await readEndGuards(cluster, [{ role: "user" }]))({ role: "user" }), want);
  });

t.test("in a folder nothing guards grants, and whoever may change it guards its collections", async (t) => {
  const cluster = { ...clusterWith([...policies, ...bindings]), offline: true };
  t.same(await readGrantGuard(cluster), open);
  t.same(await readCollectionGuard(cluster), guarding);
});

t.test("the end of an exemption is guarded by the secure defaults as well", async (t) => {
  const role = "privileged/hostPID" as const;
  const names = [secureDefaults.endsPolicy, secureDefaults.bindingsPolicy];
  const ends = names.flatMap((name): KubernetesObject[] => [
    { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name } },
    binding(name, "enforce"),
  ]);
  const both = await readEndGuards(clusterWith(ends), [{ role }, { role: "user" }]);
  t.same(both({ role }), guarding);
  t.same(both({ role: "user" }), open, "only of exemptions");
  t.same((await readEndGuards(clusterWith(ends.slice(0, 2)), [{ role }]))({ role }), open, "both have to hold");
  t.not(accessModel.anchorPolicy, names[0]);
});
