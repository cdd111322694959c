import t from "tap";
import { at, startDirect } from "./direct.ts";

const path = at("mirrordoperators/operator");

t.test("the operator describes itself as the vendor's does", async (t) => {
  const { call, operator } = await startDirect(t, { version: "3.192.0", features: ["ProxyApi", "LabelTargeting"] });
  const { json } = await call(path);
  t.match(json, {
    apiVersion: "operator.metalbear.co/v1",
    kind: "MirrordOperator",
    metadata: { name: "operator" },
    spec: {
      operator_version: "3.192.0",
      default_namespace: "default",
      features: ["ProxyApi"],
      supported_features: ["ProxyApi", "LabelTargeting"],
      license: { name: String, organization: String, expire_at: "2099-12-31", fingerprint: String },
      copy_target_enabled: false,
      operator_namespace: "mirrord",
    },
    status: { sessions: { length: 0 }, statistics: { dau: 0, mau: 0 }, copy_targets: { length: 0 } },
  });
  operator.control.set({ licenseExpiresAt: "2020-01-01", version: "3.100.0" });
  t.match((await call(path)).json, { spec: { operator_version: "3.100.0", license: { expire_at: "2020-01-01" } } });
  t.match((await call(at("mirrordoperators"))).json, {
    kind: "MirrordOperatorList",
    items: [{ kind: "MirrordOperator" }],
  });
  t.equal((await call(at("mirrordoperators/other"))).code, 404);
});

t.test("the status holds the live sessions and copies", async (t) => {
  const direct = await startDirect(t, { clock: () => new Date("2026-08-20T10:03:04Z") });
  const startedAt = new Date("2026-08-20T10:00:00Z");
  const id = direct.operator.control.addSession({
    namespace: "dev",
    target: "deploy.web",
    user: "jim",
    key: "k",
    startedAt,
  });
  const body = { metadata: { name: "deploy.web" }, spec: { target: { deployment: "web" }, scale_down: true } };
  await direct.call(at("namespaces/dev/copytargets"), { method: "POST", body });
  t.match((await direct.call(path)).json, {
    status: {
      sessions: [
        {
          id,
          duration_secs: 184,
          user: "jim/jim@laptop",
          target: "deployment/web",
          namespace: "dev",
          locked_ports: { length: 0 },
          user_id: null,
          key: "k",
        },
      ],
      statistics: { dau: 1 },
      copy_targets: [
        { pod_name: /^mirrord-copy-job-/, copy_target: { kind: "CopyTarget", status: { phase: "Ready" } } },
      ],
    },
  });
});

t.test("a legacy operator writes tuples and knows no later fields", async (t) => {
  const direct = await startDirect(t, { legacy: true, version: "3.77.1" });
  const body = { metadata: { name: "deploy.web" }, spec: { target: { deployment: "web" } } };
  await direct.call(at("namespaces/dev/copytargets"), { method: "POST", body });
  const connection = await direct.connect({ target: "deploy.web", verb: "get" });
  if (connection.ok)
    t.match(await connection.subscribe({ subscribe: "steal", port: 80, filter: { header: "a" } }), { ok: true });
  const { json, text } = await direct.call(path);
  t.match(json, {
    spec: { operator_version: "3.77.1", features: { length: 0 }, copy_target_enabled: true },
    status: {
      sessions: [{ locked_ports: [[80, "steal", "header=a"]] }],
      copy_targets: [[/^mirrord-copy/, { kind: "CopyTarget" }]],
    },
  });
  t.notMatch(text, /supported_features|subscription_id|operator_namespace/);
  const sessions = await direct.call(at("sessions"));
  t.same([sessions.code, sessions.text, sessions.json], [404, "404 page not found\n", undefined]);
  t.equal((await direct.call(at("mirrordclusteroperatorusercredentials"), { method: "POST", body: {} })).code, 404);
  t.match(await direct.connect({ target: "deploy.web" }), { ok: false, status: 404 });
});
