import t from "tap";
import { customResourceDefinitions } from "../../lib/install/crds/definitions.ts";
import { definitionStates, type DefinitionState } from "../../lib/install/definition-state.ts";
import type { Feature } from "../../lib/install/features.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";

type Definition = KubernetesObject & { spec: { versions: Record<string, unknown>[] }; status: object };

const NAME = "mirrordprofiles.profiles.mirrord.metalbear.co";
const served = { conditions: [{ type: "Established", status: "True" }], storedVersions: ["v1alpha"] };

const stored = (change: (definition: Definition) => void = () => {}): Definition[] =>
  customResourceDefinitions(new Set()).map((definition) => {
    const copy = structuredClone({ ...definition, status: served }) as unknown as Definition;
    if (copy.metadata.name === NAME) change(copy);
    return copy;
  });

const schema = (definition: Definition): Record<string, Record<string, Record<string, never>>> =>
  (definition.spec.versions[0] as { schema: { openAPIV3Schema: never } }).schema.openAPIV3Schema;

/** Calls `act` with each part of a schema. */
function everywhere(value: unknown, act: (part: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) everywhere(item, act);
  if (!isJsonObject(value)) return;
  act(value);
  for (const inner of Object.values(value)) everywhere(inner, act);
}

const cases: { name: string; change: (definition: Definition) => void; want: Partial<DefinitionState> }[] = [
  { name: "as we have it", change: () => {}, want: { state: "same" } },
  {
    name: "the vendor's, with texts for people",
    change: (definition) =>
      everywhere(schema(definition), (part) => void ("type" in part && (part["description"] = "words"))),
    want: { state: "same" },
  },
  {
    name: "without a field",
    change: (definition) => void delete schema(definition)["properties"]?.["spec"]?.["properties"],
    want: { state: "older" },
  },
  {
    name: "with a field more, called like a keyword",
    change: (definition) =>
      Object.assign(schema(definition)["properties"]?.["spec"]?.["properties"] ?? {}, {
        description: { type: "string" },
      }),
    want: { state: "newer", lacks: [] },
  },
  {
    name: "with another limit",
    change: (definition) => void Object.assign(schema(definition)["properties"]?.["spec"] ?? {}, { maxProperties: 3 }),
    want: { state: "other" },
  },
  {
    name: "that is being deleted",
    change: (definition) => void (definition.metadata.deletionTimestamp = "2026-01-01T00:00:00Z"),
    want: { state: "ending" },
  },
  {
    name: "that is not served",
    change: (definition) => void (definition.status = { conditions: [{ type: "Established", status: "False" }] }),
    want: { state: "unserved" },
  },
  {
    name: "whose objects are stored in an old version",
    change: (definition) => void (definition.status = { ...served, storedVersions: ["v1alpha0", "v1alpha"] }),
    want: { state: "same", storedIn: ["v1alpha0"] },
  },
];

for (const { name, change, want } of cases) {
  t.test(`a definition ${name} is ${want.state}`, async (t) => {
    const states = definitionStates(stored(change), new Set());
    t.match(
      states.find((one) => one.name === NAME),
      want,
    );
    saysKept(t, import.meta.filename, name, () => states.find((one) => one.name === NAME));
    t.same(
      states.filter((one) => one.name !== NAME).map(({ state }) => state),
      Array.from({ length: 9 }, () => "same"),
    );
  });
}

t.test("what a definition lacks is named by its path, once", async (t) => {
  const policy = stored().find(({ metadata }) => metadata.name?.startsWith("mirrordpolicies"));
  const spec = policy && schema(policy)["properties"]?.["spec"];
  delete (spec?.["properties"] as Record<string, unknown> | undefined)?.["network"];
  const [state] = definitionStates(policy === undefined ? [] : [policy], new Set());
  t.match(state?.lacks, ["spec.network", "spec.network.incoming"]);
  t.ok(state?.lacks.includes("spec.network.outgoing.allow[].ipBlock.cidr"));
  t.equal(new Set(state?.lacks).size, state?.lacks.length);
});

t.test("a switch needs its definitions; what nothing needs is extra", async (t) => {
  const on = new Set<Feature>(["previewEnv"]);
  const missing = definitionStates(stored(), on).filter(({ state }) => state === "missing");
  t.match(missing, [{ kind: "PreviewSession", name: "previewsessions.preview.mirrord.metalbear.co" }]);
  const unknown = { ...stored()[0], metadata: { name: "x.mirrord.metalbear.co" } } as KubernetesObject;
  t.match(definitionStates([unknown], new Set()).at(-1), { name: "x.mirrord.metalbear.co", state: "extra" });
  const shapeless = { apiVersion: "v1", kind: "CustomResourceDefinition", metadata: {} };
  t.match(definitionStates([shapeless], new Set()).at(-1), { name: "", kind: "", state: "unserved" });
});
