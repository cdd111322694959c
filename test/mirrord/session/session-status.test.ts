import t from "tap";
import { operatorStatus } from "../../../lib/mirrord/session/session-status.ts";

const operator = (spec: unknown, status?: unknown) => ({
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec,
  ...(status === undefined ? {} : { status }),
});

const copy = {
  metadata: { name: "deploy.checkout", namespace: "shop" },
  spec: { target: { deployment: "checkout", container: "app" }, scale_down: true },
  status: { creator_session: { id: "AB12" }, phase: "Ready" },
};

t.test("what a current operator says", async (t) => {
  const { live, ...rest } = operatorStatus(
    operator(
      {
        operator_version: "3.187.0",
        default_namespace: "default",
        supported_features: ["SessionManagement", "ProxyApi", "SomethingNew"],
        license: { name: "Acme Platform", organization: "Acme", expire_at: "2027-06-30", fingerprint: "Zg" },
        protocol_version: "1.29.0",
        operator_namespace: "mirrord",
      },
      {
        sessions: [{ id: "AB12", user: "a/b@c" }, 7, null],
        statistics: { dau: 7, mau: 23, active_ci_sessions_count: 1, active_preview_sessions_count: 2 },
        copy_targets: [{ pod_name: "mirrord-copy", copy_target: copy }],
        preview_sessions: [{ id: "preview-1", key: "pr-1" }],
        multi_cluster_sessions: [{ id: "mc-1", user: "a/b@c", clusters: ["us"] }],
        connected_clusters: [
          { name: "us", lastCheck: "2026-08-20T10:11:12Z", connected: { operatorVersion: "3.192.0" } },
          { name: "old", connected: { operator_version: "3.100.0" } },
          { name: "eu", error: { message: "connection refused" } },
        ],
      },
    ),
  );
  t.same(rest, {
    version: "3.187.0",
    features: ["ProxyApi", "SessionManagement", "SomethingNew"],
    operatorNamespace: "mirrord",
    defaultNamespace: "default",
    protocolVersion: "1.29.0",
    license: { name: "Acme Platform", organization: "Acme", expiresAt: "2027-06-30", fingerprint: "Zg" },
  });
  t.match(live, {
    sessions: [{ id: "AB12" }],
    previews: [{ id: "preview-1", kind: "preview" }],
    multiCluster: [{ id: "mc-1", kind: "multi-cluster" }],
    dailyUsers: 7,
    monthlyUsers: 23,
    ciSessions: 1,
    previewSessions: 2,
  });
  t.equal(live?.sessions.length, 1, "what is no entry is left out");
  t.same(live?.copyTargets, [
    {
      pod: "mirrord-copy",
      namespace: "shop",
      target: "deployment/checkout/container/app",
      scaleDown: true,
      phase: "Ready",
      creator: "AB12",
    },
  ]);
  t.same(live?.clusters, [
    { name: "us", lastCheck: "2026-08-20T10:11:12Z", operatorVersion: "3.192.0" },
    { name: "old", operatorVersion: "3.100.0" },
    { name: "eu", error: "connection refused" },
  ]);
});

t.test("an operator of 2024: tuples, and features of before", async (t) => {
  const status = operatorStatus(
    operator(
      { operator_version: "3.77.1", features: ["ProxyApi"], copy_target_enabled: true, license: {} },
      {
        sessions: [{ id: "1F", user: "jim/jim@h", locked_ports: [[80, "steal", "header=x"]] }],
        statistics: { dau: 2, mau: 5 },
        copy_targets: [["mirrord-copy-job", copy]],
      },
    ),
  );
  t.same(status.features, ["CopyTarget", "ProxyApi"]);
  t.same(status.live?.sessions[0]?.ports, [{ port: 80, kind: "steal", filter: "header=x" }]);
  t.match(status.live?.copyTargets, [{ pod: "mirrord-copy-job", target: "deployment/checkout/container/app" }]);
  t.notOk("ciSessions" in (status.live ?? {}));
});

const targets: { given: unknown; want: string }[] = [
  { given: { pod: "web-1", container: null }, want: "pod/web-1" },
  { given: { cron_job: "nightly" }, want: "cronjob/nightly" },
  { given: { stateful_set: "db", container: "pg" }, want: "statefulset/db/container/pg" },
  { given: { replica_set: "web-5f" }, want: "replicaset/web-5f" },
  { given: { labels: { app: "web", tier: "fe" } }, want: "label/app=web,tier=fe" },
  { given: null, want: "targetless" },
  { given: "targetless", want: "targetless" },
  { given: { daemon_set: "x" }, want: "unknown" },
  { given: 7, want: "unknown" },
];

for (const { given, want } of targets)
  t.test(`the copied target ${JSON.stringify(given)} is ${want}`, async (t) => {
    const copied = { ...copy, spec: { target: given } };
    const status = operatorStatus(operator({}, { copy_targets: [["pod", copied], ["pod"], 7, null] }));
    t.same(
      status.live?.copyTargets.map(({ target }) => target),
      [want],
    );
  });

t.test("an operator that says nothing is known by that", async (t) => {
  for (const given of [operator(undefined), operator(null, null), operator(7, "x")])
    t.same(operatorStatus(given), {
      version: undefined,
      features: [],
      operatorNamespace: undefined,
      defaultNamespace: undefined,
      protocolVersion: undefined,
      license: {},
      live: undefined,
    });
  t.match(operatorStatus(operator({}, {})).live, {
    sessions: { length: 0 },
    multiCluster: { length: 0 },
    copyTargets: { length: 0 },
    clusters: { length: 0 },
  });
});
