import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { fakeCluster } from "../../../preview/fake-cluster.ts";
import { namespace, operator, operatorRoles } from "../../../preview/objects.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, roleRef, rule, user } from "../../../rbac/objects.ts";
import { readExposition } from "../../../view/exposition.ts";
import { sarifFaults } from "../../../view/sarif-faults.ts";
import { kubeconfig, runOnSeveral, silent, unreachable, type Clusters } from "./several.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const schema = (name: string): object => JSON.parse(readFileSync(join(root, "docs", "schema", `${name}.json`), "utf8"));

const clean = [namespace(), operator(), ...operatorRoles];
const admin = clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);
const adminIs = (name: string) => clusterRoleBinding("boss", "cluster-admin", [user(name)]);
const reader = [
  role("dev", "pods", [rule("", "pods", "get")]),
  roleBinding("dev", "pods", roleRef("pods"), [user("jim")]),
];

/** Two that answer, one of them in part; one that is down and one that is silent. */
const clusters: Clusters = {
  east: fakeCluster({ objects: [...clean, admin, adminIs("ann"), ...reader] }),
  west: fakeCluster({ objects: [...clean, admin, adminIs("bob")], forbidden: ["pods", "rolebindings"] }),
  down: unreachable,
  slow: silent,
};
const all = (t: Parameters<typeof kubeconfig>[0], ...words: string[]) =>
  runOnSeveral(
    clusters,
    ...words,
    "--context",
    "east,west,down,slow",
    "--cluster-timeout",
    "10ms",
    "--kubeconfig",
    kubeconfig(t, ["east", "west", "down", "slow"]),
  );

t.test("one table of findings with the cluster of each; what was not read is named, and is exit code 3", async (t) => {
  const { code, stdout, stderr } = await all(t, "findings");
  t.equal(code, 3, stderr);
  t.match(stdout, /^CLUSTER +SEVERITY +RULE +OBJECT +MESSAGE\n/);
  t.match(stdout, /^east +low +administrator +ClusterRoleBinding boss +ann is bound to cluster-admin$/m);
  t.match(stdout, /^west +low +administrator +ClusterRoleBinding boss +bob is bound to cluster-admin$/m);
  t.match(stderr, /Warning: down: nothing of this cluster was read: The connection to the server .* was refused: not/);
  t.match(stderr, /Warning: slow: nothing of this cluster was read: it took longer than 0.01 s \(--cluster-timeout\)/);
  t.match(stderr, /Warning: west: you may not list .*pods/);
});

t.test("a grave finding in one of them is 1, whatever was not read; without any cluster it is 3", async (t) => {
  t.equal((await all(t, "findings", "--fail-on", "low")).code, 1);
  const file = kubeconfig(t, ["a", "b"]);
  const none = await runOnSeveral({ a: unreachable, b: unreachable }, "--all-contexts", "--kubeconfig", file);
  t.equal(none.code, 3);
  t.match(none.stdout, /^a +- +- +- +- +- +- +nothing\nb +- .*nothing$/m);
});

t.test("audit begins with a line for each cluster", async (t) => {
  const { stdout } = await all(t);
  t.match(
    stdout,
    /^CLUSTER +HIGH +MEDIUM +LOW +SESSIONS +ADMINS +GRANTS +READ\neast +\d+ +\d+ +\d+ +0 +1 +0 +all\nwest +\d.* partly\ndown +- .* nothing\nslow +- .* nothing\n\nCLUSTER +SEVERITY/,
  );
});

const documents: { words: string[]; schema: string }[] = [
  { words: [], schema: "audit-findings" },
  { words: ["findings"], schema: "audit-findings" },
  { words: ["who-can", "get", "pods", "-n", "dev"], schema: "audit-who-can" },
  { words: ["matrix"], schema: "audit-matrix" },
  { words: ["privileged"], schema: "audit-privileged" },
];
for (const { words, schema: name } of documents) {
  t.test(`audit ${words.join(" ")} -o json names the clusters, and fits its schema`, async (t) => {
    const { stdout } = await all(t, ...words, "-o", "json");
    const value: { items: { cluster?: string }[] } = JSON.parse(stdout);
    const matches = ajv.getSchema(`x-${name}`) ?? ajv.compile({ ...schema(name), $id: `x-${name}` });
    t.ok(matches(value), JSON.stringify(matches.errors));
    t.match(value, {
      complete: false,
      clusters: [
        { name: "east", complete: true },
        { name: "west", complete: false },
        { name: "down", complete: false, error: /refused/ },
        { name: "slow", complete: false, error: /took longer/ },
      ],
    });
    t.ok(value.items.every(({ cluster }) => cluster === "east" || cluster === "west"));
  });
}

t.test("yaml, csv, markdown, SARIF and metrics carry the cluster as well, and what was not read", async (t) => {
  const shown = async (format: string) => (await all(t, "findings", "-o", format)).stdout;
  t.match(await shown("yaml"), /^ *- cluster: east$/m);
  t.match(await shown("csv"), /^CLUSTER,SEVERITY,.*\r\n(.*\r\n)*east,low,administrator,/);
  const markdown = await shown("markdown");
  t.match(markdown, /^\| CLUSTER \| SEVERITY \|/);
  t.match(markdown, /\nNot everything was looked at:\n\n(- .*\n)*- down: nothing of this cluster was read: .*\n/);
  const log: { runs: { invocations: object[]; results: object[] }[] } = JSON.parse(await shown("sarif"));
  t.same(sarifFaults(log), []);
  t.match(log.runs[0]?.invocations, [{ executionSuccessful: false }]);
  const east = {
    properties: { cluster: "east" },
    partialFingerprints: { "finding/v1": "east administrator ClusterRoleBinding boss ann" },
    locations: [{ logicalLocations: [{ fullyQualifiedName: "east: ClusterRoleBinding boss" }] }],
  };
  t.match(log.runs[0]?.results, [east], "in the order of the table");
  const { samples } = readExposition(await shown("metrics"));
  const complete = samples.filter(({ name }) => name === "mirrord_audit_complete");
  t.same(
    complete.map(({ labels, value }) => [labels["cluster"], value]),
    [
      ["east", 1],
      ["west", 0],
      ["down", 0],
      ["slow", 0],
    ],
  );
});

t.test("who-can, matrix and privileged have a column for it", async (t) => {
  const who = await all(t, "who-can", "get", "pods", "-n", "dev");
  t.equal(who.code, 3);
  t.match(who.stdout, /^CLUSTER +SUBJECT +NAMESPACES +THROUGH\n/);
  t.match(who.stdout, /^east +jim +dev +rolebinding\/pods \(dev\)$/m);
  t.match(who.stdout, /^west +bob +<all> +clusterrolebinding\/boss$/m);
  t.match(who.stderr, /Warning: west: you may not list rolebindings: others may be allowed it, too/);
  t.match(who.stderr, /Warning: down: nothing of this cluster was read/);
  const matrix = await all(t, "matrix", "-o", "csv");
  t.match(matrix.stdout, /^CLUSTER,SUBJECT,MIRROR,/);
  t.match(matrix.stdout, /^west,bob,<all>,/m);
  const privileged = await all(t, "privileged");
  t.equal(privileged.code, 3);
});

t.test("a name in a kubeconfig is only a name", async (t) => {
  const name = "ev\u001b[31mil\u202e<script>|\n";
  const file = kubeconfig(t, [name, "b"]);
  const objects = [...clean, admin, adminIs("ann")];
  for (const format of ["table", "wide", "json", "yaml", "csv", "sarif", "markdown", "metrics"]) {
    const { stdout, stderr } = await runOnSeveral(
      { [name]: fakeCluster({ objects }), b: unreachable },
      "--all-contexts",
      "--kubeconfig",
      file,
      "-o",
      format,
    );
    t.ok(stdout !== "" && !["\u001b", "\u202e"].some((each) => (stdout + stderr).includes(each)), format);
    if (format === "metrics") readExposition(stdout);
    if (format === "markdown") t.notMatch(stdout, /<script/);
  }
});

t.test("a baseline knows a finding in the cluster where it was, and in no other", async (t) => {
  const { stdout } = await all(t, "findings", "-o", "json");
  const folder = t.testdir({ "baseline.json": stdout });
  const baseline = ["--baseline", join(folder, "baseline.json"), "-o", "json"];
  const same: { items: object[] } = JSON.parse((await all(t, "findings", ...baseline)).stdout);
  t.same(same.items, []);
  const file = kubeconfig(t, ["east", "north"]);
  const moved = await runOnSeveral(
    { east: clusters["east"] ?? unreachable, north: clusters["east"] ?? unreachable },
    "findings",
    "--all-contexts",
    "--kubeconfig",
    file,
    ...baseline,
  );
  const { items }: { items: { cluster: string }[] } = JSON.parse(moved.stdout);
  t.ok(items.length > 0 && items.every(({ cluster }) => cluster === "north"), JSON.stringify(items));
});

t.test("an exception may be about one cluster, and fits nothing only where that one was read", async (t) => {
  const end = { owner: "sec", reason: "INC", expires: "2999-01-01" };
  const exceptions = [
    { rule: "administrator", cluster: "ea*", ...end },
    { rule: "administrator", subject: "nobody", cluster: "west", ...end },
    { rule: "administrator", subject: "nobody", cluster: "down", ...end },
    { rule: "administrator", subject: "nobody", ...end },
  ];
  const folder = t.testdir({ "audit.json": JSON.stringify({ kind: "AuditConfiguration", exceptions }) });
  const { stdout, stderr } = await all(t, "findings", "--config", join(folder, "audit.json"), "-o", "csv");
  t.notMatch(stdout, /^east,low,administrator/m);
  t.match(stdout, /^west,low,administrator/m);
  t.match(stderr, /1 more is excepted/);
  const unused = stdout.split("\r\n").filter((line) => line.includes("exception-unused"));
  t.equal(unused.length, 1, stdout);
  t.match(unused[0], /for nobody in cluster west \(sec: INC\) fits nothing/);
});
