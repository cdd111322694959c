import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { plainPlan, type SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import { patchCommand, policyFix } from "../../lib/preview/fix-policy.ts";
import { weighPolicies } from "../../lib/preview/policies.ts";
import { deployment, policy } from "./objects.ts";
import { saysKept } from "../kept-text.ts";

const plan = (more: Partial<SessionPlan> = {}): SessionPlan => ({
  ...plainPlan("steal", { kind: "deployment", name: "web" }, "dev"),
  ...more,
});
const computeFix = (policies: KubernetesObject[], session = plan()) =>
  policyFix(weighPolicies({ policies, unreadable: [] }, session, deployment(), "3.187.0"));

const cases: {
  name: string;
  spec: Record<string, unknown>;
  plan?: Partial<SessionPlan>;
  change: string;
  patch: object[];
}[] = [
  {
    name: "a blocked feature",
    spec: { block: ["mirror", "steal"] },
    change: 'remove "steal" from spec.block',
    patch: [
      { op: "test", path: "/spec/block/1", value: "steal" },
      { op: "remove", path: "/spec/block/1" },
    ],
  },
  {
    name: "a required profile",
    spec: { requireProfile: true },
    change: "set spec.requireProfile to false",
    patch: [{ op: "replace", path: "/spec/requireProfile", value: false }],
  },
  {
    name: "an allowlist without the profile",
    spec: { profileAllowlist: ["a"] },
    plan: { profile: { name: "p", namespace: "dev" } },
    change: 'add "dev/p" to spec.profileAllowlist',
    patch: [{ op: "add", path: "/spec/profileAllowlist/-", value: "dev/p" }],
  },
  {
    name: "a header filter",
    spec: { network: { incoming: { httpFilter: { headerFilter: "x" } } } },
    change: "remove spec.network.incoming.httpFilter.headerFilter",
    patch: [{ op: "test", path: "/spec/network/incoming/httpFilter/headerFilter", value: "x" }, { op: "remove" }],
  },
];
for (const { name, spec, plan: more, change, patch } of cases) {
  t.test(`${name} is taken away by one small change`, async (t) => {
    const fix = computeFix([policy("p", spec)], plan(more));
    saysKept(t, import.meta.filename, name, () => fix);
    t.match(fix, {
      proven: true,
      left: { length: 0 },
      changes: [{ kind: "MirrordPolicy", name: "p", namespace: "dev", change, patch }],
    });
  });
}

t.test("every policy that refuses is changed, each field once", async (t) => {
  const fix = computeFix([
    policy("a", { block: ["steal"], requireProfile: true }),
    policy("b", { block: ["steal-without-filter"] }, "MirrordClusterPolicy"),
    policy("c", { block: ["mirror"] }),
  ]);
  t.same(fix.changes.map(({ name, change }) => `${name}: ${change}`).toSorted(), [
    'a: remove "steal" from spec.block',
    "a: set spec.requireProfile to false",
    'b: remove "steal-without-filter" from spec.block',
  ]);
  t.ok(fix.proven);
});

t.test("what no small change takes away is left, and nothing is promised", async (t) => {
  const outgoing = policy("o", { network: { outgoing: { block: [{ hostname: "db" }] } } });
  const fix = computeFix([outgoing], plan({ outgoing: [{ protocol: "TCP", host: "db", port: 5432 }] }));
  t.same(fix.left, ["spec.network.outgoing of MirrordPolicy o"]);
  t.equal(fix.proven, false);
});

t.test("of policies with one name, each is changed where it is", async (t) => {
  const everywhere = policy("p", { block: ["steal", "mirror"] }, "MirrordClusterPolicy");
  const fix = computeFix([policy("p", { block: ["steal"] }), everywhere, policy("q", { block: ["mirror"] })]);
  t.same(
    fix.changes.map(({ kind, namespace, name, patch }) => [kind, namespace, name, patch.length]),
    [
      ["MirrordPolicy", "dev", "p", 2],
      ["MirrordClusterPolicy", undefined, "p", 2],
    ],
  );
  t.ok(fix.proven);
});

t.test("the command names the policy where it is", async (t) => {
  const [own] = computeFix([policy("p", { block: ["steal"] })]).changes;
  const [clusterWide] = computeFix([policy("p", { block: ["steal"] }, "MirrordClusterPolicy")]).changes;
  t.match(
    own === undefined ? [] : patchCommand(own).join(" "),
    /^kubectl patch mirrordpolicies.policies.mirrord.metalbear.co p -n dev --type=json -p \[/,
  );
  t.match(
    clusterWide === undefined ? [] : patchCommand(clusterWide).join(" "),
    /^kubectl patch mirrordclusterpolicies.policies.mirrord.metalbear.co p --type=json/,
  );
});
