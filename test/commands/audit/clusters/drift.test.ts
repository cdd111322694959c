import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t, { type Test } from "tap";
import { fakeCluster } from "../../../preview/fake-cluster.ts";
import { namespace, operator, operatorRoles } from "../../../preview/objects.ts";
import { clusterRoleBinding, user } from "../../../rbac/objects.ts";
import { sarifFaults } from "../../../view/sarif-faults.ts";
import { exampleFolder, exampleMemory, runGrant } from "../../grant-world.ts";
import { kubeconfig, runOnSeveral, silent, unreachable, type Clusters } from "./several.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const matches = ajv.compile(JSON.parse(readFileSync(join(root, "docs", "schema", "audit-drift.json"), "utf8")));

const clean = [namespace(), operator(), ...operatorRoles];
const byHand = (name: string) => clusterRoleBinding("by-hand", "mirrord-operator-user-basic", [user(name)]);

/** In two of them somebody has access by hand; one may be read in part, one is down, one is silent. */
const clusters: Clusters = {
  east: fakeCluster({ objects: [...clean, byHand("mallory")] }),
  west: fakeCluster({ objects: [...clean, byHand("mallory")] }),
  blind: fakeCluster({ objects: clean, forbidden: ["roles"] }),
  good: fakeCluster({ objects: clean }),
  down: unreachable,
  slow: silent,
};

const on = (t: Test, contexts: string, ...words: string[]) =>
  runOnSeveral(
    clusters,
    "drift",
    ...words,
    "--context",
    contexts,
    "--cluster-timeout",
    "60s",
    "--kubeconfig",
    kubeconfig(t, Object.keys(clusters)),
  );

t.test(
  "each row names its cluster, and each command reaches it; the same in two clusters is told of both",
  async (t) => {
    const { code, stdout, stderr } = await on(t, "east,west,blind,down");
    t.equal(code, 1);
    t.match(stdout, /^CLUSTER +SUBJECT +CHANGE +ACTIONS +NAMESPACES +TARGETS\neast +mallory +gains /);
    t.match(stdout, /^west +mallory +gains /m);
    t.match(
      stdout,
      /\n\nCLUSTER +DRIFT +OBJECT +DIFFERENCE\neast +extra +ClusterRoleBinding by-hand +No grant .*\nwest +extra /,
    );
    const commands = stdout.split("To mend it:\n")[1]?.trimEnd().split("\n") ?? [];
    t.equal(commands.length, 2);
    for (const [at, context] of ["east", "west"].entries())
      t.match(
        commands[at],
        new RegExp(`kubectl delete clusterrolebinding --kubeconfig \\S+ --context ${context} by-hand$`),
      );
    t.match(stderr, /Warning: blind: nothing of this cluster was read: you may not list roles, so/);
    t.match(stderr, /Warning: down: nothing of this cluster was read: The connection to the server .* was refused/);
  },
);

t.test("what was not read of one is exit code 3 where nothing differs; all as declared is 0", async (t) => {
  const partly = await on(t, "good,down");
  t.same({ code: partly.code, stdout: partly.stdout }, { code: 3, stdout: "" });
  t.match(partly.stderr, /What was compared is as it is declared\./);
  t.match(await on(t, "good,good"), { code: 0, stdout: "", stderr: "Everything is as it is declared.\n" });
  t.match(await on(t, "down,blind"), { code: 3, stdout: "" });
  t.match(await on(t, "good,nowhere"), { code: 2 });
  const late = await runOnSeveral(
    clusters,
    ..."drift --context good,slow --cluster-timeout 20ms --kubeconfig".split(" "),
    kubeconfig(t, ["good", "slow"]),
  );
  t.match(late, { code: 3, stderr: /slow: nothing of this cluster was read: it took longer than 0.02 s/ });
});

t.test("documents name the cluster of each change, and what was read of each", async (t) => {
  const { stdout } = await on(t, "east,west,down", "-o", "json");
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, {
    complete: false,
    skipped: [/^down: nothing of this cluster/],
    clusters: [
      { name: "east", complete: true, skipped: { length: 0 } },
      { name: "west", complete: true },
      { name: "down", complete: false, error: /refused/ },
    ],
    items: [{ cluster: "east", rule: "drift-extra" }, { cluster: "west" }],
  });
  const { sessions, rights } = value as Record<"sessions" | "rights", { cluster: string }[]>;
  for (const changes of [sessions, rights])
    t.same([...new Set(changes.map(({ cluster }) => cluster))], ["east", "west"]);
  t.match((await on(t, "east,west", "-o", "csv")).stdout, /^CLUSTER,DRIFT,.*\r\neast,extra,.*\r\nwest,extra,/);
  const markdown = (await on(t, "east,down", "-o", "markdown")).stdout;
  t.match(markdown, /\nNot complete: down: nothing of this cluster was read/);
  for (const head of ["SUBJECT", "DRIFT"]) t.match(markdown, `\n| CLUSTER | ${head} |`);
  const log: { runs: { results: object[]; invocations: object[] }[] } = JSON.parse(
    (await on(t, "east,west,down", "-o", "sarif")).stdout,
  );
  t.same(sarifFaults(log), []);
  t.match(log.runs[0]?.invocations, [{ executionSuccessful: false }]);
  t.match(
    log.runs[0]?.results,
    ["east", "west"].map((cluster) => ({
      properties: { cluster },
      partialFingerprints: { "finding/v1": `${cluster} drift-extra ClusterRoleBinding by-hand` },
      locations: [{ logicalLocations: [{ fullyQualifiedName: `${cluster}: ClusterRoleBinding by-hand` }] }],
    })),
  );
});

t.test("one folder is what several clusters are compared with", async (t) => {
  const folder = exampleFolder(t);
  t.equal((await runGrant(["jim", "--ns", "dev", "-y", "--manifests", folder])).code, 0);
  const there = exampleMemory();
  t.equal((await runGrant(["jim", "--ns", "dev", "-y"], { cluster: there })).code, 0);
  const { code, stdout } = await runOnSeveral(
    { a: there, b: exampleMemory() },
    ..."drift --all-contexts -o json --manifests".split(" "),
    folder,
    "--kubeconfig",
    kubeconfig(t, ["a", "b"]),
  );
  t.equal(code, 1);
  const { items }: { items: { cluster: string; rule: string; grant?: string; commands: string[] }[] } =
    JSON.parse(stdout);
  const own = items.filter(({ grant }) => grant !== undefined);
  t.same([...new Set(own.map(({ cluster, rule }) => `${cluster} ${rule}`))], ["b drift-missing"]);
  t.ok(items.every(({ cluster, commands }) => commands.every((line) => line.endsWith(` --context ${cluster}`))));
});

t.test("--against is one side, and --all-contexts are several", async (t) => {
  t.match(await runOnSeveral(clusters, "drift", "--against", "x.json", "--all-contexts"), {
    code: 2,
    stderr: /--all-contexts takes the clusters from the kubeconfig, and --against names one/,
  });
});
