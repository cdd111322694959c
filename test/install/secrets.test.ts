import t from "tap";
import { inlineSecrets, secretHint, secretTexts } from "../../lib/install/secrets.ts";
import { readValues } from "../../lib/install/values.ts";
import type { JsonObject } from "../../lib/json.ts";

const cluster = "operator.multiCluster.clusters.eu";
const file = (path: string) => `Read it from a file: --set-file ${path}=FILE`;
const keyFile = "Give it with --license-key-file FILE, or name a Secret that holds it: --license-secret NAME";
const cloudSecret = "Name a Secret that holds it as apiKey: --set cloud.apiKey.keyRef=NAME";

const hints: [path: (string | number)[], hint: string | undefined][] = [
  [["license", "key"], keyFile],
  [["cloud", "apiKey", "key"], cloudSecret],
  [["cloud", "apiKey"], cloudSecret],
  [["license"], file("license")],
  [["license", "file", "data", "license.pem"], file(String.raw`license.file.data.license\.pem`)],
  [["tls", "data", "tls.key"], file(String.raw`tls.data.tls\.key`)],
  [["tls"], file("tls")],
  [["operator", "multiCluster", "clusters", "eu", "bearerToken"], file(`${cluster}.bearerToken`)],
  [["operator", "multiCluster", "clusters", "eu", "tlsKey"], file(`${cluster}.tlsKey`)],
  [["operator", "multiCluster", "clusters", "eu", "tlsCrt"], file(`${cluster}.tlsCrt`)],
  [["operator", "multiCluster", "clusters", "eu", "server"], undefined],
  [["operator", "multiCluster", "clustersOther", "bearerToken"], undefined],
  [["agent", "extraConfig", "bearerToken"], undefined],
  [["license", "keyRef"], undefined],
  [["license", "keyring"], undefined],
  [["tls", "secret"], undefined],
  [["tlsdata"], undefined],
];
for (const [path, hint] of hints) {
  t.test(`${path.join(" ")} ${hint === undefined ? "may" : "must not"} stand on a command line`, async (t) => {
    t.equal(secretHint(path), hint);
  });
}

const secretObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } };
const configObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "shown" } };
const held: { values: JsonObject; paths: string[]; texts: string[] }[] = [
  { values: {}, paths: [], texts: [] },
  { values: { license: { keyRef: "name" }, tls: { secret: "name" } }, paths: [], texts: [] },
  { values: { license: { key: "k1" } }, paths: ["license.key"], texts: ["k1"] },
  { values: { cloud: { apiKey: { key: "k2" } } }, paths: ["cloud.apiKey.key"], texts: ["k2"] },
  {
    values: { license: { file: { data: { "license.pem": "PEM" } } } },
    paths: ["license.file.data"],
    texts: ["PEM"],
  },
  { values: { license: { file: { data: { "license.pem": "" } } } }, paths: [], texts: [] },
  {
    values: { tls: { data: { "tls.crt": "C", "tls.key": "K" } } },
    paths: ["tls.data"],
    texts: ["K", "C"],
  },
  {
    values: {
      operator: {
        multiCluster: {
          clusters: {
            eu: { authType: "bearerToken", server: "https://eu", bearerToken: "T" },
            us: { authType: "mtls", tlsCrt: "C", tlsKey: "K" },
            none: { authType: "eks", bearerToken: "" },
          },
        },
      },
    },
    paths: [
      `${cluster}.bearerToken`,
      "operator.multiCluster.clusters.us.tlsKey",
      "operator.multiCluster.clusters.us.tlsCrt",
    ],
    texts: ["T", "K", "C"],
  },
  {
    values: {
      extraObjects: [
        configObject,
        { ...secretObject, data: { a: "YQ==" } },
        { ...secretObject, stringData: { a: "open", deep: { b: "inner" } } },
        secretObject,
        { ...secretObject, stringData: { a: 7 } },
      ],
    },
    paths: ["extraObjects[1]", "extraObjects[2]"],
    texts: ["open", "inner"],
  },
];
for (const { values, paths, texts } of held) {
  t.test(`of ${JSON.stringify(values)} ${paths.join(", ") || "nothing"} is secret`, async (t) => {
    const given = readValues(values);
    t.same(inlineSecrets(given), paths);
    t.same(secretTexts(given).toSorted(), texts.toSorted());
  });
}
