import t from "tap";
import {
  isConfirmed,
  writeConfirmed,
  writeGuarded,
  type WriteMode,
} from "../../../lib/commands/install/write-guarded.ts";
import { showWritten } from "../../../lib/commands/install/show-written.ts";
import type { Plan } from "../../../lib/kube/cluster.ts";
import { plan, type Wanted } from "../../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { fakeWorld, type FakeWorld } from "../../cli/fake-world.ts";
import { memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { objectFor } from "../../kubernetes/planned-objects.ts";

const account = (name: string): Wanted => ({
  type: nativeResources.serviceAccounts,
  object: objectFor(nativeResources.serviceAccounts, { name, namespace: "ops" }, {}),
  stage: 0,
});
async function planned(cluster: MemoryCluster, name: string): Promise<Plan> {
  const { type, object } = account(name);
  const stored = await cluster.get(type, name, "ops");
  return plan(stored === undefined ? [] : [{ type, object: stored }], [{ type, object, stage: 0 }]);
}

const now: WriteMode = { dryRun: "none", yes: true };
const asking: WriteMode = { dryRun: "none", yes: false };

function answering(answer: boolean): FakeWorld & { questions: string[] } {
  const questions: string[] = [];
  const world = fakeWorld();
  const confirm = async (question: string, flag: string) => {
    questions.push(`${question} ${flag}`);
    return answer;
  };
  return Object.assign(world, { questions, ask: { ...world.ask, confirm } });
}

/** What is done, in its order. */
async function guarded(mode: WriteMode, { world = fakeWorld(), refuses = false, cluster = memoryCluster() } = {}) {
  const steps: string[] = [];
  cluster.beforeWrite = (_count, what) => void steps.push(what);
  const result = writeGuarded(
    cluster,
    {
      planFirst: () => planned(cluster, "policy"),
      planBindings: () => planned(cluster, "binding"),
      check: async () => {
        steps.push("check");
        if (refuses) throw new Error("the policies would refuse the operator");
      },
    },
    mode,
    world,
  );
  return { result, steps, world };
}

t.test("policies are written, then it is checked whom they would refuse, and only then they are bound", async (t) => {
  const { result, steps } = await guarded(now);
  t.match(await result, { confirmed: true, plan: [{ action: "create" }, { action: "create" }] });
  t.same(steps, ["create ServiceAccount ops/policy", "check", "create ServiceAccount ops/binding"]);
});

t.test("what the policies would refuse keeps them from being bound", async (t) => {
  const { result, steps } = await guarded(now, { refuses: true });
  await t.rejects(result, { message: "the policies would refuse the operator" });
  t.same(steps, ["create ServiceAccount ops/policy", "check"]);
});

for (const dryRun of ["client", "server"] as const) {
  t.test(`a dry run of the ${dryRun} writes and checks nothing, and is not confirmed by anybody`, async (t) => {
    const { result, steps } = await guarded({ dryRun, yes: false });
    t.match(await result, { confirmed: true, plan: [{ action: "create" }, { action: "create" }] });
    t.same(steps, []);
  });
}

t.test("policies and bindings are shown and confirmed at once", async (t) => {
  const world = answering(true);
  const { result, steps } = await guarded(asking, { world });
  t.equal((await result).confirmed, true);
  t.equal(steps.length, 3);
  t.same(world.questions, ["Go on? --yes"]);
  t.equal(world.stderr, "To be done:\n\n  create       2 ServiceAccounts\n\n");
});

t.test("somebody who says no has nothing written, and the plan is what would have been", async (t) => {
  const world = answering(false);
  const { result, steps } = await guarded(asking, { world });
  t.match(await result, { confirmed: false, plan: [{ action: "create" }, { action: "create" }] });
  t.same(steps, []);
});

t.test("without anything to write nobody is asked", async (t) => {
  const cluster = memoryCluster();
  await (
    await guarded(now, { cluster })
  ).result;
  const world = answering(false);
  t.match(await (await guarded(asking, { world, cluster })).result, { confirmed: true });
  t.same(world.questions, []);
  t.equal(await isConfirmed([], asking, world), true);
});

t.test("a single plan is confirmed as it is shown", async (t) => {
  const cluster = memoryCluster();
  const write = (world: FakeWorld) => writeConfirmed(cluster, asking, world, () => planned(cluster, "one"));
  t.match(await write(answering(false)), { confirmed: false });
  t.same(cluster.writes, []);
  t.match(await write(answering(true)), { confirmed: true });
  t.same(cluster.writes, ["create ServiceAccount ops/one"]);
});

const created: Plan = plan([], [account("one")]);
const unchanged: Plan = created.map((change) => ({ ...change, action: "unchanged" }));
const shown: {
  name: string;
  plan: Plan;
  confirmed?: boolean;
  diff?: boolean;
  dryRun?: WriteMode["dryRun"];
  done?: Plan;
  code: number;
  stdout?: string;
  stderr?: string;
}[] = [
  { name: "what was done", plan: created, code: 0, stdout: "It holds.\n\n  created      1 ServiceAccount\n" },
  { name: "that nothing was to be done", plan: unchanged, code: 0, stdout: "It holds.\n\nNothing was changed.\n" },
  { name: "the part that was done", plan: created, done: [], code: 0, stdout: "It holds.\n\nNothing was changed.\n" },
  { name: "that somebody said no", plan: created, confirmed: false, code: 1, stderr: "Nothing was written.\n" },
  {
    name: "a dry run",
    plan: created,
    dryRun: "server",
    code: 0,
    stdout: "serviceaccount/one in namespace ops created (server dry run)\n",
  },
];
for (const { name, plan: given, code, ...more } of shown) {
  t.test(`it prints ${name}`, async (t) => {
    const world = fakeWorld();
    const { confirmed = true, diff = false, dryRun = "none", done, stdout = "", stderr = "" } = more;
    const written = { plan: given, confirmed, outcome: ["It holds."], ...(done === undefined ? {} : { done }) };
    t.equal(await showWritten(written, { diff, dryRun }, world), code);
    t.equal(world.stdout, stdout);
    t.equal(world.stderr, stderr);
  });
}

t.test("a difference is shown in place of what was done, and says so by its exit code", async (t) => {
  const world = fakeWorld();
  const show = (given: Plan) =>
    showWritten({ plan: given, confirmed: true, outcome: ["It holds."] }, { diff: true, dryRun: "none" }, world);
  t.equal(await show(created), 1);
  t.match(world.stdout, /^\+ kind: ServiceAccount$/m);
  t.notMatch(world.stdout, /It holds/);
  t.equal(await show(unchanged), 0);
});
