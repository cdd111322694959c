import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { UserError } from "../../../lib/errors.ts";
import { subjectIdentity } from "../../../lib/access/subject.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { shellWords } from "../../../scripts/docs/console.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { apiFailure, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { operatorObjects } from "./operator-objects.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: false });
const matches = ajv.compile(JSON.parse(readFileSync(join(root, "docs", "schema", "audit-unused.json"), "utf8")));
const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY = 86_400_000;

async function run(cluster: MemoryCluster, ...words: string[]) {
  const world = fakeWorld({ cluster });
  try {
    const code = await execute(audit, words, world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: world.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}
const unused = (cluster: MemoryCluster, ...words: string[]) => run(cluster, "unused", ...words);

/** Granted half a year ago. */
async function granted(...all: string[][]): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  const long = NOW - 180 * DAY;
  cluster.now = () => long;
  for (const words of all) t.match(await runGrant([...words, "--yes"], { cluster, now: () => long }), { code: 0 });
  cluster.now = () => NOW;
  return cluster;
}

const at = (daysAgo: number) => new Date(NOW - daysAgo * DAY).toISOString();
function request(daysAgo: number, user: string, namespace = "dev", more: object = {}, ref: object = {}): string {
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    stage: "ResponseComplete",
    verb: "proxy",
    user: { username: user },
    objectRef: { resource: "targets", namespace, name: "deployment.web", apiGroup: "operator.metalbear.co", ...ref },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: at(daysAgo),
    ...more,
  });
}
const quiet = (daysAgo: number) =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    stage: "ResponseComplete",
    verb: "get",
    requestReceivedTimestamp: at(daysAgo),
  });

/** A log of an API server over so many days. */
function logFile(test: { testdir(content: Record<string, never>): string }, days: number, ...lines: string[]): string {
  const path = join(test.testdir({}), "audit.log");
  writeFileSync(path, [quiet(days), ...lines, quiet(0)].map((line) => `${line}\n`).join(""));
  return path;
}

t.test("a grant that nobody used, and one that could be smaller, with the commands; exit code 1", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--ns", "qa"], ["ann", "--ns", "qa"]);
  const log = logFile(t, 95, request(10, "jim"));
  const { code, stdout, stderr } = await unused(cluster, "--log", log);
  t.equal(code, 1);
  t.match(stdout, /^VERDICT +GRANT +SUBJECT +NAMESPACES +LAST +WHY\n/);
  t.match(stdout, /^unused +[a-z2-7]{20} +ann +qa +- +nobody used it$/m);
  t.match(stdout, /^larger +[a-z2-7]{20} +jim +dev,qa +2026-11-12 +role minimal; dev; deployment\/web would do$/m);
  t.match(stdout, /\n\nTo keep only what is used:\n {2}kubectl mirrord grant /);
  t.match(stdout, /^ {2}kubectl mirrord grant jim --ns dev --role minimal --target deployment\/web$/m);
  t.match(stderr, /The API server's log reaches over 90 of 90 days\./);
  t.match(await unused(cluster, "--log", log, "-o", "wide"), { stdout: /NEVER USED +FIX\n/ });
  t.match(await unused(cluster, "--log", log, "-q"), { code: 1, stdout: "" });
});

t.test("what it prints, run as it is printed, leaves what was used and nothing else", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--ns", "qa"], ["ann", "--ns", "qa"]);
  const log = logFile(t, 95, request(10, "jim"));
  const { stdout } = await unused(cluster, "--log", log, "-o", "json");
  const { items }: { items: { commands: string[] }[] } = JSON.parse(stdout);
  for (const line of items.flatMap(({ commands }) => commands)) {
    const [, , , ...words] = shellWords(line);
    const { code, stderr } = await runGrant([...words, "-y"], { cluster });
    // What is left by the smaller grant is told by the revocation of the larger one.
    t.ok(code === 0 || words.includes("revoke"), `${line}: ${stderr}`);
  }
  const engine = authorizer(cluster.objects());
  const may = (name: string, namespace: string, target: string) =>
    engine.authorize({
      user: subjectIdentity({ kind: "User", name }),
      verb: "proxy",
      apiGroup: "operator.metalbear.co",
      resource: "targets",
      namespace,
      name: target,
    }).allowed;
  t.ok(may("jim", "dev", "deployment.web"));
  t.notOk(may("jim", "dev", "deployment.cart"));
  t.notOk(may("jim", "qa", "deployment.web"));
  t.notOk(may("ann", "qa", "deployment.web"));
});

t.test("a log of five days proves nothing about ninety: exit code 3, and no command", async (t) => {
  const cluster = await granted(["ann", "--ns", "qa"]);
  const log = logFile(t, 5, request(4, "jim"));
  const { code, stdout, stderr } = await unused(cluster, "--log", log);
  t.equal(code, 3);
  t.match(stdout, /^unknown +[a-z2-7]{20} +ann +qa +- +the log reaches over 5 of 90 days\n$/m);
  t.notMatch(stdout, /kubectl/);
  t.match(stderr, /reaches over 5 of 90 days; days are missing between 2026-08-24 and 2026-11-16\./);
  t.match(await unused(cluster, "--days", "5", "--log", log), { code: 1, stdout: /^unused/m });
  const used = await granted(["jim", "--ns", "dev", "--role", "minimal", "--target", "deploy/web"]);
  t.match(await unused(used, "--log", log), {
    code: 3,
    stdout: "",
    stderr: /whether smaller ones would do cannot be said/,
  });
  t.match(await unused(used, "--days", "5", "--log", log), {
    code: 0,
    stdout: "",
    stderr: /^Every grant was used, and none could be smaller/,
  });
});

t.test("parts that were counted elsewhere prove what the logs do", async (t) => {
  const cluster = await granted(["ann", "--ns", "qa"]);
  const path = t.testdir({});
  const halves = [
    [quiet(95), request(60, "jim"), quiet(50)],
    [quiet(50), quiet(0)],
  ];
  const parts: string[] = [];
  for (const [index, lines] of halves.entries()) {
    writeFileSync(join(path, `${index}.log`), lines.join("\n"));
    const { stdout } = await run(cluster, "usage", "--log", join(path, `${index}.log`), "-o", "partial");
    parts.push(join(path, `${index}.json`));
    writeFileSync(join(path, `${index}.json`), stdout);
  }
  t.match(await unused(cluster, "--merge", ...parts), { code: 1, stdout: /^unused .* ann /m });
  t.match(await unused(cluster, "--merge", parts[0] ?? ""), { code: 3, stdout: /reaches over 41 of 90 days/ });
});

t.test(
  "where a shard of the logs is missing nobody can say what was not used: its grants may have been, on the same days",
  async (t) => {
    const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "qa"]);
    const path = t.testdir({
      "a.log": `${quiet(95)}\n${quiet(0)}\n`,
      "b.log": `${quiet(95)}\n${request(10, "ann", "qa")}\n${quiet(0)}\n`,
    });
    const part = join(path, "part");
    writeFileSync(part, (await run(cluster, "usage", "--log", path, "--shard", "0/2", "-o", "partial")).stdout);
    t.match(await unused(cluster, "--merge", part), {
      code: 3,
      stdout: "",
      stderr: "shard 1/2 is missing, so nobody can say what was not used",
    });
  },
);

t.test("documents and Markdown say the same, and how far the logs reach", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev"], ["ann", "--ns", "qa"]);
  const log = logFile(t, 95, request(10, "jim"));
  const { stdout } = await unused(cluster, "--log", log, "-o", "json");
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { complete: true, days: 90, logs: { apiServer: { covered: 90, of: 90 }, operator: { missing: {} } } });
  const markdown = (await unused(cluster, "--log", log, "-o", "markdown")).stdout;
  t.match(
    markdown,
    /^### Grants that nobody used in 90 days\n\nThe API server's log reaches over 90 of 90 days\.\n\n\| VERDICT \|/,
  );
  t.match(markdown, /\n {4}kubectl mirrord grant revoke/);
  const one = logFile(t, 1, request(0, "jim"));
  const none = await unused(exampleMemory(), "--log", one, "-o", "markdown");
  t.match(none, { code: 0, stdout: /\n\nEvery grant was used, and none could be smaller\.\n$/ });
});

t.test("a log about something else, and one day that is missing, are said", async (t) => {
  const cluster = await granted(["ann", "--ns", "qa"]);
  const other = await unused(cluster, "--log", logFile(t, 95));
  t.match(other, { code: 3, stderr: /The log says nothing of mirrord\./, stdout: /may not be a log of it/ });
  const late = logFile(t, 2, request(1, "jim"));
  t.match(await unused(cluster, "--days", "3", "--log", late), { stderr: /2 of 3 days; 2026-11-19 is missing\./ });
});

t.test("the operator's own log, which reaches until now", async (t) => {
  const cluster = await granted(["jim", "--ns", "dev", "--ns", "qa"]);
  const line = (daysAgo: number, fields: object) => JSON.stringify({ timestamp: at(daysAgo), level: "INFO", fields });
  const session = { message: "Session Start", client_user: "jim", target: "deployment/web", target_namespace: "dev" };
  const log = [line(95, { message: "started" }), line(50, session)].join("\n");
  cluster.put(...operatorObjects);
  const pods = {
    logStream: async function* () {
      yield Buffer.from(log);
    },
  };
  Object.assign(cluster, { pods });
  const { code, stdout, stderr } = await unused(cluster, "--operator");
  t.equal(code, 1, stderr);
  t.match(
    stdout,
    /^larger .* jim +dev,qa +2026-10-03 +dev would do\n\nTo keep only what is used:\n {2}kubectl mirrord grant revoke [a-z2-7]{20} --ns qa\n$/m,
  );
  t.match(stderr, /The operator's log reaches over 90 of 90 days\./);
});

const mistakes: [words: string[], message: RegExp][] = [
  [[], /^nothing to read: name a log/],
  [["--log", "x", "--operator"], /operator/],
  [["--log", "/does/not/exist"], /no such file/],
  [["--days", "0", "--log", "x"], /^--days "0" is not a number from 1 to 3650/],
  [["--days", "1e9", "--log", "x"], /^--days "1e9"/],
];
for (const [words, message] of mistakes)
  t.test(`a mistake: ${words.join(" ")}`, async (t) =>
    t.match(await unused(exampleMemory(), ...words), { code: 2, stderr: message }),
  );

t.test("where bindings may not be listed nobody can say what is granted", async (t) => {
  const cluster = await granted(["ann", "--ns", "qa"]);
  const { list } = cluster;
  cluster.list = (type, options) => {
    if (type.resource === "rolebindings") throw apiFailure(403, "Forbidden", "no");
    return list(type, options);
  };
  t.match(await unused(cluster, "--log", logFile(t, 95)), { code: 3, stderr: /^you may not list rolebindings, so/ });
});
