// Objects as a cluster, or somebody between us and it, may answer with: any field another type, any text hostile. Every
// command that reads gives an answer or a UserError, prints nothing that a terminal obeys, and its JSON stays JSON.
import * as fc from "fast-check";
import t from "tap";
import { resolve } from "../../lib/cli/grammar/resolve.ts";
import { report } from "../../lib/cli/report.ts";
import { UserError } from "../../lib/errors.ts";
import { isJsonObject } from "../../lib/json.ts";
import { metadataFault } from "../../lib/kubernetes/object-meta.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { fullCluster, planningLines, program, readingLines, runOn } from "../commands/full-cluster.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";
import { effort, HARMFUL, pieces } from "./mutations.ts";

t.setTimeout(600_000);
const cluster = await fullCluster();
const good = cluster.objects();

/** Besides tables, which are what a terminal shows: the formats of each command that other programs read. */
const formats = ["json", "csv", "sarif", "markdown", "html", "metrics", "name"];
const commands = await Promise.all(
  [...readingLines, ...planningLines].map(async (line) => {
    const { command } = await resolve(program, line.split(" "));
    const { output } = command.flags;
    const choices = output !== undefined && "values" in output ? (output.values ?? []) : [];
    return { line, outputs: ["table", ...formats.filter((format) => choices.includes(format))] };
  }),
);

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

/** Throws for what is a bug. */
async function judged(line: string, output: string, objects: readonly KubernetesObject[]): Promise<void> {
  const world = fakeWorld({ columns: 80, terminal: true });
  const words = [...line.split(" "), ...(output === "table" ? [] : ["-o", output])];
  let refused = "";
  try {
    await runOn(memoryCluster(...objects), words, world);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    refused = error.message;
  }
  const printed = (world.stdout + world.stderr).replaceAll(/\p{Cc}\[[\d;]*m|\r(?=\n)/gu, "");
  const harmful = HARMFUL.exec(printed);
  if (harmful !== null)
    throw new Error(`a terminal would obey ${JSON.stringify(printed.slice(harmful.index - 40, harmful.index + 40))}`);
  if (refused === "") checkFormat(output, world.stdout);
  if ("polluted" in {}) throw new Error("a prototype was changed");
}

/** Throws for what the program that reads this format would take for something else than text. */
function checkFormat(output: string, text: string): void {
  if (output === "json" || output === "sarif") JSON.parse(text);
  const injected = injections[output]?.exec(text);
  if (injected)
    throw new Error(
      `${output} injection: ${JSON.stringify(text.slice(Math.max(0, injected.index - 60), injected.index + 60))}`,
    );
}

/** What none of these formats may hold of the pieces that the objects were filled with. */
const injections: Readonly<Record<string, RegExp>> = {
  csv: /(^|,)"?[=+@]/m,
  html: /<script>alert/,
  // Outside of code, where it is text.
  markdown: /^[^`\n]*(`[^`\n]*`[^`\n]*)*<script>/m,
  metrics: /^(?!#|$|[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)*\})? [\d.e+-]+$)/m,
};

for (const { line, outputs } of commands)
  for (const output of outputs) {
    t.test(`${line} -o ${output}: whatever the objects hold, an answer or a refusal, in safe words`, async (t) => {
      const { numRuns, seed } = effort(2, 20);
      await t.resolves(judged(line, output, good), "good objects are no bug");
      const property = fc.asyncProperty(hostileObjects, (objects) => judged(line, output, objects));
      const run = await fc.check(property, { numRuns, seed });
      t.equal(run.failed, false, `seed ${seed}`, { cause: run.errorInstance, path: run.counterexamplePath });
    });
  }

/** They are no words of ours, and every JavaScript object has something under them. */
const inherited = ["constructor", "toString", "__proto__"];
const kinds = [...new Set(ours.map((index) => good[index]?.kind))];

/** With every name in objects of one kind, or of all, replaced. */
function called(name: string, kind: string | undefined): KubernetesObject[] {
  return good.map((object, index) => {
    if (!ours.includes(index) || (kind !== undefined && object.kind !== kind)) return object;
    const names = (places[index] ?? []).filter((path) => path.at(-1) === "name");
    return names.reduce<unknown>((changed, path) => withValue(changed, path, name), object) as KubernetesObject;
  });
}

for (const name of inherited) {
  t.test(`objects, roles, subjects and targets that are called ${name}`, async (t) => {
    for (const { line } of commands)
      for (const kind of name === "constructor" ? [undefined, ...kinds] : [undefined])
        await judged(line, "table", called(name, kind)).catch((error: unknown) =>
          t.fail(`${line}, ${kind ?? "all"}: ${error instanceof Error ? error.stack : String(error)}`),
        );
    t.pass("no bug");
  });
}

t.test("commands that Markdown shows as code hold nothing that hides or reorders", async (t) => {
  const hidden = good.map((object) =>
    object.kind === "ClusterRoleBinding" && object.metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined
      ? (withValue(object, ["metadata", "labels", "kubectl-mirrord.io/grant"], "\u202e\u2066") as KubernetesObject)
      : object,
  );
  await t.resolves(judged("audit drift", "markdown", hidden));
});
