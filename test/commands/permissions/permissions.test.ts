import t from "tap";
import { dispatcher } from "../../../lib/cli/dispatcher.ts";
import { execute } from "../../../lib/cli/execute.ts";
import { load, type Command, type Verb } from "../../../lib/cli/grammar/command.ts";
import { clusterRole, rights } from "../../../lib/commands/permissions/cluster-role.ts";
import { completeCommands } from "../../../lib/commands/permissions/complete-commands.ts";
import { permissionsTable } from "../../../lib/commands/permissions/table.ts";
import { UserError } from "../../../lib/errors.ts";
import { parseDocuments } from "../../../lib/yaml.ts";
import { all } from "../../../plugins/all.ts";
import { fakeWorld } from "../../cli/fake-world.ts";

const root = dispatcher(all, "kubectl-mirrord", "");

async function run(...words: string[]) {
  return await runIn(fakeWorld(), ...words);
}

async function runIn(world: ReturnType<typeof fakeWorld>, ...words: string[]) {
  const code = await execute(root, ["permissions", ...words], world).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    world.note([error.message, ...error.hints]);
    return error.exitCode;
  });
  return { code, stdout: world.stdout, stderr: world.stderr };
}

async function commands(verb: Verb): Promise<Command[]> {
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(commands))).flat()];
}

t.test("the table is about commands that there are", async (t) => {
  const names = new Set((await commands(root)).filter(({ run: runs }) => runs !== undefined).map(({ name }) => name));
  t.ok(permissionsTable.length > 60);
  for (const { command } of permissionsTable) t.ok(names.has(command.replace(/ --.*/, "")), command);
});

t.test("a ClusterRole has each right once, in few rules, and says no more than the table", async (t) => {
  for (const permissions of permissionsTable) {
    const { metadata, rules = [] } = clusterRole(permissions);
    t.match(metadata?.name, /^kubectl-mirrord:[a-z-]+$/);
    const given = rights(rules).map((right) => JSON.stringify(right));
    t.equal(new Set(given).size, given.length, permissions.command);
    const wanted = rights([...permissions.sends, ...permissions.holds]).map((right) => JSON.stringify(right));
    t.same(given.toSorted(), wanted.toSorted(), permissions.command);
    t.notMatch(JSON.stringify(rules), /"escalate"/, permissions.command);
  }
  const list = permissionsTable.find(({ command }) => command === "policy list")!;
  t.same(clusterRole(list).rules, [
    {
      apiGroups: ["policies.mirrord.metalbear.co"],
      resources: ["mirrordclusterpolicies", "mirrordpolicies"],
      verbs: ["list"],
    },
  ]);
});

t.test("only commands that change something ask for a right to", async (t) => {
  const writes = permissionsTable.filter(({ sends }) =>
    rights(sends).some(
      ({ verb, resource }) => !["get", "list", "watch"].includes(verb) && !resource.endsWith("accessreviews"),
    ),
  );
  const reading =
    /^(audit|can-i|session (list|watch|describe|status|stats|start)|policy (list|get|describe|test|lint))/;
  t.same(
    writes.filter(({ command }) => reading.test(command)).map(({ command }) => command),
    [],
  );
});

t.test("the table of one command: what is requested, what is held, and what depends on the case", async (t) => {
  const { code, stdout, stderr } = await run("grant");
  t.equal(code, 0);
  t.match(stdout, /^RESOURCE +VERBS +FOR +NAMES\n/);
  t.match(stdout, /^grants\.access\.kubectl-mirrord\.io +manage +is held +<none>$/m);
  t.match(stderr, /With --target, /);
  t.match(await run("policy", "list", "--no-headers"), { code: 0, stderr: "", stdout: /^mirrordclusterpolicies/ });
  t.match(await run("install", "values"), { code: 0, stdout: "", stderr: /needs no rights/ });
});

t.test("YAML and JSON are the ClusterRole, ready to apply; without a command, a list of all", async (t) => {
  const [role] = parseDocuments((await run("grant", "list", "-o", "yaml")).stdout, { source: "stdout" });
  t.match(role, { kind: "ClusterRole", metadata: { name: "kubectl-mirrord:grant-list" } });
  const list = JSON.parse((await run("-o", "json")).stdout) as { kind: string; items: unknown[] };
  t.match(list, { apiVersion: "v1", kind: "List" });
  t.equal(list.items.length, permissionsTable.length);
  t.match(await run("audit", "-o", "name"), {
    stdout: "clusterrole.rbac.authorization.k8s.io/kubectl-mirrord:audit\n",
  });
  t.match(await run("audit", "-o", "jsonpath={.kind}"), { stdout: "ClusterRole" });
  t.match((await run()).stdout, /^COMMAND +READS +WRITES +HOLDS\naudit +\d+ +0 +0\n/);
});

t.test("a flag that makes another command of one is named behind --", async (t) => {
  const { stdout } = await run("-o", "name", "--", "install", "--access-model=enforce");
  t.equal(stdout, "clusterrole.rbac.authorization.k8s.io/kubectl-mirrord:install-access-model\n");
});

t.test("what is no command is refused, with the ones that may be meant", async (t) => {
  t.match(await run("grant", "lsit"), { code: 2, stdout: "", stderr: /^Did you mean "grant list"\?$/m });
  t.match(await run("policy"), { code: 2, stderr: /Name one of: policy apply, policy create/ });
  t.match(await run("nonsense"), { code: 2, stderr: /See all of them: kubectl mirrord permissions/ });
});

t.test("completion names the next word", async (t) => {
  const complete = (...given: string[]) =>
    completeCommands({}, fakeWorld(), { given, current: "", options: new Set<string>() }, () => {});
  t.same(await complete(), ["audit", "can-i", "grant", "install", "policy", "session"]);
  t.ok((await complete("grant", "team")).includes("add"));
  t.same(await complete("can-i"), []);
});

t.test("on a terminal of 80 columns each type has a line, and no column says the same in each", async (t) => {
  const terminal = await runIn(fakeWorld({ terminal: true }), "grant", "list");
  const lines = terminal.stdout.trimEnd().split("\n");
  t.match(lines[0], /^RESOURCE +VERBS$/);
  t.ok(lines.every((line) => line.length <= 80 && !line.startsWith(" ")));
  t.match((await run("grant", "list")).stdout, /^RESOURCE +VERBS +FOR +NAMES\n/, "in a pipe all are there");
  t.match((await runIn(fakeWorld({ terminal: true, columns: 200 }), "grant")).stdout, /^RESOURCE +VERBS +FOR +NAMES\n/);
});
