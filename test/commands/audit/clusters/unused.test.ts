import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t, { type Test } from "tap";
import type { Cluster } from "../../../../lib/kube/cluster.ts";
import { apiFailure, type MemoryCluster } from "../../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../../grant-world.ts";
import { operatorObjects } from "../operator-objects.ts";
import { kubeconfig, runOnSeveral, silent, unreachable, type Clusters } from "./several.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: false });
const matches = ajv.compile(JSON.parse(readFileSync(join(root, "docs", "schema", "audit-unused.json"), "utf8")));
const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY = 86_400_000;

const line = (daysAgo: number, fields: object) =>
  JSON.stringify({ timestamp: new Date(NOW - daysAgo * DAY).toISOString(), level: "INFO", fields });
const session = (user: string) =>
  line(50, { message: "Session Start", client_user: user, target: "deployment/web", target_namespace: "dev" });
const begins = line(95, { message: "started" });

/** In which jim and ann may use dev since half a year, and whose operator has written this. */
async function used(...log: string[]): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  const long = NOW - 180 * DAY;
  cluster.now = () => long;
  for (const name of ["jim", "ann"])
    t.match(await runGrant([name, "--ns", "dev", "--yes"], { cluster, now: () => long }), { code: 0 });
  cluster.now = () => NOW;
  cluster.put(...operatorObjects);
  const logStream = async function* () {
    yield Buffer.from(log.join("\n"));
  };
  return Object.assign(cluster, { pods: { logStream } });
}

async function refusing(resource: string): Promise<Cluster> {
  const cluster = await used(begins);
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (type.resource === resource) throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  return cluster;
}

const clusters: Clusters = {
  east: await used(begins, session("jim")),
  west: await used(begins, session("ann")),
  both: await used(begins, session("ann"), session("jim")),
  // The log begins with the day on which it was rotated.
  short: await used(session("jim")),
  blind: await refusing("rolebindings"),
  bare: exampleMemory(),
  down: unreachable,
  slow: silent,
};

const on = (test: Test, contexts: string, ...words: string[]) =>
  runOnSeveral(
    clusters,
    ..."unused --operator --cluster-timeout 60s --context".split(" "),
    contexts,
    ...words,
    "--kubeconfig",
    kubeconfig(test, Object.keys(clusters)),
  );

t.test("each cluster is judged by the log of its own operator, and each command reaches it", async (t) => {
  const { code, stdout, stderr } = await on(t, "east,west");
  t.equal(code, 1);
  t.match(stdout, /^CLUSTER +VERDICT +GRANT +SUBJECT +NAMESPACES +LAST +WHY\n/);
  t.same(
    stdout.match(/^\S+ +unused +\S+ +\S+/gm)?.map((row) => row.replaceAll(/ +[a-z2-7]{20} +| +/g, " ")),
    ["east unused ann", "west unused jim"],
    "used in one cluster is not used in the other",
  );
  const commands = stdout.split("To keep only what is used:\n")[1]?.trimEnd().split("\n") ?? [];
  t.equal(commands.length, 2);
  for (const [at, context] of ["east", "west"].entries())
    t.match(
      commands[at],
      new RegExp(`^ {2}kubectl mirrord grant revoke [a-z2-7]{20} --kubeconfig \\S+ --context ${context}$`),
    );
  t.match(stderr, /east: The operator's log reaches over 90 of 90 days\.\nwest: The operator's log/);
});

t.test(
  "who is down, slow, without an operator or refuses is named; exit code 3 unless something is unused",
  async (t) => {
    const { code, stdout, stderr } = await on(t, "both,down,blind,bare");
    t.equal(code, 3);
    t.equal(stdout, "");
    t.match(stderr, /^Every grant that was read was used, and none could be smaller\.$/m);
    t.match(stderr, /Warning: down: nothing of this cluster was read: The connection to the server .* was refused/);
    t.match(stderr, /Warning: blind: nothing of this cluster was read: you may not list rolebindings, so/);
    t.match(stderr, /Warning: bare: nothing of this cluster was read: the operator has no logs: /);
    t.match(await on(t, "both,both"), {
      code: 0,
      stdout: "",
      stderr: /^Every grant was used, and none could be smaller/,
    });
    t.match(await on(t, "east,down"), { code: 1, stdout: /^east +unused .* ann /m });
    t.match(await on(t, "short,both"), {
      code: 3,
      stdout: /^short +unknown .* ann .*the log reaches over 50 of 90 days$/m,
    });
    t.match(await on(t, "down,blind"), { code: 3, stdout: "", stderr: /No cluster was read\./ });
    const late = await runOnSeveral(
      clusters,
      ..."unused --operator --context both,slow --cluster-timeout 20ms --kubeconfig".split(" "),
      kubeconfig(t, ["both", "slow"]),
    );
    t.match(late, { code: 3, stderr: /slow: nothing of this cluster was read: it took longer than 0.02 s/ });
  },
);

t.test("documents name the cluster of each grant, and how far each log reaches", async (t) => {
  const { stdout } = await on(t, "east,short,down", "-o", "json");
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.notOk("logs" in value);
  t.match(value, {
    complete: false,
    clusters: [
      { name: "east", complete: true, logs: { operator: { covered: 90, of: 90 } } },
      { name: "short", complete: false, logs: { operator: { covered: 50, of: 90 } } },
      { name: "down", complete: false, error: /refused/ },
    ],
    items: [{ cluster: "east" }, { cluster: "east" }, { cluster: "short" }, { cluster: "short" }],
  });
  t.match((await on(t, "east,west", "-o", "csv")).stdout, /^CLUSTER,VERDICT,.*\r\neast,unused,.*\r\nwest,unused,/);
  const markdown = (await on(t, "east,down", "-o", "markdown")).stdout;
  t.match(markdown, /\nNot complete: down: nothing of this cluster was read: /);
  t.match(markdown, "\n| CLUSTER | VERDICT |");
});

t.test("a log file is of one cluster: with several named it is refused, before any is asked", async (t) => {
  for (const source of ["--log", "--merge"])
    for (const several of [["--context", "east,west"], ["--all-contexts"]]) {
      const words = ["unused", source, "x.log", ...several, "--kubeconfig", kubeconfig(t, ["east", "west"])];
      const { code, stdout, stderr, connectedWith } = await runOnSeveral(clusters, ...words);
      t.same({ code, stdout, asked: connectedWith.length }, { code: 2, stdout: "", asked: 0 });
      t.match(
        stderr,
        /^the logs of --log and --merge are those of one cluster, and several are named\nGive --operator/,
      );
    }
});
