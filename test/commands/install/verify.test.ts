import t from "tap";
import { sarifFaults } from "../../view/sarif-faults.ts";
import { installationRules } from "../../../lib/install/installation-rules.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import type { FakeWorld } from "../../cli/fake-world.ts";
import { installedCluster } from "../../install/installed-cluster.ts";
import { runInstall, schemaErrors } from "./install-world.ts";

/** As somebody else nothing is refused, or all is. */
function worldAs(cluster: MemoryCluster, refusal?: string) {
  return (world: FakeWorld): Partial<FakeWorld> => ({
    connect: async (options) => {
      world.connectedWith.push(options);
      if (options.as === undefined || refusal === undefined) return cluster;
      return { ...cluster, create: () => Promise.reject(apiFailure(403, "Forbidden", refusal)) };
    },
  });
}

const verify = (cluster: MemoryCluster, words: readonly string[], refusal?: string) =>
  runInstall(cluster, ["verify", ...words], worldAs(cluster, refusal));

t.test("what was found, how much was looked at, and what was not, as data", async (t) => {
  const cluster = installedCluster();
  const ran = await verify(cluster, ["-o", "json"]);
  t.equal(ran.code, 0, ran.stderr);
  schemaErrors("install-status.json", ran.stdout);
  schemaErrors("install-egress.json", ran.stdout);
  t.equal(schemaErrors("install-verify.json", ran.stdout), "No errors");
  t.match(JSON.parse(ran.stdout), { checked: { policies: 0, probes: 1 }, skipped: { length: 0 } });
  t.match(ran.stderr, /rights asked for, 0 policies compared, 1 thing tried/);
  t.same(cluster.writes, [], "nothing is written");
  t.equal(ran.world.connectedWith.at(-1)?.as, "system:serviceaccount:mirrord:mirrord-operator");
});

t.test("--fail-on decides what is a failure; an error is one by itself", async (t) => {
  t.equal((await verify(installedCluster(), ["--fail-on", "warning"])).code, 1);
  t.equal((await verify(installedCluster(), ["--fail-on", "never"])).code, 0);
  t.equal((await verify(installedCluster(), [], "violates PodSecurity")).code, 1);
});

t.test("what could not be tried is warned of, and is exit code 3", async (t) => {
  const unable = await verify(installedCluster(), [], 'User "eve" cannot impersonate resource "users"');
  t.match(unable, { code: 3, stderr: /Warning: no agent was tried: .*cannot impersonate/ });
});

t.test("--rules explains each, and looks at nothing", async (t) => {
  const { stdout, code } = await runInstall(memoryCluster(), ["verify", "--rules", "-o", "wide"], () => ({
    connect: () => Promise.reject(new Error("nothing to look at")),
  }));
  t.equal(code, 0);
  for (const rule of Object.keys(installationRules)) t.match(stdout, new RegExp(`^${rule} `, "m"));
});

t.test("as a table and for code hosts", async (t) => {
  t.match((await verify(installedCluster(), [])).stdout, /^SEVERITY +RULE +OBJECT +MESSAGE\n/);
  t.same(sarifFaults(JSON.parse((await verify(installedCluster(), ["-o", "sarif"])).stdout)), []);
});
