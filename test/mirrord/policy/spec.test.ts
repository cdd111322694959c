import t from "tap";
import { readPolicy, type MirrordPolicy } from "../../../lib/mirrord/policy/spec.ts";
import { saysKept } from "../../kept-text.ts";
import { clusterPolicy, policy, shopPolicies } from "../policy-fixtures.ts";

const cases: { name: string; policy: unknown; problems: string[] }[] = [
  { name: "a valid policy", policy: policy({}), problems: [] },
  {
    name: "nulls where the CRD allows them",
    policy: policy({ targetPath: null, selector: null, profileAllowlist: null }),
    problems: [],
  },
  { name: "no object", policy: null, problems: ["kind", "metadata.name", "spec", "metadata.namespace", "spec.block"] },
  { name: "another kind", policy: { ...policy({}), kind: "Policy" }, problems: ["kind"] },
  { name: "no name", policy: { ...policy({}), metadata: { namespace: "shop" } }, problems: ["metadata.name"] },
  {
    name: "a MirrordPolicy without namespace",
    policy: { ...policy({}), metadata: { name: "p" } },
    problems: ["metadata.namespace"],
  },
  {
    name: "a MirrordClusterPolicy with one",
    policy: { ...clusterPolicy({}), metadata: { name: "p", namespace: "shop" } },
    problems: ["metadata.namespace"],
  },
  { name: "no spec", policy: { ...policy({}), spec: undefined }, problems: ["spec", "spec.block"] },
  { name: "a spec that is a list", policy: { ...policy({}), spec: [] }, problems: ["spec", "spec.block"] },
  { name: "no block list", policy: policy({ block: undefined }), problems: ["spec.block"] },
  { name: "an unknown feature", policy: policy({ block: ["steal", "chaos"] }), problems: ["spec.block"] },
  { name: "a feature that is no text", policy: policy({ block: [1] }), problems: ["spec.block"] },
  { name: "a path that is a number", policy: policy({ targetPath: 7 }), problems: ["spec.targetPath"] },
  {
    name: "a selector that is a text",
    policy: policy({ selector: "app=web" }),
    problems: ["spec.selector", "spec.selector"],
  },
  { name: "a flag in quotes", policy: policy({ requireProfile: "true" }), problems: ["spec.requireProfile"] },
  { name: "a network that is a list", policy: policy({ network: [] }), problems: ["spec.network"] },
  {
    name: "patterns that are none",
    policy: policy({ fs: { readOnly: ["ok", "("], local: "x" } }),
    problems: ["spec.fs.local", "spec.fs.readOnly[1]"],
  },
];
for (const { name, policy: object, problems } of cases) {
  t.test(`${name}: ${problems.length === 0 ? "no problem" : problems.join(", ")}`, async (t) => {
    t.same(
      readPolicy(object as MirrordPolicy).problems.map(({ field }) => field),
      problems,
    );
    saysKept(t, import.meta.filename, name, () =>
      readPolicy(object as MirrordPolicy).problems.map(({ field, problem }) => `${field}: ${problem}`),
    );
  });
}

t.test("the policies of the shop are valid", async (t) => {
  t.same(
    shopPolicies.flatMap((one) => readPolicy(one).problems),
    [],
  );
});

const refs: [kind: unknown, metadata: unknown, want: object][] = [
  ["MirrordPolicy", { name: "p", namespace: "dev" }, { kind: "MirrordPolicy", name: "p", namespace: "dev" }],
  ["MirrordPolicy", { name: "p" }, { kind: "MirrordPolicy", name: "p" }],
  ["MirrordPolicy", { name: "p", namespace: "" }, { kind: "MirrordPolicy", name: "p" }],
  ["MirrordPolicy", { name: "p", namespace: 1 }, { kind: "MirrordPolicy", name: "p" }],
  ["MirrordPolicy", { name: 1, namespace: "dev" }, { kind: "MirrordPolicy", name: "", namespace: "dev" }],
  ["MirrordPolicy", "x", { kind: "MirrordPolicy", name: "" }],
  ["MirrordClusterPolicy", { name: "p", namespace: "dev" }, { kind: "MirrordClusterPolicy", name: "p" }],
  ["Policy", { name: "p", namespace: "dev" }, { kind: "MirrordPolicy", name: "p", namespace: "dev" }],
];
for (const [kind, metadata, want] of refs) {
  t.test(`which policy ${JSON.stringify({ kind, metadata })} is`, async (t) => {
    t.same(readPolicy({ ...policy({}), kind, metadata } as MirrordPolicy).ref, want);
  });
}

t.test("policies that limit much at once, as they are read", async (t) => {
  for (const [index, one] of shopPolicies.entries()) {
    saysKept(t, import.meta.filename, `as read: ${one.metadata.name} ${index}`, () => readPolicy(one));
  }
});

t.test("a policy is read once", async (t) => {
  const one = policy({});
  t.equal(readPolicy(one), readPolicy(one));
});

t.test("a feature that we do not know is kept", async (t) => {
  t.same([...readPolicy(policy({ block: ["steal", "chaos"] })).block], ["steal", "chaos"]);
});

t.test("a name of Object's own is no field", async (t) => {
  const spec = JSON.parse('{"block":[],"__proto__":{"requireProfile":true},"constructor":1}') as Record<
    string,
    unknown
  >;
  t.match(readPolicy({ ...policy({}), spec }), { requireProfile: false, problems: { length: 0 } });
  const inherits: unknown = Object.assign(Object.create({ requireProfile: true }), { block: [] });
  t.match(readPolicy({ ...policy({}), spec: inherits }), { requireProfile: false, problems: { length: 0 } });
});
