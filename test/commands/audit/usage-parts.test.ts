// What machines count of a log's parts comes to what one run counts of it, through the commands and the files themselves.
import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import t from "tap";
import { exampleMemory, runGrant } from "../grant-world.ts";
import { runAuditOn } from "./run.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const DAY = 86_400_000;
const DAYS = 12;

const user = fc.constantFrom("jim", "ann", 'a"b\\', "=é\u202e");
const namespace = fc.constantFrom("dev", "qa");
const target = fc.constantFrom("web", "cart");
/** Milliseconds before now. */
const age = fc.integer({ min: 0, max: DAYS * DAY });

/** A line of the operator in either of its spellings. */
const operatorLine = fc
  .record({
    age,
    message: fc.constantFrom("Session Start", "Session End", "Port Steal", "Port Mirror", "Copy Target", "Ready"),
    user,
    namespace,
    target,
    split: fc.boolean(),
    duration: fc.integer({ min: 0, max: 5_000_000 }),
    filter: fc.constantFrom("", "path=/x"),
  })
  .map(({ age: ago, message, split, duration, ...names }) => ({
    timestamp: new Date(NOW - ago).toISOString(),
    level: "INFO",
    fields: {
      message,
      client_user: names.user,
      target_namespace: names.namespace,
      ...(split
        ? { target_type: "Deployment", target_name: names.target, session_duration: String(duration / 1000) }
        : { target: `deployment/${names.target}`, session_duration: duration / 1000 }),
      http_filter: names.filter,
      scale_down: split,
    },
  }));

const bindings = [
  "",
  'allowed by RoleBinding "mirrord:grant:jim-x/dev" of ClusterRole "mirrord-operator-user" to User "jim"',
];
const serverLine = fc
  .record({
    age,
    stage: fc.constantFrom("ResponseComplete", "ResponseStarted"),
    user,
    sender: user,
    namespace,
    target,
    code: fc.constantFrom(101, 200, 403),
    reason: fc.constantFrom(...bindings),
  })
  .map(({ age: ago, stage, code, reason, ...names }) => ({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    stage,
    verb: "proxy",
    user: { username: names.sender },
    impersonatedUser: { username: names.user },
    objectRef: {
      resource: "targets",
      namespace: names.namespace,
      name: `deployment.${names.target}`,
      apiGroup: "operator.metalbear.co",
    },
    responseStatus: { code },
    annotations: { "authorization.k8s.io/reason": reason },
    requestReceivedTimestamp: new Date(NOW - ago).toISOString(),
  }));

/** As it was written, and as collectors and container runtimes wrap it. */
const wrap: ((line: string) => string)[] = [
  (line) => line,
  (line) => JSON.stringify({ log: `${line}\n`, stream: "stdout" }),
  (line) => JSON.stringify({ message: JSON.parse(line) as object, kubernetes: { pod: "op-1" } }),
  (line) => JSON.stringify({ log: JSON.stringify({ msg: line }) }),
  (line) => `2026-11-20T10:00:00.000000001Z stdout F ${line}`,
];
const text = fc.constantFrom("2026 INFO client_user=jim", "", '{"fields":', "panic: metalbear.co");
const line = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.oneof(operatorLine, serverLine), fc.constantFrom(...wrap)) },
  { weight: 1, arbitrary: text },
);
const lines = fc
  .array(line, { maxLength: 60 })
  .map((all) => all.map((each) => `${typeof each === "string" ? each : each[1](JSON.stringify(each[0]))}\n`));

/** A cut of `items` in their order into pieces, some of them empty. */
function pieces<Item>(items: readonly Item[], cuts: readonly number[]): Item[][] {
  const ends = [...cuts.map((cut) => cut % (items.length + 1)).toSorted((a, b) => a - b), items.length];
  return ends.map((end, at) => items.slice(ends[at - 1] ?? 0, end));
}

/** Each line in one of so many pieces, next to lines that were not its neighbours. */
function deal<Item>(items: readonly Item[], hands: readonly number[]): Item[][] {
  const dealt: Item[][] = [[], ...hands.map(() => [])];
  for (const [at, item] of items.entries())
    dealt[(at + (hands[at % Math.max(1, hands.length)] ?? 0)) % dealt.length]?.push(item);
  return dealt;
}

const cluster = exampleMemory();
const long = NOW - 180 * DAY;
cluster.now = () => long;
for (const words of [
  ["jim", "--ns", "dev", "--ns", "qa"],
  ["ann", "--ns", "qa"],
])
  t.match(await runGrant([...words, "--yes"], { cluster, now: () => long }), { code: 0 });
cluster.now = () => NOW;

const folder = t.testdir({});
let folders = 0;

function newFolder(): string {
  folders += 1;
  const path = join(folder, String(folders));
  mkdirSync(path);
  return path;
}

/** Which files were counted apart is said in what is for another sum, and is not the same. */
const withoutShards = (stdout: string): string => stdout.replace(/"shards":\[[^\]]*\],/, "");

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runAuditOn(cluster, ...words);
  if (code === 2 || code === 70) throw new Error(`${words.join(" ")}: ${stderr}`);
  return JSON.stringify({ code, stdout: withoutShards(stdout), stderr });
}
const usageOutputs = ["table", "wide", "json", "csv", "partial"];
const everything = async (source: readonly string[]) => [
  ...(await Promise.all(usageOutputs.map((format) => said("usage", ...source, "-o", format)))),
  ...(await Promise.all(["table", "json"].map((format) => said("unused", "--days", "10", ...source, "-o", format)))),
];

/** Writes what `-o partial` says of this source. */
async function partial(path: string, ...source: string[]): Promise<string> {
  const { code, stdout, stderr } = await runAuditOn(cluster, "usage", ...source, "-o", "partial");
  if (code !== 0 || stdout.trimEnd().includes("\n")) throw new Error(stderr);
  writeFileSync(path, stdout);
  return path;
}

const cuts = fc.array(fc.nat(), { maxLength: 4 });
const log = lines.chain((all) =>
  fc.record({
    all: fc.constant(all),
    cuts,
    zips: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    nesting: fc.array(fc.nat(), { maxLength: 2 }),
    isScattered: fc.boolean(),
  }),
);

/** A log as files, those of an index in `zips` compressed. */
function writePieces(
  where: string,
  { all, isScattered, zips, ...given }: { all: string[]; isScattered: boolean; cuts: number[]; zips: boolean[] },
): string[] {
  return (isScattered ? deal(all, given.cuts) : pieces(all, given.cuts)).map((piece, at) => {
    const path = join(where, `log-${at}`);
    writeFileSync(path, zips[at] === true ? gzipSync(piece.join("")) : piece.join(""));
    return path;
  });
}

/** Another one tries other logs. */
const seed = Number(process.env["KUBECTL_MIRRORD_SEED"] ?? 20_786);
t.comment(`seed ${seed}`);
t.setTimeout(120_000);

t.test("the parts of a log, counted apart and merged in any order and nesting, are one run over it", async (t) => {
  await fc.assert(
    fc.asyncProperty(log, async (given) => {
      const { all, order, nesting } = given;
      const where = newFolder();
      const files = writePieces(where, given);
      const parts = await Promise.all(files.map((file, at) => partial(join(where, `part-${at}`), "--log", file)));
      const shuffled = order.flatMap((at) => parts[at] ?? []);
      const groups = pieces(shuffled, nesting).filter((group) => group.length > 0);
      const nested = await Promise.all(
        groups.map(async (group, at) =>
          group.length === 1 ? (group[0] ?? "") : await partial(join(where, `group-${at}`), "--merge", ...group),
        ),
      );
      const source = ["--merge", ...nested];
      deepEqual(await everything(source), await everything(["--log", ...files]));
      const whole = join(where, "whole");
      writeFileSync(whole, all.join(""));
      for (const format of usageOutputs.slice(0, 4))
        equal(await said("usage", ...source, "-o", format), await said("usage", "--log", whole, "-o", format));
    }),
    { numRuns: 30, seed },
  );
  t.pass("of 30 logs");
});

/** A container's arguments as the kubelet makes them: `$(NAME)` is replaced where that variable is set. */
const expanded = (words: readonly string[], env: Readonly<Record<string, string>>) =>
  words.map((word) => word.replaceAll(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (all, name: string) => env[name] ?? all));

t.test("what the pods of the Job print, each run with its arguments, is merged one run over the volume", async (t) => {
  await fc.assert(
    fc.asyncProperty(log, fc.integer({ min: 1, max: 6 }), async (given, shards) => {
      const where = newFolder();
      writePieces(where, given);
      const wanted = `usage --job --image i --claim logs --shards ${shards} -o json`;
      const printed = await runAuditOn(cluster, ...wanted.split(" "));
      const job: {
        spec: {
          completions: number;
          completionMode: string;
          template: { spec: { containers: [{ args: string[]; volumeMounts: [{ mountPath: string }] }] } };
        };
      } = JSON.parse(printed.stdout);
      const [{ args, volumeMounts }] = job.spec.template.spec.containers;
      const outputs: string[] = [];
      for (let index = 0; index < job.spec.completions; index += 1) {
        const [plugin, ...words] = expanded(args, { JOB_COMPLETION_INDEX: String(index) });
        equal(plugin, "audit");
        const mounted = words.map((word) => (word === volumeMounts[0].mountPath ? where : word));
        const { code, stdout, stderr } = await runAuditOn(cluster, ...mounted);
        equal(code, 0, stderr);
        outputs.push(stdout);
      }
      equal(job.spec.completionMode, "Indexed");
      const merged = join(where, "..", `merged-${folders}`);
      writeFileSync(merged, outputs.toReversed().join(""));
      deepEqual(await everything(["--merge", merged]), await everything(["--log", where]));
      // One pod has been run again after it had printed, and the output of one is lost.
      writeFileSync(merged, [...outputs, outputs[shards - 1]].join(""));
      const twice = await runAuditOn(cluster, "usage", "--merge", merged, "-o", "json");
      deepEqual(twice.stdout, (await runAuditOn(cluster, "usage", "--log", where, "-o", "json")).stdout);
      if (shards === 1) return;
      writeFileSync(merged, outputs.slice(1).join(""));
      const lost = await runAuditOn(cluster, "usage", "--merge", merged);
      equal(lost.code, 3);
      equal(lost.stderr.includes(`shard 0/${shards} is missing`), true, lost.stderr);
    }),
    { numRuns: 12, seed },
  );
  t.pass("of 12 logs");
});
