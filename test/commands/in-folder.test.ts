// What a command that was run on a folder says to run next, or as the fix of what it found, is about that folder as well.
import t from "tap";
import { audit } from "../../lib/commands/audit/index.ts";
import { canI } from "../../lib/commands/can-i/index.ts";
import { connect } from "../../lib/commands/connect.ts";
import { execute } from "../../lib/cli/execute.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { exampleFolder, runGrant } from "./grant-world.ts";

async function run(verb: typeof audit | typeof canI, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const world = fakeWorld({});
  world.connect = (flags) => connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
  await execute(verb, words, world);
  return world;
}

t.test("fixes of findings about grants", async (t) => {
  const folder = exampleFolder(t);
  const there = ["--manifests", folder];
  const sync = `Run: kubectl mirrord grant sync --manifests ${folder}`;
  t.equal((await runGrant(["ann", "--ns", "dev", "--until", "2026-11-23T00:00:00Z", ...there])).code, 0);
  const ended = { now: () => Date.parse("2026-12-01T00:00:00Z") };
  for (const words of [["list"], ["describe", "ann"]]) {
    const { stdout } = await runGrant([...words, "-o", "json", ...there], ended);
    const { items } = JSON.parse(stdout) as { items: { findings: { kind: string; fix: string }[] }[] };
    const fixes = items.flatMap(({ findings }) => findings).filter(({ kind }) => kind === "expired-still-bound");
    t.ok(fixes.length > 0, stdout);
    for (const { fix } of fixes) t.equal(fix, sync, words.join(" "));
  }
});

t.test(
  "fixes that an audit names, as JSON and in a wide table; the rules themselves are about any cluster",
  async (t) => {
    const folder = exampleFolder(t);
    const there = ["--manifests", folder];
    t.equal((await runGrant(["ann", "-A", "-y", ...there])).code, 0);
    const { stdout } = await run(audit, "findings", "-o", "json", ...there);
    const { items } = JSON.parse(stdout) as { items: { fix: string }[] };
    const commands = items.map(({ fix }) => fix).filter((fix) => /: kubectl mirrord (grant|policy|audit) /.test(fix));
    t.ok(commands.length > 1, stdout);
    for (const fix of commands) t.ok(fix.endsWith(` --manifests ${folder}`), fix);
    t.match((await run(audit, "findings", "-o", "wide", ...there)).stdout, `--manifests ${folder}`);
    t.notMatch((await run(audit, "findings", "--rules", "-o", "json")).stdout, "--manifests");
  },
);

t.test("the command that makes a no a yes", async (t) => {
  const folder = exampleFolder(t);
  const there = ["--manifests", folder];
  t.match(
    (await runGrant(["explain", "zoe", "deploy/web", "-n", "dev", ...there])).stdout,
    `  kubectl mirrord grant zoe --ns dev --target deployment/web --manifests ${folder}\n`,
  );
  const denial =
    'targets.operator.metalbear.co "deployment.web" is forbidden: User "zoe" cannot proxy resource "targets" in API group "operator.metalbear.co" in the namespace "dev"';
  const { stderr } = await run(canI, "--from-error", denial, ...there);
  t.match(stderr, `asking: kubectl mirrord can-i mirror deployment/web -n dev --as zoe --manifests ${folder}\n`);
});

t.test("a note about what was granted; what is for a cluster stays so", async (t) => {
  const folder = exampleFolder(t);
  const there = ["--manifests", folder];
  const until = (end: string) => ["ann", "--ns", "dev", "--until", end, ...there];
  t.match(
    (await runGrant(until("2026-11-23T00:00:00Z"))).stdout,
    /to enforce it in a cluster: kubectl mirrord grant sync$/m,
  );
  for (const mode of [[], ["--dry-run=client"]])
    t.match(
      (await runGrant([...until("2026-11-22T20:00:00Z"), ...mode])).stdout,
      new RegExp(`to end it earlier:\\s+kubectl mirrord grant extend \\w+ --until TIME --manifests ${folder}`),
    );
  t.match(
    (await runGrant(["admin", "add", "ann", ...there])).stderr,
    /To add its objects to the manifests: kubectl mirrord install --access-model -o yaml\n/,
  );
});

t.test("an error about what a folder lacks does not say to look into a cluster", async (t) => {
  const folder = exampleFolder(t);
  for (const words of [
    ["ann", "--ns", "nowhere"],
    ["ann", "--ns", "dev", "--target", "deploy/none"],
  ]) {
    const { code, stderr } = await runGrant([...words, "--manifests", folder]);
    t.equal(code, 2);
    t.match(stderr, /was not found/);
    t.match(stderr, /Add --force/);
    t.notMatch(stderr, /kubectl get/);
  }
});
