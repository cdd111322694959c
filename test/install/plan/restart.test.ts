import t from "tap";
import { secretReferences, withSameDigest, withSecretsDigest } from "../../../lib/install/plan/restart.ts";
import { objectIn } from "../../../lib/json.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const deployment = (podSpec: object, annotations?: object): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "mirrord-operator", namespace: "mirrord" },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: "x" }, ...(annotations && { annotations }) }, spec: podSpec },
  },
});

const fromKey = (name: string, key: string) => ({ name: "X", valueFrom: { secretKeyRef: { name, key } } });

const cases: { name: string; podSpec: object; want: [name: string, keys: string[]][] }[] = [
  { name: "no containers", podSpec: {}, want: [] },
  {
    name: "a variable of a Secret's key, and one that is a text",
    podSpec: { containers: [{ env: [{ name: "A", value: "b" }, fromKey("cloud", "token")] }] },
    want: [["cloud", ["token"]]],
  },
  {
    name: "all of a Secret as variables: what is read of it is the licence's key",
    podSpec: {
      containers: [{ envFrom: [{ secretRef: { name: "licence" } }, { configMapRef: { name: "settings" } }] }],
    },
    want: [["licence", ["OPERATOR_LICENSE_KEY"]]],
  },
  {
    name: "a container that runs before",
    podSpec: { initContainers: [{ env: [fromKey("early", "k")] }], containers: [{ env: [fromKey("late", "k")] }] },
    want: [
      ["late", ["k"]],
      ["early", ["k"]],
    ],
  },
  {
    name: "a volume with the licence, one with something else, and one that is no Secret",
    podSpec: {
      volumes: [
        { name: "license-volume", secret: { secretName: "licence-file" } },
        { name: "tls-volume", secret: { secretName: "tls" } },
        { name: "license-volume", configMap: { name: "none" } },
      ],
    },
    want: [
      ["licence-file", ["license.pem"]],
      ["tls", []],
    ],
  },
  {
    name: "one Secret in several ways: its keys once each",
    podSpec: {
      containers: [
        { env: [fromKey("s", "a"), fromKey("s", "b"), fromKey("s", "a")], envFrom: [{ secretRef: { name: "s" } }] },
      ],
      volumes: [{ name: "v", secret: { secretName: "s" } }],
    },
    want: [["s", ["OPERATOR_LICENSE_KEY", "a", "b"]]],
  },
];

for (const { name, podSpec, want } of cases) {
  t.test(`Secrets that pods read: ${name}`, async (t) => {
    const namespace = "mirrord";
    t.same(
      secretReferences(deployment(podSpec)),
      want.map(([secret, keys]) => ({ namespace, name: secret, keys })),
    );
  });
}

t.test("a workload without a namespace is in none", async (t) => {
  const { metadata: _metadata, ...rest } = deployment({ volumes: [{ name: "v", secret: { secretName: "s" } }] });
  t.same(secretReferences({ ...rest, metadata: {} }), [{ namespace: "", name: "s", keys: [] }]);
});

const DIGEST = "kubectl-mirrord.io/secrets-digest";
const secret = (name: string, data: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  data,
});

function podAnnotations(workload: KubernetesObject): Record<string, unknown> {
  const template = objectIn(objectIn(workload["spec"])["template"]);
  return objectIn(objectIn(template["metadata"])["annotations"]);
}
const digest = (...secrets: KubernetesObject[]) => podAnnotations(withSecretsDigest(deployment({}), secrets))[DIGEST];

t.test("the digest is of what the Secrets hold, in whatever order they and their keys come", async (t) => {
  const both = digest(secret("a", { x: "1", y: "2" }), secret("b", { z: "3" }));
  // Written down: where it changes, an upgrade replaces the pods of every installation.
  t.equal(both, "ff50a8cf08d3aec2e13a37d17b87aead");
  t.equal(digest(secret("b", { z: "3" }), secret("a", { y: "2", x: "1" })), both);
  t.equal(
    digest(secret("c", {}), secret("a", {}), secret("b", {})),
    digest(secret("a", {}), secret("b", {}), secret("c", {})),
  );
  const others: [what: string, other: unknown][] = [
    ["another value", digest(secret("a", { x: "1", y: "2" }), secret("b", { z: "4" }))],
    ["another key", digest(secret("a", { x: "1", w: "2" }), secret("b", { z: "3" }))],
    ["another name", digest(secret("a", { x: "1", y: "2" }), secret("c", { z: "3" }))],
    ["one less", digest(secret("a", { x: "1", y: "2" }))],
  ];
  for (const [what, other] of others) {
    t.not(other, both, what);
  }
});

t.test("the digest stands on the pod template, beside what else is there", async (t) => {
  const workload = deployment({ containers: [] }, { mine: "kept" });
  const { [DIGEST]: found, ...others } = podAnnotations(withSecretsDigest(workload, [secret("a", {})]));
  t.match(found, /^[0-9a-f]{32}$/);
  t.same(others, { mine: "kept" });
  const without = withSecretsDigest(workload, [secret("a", {})]);
  const template = objectIn(objectIn(without["spec"])["template"]);
  t.equal(objectIn(without["spec"])["replicas"], 2);
  t.same(template["spec"], { containers: [] });
  t.same(objectIn(template["metadata"])["labels"], { app: "x" });
  t.same(without.metadata, workload.metadata);
});

t.test("where a Secret could not be read, pods keep the digest that they have, or have none", async (t) => {
  const wanted = deployment({ containers: [] });
  t.same(podAnnotations(withSameDigest(wanted, deployment({}, { [DIGEST]: "abc" }))), { [DIGEST]: "abc" });
  for (const current of [undefined, deployment({}), deployment({}, { [DIGEST]: "" })]) {
    t.equal(withSameDigest(wanted, current), wanted);
  }
});
