import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import { bindingFaults, type CompanyState } from "./company-state.ts";

const cluster = exampleMemory(
  organizationObject("acme", {
    members: ["zoe"],
    teams: [
      { name: "web", members: ["ann", "bob"] },
      { name: "ops", members: [] },
    ],
  }),
);
for (const words of [
  ["collection", "create", "prod/web"],
  ["collection", "assign", "prod/web", "--ns", "prod"],
  ["team:acme/web", "--collection", "prod/web", "--accept-label-risk"],
  ["org:acme", "--ns", "qa", "--role", "view"],
  ["jim", "--ns", "dev", "--ns", "qa", "--role", "minimal"],
  // Nobody is in it: the bindings are there for whoever comes.
  ["team:acme/ops", "--ns", "dev"],
]) {
  const { code, stderr } = await runGrant(words, { cluster });
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
}
const all: readonly KubernetesObject[] = cluster.objects();
const kinds = (kind: string) => all.filter((object) => object.kind === kind);
const isGrant = ({ metadata }: KubernetesObject) => metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined;
const state: CompanyState = {
  organizations: kinds("Organization"),
  namespaces: kinds("Namespace"),
  grants: kinds("ClusterRoleBinding").filter(isGrant),
  bindings: kinds("RoleBinding").filter(isGrant),
};
const bob = [{ kind: "User", name: "bob" }];

t.test("what the commands have made is right", async (t) => {
  t.equal(state.grants.length, 4);
  t.equal(state.bindings.length, 2 + 1 + 4 + 2);
  t.same(bindingFaults(state), []);
});

for (const [name, change, expected] of [
  ["a binding is missing", { bindings: state.bindings.slice(1) }, [/^missing: /]],
  ["a grant is gone, and its bindings are not", { grants: [] }, [/^not wanted: NOBODY /]],
  [
    "a binding is for others",
    { bindings: state.bindings.map((each, at) => (at === 0 ? { ...each, subjects: bob } : each)) },
    [/^missing: /, /^not wanted: .* for bob$/],
  ],
  ["a binding is there twice", { bindings: [...state.bindings, ...state.bindings.slice(0, 1)] }, [/^twice: /]],
  [
    "a namespace has left its collection",
    { namespaces: state.namespaces.map(unlabelled) },
    [/^not wanted: .* in prod: /],
  ],
  [
    "a member has left the team",
    { organizations: [organizationObject("acme", { teams: [{ name: "web", members: ["ann"] }] })] },
    [/^missing: .* itself: ann and not ann,bob$/],
  ],
] as const)
  t.test(`${name}: it is said`, async (t) => {
    const faults = bindingFaults({ ...state, ...change });
    for (const pattern of expected)
      t.ok(
        faults.some((fault) => pattern.test(fault)),
        faults.join("\n"),
      );
  });

function unlabelled({ metadata: { labels: _labels, ...metadata }, ...object }: KubernetesObject): KubernetesObject {
  return { ...object, metadata };
}
