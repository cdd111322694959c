import t from "tap";
import { ApiError } from "../../lib/kubernetes/api-error.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { operatorKinds } from "../../lib/commands/operator-kinds.ts";
import { manifestsCluster } from "../../lib/kube/manifests/manifests-cluster.ts";
import { lintRules } from "../../lib/mirrord/policy/lint/rules.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";
import { sarifFaults } from "../view/sarif-faults.ts";
import { exampleFolder, runPolicy } from "./policy-world.ts";

const inDev = (spec: Record<string, unknown>, name = "p") => policy(spec, { name, namespace: "dev" });

const trap = inDev({ block: ["steal"], targetPath: "deployment/web", appliesToCopyTargets: true }, "trap");
const good = clusterPolicy({ block: ["steal"], appliesToCopyTargets: true }, "good");

interface Log {
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string; defaultConfiguration: { level: string } }[] } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: {
        physicalLocation?: { artifactLocation: { uri: string }; region: { startLine: number } };
        logicalLocations: { fullyQualifiedName: string }[];
      }[];
    }[];
  }[];
}

t.test("findings decide the exit code as far as --fail-on asks", async (t) => {
  const { run, file } = exampleFolder(t);
  const soft = file("soft.yaml", [inDev({ block: ["steal"] })]);
  const note = file("note.yaml", [inDev({ env: { exclude: ["A"] } })]);
  const error = file("error.yaml", [trap]);
  const codes = async (path: string) =>
    await Promise.all(
      ["error", "warning", "note", "never"].map(
        async (value) => (await run("lint", "-f", path, "--fail-on", value)).code,
      ),
    );
  t.same(await codes(error), [1, 1, 1, 0]);
  t.same(await codes(soft), [0, 1, 1, 0]);
  t.same(await codes(note), [0, 0, 1, 0]);
  t.same(await codes(file("good.yaml", [good])), [0, 0, 0, 0]);
});

t.test("only the policies of the files are judged, beside those of the cluster", async (t) => {
  const { run, file } = exampleFolder(t);
  file("cluster/policies.yaml", [trap, good]);
  const ran = await run(
    "lint",
    "-f",
    file("new.yaml", [inDev({ block: ["steal"], appliesToCopyTargets: true }, "new")]),
    "-o",
    "json",
  );
  const { items } = JSON.parse(ran.stdout) as { items: { rule: string; policy: { name: string } }[] };
  t.same([...new Set(items.map((item) => item.policy.name))], ["new"]);
  t.ok(
    items.some(({ rule }) => rule === "hidden"),
    "the cluster policy hides it",
  );
});

t.test("SARIF: rules, results, and where each stands", async (t) => {
  const { run, file } = exampleFolder(t);
  const path = file("two policies#1.yaml", [good, trap]);
  const { code, stdout } = await run("lint", "-f", path, "-o", "sarif");
  t.equal(code, 1);
  const log = JSON.parse(stdout) as Log;
  t.same(sarifFaults(log), []);
  t.equal(log.version, "2.1.0");
  const [sarif] = log.runs;
  if (sarif === undefined) return t.fail("no run");
  t.same(
    sarif.tool.driver.rules.map(({ id }) => id),
    Object.keys(lintRules),
  );
  const found = sarif.results.find(({ ruleId }) => ruleId === "target-path-spelling");
  t.match(found, { level: "error", message: { text: /Write deploy\/web/ } });
  t.equal(sarif.tool.driver.rules[found?.ruleIndex ?? -1]?.id, "target-path-spelling");
  const [location] = found?.locations ?? [];
  t.match(location?.logicalLocations, [{ fullyQualifiedName: "MirrordPolicy dev/trap spec.targetPath" }]);
  t.match(location?.physicalLocation?.artifactLocation.uri, /\/two%20policies%231\.yaml$/);
  t.equal(location?.physicalLocation?.region.startLine, 10, "the second document");
  const onCluster = JSON.parse((await run("lint", "-o", "sarif")).stdout) as Log;
  t.same(onCluster.runs[0]?.results, []);
});

t.test("SARIF names where a policy of a folder is written, and of a file in its place where that is", async (t) => {
  const { run, file } = exampleFolder(t);
  const inFolder = file("cluster/policies.yaml", [good, trap]);
  const places = async (...words: string[]) => {
    const { code, stdout } = await run("lint", ...words, "-o", "sarif");
    t.equal(code, 1);
    const log = JSON.parse(stdout) as Log;
    t.same(sarifFaults(log), []);
    const found = log.runs[0]?.results.filter(({ ruleId }) => ruleId === "target-path-spelling") ?? [];
    return found.flatMap(({ locations }) =>
      locations.map(({ physicalLocation: at }) => [at?.artifactLocation.uri.split("/").at(-1), at?.region.startLine]),
    );
  };
  t.same(await places(), [["policies.yaml", 10]]);
  t.same(await places("-f", file("own.yaml", [trap])), [["own.yaml", 1]]);
  t.match((await run("lint", "-o", "wide")).stdout, `${inFolder}:10`);
});

const isTame = (text: string) => text !== "" && !text.includes("\u001b") && !text.includes("\u202e");

t.test("text from a policy cannot steer the terminal", async (t) => {
  const { run, file } = exampleFolder(t);
  const nasty = file("n.yaml", [inDev({ block: ["steal"], targetPath: "deploy/\u001b[31m/x\u202e" })]);
  for (const format of ["table", "wide", "json", "yaml", "sarif", "csv"])
    t.ok(isTame((await run("lint", "-f", nasty, "-o", format)).stdout), format);
  t.ok(isTame((await run("test", "deploy/web", "-n", "dev", "-f", nasty)).stdout));
  t.ok(isTame((await run("diff", "-f", nasty)).stdout));
});

t.test("what could not be looked at is said, and is not clean", async (t) => {
  const { path, file } = exampleFolder(t);
  file("cluster/policies.yaml", [good]);
  const withoutRight = (...resources: string[]): Cluster => {
    const files = manifestsCluster({ paths: [path], warn: () => {}, custom: operatorKinds });
    return {
      ...files,
      namespace: "dev",
      offline: false,
      async *list(type, options) {
        if (resources.includes(type.resource))
          throw new ApiError("undetermined", 403, '{"kind":"Status","reason":"Forbidden"}');
        yield* files.list(type, options);
      },
    };
  };
  t.match(await runPolicy(["lint"], withoutRight("pods")), {
    code: 3,
    stderr: /^No findings in what could be read\.\n.*you may not list pods: not everything was looked at/,
  });
  t.match(await runPolicy(["lint"], withoutRight("mirrordpolicies", "mirrordclusterpolicies")), {
    code: 3,
    stderr: /^No policies found in what could be read\.\n.*you may not list mirrordpolicies/,
  });
  t.equal((await runPolicy(["lint"], withoutRight())).code, 0);
  t.equal((await runPolicy(["lint"], withoutRight("mirrordprofiles"))).code, 0, "no policy names a profile");
  file("cluster/profiled.yaml", [inDev({ requireProfile: true, profileAllowlist: ["safe"] }, "profiled")]);
  t.match(await runPolicy(["lint"], withoutRight("mirrordprofiles")), {
    code: 3,
    stderr: /you may not list mirrordprofiles/,
  });
});

t.test("--rules explains every rule", async (t) => {
  const { stdout } = await exampleFolder(t).run("lint", "--rules", "-o", "wide");
  for (const id of Object.keys(lintRules)) t.match(stdout, id);
});

t.test("a folder with nothing but policies is no cluster without targets", async (t) => {
  const { run, file } = exampleFolder(t);
  file("cluster/dev.yaml", "");
  file("cluster/qa.yaml", "");
  file("cluster/operator.yaml", "");
  file("cluster/policies.yaml", [
    inDev({ block: ["steal"], selector: { matchLabels: { app: "nowhere" } }, appliesToCopyTargets: true }),
  ]);
  t.notMatch((await run("lint")).stdout, "matches-no-object");
});
