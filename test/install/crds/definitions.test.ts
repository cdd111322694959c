// Every field of every definition, a line each: what the API server takes, refuses and fills in. It is what the definitions of
// the operator's Helm chart 3.187.0 say, but for titles and formats that the API server does not know.
import { join } from "node:path";
import t from "tap";
import { customResourceDefinitions } from "../../../lib/install/crds/definitions.ts";
import { branchingFeatures, splittingFeatures, type Feature } from "../../../lib/install/features.ts";
import { equalsKept, objectLines } from "../../kept-text.ts";

/** All there are. */
const every: Feature[] = [
  ...splittingFeatures,
  ...branchingFeatures,
  "previewEnv",
  "multiCluster",
  "isolatePodsRestart",
  "applicationPauseAutoSync",
  "suspendFluxControllers",
  "dbBranchingLiteralCredentials",
];
const SCHEMA = ".spec.versions[0].schema.openAPIV3Schema";

const names = (features: Iterable<Feature>) =>
  customResourceDefinitions(new Set(features)).map(({ metadata }) => metadata.name ?? "");

t.test("the fields of all definitions", async (t) => {
  const definitions = customResourceDefinitions(new Set(every));
  const text = definitions.flatMap(({ metadata: { name }, ...rest }) => [
    String(name),
    ...objectLines(rest).map((line) => `  ${line.replace(SCHEMA, "schema")}`),
  ]);
  equalsKept(t, `${text.join("\n")}\n`, join(import.meta.dirname, "definitions.txt"));
});

t.test("each switch brings its own definitions", async (t) => {
  const always = names([]);
  const added = every.map((feature) => {
    const more = names([feature]).filter((name) => !always.includes(name));
    return [`${feature}:`, ...more].join("\n  ");
  });
  equalsKept(
    t,
    `${["always:", ...always].join("\n  ")}\n${added.join("\n")}\n`,
    join(import.meta.dirname, "definitions-by-switch.txt"),
  );
});
