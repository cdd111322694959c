import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { connect } from "../../../lib/commands/connect.ts";
import { UserError } from "../../../lib/errors.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { apiFailure, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { sarifFaults } from "../../view/sarif-faults.ts";
import { exampleFolder, exampleMemory, runGrant } from "../grant-world.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const matches = ajv.compile(JSON.parse(readFileSync(join(root, "docs", "schema", "audit-drift.json"), "utf8")));

async function drift(cluster: MemoryCluster, ...words: string[]) {
  const world = fakeWorld({ cluster });
  const { connect: live } = world;
  world.connect = async (options) =>
    (options.manifests ?? []).length === 0
      ? await live(options)
      : await connect(options, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
  try {
    const code = await execute(audit, ["drift", ...words], world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: world.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}

async function granted(...all: string[][]): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of all) t.equal((await runGrant([...words, "--yes"], { cluster })).code, 0);
  return cluster;
}

const jim = ["jim", "--ns", "dev", "--ns", "qa"];

/** jim's access is mallory's in both namespaces, and eve has a copy. */
async function changedByHand(): Promise<MemoryCluster> {
  const cluster = await granted(jim);
  const isMain = ({ kind, metadata }: KubernetesObject) =>
    kind === "RoleBinding" && /^mirrord:grant:jim.*[a-z2-7]{20}$/.test(metadata.name ?? "");
  const user = (name: string) => [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name }];
  for (const binding of cluster.objects().filter(isMain)) {
    cluster.put({ ...binding, subjects: user("mallory") });
    if (binding.metadata.namespace === "dev")
      cluster.put({ ...binding, subjects: user("eve"), metadata: { name: "copy", namespace: "dev" } });
  }
  return cluster;
}

t.test("everything as it is declared is exit code 0 and a sentence", async (t) => {
  t.same(await drift(await granted(jim)), { code: 0, stdout: "", stderr: "Everything is as it is declared.\n" });
  t.match(await drift(await granted(jim), "-o", "markdown"), { code: 0, stdout: /Everything is as it is declared\./ });
});

t.test("who gains and loses what, which object differs in what, and what mends it; exit code 1", async (t) => {
  const cluster = await changedByHand();
  const { code, stdout } = await drift(cluster);
  t.equal(code, 1);
  t.match(
    stdout,
    /^SUBJECT +CHANGE +ACTIONS +NAMESPACES +TARGETS\njim +loses +mirror and steal, copy.* +dev, qa +<all>\n/,
  );
  t.match(stdout, /\n\nDRIFT +OBJECT +DIFFERENCE\n/);
  t.match(
    stdout,
    /^changed +RoleBinding dev\/mirrord:grant:jim\S+ and 1 more +subjects has mallory; lacks jim: /m,
    "alike is told once",
  );
  t.match(
    stdout,
    /^extra +RoleBinding dev\/copy +No grant declares it: eve gains clusterrole\/mirrord-operator-user in dev$/m,
  );
  t.match(stdout, /\n\nTo mend it:\n  kubectl mirrord grant sync\n  kubectl delete rolebinding -n dev copy\n$/);
  t.notMatch(stdout, /RIGHTS/, "who is told of with a role needs no list of rights");
  t.match(await drift(cluster, "-q"), { code: 1, stdout: "" });
});

t.test("what it prints mends it", async (t) => {
  const cluster = await changedByHand();
  t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
  await cluster.delete({ group: "", version: "", resource: "", kind: "RoleBinding", namespaced: true }, "copy", "dev");
  t.match(await drift(cluster), { code: 0 });
});

t.test("rights of whom nothing else is said are shown", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--target", "deploy/web"]);
  const role = cluster.objects().find(({ kind, metadata }) => kind === "Role" && /jim/.test(metadata.name ?? ""));
  if (role === undefined) throw new Error("no role");
  const rules = Array.isArray(role["rules"]) ? role["rules"] : [];
  cluster.put({ ...role, rules: [...rules, { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] });
  const { stdout } = await drift(cluster, "-o", "wide");
  t.match(stdout, /^SUBJECT +CHANGE +RIGHTS +NAMESPACES\njim +gains +get secrets +dev\n/);
  t.match(stdout, /^changed +Role dev\/\S+ +rules has get secrets +high +[a-z2-7]{20} +kubectl mirrord grant sync$/m);
});

t.test("the JSON form fits its schema, and SARIF the standard's", async (t) => {
  const cluster = await changedByHand();
  const { stdout } = await drift(cluster, "-o", "json");
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { kind: "Drift", complete: true, items: [{ rule: "drift-changed", severity: "high" }] });
  const log: { runs: { results: { ruleId: string; message: { text: string } }[] }[] } = JSON.parse(
    (await drift(cluster, "-o", "sarif")).stdout,
  );
  t.same(sarifFaults(log), []);
  const copy = log.runs[0]?.results.find(({ ruleId }) => ruleId === "drift-extra");
  t.match(copy?.message.text, /eve gains .*\. Run: kubectl delete rolebinding -n dev copy$/);
});

t.test("a large role that many are bound to is written once, however little each holds besides", async (t) => {
  const cluster = await granted(jim);
  const rules = Array.from({ length: 300 }, (_, at) => ({
    apiGroups: ["operator.metalbear.co", "apps"],
    resources: ["targets", `kind-${at}`],
    verbs: ["get", "proxy"],
  }));
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const bind = (name: string, role: string, user: string) =>
    cluster.put({
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: user }],
    });
  cluster.put({ apiVersion, kind: "ClusterRole", metadata: { name: "big" }, rules });
  for (let at = 0; at < 40; at++) {
    bind(`big-${at}`, "big", `user-${at}`);
    const own = { apiGroups: ["apps"], resources: [`kind-${at}`], verbs: ["get", "proxy"] };
    cluster.put({ apiVersion, kind: "ClusterRole", metadata: { name: `own-${at}` }, rules: [own] });
    bind(`own-${at}`, `own-${at}`, `user-${at}`);
  }
  const { code, stdout } = await drift(cluster, "-o", "json");
  t.equal(code, 1);
  const value: {
    rights: { subject: string; ruleLists: number[] }[];
    ruleLists: { apiGroups: string[]; resources: string[] }[][];
  } = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.equal(stdout.split('"kind-299"').length - 1, 2, "once for each of two groups");
  const gained = (subject: string) =>
    value.rights
      .find((each) => each.subject === subject)
      ?.ruleLists.flatMap((at) =>
        (value.ruleLists[at] ?? []).map((each) => `${each.resources.join()}.${each.apiGroups.join()}`),
      );
  const all = ["targets", ...rules.map((_, at) => `kind-${at}`)].flatMap((name) => [
    `${name}.operator.metalbear.co`,
    `${name}.apps`,
  ]);
  for (const at of [0, 39])
    t.same(gained(`user-${at}`)?.toSorted(), all.filter((name) => name !== `kind-${at}.apps`).toSorted());
  t.ok(stdout.length < 300_000, `${stdout.length} characters`);
  const markdown = (await drift(cluster, "-o", "markdown")).stdout;
  t.match(markdown, /; 581 more \(-o json\) \|/, "a cell has the first 20 rules");
  t.ok(markdown.length < 100_000, `${markdown.length} characters`);
});

t.test("Markdown for a comment: actions, objects, commands, and rights folded away", async (t) => {
  const { code, stdout } = await drift(await changedByHand(), "-o", "markdown");
  t.equal(code, 1);
  t.match(stdout, /^### mirrord access: drift\n\n3 objects are not as declared\.\n\n\| SUBJECT \|/);
  t.match(stdout, /To mend it:\n\n {4}kubectl mirrord grant sync\n {4}kubectl delete/);
  t.match(stdout, /<details><summary>Every right<\/summary>/);
});

t.test("with --manifests a folder declares, and what it does not have is said", async (t) => {
  const path = t.testdir({
    access: {},
    empty: { "x.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: dev}\n" },
  });
  const access = join(path, "access");
  const made = await runGrant([...jim, "--dry-run=client", "-o", "yaml"], { cluster: exampleMemory() });
  writeFileSync(join(access, "jim.yaml"), made.stdout);
  const same = await drift(await granted(jim), "--manifests", access);
  t.equal(same.code, 0, same.stdout + same.stderr);
  t.match(same.stderr, /declare no organizations: those of the cluster count\./);
  const other = await drift(await granted(jim, ["ann", "--ns", "qa"]), "--manifests", access, "--context", "c");
  t.equal(other.code, 1);
  t.match(
    other.stdout,
    /Nothing declares its grant: ann gains .*\n.*To mend it:\n  kubectl mirrord grant revoke [a-z2-7]{20} --context c\n$/s,
  );
  t.match(await drift(await granted(jim), "--manifests", join(path, "empty")), {
    code: 2,
    stderr: /declare no grant and no organization\n/,
  });
});

t.test(
  "SARIF names the file and the line where an object is declared; of what no file has, only the object",
  async (t) => {
    const access = exampleFolder(t);
    t.equal((await runGrant([...jim, "-y", "--manifests", access])).code, 0);
    const cluster = await changedByHand();
    const { code, stdout } = await drift(cluster, "--manifests", access, "-o", "sarif");
    t.equal(code, 1);
    const log: SarifRuns = JSON.parse(stdout);
    t.same(sarifFaults(log), []);
    const results = log.runs[0]?.results ?? [];
    const changed = results.filter(({ ruleId }) => ruleId === "drift-changed");
    t.equal(changed.length, 2);
    for (const { locations } of changed) {
      const { physicalLocation, logicalLocations } = locations[0] ?? { logicalLocations: [] };
      const file = new URL(physicalLocation?.artifactLocation.uri ?? "", pathToFileURL("./"));
      const lines = readFileSync(file, "utf8").split("\n");
      const [, namespace, name] = logicalLocations[0]?.fullyQualifiedName.split(/[ /]/) ?? [];
      const from = (physicalLocation?.region.startLine ?? 0) - 1;
      const object = lines.slice(from, lines.indexOf("---", from)).join("\n");
      t.match(object, /^apiVersion: rbac.authorization.k8s.io\/v1\nkind: RoleBinding\n/);
      t.match(object, `name: ${name}\n`);
      t.match(object, `namespace: ${namespace}\n`);
    }
    t.notOk(results.find(({ ruleId }) => ruleId === "drift-extra")?.locations[0]?.physicalLocation);
    const value: object = JSON.parse((await drift(cluster, "--manifests", access, "-o", "json")).stdout);
    t.ok(matches(value), JSON.stringify(matches.errors));
    const snapshot = join(t.testdir({}), "snapshot.json");
    await execute(audit, ["snapshot", "-o", snapshot], fakeWorld({ cluster }));
    const against = JSON.parse((await drift(cluster, "--against", snapshot, "-o", "sarif")).stdout) as SarifRuns;
    const extra = against.runs[0]?.results.find(({ ruleId }) => ruleId === "drift-extra");
    t.match(extra?.locations[0]?.physicalLocation?.artifactLocation.uri, /snapshot\.json$/);
  },
);

interface SarifRuns {
  runs: {
    results: {
      ruleId: string;
      locations: {
        physicalLocation?: { artifactLocation: { uri: string }; region: { startLine: number } };
        logicalLocations: { fullyQualifiedName: string }[];
      }[];
    }[];
  }[];
}

t.test("with --against a snapshot is the cluster", async (t) => {
  const path = t.testdir({});
  const cluster = await changedByHand();
  const snapshot = join(path, "snapshot.json");
  await execute(audit, ["snapshot", "-o", snapshot], fakeWorld({ cluster }));
  const { code, stdout } = await drift(await granted(jim), "--against", snapshot);
  t.equal(code, 1);
  t.match(stdout, /^extra +RoleBinding dev\/copy/m);
  t.match(await drift(cluster, "--against", "-", "--manifests", "-"), { code: 2, stderr: /only one of --against and/ });
});

t.test("what may not be read: nothing at all is exit code 3, and so is a part where nothing differs", async (t) => {
  const refusing = (cluster: MemoryCluster, resource: string) => {
    const { list } = cluster;
    cluster.list = (type, options) => {
      if (type.resource === resource) throw apiFailure(403, "Forbidden", "no");
      return list(type, options);
    };
    return cluster;
  };
  t.match(await drift(refusing(await granted(jim), "roles")), {
    code: 3,
    stdout: "",
    stderr: /^you may not list roles, so/,
  });
  const { code, stderr } = await drift(refusing(await granted([...jim, "--for", "1h"]), "jobs"));
  t.equal(code, 3);
  t.match(stderr, /What was compared is as it is declared\.\n.*you may not list jobs/);
  t.match(await drift(refusing(await changedByHand(), "jobs"), "-o", "markdown"), {
    code: 1,
    stdout: /Not complete: you may not list jobs/,
  });
  const { stdout } = await drift(refusing(await changedByHand(), "jobs"), "-o", "sarif");
  t.match(JSON.parse(stdout), { runs: [{ invocations: [{ executionSuccessful: false }] }] });
});
