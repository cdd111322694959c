import t from "tap";
import { expansionFault } from "../../../lib/access/organizations/expansion.ts";
import type { RbacSubject } from "../../../lib/access/subject.ts";
import type { Change } from "../../../lib/kube/cluster.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";

const people = (count: number): RbacSubject[] =>
  [...Array(count).keys()].map((at) => ({ kind: "User", name: `person-${at}` }));
const bindings = (count: number, action: Change["action"] = "create"): Change[] =>
  [...Array(count).keys()].map((at) => ({
    action,
    type: nativeResources.roleBindings,
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "x", namespace: `n${at}` },
      roleRef: { kind: "ClusterRole", name: "view" },
    },
  }));
const team = { kind: "Team", name: "acme/all" } as const;

const cases: [what: string, members: number, plan: Change[], want: RegExp | undefined][] = [
  ["a team of a dozen everywhere", 12, bindings(4000), undefined],
  ["5,000 people in ten bindings", 5000, bindings(10), undefined],
  ["5,000 people in 2,000 namespaces", 5000, bindings(2000), /would be 7\d\d MB of bindings: put a group/],
  ["the same that goes", 5000, bindings(2000, "delete"), undefined],
  ["more than one binding can hold", 20_000, bindings(1), /would be 2 MB in one binding/],
  [
    "roles, which name nobody",
    5000,
    bindings(2000).map((each) => ({ ...each, object: { ...each.object, roleRef: undefined } })),
    undefined,
  ],
];
for (const [what, count, plan, want] of cases) {
  t.test(`${what}: ${want === undefined ? "fits" : "is too large"}`, async (t) => {
    const fault = expansionFault(team, people(count), plan);
    if (want === undefined) t.equal(fault, undefined);
    else t.match(fault, want);
  });
}
