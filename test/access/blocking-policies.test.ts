import t from "tap";
import { blockingPolicies } from "../../lib/access/blocking-policies.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";

const at = { name: "p", namespace: "dev" };
const web = { kind: "deployment", name: "web" } as const;
const cases: { name: string; policy: ReturnType<typeof policy>; limited?: boolean; want: object[] }[] = [
  {
    name: "one for every target",
    policy: policy({ block: ["steal"] }, at),
    want: [{ features: ["steal"], reach: "all" }],
  },
  { name: "one that limits nothing of a grant", policy: policy({ block: [], env: { exclude: ["A"] } }, at), want: [] },
  { name: "a required profile", policy: policy({ requireProfile: true }, at), want: [{ features: [], reach: "all" }] },
  {
    name: "one for some targets",
    policy: policy({ block: ["mirror"], targetPath: "deploy/w*" }, at),
    want: [{ features: ["mirror"], reach: "some" }],
  },
  {
    name: "one for the target",
    policy: policy({ block: ["steal"], targetPath: "deploy/web" }, at),
    limited: true,
    want: [{ reach: "all" }],
  },
  {
    name: "one for the labels of some",
    policy: policy({ block: ["steal"], selector: { matchLabels: { app: "x" } } }, at),
    limited: true,
    want: [{ reach: "perhaps" }],
  },
  { name: "one of another namespace", policy: policy({ block: ["steal"] }, { name: "p", namespace: "qa" }), want: [] },
  { name: "one of the cluster", policy: clusterPolicy({ block: ["steal"] }, "c"), want: [{ reach: "all" }] },
];
for (const { name, policy: given, limited = false, want } of cases)
  t.test(`${name}: what it takes of a grant`, async (t) => {
    const found = blockingPolicies([given], ["dev"], limited ? [web] : []);
    t.equal(found.length, want.length);
    t.match(found, want);
  });

t.test("where a grant holds in several namespaces, a policy of one of them reaches some targets", async (t) => {
  t.match(blockingPolicies([policy({ block: ["steal"] }, at)], ["dev", "qa"], []), [{ reach: "some" }]);
});
