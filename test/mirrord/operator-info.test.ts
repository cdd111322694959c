import t from "tap";
import { operatorInfo } from "../../lib/mirrord/operator-info.ts";

const operator = (spec: unknown) => ({
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec,
});

const cases: { name: string; spec: unknown; features: string[] }[] = [
  { name: "of today", spec: { supported_features: ["ProxyApi", "New", 3] }, features: ["ProxyApi", "New"] },
  {
    name: "that lists both",
    spec: { supported_features: [], features: ["Old"], copy_target_enabled: true },
    features: [],
  },
  { name: "of before", spec: { features: ["Old"], copy_target_enabled: true }, features: ["Old", "CopyTarget"] },
  { name: "of before, without copies", spec: { features: ["Old"], copy_target_enabled: "true" }, features: ["Old"] },
  { name: "without any", spec: null, features: [] },
];
for (const { name, spec, features } of cases)
  t.test(`features of an operator ${name}`, async (t) => {
    t.same([...operatorInfo(operator(spec)).features], features);
  });

t.test("version, place and licence are there or not", async (t) => {
  const full = {
    operator_version: "3.1.0",
    operator_namespace: "mirrord",
    license: { expire_at: "2026-01-02" },
  };
  t.match(operatorInfo(operator(full)), { version: "3.1.0", namespace: "mirrord", licenseExpiresAt: "2026-01-02" });
  const bare = operatorInfo(operator({ operator_version: "", operator_namespace: 3, license: "x" }));
  t.same(bare, { version: undefined, namespace: undefined, features: new Set() });
  t.notOk("licenseExpiresAt" in bare);
});
