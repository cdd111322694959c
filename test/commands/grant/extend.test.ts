import t from "tap";
import { fakeWorld } from "../../cli/fake-world.ts";
import type { MemoryCluster } from "../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

async function granted(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  t.equal((await runGrant(["jim", "--ns", "dev", "--for", "2h"], { cluster })).code, 0);
  return cluster;
}

const answering = (answer: boolean) => ({ ask: { ...fakeWorld().ask, confirm: async () => answer } });
const end = (cluster: MemoryCluster) =>
  cluster.objects().find(({ metadata }) => metadata.annotations?.["kubectl-mirrord.io/intent"] !== undefined)?.metadata
    .annotations?.["kubectl-mirrord.io/expires-at"];

t.test("an earlier end is said and asked about", async (t) => {
  const cluster = await granted();
  const extend = async (answer: boolean) =>
    await runGrant(["extend", "jim", "--for", "10m"], { cluster, change: answering(answer) });
  t.match(await extend(false), {
    code: 1,
    stdout: "Nothing was changed.\n",
    stderr: /^This shortens grant [a-z2-7]{20}: it ends at 2026-11-22T12:10:00Z, not at 2026-11-22T14:00:00Z\.$/m,
  });
  t.equal(end(cluster), "2026-11-22T14:00:00Z");
  t.match(await extend(true), { code: 0, stdout: /ends at 2026-11-22T12:10:00Z/ });
  t.equal(end(cluster), "2026-11-22T12:10:00Z");
});

t.test("--yes answers, and a later end is not asked about", async (t) => {
  const cluster = await granted();
  t.match(await runGrant(["extend", "jim", "--for", "10m", "--yes"], { cluster }), {
    code: 0,
    stderr: /^This shortens/,
  });
  t.match(await runGrant(["extend", "jim", "--for", "8h"], { cluster }), { code: 0, stderr: "" });
  t.equal(end(cluster), "2026-11-22T20:00:00Z");
});

t.test("--dry-run shows what would be, asks nobody and writes nothing", async (t) => {
  const cluster = await granted();
  const before = cluster.writes.length;
  for (const mode of ["client", "server"]) {
    t.match(await runGrant(["extend", "jim", "--for", "10m", `--dry-run=${mode}`], { cluster }), {
      code: 0,
      stdout: /configured \([a-z ]*dry run\)\n[^]*would end at 2026-11-22T12:10:00Z, not at 2026-11-22T14:00:00Z\.$/m,
    });
  }
  const { stdout } = await runGrant(["extend", "jim", "--for", "8h", "--dry-run", "-o", "json"], { cluster });
  t.match(JSON.parse(stdout), { dryRun: "client", expiresAt: "2026-11-22T20:00:00Z" });
  t.equal(cluster.writes.length, before);
});

t.test("a word that means several grants, or none, is refused", async (t) => {
  const cluster = await granted();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  t.match(await runGrant(["extend", "jim", "--for", "3h"], { cluster }), { code: 2, stderr: /"jim" has 2 grants: / });
  t.match(await runGrant(["extend", "nobody", "--for", "3h"], { cluster }), {
    code: 2,
    stderr: /no grant of nobody was found/,
  });
});
