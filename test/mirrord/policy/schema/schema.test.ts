import t from "tap";
import { steps } from "../../../steps.ts";
import { policyDefinitions } from "./definitions.ts";
import { builtInSchema, policyTypes, type StructuralSchema } from "../../../../lib/mirrord/policy/schema/crds.ts";
import { policyFaults } from "../../../../lib/mirrord/policy/schema/check.ts";
import { installedSchema, schemaFaults } from "../../../../lib/mirrord/policy/schema/schema.ts";
import { clusterPolicy, policy, shopPolicies } from "../../policy-fixtures.ts";
import { saysKept } from "../../../kept-text.ts";

const [namespaced, clusterWide] = policyTypes;
if (namespaced === undefined || clusterWide === undefined) throw new Error("there are two kinds");

function faults(one: ReturnType<typeof policy>): string[] {
  const type = one.kind === "MirrordPolicy" ? namespaced : clusterWide;
  if (type === undefined) throw new Error("no type");
  return policyFaults(one, type, builtInSchema).map(({ severity, path, problem }) => `${severity} ${path}: ${problem}`);
}

const cases: { name: string; spec: Record<string, unknown>; want: RegExp[] }[] = [
  { name: "an empty block list is valid", spec: {}, want: [] },
  {
    name: "a mistyped field, with the right one",
    spec: { targetpath: "x" },
    want: [/^error spec\.targetpath: .*drop it; did you mean targetPath\?/],
  },
  {
    name: "a field that resembles nothing",
    spec: { unheard: 1 },
    want: [/^error spec\.unheard: is not in the installed definition, so the server would drop it$/],
  },
  {
    name: "an inherited name is no field",
    spec: JSON.parse('{"constructor": 1}'),
    want: [/^error spec\.constructor: is not in/],
  },
  {
    name: "an unknown feature",
    spec: { block: ["stael"] },
    want: [
      /^error spec\.block\[0\]: is "stael", and the installed definition knows only "steal", "steal-without-filter"/,
    ],
  },
  {
    name: "a wrong type",
    spec: { requireProfile: "yes" },
    want: [/^error spec\.requireProfile: is the string "yes"; it must be true or false$/],
  },
  { name: "a null where a default stands in", spec: { appliesToCopyTargets: null }, want: [] },
  {
    name: "a null where none may stand",
    spec: { network: { outgoing: { allow: [{ ipBlock: { cidr: null } }] } } },
    want: [/cidr: is null; it must be a string/],
  },
  {
    name: "a port out of range",
    spec: { network: { outgoing: { block: [{ ports: [{ protocol: "TCP", port: 65_536 }] }] } } },
    want: [/ports\[0\]\.port: is 65536, more than 65535/],
  },
  {
    name: "a port as a string",
    spec: { network: { outgoing: { block: [{ ports: [{ protocol: "TCP", port: "80" }] }] } } },
    want: [/port: is the string "80"; it must be an integer/],
  },
  {
    name: "a fraction for a port",
    spec: { network: { outgoing: { block: [{ ports: [{ protocol: "TCP", port: 80.5 }] }] } } },
    want: [/port: is 80\.5; it must be an integer/],
  },
  {
    name: "a protocol in lower case",
    spec: { network: { outgoing: { block: [{ ports: [{ protocol: "tcp", port: 80 }] }] } } },
    want: [/protocol: is "tcp"/],
  },
  {
    name: "a port without its protocol",
    spec: { network: { outgoing: { block: [{ ports: [{ port: 80 }] }] } } },
    want: [/protocol: is missing/],
  },
  {
    name: "no address range",
    spec: { network: { outgoing: { block: [{ ipBlock: { cidr: "10.0.0.0/33" } }] } } },
    want: [/^error spec\.network\.outgoing\.block\[0\]\.ipBlock\.cidr: is not an address range/],
  },
  {
    name: "look-around",
    spec: { network: { incoming: { httpFilter: { headerFilter: "^(?!x)" } } } },
    want: [/^error spec\.network\.incoming\.httpFilter\.headerFilter: .*look-around/],
  },
  {
    name: "a back-reference",
    spec: { fs: { local: [String.raw`(a)\1`] } },
    want: [/^error spec\.fs\.local\[0\]: .*back-references/],
  },
  {
    name: "an expression of Rust's alone is only a warning",
    spec: { fs: { local: ["[a-z&&[^b]]"] } },
    want: [/^warning spec\.fs\.local\[0\]: is not evaluated/],
  },
  {
    name: "a selector that the API would refuse elsewhere",
    spec: { selector: { matchLabels: { "not a key": "x" } } },
    want: [/^error spec\.selector: matchLabels: Invalid value: "not a key"/],
  },
  {
    name: "In without values",
    spec: { selector: { matchExpressions: [{ key: "a", operator: "In" }] } },
    want: [/^error spec\.selector: .*values: Required value/],
  },
];

const operators: [expression: Record<string, unknown>, want: RegExp[]][] = [
  [{ key: "a", operator: "In", values: ["x"] }, []],
  [{ key: "a", operator: "NotIn", values: ["x"] }, []],
  [{ key: "a", operator: "Exists" }, []],
  [{ key: "a", operator: "DoesNotExist" }, []],
  [
    { key: "a", operator: "Like" },
    [/operator: is "Like", and the installed definition knows only "In", "NotIn", "Exists", "DoesNotExist"$/],
  ],
  [{ operator: "Exists" }, [/^error spec\.selector\.matchExpressions\[0\]\.key: is missing; it is required$/]],
  [{ key: "a" }, [/^error spec\.selector\.matchExpressions\[0\]\.operator: is missing; it is required$/]],
];
cases.push(
  ...operators.map(([expression, want]) => ({
    name: `an expression of a selector: ${JSON.stringify(expression)}`,
    spec: { selector: { matchExpressions: [expression] } },
    want,
  })),
  {
    name: "a fault of the schema hides no fault of a value elsewhere",
    spec: { requireProfile: "yes", fs: { local: ["("] } },
    want: [/^error spec\.requireProfile: /, /^error spec\.fs\.local\[0\]: /],
  },
);

for (const { name, spec, want } of cases)
  t.test(name, async (t) => {
    const found = faults(policy(spec));
    t.equal(found.length, want.length, found.join("\n"));
    for (const [index, pattern] of want.entries()) t.match(found[index], pattern);
    saysKept(t, import.meta.filename, name, () => found);
  });

t.test("the example policies have nothing wrong with them but a trap, which is for lint", async (t) => {
  for (const one of shopPolicies) t.same(faults(one), []);
});

t.test("metadata: namespaces, names and labels", async (t) => {
  t.match(faults({ ...clusterPolicy({}), metadata: { name: "p", namespace: "dev" } }).join(), /^note .* is cleared by/);
  t.match(faults({ ...policy({}), metadata: { name: "p" } }).join(), /metadata\.namespace: Required value/);
  t.same(schemaFaults({ ...policy({}), metadata: { name: "p" } }, namespaced, builtInSchema), [
    { path: "metadata.namespace", problem: "Required value", reason: "value" },
  ]);
  t.match(
    faults({ ...policy({}), metadata: { name: "P_1", namespace: "dev" } }).join(),
    /metadata\.name: a lowercase RFC 1123 subdomain/,
  );
  t.match(
    faults({ ...policy({}), metadata: { name: "p", namespace: "dev", lables: {} } }).join(),
    /did you mean labels\?/,
  );
  t.match(
    faults({ ...policy({}), metadata: JSON.parse('{"name":"p","namespace":"dev","labels":{"a":1}}') }).join(),
    /metadata\.labels: is not a map of strings/,
  );
  t.match(
    faults({ ...policy({}), apiVersion: "policies.mirrord.metalbear.co/v1" }).join(),
    /apiVersion: is ".*\/v1", not .*\/v1alpha/,
  );
});

const wrongMetadata: { name: string; metadata: unknown; want: string[] }[] = [
  { name: "none", metadata: undefined, want: ["metadata is missing"] },
  { name: "null", metadata: null, want: ["metadata is not an object"] },
  { name: "a list", metadata: [], want: ["metadata is not an object"] },
  ...["name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"].map((field) => ({
    name: `${field} that is a number`,
    metadata: { name: "p", namespace: "dev", [field]: 1 },
    want: [`metadata.${field} is not a string`],
  })),
  ...["labels", "annotations"].flatMap((field) => [
    {
      name: `${field} that are a list`,
      metadata: { name: "p", namespace: "dev", [field]: ["a"] },
      want: [`metadata.${field} is not a map of strings`],
    },
    {
      name: `${field}, one of which is a number`,
      metadata: { name: "p", namespace: "dev", [field]: { a: "x", b: 1 } },
      want: [`metadata.${field} is not a map of strings`],
    },
    { name: `${field} that are null`, metadata: { name: "p", namespace: "dev", [field]: null }, want: [] },
    { name: `${field} as they are to be`, metadata: { name: "p", namespace: "dev", [field]: { a: "x" } }, want: [] },
  ]),
  {
    name: "finalizers that are a map",
    metadata: { name: "p", namespace: "dev", finalizers: { a: "x" } },
    want: ["metadata.finalizers is not a list of strings"],
  },
  {
    name: "finalizers, one of which is a number",
    metadata: { name: "p", namespace: "dev", finalizers: ["example.com/a", 1] },
    want: ["metadata.finalizers is not a list of strings"],
  },
  { name: "no finalizers", metadata: { name: "p", namespace: "dev", finalizers: [] }, want: [] },
  {
    name: "what the server keeps for itself, of any type",
    metadata: {
      name: "p",
      namespace: "dev",
      generation: "x",
      creationTimestamp: 1,
      deletionTimestamp: [],
      deletionGracePeriodSeconds: "x",
      managedFields: 1,
    },
    want: [],
  },
  {
    name: "a field that resembles nothing",
    metadata: { name: "p", namespace: "dev", qqqqqqqq: 1 },
    want: ["metadata.qqqqqqqq is no field of metadata"],
  },
  {
    name: "an inherited name",
    metadata: { name: "p", namespace: "dev", toString: 1 },
    want: ["metadata.toString is no field of metadata"],
  },
  {
    name: "an unknown field and a wrong value",
    metadata: { nam: "p", labels: 1 },
    want: ["metadata.nam is no field of metadata; did you mean name?", "metadata.labels is not a map of strings"],
  },
];
for (const { name, metadata, want } of wrongMetadata) {
  t.test(`metadata: ${name}`, async (t) => {
    const found = schemaFaults({ ...policy({}), metadata }, namespaced, builtInSchema);
    t.same(
      found.map(({ path, problem }) => `${path} ${problem}`),
      want,
    );
    const isUnknown = (problem: string) => problem.startsWith("is no field");
    for (const { problem, reason } of found) t.equal(reason, isUnknown(problem) ? "unknown-field" : "value");
  });
}

t.test("a kind or version that is another's", async (t) => {
  const faultsIn = (change: object) => schemaFaults({ ...policy({}), ...change }, namespaced, builtInSchema);
  const reason = "value";
  t.same(faultsIn({ kind: "Policy" }), [{ path: "kind", problem: 'is "Policy", not MirrordPolicy', reason }]);
  t.same(faultsIn({ apiVersion: "v1" }), [
    { path: "apiVersion", problem: 'is "v1", not policies.mirrord.metalbear.co/v1alpha', reason },
  ]);
  t.same(schemaFaults([], namespaced, builtInSchema), [{ path: "", problem: "is not an object", reason }]);
});

t.test("a feature that the installed definition knows and we do not is stored, with a warning", async (t) => {
  const newer = structuredClone(builtInSchema) as {
    properties: { spec: { properties: { block: { items: { enum: string[] } } } } };
  };
  newer.properties.spec.properties.block.items.enum.push("record");
  const found = policyFaults(policy({ block: ["record"] }), namespaced, newer);
  t.match(found, [{ severity: "warning", path: "spec.block" }]);
  t.equal(found.length, 1, "and nothing besides");
});

t.test("the schema of a definition: the served version only", async (t) => {
  const [definition] = policyDefinitions;
  if (definition === undefined) throw new Error("no definition");
  t.ok(installedSchema(definition, namespaced));
  t.equal(installedSchema(definition, { ...namespaced, version: "v1" }), undefined);
  const unserved = JSON.parse(JSON.stringify(definition).replace('"served":true', '"served":false'));
  t.equal(installedSchema(unserved, namespaced), undefined);
  t.equal(installedSchema({ ...definition, spec: { versions: "hostile" } }, namespaced), undefined);
});

const mistaken = (count: number) => policy({ block: Array.from({ length: count }, () => "stael") });

t.test("a file of a million mistakes is not a million lines", async (t) => {
  t.equal(schemaFaults(mistaken(1_000_000), namespaced, builtInSchema).length, 100);
});

t.test("ten times the mistakes take ten times the steps", async (t) => {
  const module = import.meta.resolve("../../../../lib/mirrord/policy/schema/schema.ts");
  const check = (count: number) => steps(module, "schemaFaults", mistaken(count), namespaced, builtInSchema);
  const [few, many] = [await check(10_000), await check(100_000)];
  t.ok(many < 11 * few, `${few} steps, then ${many}`);
});

t.test("deep and hostile values end", async (t) => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
  t.match(schemaFaults(policy({ block: deep }), namespaced, builtInSchema), [{ path: "spec.block[0]" }]);
  t.match(schemaFaults("nothing", namespaced, builtInSchema), [{ problem: "is not an object" }]);
  t.match(schemaFaults({ ...policy({}), spec: [] }, namespaced, builtInSchema), [
    { path: "spec", problem: "is a list; it must be an object" },
  ]);
});

const sizes: [schema: StructuralSchema, value: unknown, problem: string | undefined][] = [
  [{ type: "string", minLength: 3, maxLength: 4 }, "ab", "has 2 characters, fewer than 3"],
  [{ type: "string", minLength: 3, maxLength: 4 }, "a", "has 1 character, fewer than 3"],
  [
    { type: "object", minProperties: 2, additionalProperties: { type: "integer" } },
    { a: 1 },
    "has 1 field, fewer than 2",
  ],
  [{ type: "string", minLength: 3, maxLength: 4 }, "abc", undefined],
  [{ type: "string", minLength: 3, maxLength: 4 }, "abcd", undefined],
  [{ type: "string", minLength: 3, maxLength: 4 }, "abcde", "has 5 characters, more than 4"],
  [{ type: "array", minItems: 1, maxItems: 1, items: { type: "string" } }, [], "has 0 entries, fewer than 1"],
  [{ type: "array", minItems: 1, maxItems: 1, items: { type: "string" } }, ["a"], undefined],
  [{ type: "array", minItems: 1, maxItems: 1, items: { type: "string" } }, ["a", "b"], "has 2 entries, more than 1"],
];
for (const [schema, value, problem] of sizes) {
  t.test(`${JSON.stringify(value)} in ${JSON.stringify(schema)} ${problem ?? "is right"}`, async (t) => {
    const whole: StructuralSchema = {
      type: "object",
      properties: { spec: { type: "object", properties: { sized: schema } } },
    };
    const found = schemaFaults({ ...policy({}), spec: { sized: value } }, namespaced, whole);
    t.same(
      found.map((fault) => `${fault.path} ${fault.problem}`),
      problem === undefined ? [] : [`spec.sized ${problem}`],
    );
  });
}
