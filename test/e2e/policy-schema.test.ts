import t from "tap";
import { until } from "../until.ts";
import { ApiError } from "../../lib/kubernetes/api-error.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import { policyDefinitions } from "../mirrord/policy/schema/definitions.ts";
import { builtInSchema, definitionName, policyTypes } from "../../lib/mirrord/policy/schema/crds.ts";
import { installedSchema, schemaFaults } from "../../lib/mirrord/policy/schema/schema.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { random } from "../rbac/random.ts";
import { anyPolicy } from "./policy-generate.ts";

// What validation predicts, and what the API server answers to the same object, under the project's own definitions.
const COUNT = Number(process.env["POLICY_COUNT"] ?? 800);
const SEED = Number(process.env["POLICY_SEED"] ?? 7);

const plane = await startControlPlane({ controllerManager: false, auditLog: false });
const stop = new AbortController();
const cluster = await connectCluster(
  { kubeconfig: plane.kubeconfig, context: "admin" },
  { env: {}, signal: stop.signal, warn: () => {} },
);
t.teardown(async () => {
  cluster.close();
  stop.abort();
  await plane.stop();
});

const definitions = {
  group: "apiextensions.k8s.io",
  version: "v1",
  resource: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

async function install(wanted: readonly KubernetesObject[], isReady: () => Promise<boolean>): Promise<void> {
  for (const definition of wanted) await cluster.apply(definitions, definition);
  await until("the definitions are served", isReady);
}

async function answer(write: () => Promise<unknown>): Promise<string> {
  try {
    await write();
    return "";
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 429) throw error;
    return error.message;
  }
}

interface Disagreement {
  predicted: unknown;
  applied: string;
  created: string;
  policy: string;
}

/** Asks the server about each policy, by apply and by create, and returns those on which it and validation differ. */
async function compare(
  policies: readonly KubernetesObject[],
): Promise<{ disagreements: Disagreement[]; accepted: number }> {
  const disagreements: Disagreement[] = [];
  let accepted = 0;
  const queue = policies.values();
  const worker = async () => {
    for (const policy of queue) {
      const type = policyTypes.find(({ kind }) => kind === policy.kind);
      if (type === undefined) throw new Error(policy.kind);
      const definition = await cluster.get(definitions, definitionName(type));
      const schema = definition === undefined ? undefined : installedSchema(definition, type);
      if (schema === undefined) throw new Error("no schema");
      const predicted = schemaFaults(policy, type, schema);
      const [applied, created] = await Promise.all([
        answer(() => cluster.apply(type, policy, { dryRun: true })),
        answer(() => cluster.create(type, policy, { dryRun: true })),
      ]);
      const isFine = predicted.length === 0;
      if (isFine) accepted += 1;
      // A POST drops a null among matchLabels without a word, an apply refuses it; policies are written by apply.
      const isDropped = predicted.every(
        ({ path, problem }) => path.includes("matchLabels[") && problem.startsWith("is null"),
      );
      if (isFine !== (applied === "") || (isFine !== (created === "") && !isDropped)) {
        disagreements.push({ predicted, applied, created, policy: JSON.stringify(policy) });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { disagreements, accepted };
}

async function isServed(): Promise<boolean> {
  return ((await cluster.discover("policies.mirrord.metalbear.co", "v1alpha")) ?? []).length === 2;
}

t.test(`${COUNT} generated policies are taken or refused by the server exactly as predicted`, async (t) => {
  await install(policyDefinitions, isServed);
  const source = random(SEED);
  const policies = Array.from({ length: COUNT }, (_, index) => anyPolicy(source, `p-${index}`, "default"));
  for (const kind of ["MirrordPolicy", "MirrordClusterPolicy"])
    t.ok(policies.filter((policy) => policy.kind === kind).length >= COUNT / 4, `${kind} is well represented`);
  const { disagreements, accepted } = await compare(policies);
  t.same(disagreements.slice(0, 5), []);
  t.comment(`${accepted} of ${COUNT} accepted, ${disagreements.length} disagreements`);
  t.ok(accepted > COUNT / 4 && accepted < (3 * COUNT) / 4, "neither all accepted nor all refused");
});

t.test("a definition that is newer than ours decides, not ours", async (t) => {
  const newer = policyDefinitions.map((definition) => withSpec(definition));
  const policy = (spec: Record<string, unknown>, index: number): KubernetesObject => ({
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: `n-${index}`, namespace: "default" },
    spec,
  });
  const specs = [
    { block: ["record"] },
    { block: ["record", "steal"], window: { from: "08:00" } },
    { block: [], window: { from: "8" } },
    { block: [], window: { from: "08:00", to: "09:00" } },
    { block: [], tags: ["a", "b"] },
    { block: [], tags: ["a", "a"] },
    { block: [], tags: ["a", "b", "c"] },
    { block: [], size: "10%" },
    { block: [], size: 10 },
    { block: [], size: true },
    { block: [], free: { any: { thing: [1, null] } } },
    { block: [], weight: 3 },
    { block: [], weight: 4 },
    { block: ["stael"] },
  ];
  const policies = specs.map(policy);
  t.ok(
    policies.every((one) => JSON.stringify(one["spec"]) === '{"block":[]}' || builtInFaults(one) > 0),
    "ours would refuse each",
  );
  await install(newer, async () => {
    const first = policies[0];
    const type = policyTypes[0];
    return (
      first !== undefined &&
      type !== undefined &&
      (await answer(() => cluster.apply(type, first, { dryRun: true }))) === ""
    );
  });
  const { disagreements, accepted } = await compare(policies);
  t.same(disagreements, []);
  t.equal(accepted, 7);
});

function builtInFaults(policy: KubernetesObject): number {
  const type = policyTypes[0];
  if (type === undefined) throw new Error("no type");
  return schemaFaults(policy, type, builtInSchema).length;
}

function withSpec(definition: KubernetesObject): KubernetesObject {
  const copy = structuredClone(definition) as unknown as {
    spec: {
      versions: [{ schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } } } }];
    };
  };
  const { properties } = copy.spec.versions[0].schema.openAPIV3Schema.properties.spec;
  Object.assign(properties, {
    block: { type: "array", items: { type: "string", enum: ["steal", "record"] } },
    window: {
      type: "object",
      required: ["from"],
      properties: { from: { type: "string", pattern: "^[0-9]{2}:[0-9]{2}$" } },
    },
    tags: { type: "array", maxItems: 2, "x-kubernetes-list-type": "set", items: { type: "string" } },
    size: { "x-kubernetes-int-or-string": true },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    weight: { type: "integer", multipleOf: 3, minimum: 3 },
  });
  return copy as unknown as KubernetesObject;
}
