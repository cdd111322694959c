// Inputs that were made to take for ever, each at two sizes: what the tests only count in steps, in milliseconds.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { complete } from "../../lib/cli/completion/complete.ts";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { lintPolicies } from "../../lib/mirrord/policy/lint/lint.ts";
import { builtInSchema, policyTypes } from "../../lib/mirrord/policy/schema/crds.ts";
import { schemaFaults } from "../../lib/mirrord/policy/schema/schema.ts";
import { ownerFrom, possibleUsers } from "../../lib/mirrord/session/session-owner.ts";
import { toYaml } from "../../lib/yaml.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { testAndLint } from "../commands/policy-world.ts";
import { writeMany } from "../kube/manifests/write-many.ts";
import { policy } from "../mirrord/policy-fixtures.ts";

const [policyType] = policyTypes;
const schemas = new Map(policyTypes.map(({ kind }) => [kind, builtInSchema]));

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  cpSync(join(import.meta.dirname, "../../examples"), folder, { recursive: true });
  try {
    await both("a policy with so many mistakes, checked by its definition", [100_000, 1_000_000], (count) => {
      const many = policy({ block: Array.from({ length: count }, () => "stael") });
      if (policyType !== undefined) schemaFaults(many, policyType, builtInSchema);
    });
    await both("lint of a header filter of so many nested repetitions", [100, 1000], (count) => {
      const headerFilter = "(a*)*".repeat(count) + "(".repeat(count);
      lintPolicies([policy({ network: { incoming: { httpFilter: { headerFilter } } } })], { schemas });
    });
    await both("policy test and policy lint of a file of so many globs", [3000, 30_000], async (count) => {
      const path = join(folder, `${count}.yaml`);
      const exclude = Array.from({ length: count }, (_, index) => `*a*b*c*${index}*?*`);
      writeFileSync(path, toYaml(policy({ env: { exclude } }, { name: "big", namespace: "dev" })));
      await testAndLint(path, ["--env", "a".repeat(1000)]);
    });
    await both("so many writes to one file of a folder", [100, 1000], (count) => writeMany(folder, count));
    await both("the users that a text of so many slashes and ats may mean", [5000, 50_000], (count) => {
      const user = `${"/".repeat(count)}${"@".repeat(count)}x`;
      possibleUsers({ user, owner: ownerFrom(user) });
    });
    await both("TAB so many times at a cluster that does not answer", [1, 2], async (count) => {
      for (let times = 0; times < count; times += 1) await completeHanging();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function completeHanging(): Promise<void> {
  const never = new Promise<never>(() => {});
  const cluster = {
    namespace: "dev",
    get: () => never,
    async *list() {
      yield await never;
    },
  } as unknown as Cluster;
  const root = dispatcher(all, "kubectl-mirrord", "kubectl-mirrord");
  await complete(root, ["session", "kill", ""], all.completers, fakeWorld({ cluster }));
}

async function both(what: string, sizes: readonly [number, number], work: (size: number) => unknown): Promise<void> {
  const times: string[] = [];
  for (const size of sizes) {
    const start = performance.now();
    await work(size);
    times.push(`${size}: ${Math.round(performance.now() - start)} ms`);
  }
  process.stdout.write(`${what}: ${times.join(", ")}\n`);
}
