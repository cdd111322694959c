import t from "tap";
import { apiError } from "../../lib/kubernetes/api-error.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { entry, harmful, runSession, schemaErrors, sessionCluster } from "./session-cluster.ts";

const record = (name: string, spec: object): KubernetesObject => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterSession",
  metadata: { name, creationTimestamp: "2026-11-22T11:00:00Z" },
  spec: {
    owner: { username: "Jim Raynor", hostname: "laptop", k8sUsername: "jim", userId: "Zg" },
    namespace: "qa",
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "web", container: "main" },
    ...spec,
  },
});

const everyKind = sessionCluster({
  sessions: [
    entry("A1", { locked_ports: [{ port: 80, kind: "steal", filter: "header=x" }, [81, "mirror", null]] }),
    entry("C1", { namespace: "qa" }),
    entry("D1", { target: null, namespace: "qa", duration_secs: 7300 }),
    entry("preview-1", { user: "preview-env", key: "pr-1" }),
  ],
  records: [record("c1", { ciInfo: { provider: "github", pipeline: "e2e" }, clientCliVersion: "3.250.0" })],
  operator: {
    status: {
      sessions: [],
      copy_targets: [["pod", { metadata: {}, spec: {}, status: { creator_session: { id: "A1" } } }]],
      multi_cluster_sessions: [
        { id: "mc-1", user: "Ann/ann@h", namespace: "dev", clusters: ["us", "eu"], phase: "Ready" },
      ],
      preview_sessions: [{ id: "preview-1", namespace: "dev", phase: "Idle", idleSecs: 5 }],
    },
  },
});

t.test("every kind of session is shown as what it is", async (t) => {
  const { code, stdout, stderr } = await runSession(everyKind, ["list", "-A"]);
  t.equal(code, 0);
  t.equal(stderr, "");
  t.equal(
    stdout,
    [
      "NAMESPACE   ID          USER     TARGET           KIND            PORTS                AGE",
      "dev         A1          jim      deployment/web   copy            80/steal,81/mirror   60s",
      "dev         preview-1   <none>   deployment/web   preview         <none>               60s",
      "dev         mc-1        ann      <none>           multi-cluster   <none>               <unknown>",
      "qa          D1          jim      targetless       session         <none>               121m",
      "qa          C1          jim      deployment/web   ci              <none>               60s",
      "",
    ].join("\n"),
  );
});

t.test("one namespace is that of the kubeconfig, or the one that is named", async (t) => {
  t.notMatch((await runSession(everyKind, ["list"])).stdout, /C1|NAMESPACE/);
  t.match(
    (await runSession(everyKind, ["list", "-nqa", "-oname"])).stdout,
    /^session.operator.metalbear.co\/D1\nsession.*\/C1\n$/,
  );
  const none = await runSession(everyKind, ["list", "-n", "nowhere"]);
  t.match(none, { code: 0, stdout: "", stderr: "No sessions found in namespace nowhere.\n" });
  const gone = sessionCluster({ objects: { namespaces: [] } });
  const mistake = { code: 2, stdout: "", stderr: /namespace "nowhere" was not found/ };
  t.match(await runSession(gone, ["list", "-n", "nowhere"]), mistake);
  t.match(await runSession(gone, ["kill", "-n", "nowhere", "--dry-run"]), mistake);
});

t.test("wide shows the rest, csv shows everything, json follows its schema", async (t) => {
  const wide = (await runSession(everyKind, ["list", "-A", "-owide"])).stdout;
  t.match(wide, /KEY +NAME +HOST +FILTER +PHASE +CLUSTERS +CI +CLIENT\n/);
  t.match(wide, /github\/e2e +3\.250\.0\n/);
  t.match(wide, /Ready +us,eu/);
  t.match(wide, /header=x/);
  t.equal((await runSession(everyKind, ["list", "-A", "-ocsv"])).stdout.split("\r\n").length, 7);
  const { stdout } = await runSession(everyKind, ["list", "-A", "-ojson"]);
  t.equal(schemaErrors("session-list.json", stdout), "No errors");
  t.match(JSON.parse(stdout), {
    source: "sessions",
    items: [{ id: "A1", ports: [{ port: 80, kind: "steal", filter: "header=x" }, { port: 81 }] }, {}, {}, {}, {}],
  });
  t.match(
    (await runSession(everyKind, ["list", "-A", "-oyaml"])).stdout,
    /^apiVersion: kubectl-mirrord.io\/v1alpha1\nkind: SessionList\n/,
  );
});

const orders: { by: string; want: string }[] = [
  { by: "age", want: "D1,A1,C1,preview-1,mc-1" },
  { by: "id", want: "A1,C1,D1,mc-1,preview-1" },
  { by: "user", want: "preview-1,mc-1,D1,A1,C1" },
  { by: "kind", want: "C1,A1,mc-1,preview-1,D1" },
  { by: "target", want: "D1,mc-1,A1,C1,preview-1" },
  { by: "key", want: "D1,A1,C1,mc-1,preview-1" },
];

for (const { by, want } of orders)
  t.test(`sorted by ${by}`, async (t) => {
    const { stdout } = await runSession(everyKind, ["list", "-A", "-oname", "--sort-by", by]);
    t.equal(
      stdout
        .trim()
        .replaceAll(/\n?session\.operator\.metalbear\.co\//g, ",")
        .slice(1),
      want,
    );
  });

t.test("--sort-by anything else is refused", async (t) => {
  t.match(await runSession(everyKind, ["list", "--sort-by", "{.spec}"]), { code: 2, stdout: "" });
});

t.test("what a session says cannot steer a terminal, a spreadsheet, or a reader", async (t) => {
  const hostile = sessionCluster({
    sessions: [
      entry("\u001b[2JA", {
        user: "=cmd|' /C calc'!A0/\u001b[31mroot@\u202eevil\n",
        target: "deployment/\u001b]0;x\u0007",
        key: "@SUM(1)",
        locked_ports: [{ port: 80, kind: "steal\u001b[1m", filter: "\u009b31m" }],
      }),
    ],
  });
  for (const output of ["table", "wide", "csv", "name"]) {
    const { stdout } = await runSession(hostile, ["list", "-A", "-o", output]);
    t.notMatch(stdout, harmful, output);
  }
  t.match((await runSession(hostile, ["list", "-A", "-ocsv"])).stdout, /,'@SUM\(1\),"'=cmd/);
  const { stdout } = await runSession(hostile, ["list", "-A", "-ojson"]);
  t.notMatch(stdout, harmful);
  t.match(JSON.parse(stdout), {
    items: [{ id: "\u001b[2JA", user: { kubernetesUser: "\u001b[31mroot", host: "\u202eevil\n" } }],
  });
});

const status = {
  sessions: [entry("OLD", { locked_ports: [[80, "steal", "header=x"]] }), entry("QA", { namespace: "qa" })],
};

for (const answer of [403, 404])
  t.test(`when the sessions API answers ${answer}, the sessions are those of the operator's status`, async (t) => {
    const cluster = sessionCluster({ sessions: answer, operator: { status } });
    const { code, stdout } = await runSession(cluster, ["list", "-n", "dev", "-ojson"]);
    t.equal(code, 0);
    t.match(JSON.parse(stdout), {
      source: "status",
      items: [{ id: "OLD", ports: [{ port: 80, filter: "header=x" }] }],
    });
    t.equal((JSON.parse(stdout) as { items: [] }).items.length, 1);
  });

const failures: { sessions: number; operator: number | object; want: RegExp; why: string }[] = [
  { sessions: 403, operator: 403, want: /rejected the request: .*\n.*grant .* --role view/, why: "both are forbidden" },
  { sessions: 404, operator: 404, want: /operator was not found in the cluster/, why: "there is no operator" },
  { sessions: 404, operator: { status: null }, want: /does not answer as it should/, why: "it has no status" },
  {
    sessions: 503,
    operator: 503,
    want: /ServiceUnavailable.*\n.*kubectl get apiservice v1\.operator/,
    why: "it is down",
  },
  {
    sessions: 503,
    operator: { status },
    want: /ServiceUnavailable/,
    why: "a status must not stand in for an answer that may come",
  },
  { sessions: 500, operator: { status }, want: /it answers 500/, why: "it is broken" },
  { sessions: 401, operator: 401, want: /logged in/, why: "nobody is logged in" },
];

t.test("of two refusals the one of the namespace says whom to let in where", async (t) => {
  const cluster = sessionCluster({ operator: 403 });
  const denied = (where: string) => `x is forbidden: User "eve" cannot list resource "x" in API group "y" ${where}`;
  const refused = (where: string) =>
    apiError("GET", 403, JSON.stringify({ kind: "Status", reason: "Forbidden", message: denied(where), code: 403 }));
  cluster.get = () => Promise.reject(refused("at the cluster scope"));
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.resource === "sessions") throw refused('in the namespace "dev"');
    yield* list(type, options);
  };
  const { code, stderr } = await runSession(cluster, ["list", "-n", "dev"]);
  t.equal(code, 3);
  t.match(stderr, /^Error from server \(Forbidden\): x is forbidden/);
  t.match(stderr, /kubectl mirrord grant eve --role view --ns dev$/m);
});

for (const { sessions, operator, want, why } of failures)
  t.test(`exit code 3 when ${why}`, async (t) => {
    const ran = await runSession(sessionCluster({ sessions, operator }), ["list", "-A"]);
    t.match(ran, { code: 3, stdout: "", stderr: want });
  });

t.test("an answer of another shape is no empty list", async (t) => {
  const odd = sessionCluster({ sessions: [] });
  odd.list = async function* list({ resource }) {
    if (resource === "sessions")
      yield { apiVersion: "v1", kind: "Session", metadata: { name: "A" }, spec: { sessions: [] } };
  };
  t.match(await runSession(odd, ["list", "-A"]), { code: 3, stdout: "", stderr: /no list of sessions/ });
});

t.test("without the operator's status the sessions are shown, and json says what may be missing", async (t) => {
  const cluster = sessionCluster({ sessions: [entry("A1")], operator: 403 });
  const { code, stdout } = await runSession(cluster, ["list", "-ojson"]);
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { items: [{ id: "A1" }], notes: [/status cannot be read/, /records cannot be read/] });
});

t.test("a user that may be meant as well is named", async (t) => {
  const cluster = sessionCluster({ sessions: [entry("A1"), entry("A2", { user: "x/y/jim@h" })] });
  const { stdout, stderr } = await runSession(cluster, ["list", "-oname", "--user", "jim"]);
  t.equal(stdout, "session.operator.metalbear.co/A1\n");
  t.match(stderr, /session A2: may be of jim as well/);
});

t.test("manifests have no sessions, and the kubeconfig's user is chosen by its context", async (t) => {
  t.match(await runSession(everyKind, ["list", "--manifests", "x"]), {
    code: 2,
    stderr: /a folder of manifests has no live sessions/,
  });
  const { world } = await runSession(everyKind, ["list", "--user", "jim", "--context", "c"]);
  t.match(world.connectedWith, [{ context: "c" }]);
  t.notOk("user" in (world.connectedWith[0] ?? {}), "--user is whose session it is");
});
