import t from "tap";
import { entry, runSession, schemaErrors, sessionCluster, type Given } from "./session-cluster.ts";

const operator: Given["operator"] = {
  spec: {
    operator_version: "3.187.0",
    default_namespace: "default",
    operator_namespace: "mirrord",
    supported_features: ["ProxyApi"],
    license: { name: "Acme Platform", organization: "Acme", expire_at: "2026-12-01", fingerprint: "Zg" },
  },
  status: {
    sessions: [
      entry("A1", {
        locked_ports: [[80, "steal", "header=x"]],
        sqs: [
          {
            spec: { queueFilters: { orders: { tenant: "jim" } } },
            status: { Ready: { queueNames: { orders: { originalName: "orders", outputName: "tmp-orders" } } } },
          },
        ],
        kafka: [{ name: "tmp-topic", clientConfig: "base" }],
      }),
      entry("B2", { duration_secs: 7300 }),
      entry("C3", { user: "Eve/eve@h", namespace: "qa", target: null }),
      entry("preview-1", { user: "preview-env", key: "pr-1" }),
    ],
    statistics: { dau: 7, mau: 23, active_ci_sessions_count: 1 },
    copy_targets: [
      [
        "mirrord-copy",
        { metadata: { namespace: "dev" }, spec: { target: { deployment: "web" }, scale_down: true }, status: {} },
      ],
    ],
    multi_cluster_sessions: [
      { id: "mc-1", user: "Ann/ann@h", namespace: "dev", clusters: ["us", "eu"], phase: "Ready" },
    ],
    connected_clusters: [{ name: "eu", lastCheck: "now", error: { message: "refused" } }],
  },
};

t.test("status shows what the operator knows", async (t) => {
  const { code, stdout } = await runSession(sessionCluster({ operator }), ["status"]);
  t.equal(code, 0);
  for (const line of [
    /^Operator version: +3\.187\.0$/m,
    /^Licence expires: +2026-12-01 \(10 days left\)$/m,
    /^Daily users: +7$/m,
    /^Monthly users: +23$/m,
    /^CI sessions: +1$/m,
    /^Preview sessions: +<none>$/m,
    /^Copy targets:\nTARGET +NAMESPACE +COPY POD +SCALE DOWN +PHASE\ndeployment\/web +dev +mirrord-copy +\* /m,
    /^A1 +deployment\/web +dev +Jim Raynor\/jim@laptop +80 steal header=x +60s$/m,
    /^C3 +targetless +qa /m,
    /^mc-1 +<none> +dev +Ann\/ann@h +us,eu +Ready /m,
    /^preview-1 +deployment\/web +dev +pr-1 /m,
    /^eu +error: refused +<none> +now$/m,
    /^A1 +orders +Jim Raynor\/jim@laptop +orders +tmp-orders +tenant=jim$/m,
    /^A1 +tmp-topic +Jim Raynor\/jim@laptop +base +Filtered$/m,
  ])
    t.match(stdout, line);
});

t.test("status as json follows its schema, which mirrord operator status has not", async (t) => {
  const { stdout } = await runSession(sessionCluster({ operator }), ["status", "-ojson"]);
  t.equal(schemaErrors("session-status.json", stdout), "No errors");
  t.match(JSON.parse(stdout), {
    operator: { version: "3.187.0", license: { expiresAt: "2026-12-01" } },
    dailyUsers: 7,
    copyTargets: [{ pod: "mirrord-copy", scaleDown: true }],
    sessions: [{ id: "A1" }, {}, {}, { kind: "preview" }, { kind: "multi-cluster" }],
  });
});

t.test("stats count sessions per user, target and namespace; previews are nobody's", async (t) => {
  const { code, stdout } = await runSession(sessionCluster({ operator }), ["stats"]);
  t.equal(code, 0);
  t.match(stdout, /^Sessions: +4$/m);
  t.match(stdout, /^USER +SESSIONS +LONGEST\njim +2 +121m\nann +1 +<unknown>\neve +1 +60s$/m);
  t.match(stdout, /^TARGET .*\ndev: deployment\/web +2 /m);
  t.match(stdout, /^NAMESPACE .*\ndev +3 +121m\nqa +1 /m);
  const json = (await runSession(sessionCluster({ operator }), ["stats", "-ojson"])).stdout;
  t.equal(schemaErrors("session-stats.json", json), "No errors");
  t.match(JSON.parse(json), {
    users: { daily: 7, monthly: 23 },
    license: { daysLeft: 10 },
    sessions: { total: 4, ci: 1 },
    perUser: [{ name: "jim", sessions: 2, longestSeconds: 7300 }, {}, {}],
  });
});

const licences: { expires: unknown; want: RegExp }[] = [
  { expires: "2026-11-22", want: /expires: +2026-11-22 \(1 day left\)$/m },
  { expires: "2026-11-21", want: /expires: +2026-11-21 \(EXPIRED\)$/m },
  { expires: "soon\u001b[2J", want: /expires: +soon\^\[\[2J$/m },
  { expires: "2026-13-45", want: /expires: +2026-13-45$/m },
  { expires: 7, want: /expires: +<none>$/m },
];

for (const { expires, want } of licences)
  t.test(`a licence that expires at ${JSON.stringify(expires)}`, async (t) => {
    const cluster = sessionCluster({ operator: { spec: { license: { expire_at: expires } }, status: {} } });
    for (const verb of ["stats", "status"]) t.match((await runSession(cluster, [verb])).stdout, want);
    const { stdout } = await runSession(cluster, ["stats", "-ojson"]);
    t.equal(schemaErrors("session-stats.json", stdout), "No errors");
  });

const failures: { operator: Given["operator"]; want: RegExp }[] = [
  { operator: 404, want: /mirrord operator was not found in the cluster/ },
  { operator: 403, want: /mirrord operator rejected the request: / },
  { operator: 503, want: /does not answer as it should: .*\n.*kubectl get apiservice/ },
  { operator: { spec: {} }, want: /the mirrord operator shows no status/ },
];

for (const { operator: given = 404, want } of failures)
  t.test(`exit code 3 for ${JSON.stringify(given)}`, async (t) => {
    for (const verb of ["stats", "status"])
      t.match(await runSession(sessionCluster({ operator: given }), [verb]), { code: 3, stdout: "", stderr: want });
  });

t.test("on a terminal what --probe found out is wrapped", async (t) => {
  const { stdout } = await runSession(sessionCluster({ operator: 404 }), ["status", "--probe"], () => ({
    isTerminal: { stdin: false, stdout: true, stderr: false },
    columns: 80,
  }));
  t.match(stdout, /^Verdict: +the operator is not registered/m);
  t.match(stdout, /^Next: .*: kubectl mirrord install$/m);
  t.same(
    stdout.split("\n").filter((line) => line.length > 80),
    [],
  );
});
