import t from "tap";
import { withoutSecrets } from "../../lib/commands/mask-secrets.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const secret = (data: object, more: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s" },
  data,
  ...more,
});
const deployment = (...env: object[]): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d" },
  spec: { template: { spec: { containers: [{ name: "c", env }] } } },
});

t.test("a Secret shows its keys, and which of them change", async (t) => {
  const [before, after] = withoutSecrets(secret({ a: "1", b: "2", c: "3" }), secret({ a: "1", b: "x", d: "4" }));
  t.same(before?.["data"], { a: "***", b: "*** (before)", c: "***" });
  t.same(after["data"], { a: "***", b: "*** (after)", d: "***" });
  const [none, made] = withoutSecrets(undefined, secret({ a: "1" }, { stringData: { b: "2" } }));
  t.equal(none, undefined);
  t.match(made, { data: { a: "***" }, stringData: { b: "***" } });
});

t.test("so does a variable that holds a key", async (t) => {
  const one = deployment({ name: "OPERATOR_CLOUD_API_KEY", value: "k1" }, { name: "RUST_LOG", value: "info" });
  const other = deployment({ name: "OPERATOR_CLOUD_API_KEY", value: "k2" }, { name: "A_TOKEN", valueFrom: { x: 1 } });
  const [before, after] = withoutSecrets(one, other);
  t.notMatch(JSON.stringify([before, after]), /k1|k2/);
  t.match(JSON.stringify(before), /"value":"\*\*\* \(before\)".*"value":"info"/);
  t.match(JSON.stringify(after), /"value":"\*\*\* \(after\)"/);
  t.match(JSON.stringify(withoutSecrets(one, one)[1]), /"value":"\*\*\*"/);
});

t.test("what holds nothing secret is the same object", async (t) => {
  const plain = deployment({ name: "RUST_LOG", value: "info" });
  t.equal(withoutSecrets(plain, plain)[1], plain);
});
