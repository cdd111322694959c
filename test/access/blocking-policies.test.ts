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
  {
    name: "a required profile",
    policy: policy({ requireProfile: true }, at),
    want: [{ features: [], requiresProfile: true, reach: "all" }],
  },
  {
    name: "one that blocks, and requires a profile as well",
    policy: policy({ block: ["steal"], requireProfile: true }, at),
    want: [{ features: ["steal"], requiresProfile: true, reach: "all" }],
  },
  {
    name: "one that lets nobody steal without a header filter",
    policy: policy({ network: { incoming: { httpFilter: { headerFilter: "^x: .+" } } } }, at),
    want: [{ features: [], requiresHeaderFilter: true, reach: "all" }],
  },
  {
    name: "a header filter where stealing is blocked anyhow",
    policy: policy({ block: ["steal"], network: { incoming: { httpFilter: { headerFilter: "^x: .+" } } } }, at),
    want: [{ features: ["steal"], requiresHeaderFilter: false }],
  },
  {
    name: "one that is newer than this program",
    policy: policy({ block: ["dance"], splitQueues: true }, at),
    want: [{ features: [], unknown: ["spec.block: dance", "spec.splitQueues"], reach: "all" }],
  },
  { name: "what no plain session asks for", policy: policy({ block: ["copy-target-scale-down"] }, at), want: [] },
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

t.test("which policy it is stands beside what it takes, in the order in which mirrord names that", async (t) => {
  const all = policy({ block: ["copy-target", "steal-without-filter", "mirror", "steal"] }, at);
  t.same(blockingPolicies([all], ["dev"], []), [
    {
      policy: { kind: "MirrordPolicy", namespace: "dev", name: "p" },
      features: ["mirror", "steal", "steal-without-filter"],
      requiresProfile: false,
      requiresHeaderFilter: false,
      unknown: ["spec.block: copy-target"],
      reach: "all",
    },
  ]);
});

const api = { kind: "deployment", name: "api" } as const;
const onWeb = { block: ["steal"], targetPath: "deploy/web" };
const reaches: { name: string; given: ReturnType<typeof policy>; places: string[] | undefined; want: string[] }[] = [
  { name: "of a namespace, for one of two targets", given: policy(onWeb, at), places: ["dev"], want: ["some"] },
  {
    name: "of a namespace, for another, whose objects may be theirs too",
    given: policy({ block: ["steal"], targetPath: "deploy/other" }, at),
    places: ["dev"],
    want: ["perhaps"],
  },
  {
    name: "of a namespace, for both",
    given: policy({ block: ["steal"], targetPath: "deploy/*" }, at),
    places: ["dev"],
    want: ["all"],
  },
  { name: "of the cluster, for one of two targets", given: clusterPolicy(onWeb, "c"), places: ["dev"], want: ["some"] },
  {
    name: "of the cluster, for both, in each namespace",
    given: clusterPolicy({ block: ["steal"], targetPath: "deploy/*" }, "c"),
    places: ["dev", "qa"],
    want: ["all"],
  },
  {
    name: "of the cluster, where a grant holds everywhere",
    given: clusterPolicy({ block: ["steal"] }, "c"),
    places: undefined,
    want: ["all"],
  },
  {
    name: "of a namespace, where a grant holds everywhere",
    given: policy({ block: ["steal"] }, at),
    places: undefined,
    want: ["some"],
  },
  {
    name: "of the cluster, for the labels of some of whoever",
    given: clusterPolicy({ block: ["steal"], selector: { matchLabels: { app: "x" } } }, "c"),
    places: ["dev"],
    want: ["perhaps"],
  },
];
for (const { name, given, places, want } of reaches) {
  t.test(`a policy ${name}: ${want.join() || "nothing"} of a grant of two targets`, async (t) => {
    const targets = places === undefined ? [] : [web, api];
    t.same(
      blockingPolicies([given], places, targets).map(({ reach }) => reach),
      want,
    );
  });
}
