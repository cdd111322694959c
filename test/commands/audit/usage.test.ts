import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import type { World } from "../../../lib/cli/world.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { logFiles, logInput, shardFiles } from "../../../lib/commands/audit/usage/log-files.ts";
import { UserError } from "../../../lib/errors.ts";
import type { LogStreamOptions, PodName } from "../../../lib/kube/cluster.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { operatorObjects } from "./operator-objects.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const validator = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: false });
const [usageSchema, partialSchema, recordSchema] = ["audit-usage", "audit-usage-partial", "audit-usage-record"].map(
  (name) => validator.compile(JSON.parse(readFileSync(join(root, "docs", "schema", `${name}.json`), "utf8")) as object),
);

async function usage(words: readonly string[], given: Partial<World> = {}) {
  const screen = fakeWorld();
  const world = Object.assign(screen, given);
  try {
    const code = await execute(audit, ["usage", ...words], world);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}

const event = (message: string, user: string, more: object = {}, timestamp = "2026-11-20T10:00:00Z") =>
  JSON.stringify({
    timestamp,
    level: "INFO",
    fields: { message, client_user: user, target: "deployment/web", target_namespace: "dev", ...more },
    target: "operator_context::event::functional_log",
  });
const request = (user: string, code: number, more: object = {}) =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    stage: "ResponseComplete",
    verb: "proxy",
    user: { username: user },
    objectRef: { resource: "targets", namespace: "dev", name: "deployment.web", apiGroup: "operator.metalbear.co" },
    responseStatus: { code },
    requestReceivedTimestamp: "2026-11-21T10:00:00Z",
    ...more,
  });

const operatorLog = [
  event("Session Start", "jim"),
  event("Port Steal", "jim", { http_filter: "path=/x" }),
  event("Port Mirror", "jim"),
  event("Session End", "jim", { session_duration: 360 }),
  event("Session Start", "ann", {}, "2026-01-01T00:00:00Z"),
  "2026 INFO text of the operator",
].join("\n");
const serverLog = [request("jim", 101, { impersonatedUser: { username: "bob" } }), request("mallory", 403)].join("\n");

function folder(test: { testdir(content: Record<string, never>): string }): string {
  const path = test.testdir({});
  mkdirSync(join(path, "logs", "more"), { recursive: true });
  writeFileSync(join(path, "logs", "a.log"), operatorLog);
  writeFileSync(join(path, "logs", "b"), gzipSync(serverLog));
  return path;
}

t.test("logs of both kinds, one of them compressed: who used what, and what was refused", async (t) => {
  const path = folder(t);
  const { code, stdout, stderr } = await usage(["--log", join(path, "logs"), "-o", "wide"]);
  t.equal(code, 0);
  t.match(
    stdout,
    /^USER +NAMESPACE +TARGET +SESSIONS +TIME +STOLEN +UNFILTERED +MIRRORED +COPIES +CONNECTED +REFUSED +LAST\n/,
  );
  t.match(stdout, /^ann +dev +deployment\/web +1 +0s +0 +0 +0 +0 +0 +0 +2026-01-01T00:00:00Z$/m);
  t.match(stdout, /^jim +dev +deployment\/web +1 +6m +1 +0 +1 +0 +0 +0 +2026-11-20T10:00:00Z$/m);
  t.match(
    stdout,
    /\n\nREFUSED +USER +REQUEST +NAMESPACE +TARGET +LAST\n1 +mallory +proxy targets\.operator\.metalbear\.co +dev /,
  );
  t.match(
    stderr,
    /MiB: 5 events of the operator, 2 requests to the API server, from 2026-01-01T00:00:00Z to 2026-11-21T10:00:00Z\./,
  );
});

t.test("the JSON form fits its schema, and other formats show the same", async (t) => {
  const path = folder(t);
  const { stdout } = await usage(["--log", join(path, "logs"), "-o", "json"]);
  const value: object = JSON.parse(stdout);
  t.ok(usageSchema?.(value), JSON.stringify(usageSchema?.errors));
  t.match(value, {
    impersonations: [{ impersonator: "jim", user: "bob", requests: 1 }],
    refusals: [{ user: "mallory" }],
  });
  const csv = await usage(["--log", join(path, "logs", "b"), "-o", "csv"]);
  t.match(csv.stdout, /^USER,NAMESPACE,TARGET,CONNECTED,REFUSED,LAST\r\nbob,dev,deployment\/web,1,0,/);
});

t.test("parts that were counted apart and merged are one run", async (t) => {
  const path = folder(t);
  const parts = await Promise.all(
    [0, 1].map(async (index) => {
      const { stdout } = await usage(["--log", join(path, "logs"), "--shard", `${index}/2`, "-o", "partial"]);
      t.equal(stdout.trimEnd().split("\n").length, 1);
      t.ok(partialSchema?.(JSON.parse(stdout)), JSON.stringify(partialSchema?.errors));
      const file = join(path, `part-${index}`);
      writeFileSync(file, stdout);
      return { file, stdout };
    }),
  );
  const together = await usage(["--log", join(path, "logs"), "-o", "json"]);
  t.equal((await usage(["--merge", ...parts.map(({ file }) => file), "-o", "json"])).stdout, together.stdout);
  const joined = join(path, "joined");
  writeFileSync(joined, parts.map(({ stdout }) => stdout).join(""));
  t.equal((await usage(["--merge", joined, "-o", "json"])).stdout, together.stdout);
});

t.test(
  "an input is known by the names and beginnings of its files: not by where they are, nor by how far they have grown",
  async (t) => {
    const one = folder(t);
    const other = t.testdir({ logs: { "a.log": operatorLog, b: gzipSync(serverLog) } });
    const files = (path: string) => ["a.log", "b"].map((name) => join(path, "logs", name));
    const input = logInput(files(one));
    t.match(input, /^[0-9a-f]{32}$/);
    t.equal(logInput(files(other)), input);
    writeFileSync(join(other, "logs", "a.log"), `${operatorLog}\n${operatorLog}`);
    t.equal(logInput(files(other)), input, "grown");
    t.not(logInput(files(one).toReversed()), input, "in another order other files are in a shard");
    t.not(logInput(files(one).slice(1)), input);
    writeFileSync(join(other, "logs", "a.log"), event("Session Start", "somebody"));
    t.not(logInput(files(other)), input, "another log of that name");
    for (const pipe of ["-", "/dev/null", join(one, "logs"), join(one, "nowhere")])
      t.equal(logInput([pipe]), undefined, pipe);
  },
);

t.test("of shards that are merged a missing one is named, and one that is there twice counts once", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "logs", "c.log"), event("Session Start", "zoe"));
  const counted = async (index: number): Promise<string> => {
    const words = ["--log", join(path, "logs"), "--shard", `${index}/3`, "-o", "partial"];
    return (await usage(words)).stdout;
  };
  const parts = await Promise.all([0, 1, 2].map(counted));
  const pods = join(path, "pods");
  const merged = async (texts: (string | undefined)[], ...words: string[]) => {
    writeFileSync(pods, texts.join(""));
    return await usage(["--merge", pods, ...words]);
  };
  const whole = (await usage(["--log", join(path, "logs"), "-o", "json"])).stdout;

  const [first, second, third] = parts;
  const twice = await merged([first, second, third, second], "-o", "json");
  t.match(twice, {
    code: 0,
    stderr: `${pods}, document 4 is the same as ${pods}, document 2, and is not counted again.`,
  });
  t.equal(twice.stdout, whole);

  const incomplete = await merged([first, third]);
  t.match(incomplete, {
    code: 3,
    stdout: /^zoe /m,
    stderr: /shard 1\/3 is missing: more may have been used and refused/,
  });
  const json = await merged([third], "-o", "json");
  t.match(json, { code: 3 });
  const value: object = JSON.parse(json.stdout);
  t.ok(usageSchema?.(value), JSON.stringify(usageSchema?.errors));
  t.match(value, {
    complete: false,
    missingShards: [
      { index: 0, count: 3 },
      { index: 1, count: 3 },
    ],
    missingCount: 2,
  });

  const sum = await merged([first, third], "-o", "partial");
  t.match(sum, { code: 0, stderr: "" }, "what is for another sum may lack some");
  t.ok(partialSchema?.(JSON.parse(sum.stdout)), JSON.stringify(partialSchema?.errors));
  t.equal((await merged([sum.stdout, second], "-o", "json")).stdout, whole);
  t.match(await merged([sum.stdout, third]), {
    code: 2,
    stdout: "",
    stderr: /shard 2\/3 of the same logs is in .*document 1 and in .*document 2, with other counts/,
  });

  const { shards: _shards, ...older } = JSON.parse(first ?? "") as Record<string, unknown>;
  const mixed = await merged([`${JSON.stringify(older)}\n`, third]);
  t.match(mixed, { code: 3, stderr: /Some parts do not say which shard they are[^]*shards 0\/3 and 1\/3 are missing/ });
});

t.test("--since leaves out what was before", async (t) => {
  const path = folder(t);
  const { stdout } = await usage(["--log", join(path, "logs"), "--since", "7d"]);
  t.match(stdout, /^jim /m);
  t.notMatch(stdout, /^ann /m);
});

t.test("a log without anything of mirrord says what would have to be logged; damaged lines are counted", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "other"), "");
  const empty = await usage(["--log", join(path, "other")]);
  t.match(empty, { code: 0, stdout: "", stderr: /No session and no refusal[^]*operator\.jsonLog: true/ });
  writeFileSync(join(path, "text"), "INFO client_user=jim\n");
  t.match((await usage(["--log", join(path, "text")])).stderr, /^1 line about mirrord could not be read\.$/m);
});

t.test("the shards of a folder are its files, each once", async (t) => {
  const path = folder(t);
  const all = logFiles([join(path, "logs"), "-"]);
  t.same(all, [join(path, "logs", "a.log"), join(path, "logs", "b"), "-"]);
  const shards = [0, 1].map((index) => shardFiles(all, { index, count: 2 }));
  t.same(shards, [[all[0], "-"], [all[1]]]);
});

const wrong: { name: string; words: string[]; says: RegExp; code?: number }[] = [
  { name: "no log", words: [], says: /nothing to read: name a log/ },
  {
    name: "a file that is not there",
    words: ["--log", "/nowhere/x"],
    says: /open \/nowhere\/x: no such file or directory/,
  },
  { name: "two sources", words: ["--log", "a", "--operator"], says: /--log and --operator exclude each other/ },
  {
    name: "a shard that is none",
    words: ["--log", "a", "--shard", "2/2"],
    says: /--shard "2\/2" is not INDEX\/COUNT\nThe first of ten is 0\/10/,
  },
  { name: "-f of a file", words: ["--log", "a", "-f"], says: /-f goes on reading the operator's own log/ },
  { name: "a Job without an image", words: ["--job", "--claim", "x"], says: /--job needs the image to run/ },
  {
    name: "too many shards",
    words: ["--job", "--claim", "x", "--image", "i", "--shards", "0"],
    says: /not a number from 1 to 10000/,
  },
  { name: "an image without a Job", words: ["--log", "a", "--image", "i"], says: /--image is for --job/ },
];
for (const { name, words, says } of wrong)
  t.test(`${name} is refused`, async (t) => {
    const { code, stdout, stderr } = await usage(words);
    t.same({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, says);
  });

t.test("what cannot be read is an error, with its file", async (t) => {
  const path = folder(t);
  const cut = join(path, "cut.gz");
  writeFileSync(cut, gzipSync(serverLog.repeat(100)).subarray(0, 100));
  t.match(await usage(["--log", cut]), {
    code: 3,
    stdout: "",
    stderr: /cut\.gz: it is compressed, and damaged or cut off/,
  });
  const bad = join(path, "bad.json");
  writeFileSync(bad, '{\n"kind": 1}');
  t.match(await usage(["--merge", bad]), { code: 2, stderr: /bad\.json is not what -o partial prints/ });
  writeFileSync(bad, "\n");
  t.match(await usage(["--merge", bad]), { code: 2, stderr: /bad\.json is empty/ });
  writeFileSync(bad, "{}\n{}\n");
  t.match(await usage(["--merge", bad]), { code: 2, stderr: /bad\.json, document 1 is not the partial usage/ });
  writeFileSync(bad, '\n{"a":1}\nerror: SECRET\n');
  const failed = await usage(["--merge", bad]);
  t.match(failed, {
    code: 2,
    stdout: "",
    stderr: /bad\.json is not what .*\nLine 3 is something else\. Of a Job, a pod that failed/,
  });
  t.notMatch(failed.stderr, /SECRET/);
  t.match(await usage(["--merge", join(path, "none")]), { code: 2, stderr: /none: no such file/ });
  t.match(await usage(["--log", join(path, "logs", "more", "..", "a.log")], { signal: AbortSignal.abort() }), {
    code: 130,
  });
});

function operatorWorld(text: string, objects = operatorObjects) {
  const asked: (PodName & Omit<LogStreamOptions, "signal">)[] = [];
  const cluster = {
    ...fakeCluster({ objects }),
    pods: {
      connectionFault: undefined,
      request: () => Promise.reject(new Error("not asked")),
      logs: () => Promise.reject(new Error("not asked")),
      async *logStream(pod: PodName, { signal: _signal, ...options }: LogStreamOptions) {
        asked.push({ ...pod, ...options });
        yield Buffer.from(text);
      },
    },
  };
  return { asked, world: { connect: async () => cluster } };
}

t.test("the log of the operator that runs", async (t) => {
  const { asked, world } = operatorWorld(operatorLog);
  const { code, stdout } = await usage(["--operator", "--since", "24h"], world);
  t.equal(code, 0);
  t.same(asked, [{ namespace: "mirrord", name: "op-1", container: "main", sinceSeconds: 86400, follow: false }]);
  t.notMatch(stdout, /^(?:ann|jim) /m, "what was before");
  t.match((await usage(["--operator"], operatorWorld(operatorLog).world)).stdout, /^jim /m);
  t.match(await usage(["--operator"], operatorWorld("", []).world), {
    code: 3,
    stderr: /the operator has no logs: there is no APIService/,
  });
});

t.test("followed, each event is a line, or one of JSON", async (t) => {
  const text = `${operatorLog}\n${event("Port Steal", "jim\u001b[2J")}\n${event("Copy Target", "jim", {}, "")}\n${request("jim", 101)}\n${event("Session Start", "jim", { target_namespace: "" })}\n`;
  const { stdout } = await usage(["--operator", "-f"], operatorWorld(text).world);
  const lines = stdout.trimEnd().split("\n");
  t.equal(lines[0], "2026-11-20T10:00:00Z  jim  session begins  deployment/web in dev");
  t.equal(lines[5], "2026-11-20T10:00:00Z  jim^[[2J  steals a port  deployment/web in dev, unfiltered");
  t.equal(lines[6], "-  jim  copies  deployment/web in dev");
  t.equal(lines[7], "2026-11-21T10:00:00Z  jim  proxy targets.operator.metalbear.co  deployment/web in dev");
  t.equal(lines.length, 9);
  const json = await usage(["--operator", "-f", "-o", "json"], operatorWorld(text).world);
  const items = json.stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  t.match(items[0], { kind: "UsageRecord", time: "2026-11-20T10:00:00Z", user: "jim" });
  t.equal(items.length, 9);
  for (const item of items) t.ok(recordSchema?.(item), JSON.stringify(recordSchema?.errors));
  const ended = await usage(["--operator", "-f"], { ...operatorWorld(text).world, printed: async () => false });
  t.equal(ended.code, 0);
});

t.test("the Job gives each of its pods a part of the files, and its pods nothing else", async (t) => {
  const { code, stdout, stderr } = await usage([
    "--job",
    "--image",
    "registry/x:1",
    "--claim",
    "logs",
    "--shards",
    "3",
    "-n",
    "audit",
    "-o",
    "json",
  ]);
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    kind: "Job",
    metadata: { namespace: "audit" },
    spec: {
      completionMode: "Indexed",
      completions: 3,
      template: {
        spec: {
          automountServiceAccountToken: false,
          nodeSelector: { "kubernetes.io/os": "linux" },
          containers: [
            {
              image: "registry/x:1",
              args: ["audit", "usage", "--log", "/logs", "--shard", "$(JOB_COMPLETION_INDEX)/3", "-o", "partial"],
            },
          ],
          volumes: [{ persistentVolumeClaim: { claimName: "logs", readOnly: true } }],
        },
      },
    },
  });
  t.match(stderr, /kubectl logs -n audit .* \| kubectl mirrord audit usage --merge -$/m);
  t.match(
    (await usage(["--job", "--image", "i", "--claim", "c"])).stdout,
    /^apiVersion: batch\/v1\nkind: Job\n[^]*completions: 10\n/,
  );
});
