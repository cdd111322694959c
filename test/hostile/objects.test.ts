// Objects as a cluster, or somebody between us and it, may answer with: any field another type, any text hostile. Every
// command that reads gives an answer or a UserError, prints nothing that a terminal obeys, and its JSON stays JSON.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { UserError } from "../../lib/errors.ts";
import { isJsonObject } from "../../lib/json.ts";
import { readDocuments } from "../../lib/kube/manifests/documents.ts";
import { metadataFault } from "../../lib/kubernetes/object-meta.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";
import { effort, HARMFUL, pieces } from "./mutations.ts";

t.setTimeout(600_000);
const examples = globSync("examples/*.yaml", { cwd: join(import.meta.dirname, "../..") })
  .toSorted()
  .flatMap((path) => readDocuments(readFileSync(join(import.meta.dirname, "../..", path), "utf8"), path))
  .flatMap(({ objects }) => objects);
const cluster = exampleMemory(...examples);
for (const words of [
  ["jim", "--ns", "dev", "--for", "8h", "--reason", "INC-42", "-y"],
  ["group:oidc:web", "--ns", "qa", "--target", "deploy/web", "-y"],
  ["sa:ci/runner", "--selector", "env=test", "--role", "view", "-y", "--force"],
])
  await runGrant(words, { cluster });
const good = cluster.objects();

const commands = [
  ["grant", "list"],
  ["grant", "list", "-o", "json"],
  ["grant", "list", "-o", "csv"],
  ["grant", "describe", "jim"],
  ["grant", "matrix"],
  ["grant", "explain", "jim", "steal", "deploy/web", "-n", "dev"],
  ["grant", "sync", "--dry-run"],
  ["grant", "revoke", "jim", "--dry-run"],
  ["grant", "collection", "list"],
  ["can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "--as-group="],
  ["can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "--as-group=", "-o", "json"],
  ["can-i", "--list", "-A", "--as", "jim", "--as-group="],
  ["policy", "list", "-A"],
  ["policy", "list", "-A", "-o", "json"],
  ["policy", "lint", "-A"],
  ["policy", "test", "--all", "-n", "dev"],
  ["session", "list", "-A"],
  ["audit", "who-can", "steal", "deploy/web", "-n", "dev"],
  ["audit", "who-can", "get", "pods", "-A", "-o", "json"],
  ["install", "status", "-o", "json"],
];

/** The paths of all that stands in an object. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(path.length === 0 ? [] : [path]), ...inner.flatMap(([key, one]) => placesIn(one, [...path, key]))];
}

function withValue(object: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(object)) return object.map((one, index) => (index === key ? withValue(one, rest, value) : one));
  return isJsonObject(object) ? { ...object, [key]: withValue(object[key], rest, value) } : object;
}

const otherValues: unknown[] = [null, 0, -1, true, "", [], {}, [null], [[]], { a: null }, 1e308, ...pieces];

/** Kind and a name are what an object is found and listed by; all else may be anything. */
const places = good.map((object) =>
  placesIn(object).filter(
    ([first, second]) => first !== "kind" && first !== "apiVersion" && second !== "resourceVersion",
  ),
);

// A cluster's built-in roles are most of its objects; here one in ten of what is changed.
const isBuiltIn = (object: KubernetesObject): boolean =>
  "kubernetes.io/bootstrapping" in (object.metadata.labels ?? {});
const numbered = good.map((_, index) => index);
const ours = numbered.filter((index) => !isBuiltIn(good[index] as KubernetesObject));
const ordinary = [...Array.from({ length: 9 }, () => ours).flat(), ...numbered];

const hostileObjects: fc.Arbitrary<KubernetesObject[]> = fc
  .array(
    fc.constantFrom(...ordinary).chain((index) =>
      fc.record({
        index: fc.constant(index),
        path: fc.constantFrom(...(places[index] ?? [])),
        value: fc.constantFrom(...otherValues),
      }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((changes) => {
    const objects = [...good];
    for (const { index, path, value } of changes)
      objects[index] = withValue(objects[index], path, value) as KubernetesObject;
    // What is no object at all is refused where answers and files are read; the tests of both show that.
    return objects.filter(
      ({ metadata }) => isJsonObject(metadata) && metadataFault(metadata) === undefined && isFilled(metadata.name),
    );
  });

const isFilled = (name: unknown): boolean => name !== undefined && name !== null && name !== "";

const root = dispatcher(all, "kubectl-mirrord", "");

/** Throws for what is a bug. */
async function judged(words: readonly string[], objects: readonly KubernetesObject[]): Promise<void> {
  const world = fakeWorld({ cluster: memoryCluster(...objects), columns: 80, terminal: true });
  let refused = "";
  try {
    await execute(root, words, world);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    refused = error.message;
  }
  const printed = (world.stdout + world.stderr).replaceAll(/\p{Cc}\[[\d;]*m|\r(?=\n)/gu, "");
  const harmful = HARMFUL.exec(printed);
  if (harmful !== null)
    throw new Error(`a terminal would obey ${JSON.stringify(printed.slice(harmful.index - 40, harmful.index + 40))}`);
  if (words.includes("json") && refused === "") JSON.parse(world.stdout);
  if ("polluted" in {}) throw new Error("a prototype was changed");
}

for (const words of commands) {
  t.test(`${words.join(" ")}: whatever the objects hold, an answer or a refusal, in safe words`, async (t) => {
    const { numRuns, seed } = effort(12);
    await t.resolves(judged(words, good), "good objects are no bug");
    const property = fc.asyncProperty(hostileObjects, (objects) => judged(words, objects));
    const run = await fc.check(property, { numRuns, seed });
    t.equal(run.failed, false, `seed ${seed}`, { cause: run.errorInstance, path: run.counterexamplePath });
  });
}
