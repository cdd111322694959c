import t from "tap";
import { installedSettings } from "../../lib/install/installed-settings.ts";
import { renderInstallation } from "../../lib/install/render.ts";
import { branchingFeatures, splittingFeatures } from "../../lib/install/features.ts";
import type { JsonObject } from "../../lib/json.ts";

const settings = (values: JsonObject) => {
  const { objects } = renderInstallation({ license: { keyRef: "licence" }, ...values });
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  if (deployment === undefined) throw new Error("no Deployment");
  return installedSettings(deployment);
};

const switches = [
  ...splittingFeatures,
  ...branchingFeatures,
  "previewEnv",
  "applicationPauseAutoSync",
  "suspendFluxControllers",
] as const;

for (const name of switches) {
  t.test(`that ${name} is on shows in the Deployment`, async (t) => {
    t.same([...settings({ operator: { [name]: true } }).features].toSorted(), ["isolatePodsRestart", name].toSorted());
  });
}

t.test("several clusters are seen by their file, and what is off is off", async (t) => {
  const many = { multiCluster: { enabled: true }, isolatePodsRestart: false };
  t.same([...settings({ operator: many }).features], ["multiCluster"]);
});

const images: [image: string, tag: string | undefined][] = [
  ["registry:5000/operator", undefined],
  ["registry:5000/operator:3.1.0", "3.1.0"],
  ["operator:3.1.0@sha256:abc", "3.1.0"],
  [`${":a@".repeat(400_000)}\n`, "a"],
];

for (const [image, tag] of images) {
  t.test(`${image.slice(0, 60)} is version ${tag ?? "unknown"}`, async (t) => {
    const spec = { template: { spec: { containers: [{ image }] } } };
    const metadata = { name: "mirrord-operator" };
    const seen = installedSettings({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec });
    t.match(seen, { image, version: tag });
    t.equal(seen.features.size, 0);
  });
}

t.test("a Deployment without containers says nothing", async (t) => {
  const seen = installedSettings({ apiVersion: "apps/v1", kind: "Deployment", metadata: {} });
  t.match(seen, { image: "", version: undefined });
});
