import t from "tap";
import { renderOperator } from "../../lib/install/render.ts";
import { changedSettings, storedValues, withStoredValues } from "../../lib/install/stored-values.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const deploymentOf = (values: JsonObject): KubernetesObject => {
  const found = withStoredValues(renderOperator(values), values).find(({ kind }) => kind === "Deployment");
  if (found === undefined) throw new Error("no Deployment");
  return found;
};
const stored = (values: JsonObject) => storedValues(deploymentOf(values));
const license = { keyRef: "x" };
const member = { server: "https://one", region: "r", authType: "bearerToken" };

const cases: { name: string; values: JsonObject; want: JsonObject; withheld?: string[] }[] = [
  {
    name: "plain values",
    values: { license, operator: { jsonLog: true } },
    want: { license, operator: { jsonLog: true } },
  },
  {
    name: "a licence key",
    values: { license: { key: "secret", licenseServer: "https://l" } },
    want: { license: { licenseServer: "https://l" } },
    withheld: ["license.key"],
  },
  {
    name: "a token of another cluster, whose name has dots",
    values: {
      license,
      operator: {
        multiCluster: { enabled: true, clusterName: "p", clusters: { "eu.one": { ...member, bearerToken: "secret" } } },
      },
    },
    want: { license, operator: { multiCluster: { enabled: true, clusterName: "p", clusters: { "eu.one": member } } } },
    withheld: ["operator.multiCluster.clusters.eu.one.bearerToken"],
  },
  {
    name: "Secrets among further objects",
    values: {
      license,
      extraObjects: [
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
        { apiVersion: "v1", kind: "Secret", metadata: { name: "b" }, stringData: { a: "secret" } },
      ],
    },
    want: { license },
    withheld: ["extraObjects"],
  },
];

for (const { name, values, want, withheld = [] } of cases) {
  t.test(`${name}: kept, but for secrets`, async (t) => {
    t.same(stored(values), { values: want, withheld });
    t.notMatch(JSON.stringify(deploymentOf(values).metadata), /secret"/);
  });
}

t.test("the order in which values are given makes no difference", async (t) => {
  const [one, other] = [
    { license, operator: { jsonLog: true, port: 4000 } },
    { operator: { port: 4000, jsonLog: true }, license },
  ];
  t.same(deploymentOf(one).metadata, deploymentOf(other).metadata);
});

t.test("what is too long, or was written by hand, is not known", async (t) => {
  t.equal(stored({ license, operator: { extraEnv: { LONG: "x".repeat(200_000) } } }), undefined);
  for (const text of ["", "{", "[]", '{"values":1}']) {
    const object = deploymentOf({ license });
    const metadata = { ...object.metadata, annotations: { "kubectl-mirrord.io/values": text } };
    t.equal(storedValues({ ...object, metadata }), undefined, text);
  }
});

t.test("settings that would be others are named; the version and the licence are not", async (t) => {
  const before = deploymentOf({
    license: { keyRef: "a" },
    operator: { jsonLog: true, replicas: 2, imageTag: "1", extraEnv: { MINE: "1" } },
  });
  t.same(changedSettings(before, deploymentOf({ license: { pemRef: "b" } })), [
    "spec.replicas is 2, and would be 1",
    'OPERATOR_JSON_LOG is "true", and would be "false"',
    'MINE is "1", and would be left out',
  ]);
  t.same(changedSettings(before, before), []);
});

t.test("as much as fits beside other annotations is kept, and not one character more", async (t) => {
  const values = (length: number) => ({ license, operator: { extraEnv: { LONG: "x".repeat(length) } } });
  const rest = deploymentOf(values(0)).metadata.annotations?.["kubectl-mirrord.io/values"]?.length ?? 0;
  const fits = 128 * 1024 - rest;
  t.same(stored(values(fits))?.values, values(fits));
  t.equal(stored(values(fits + 1)), undefined);
});
