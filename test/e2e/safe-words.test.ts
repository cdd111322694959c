import t from "tap";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";
import { until } from "../until.ts";

// No slip of the finger grants anything, and each dead end names the command that works: with the real kubectl.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, settled } = grantProbe(cluster);

t.test("no command of kubectl makes a user", async (t) => {
  const { stdout } = await cluster.kubectl("admin", "__complete", "");
  const commands = stdout.split("\n").flatMap((line) => (/^[a-z-]+\t/.test(line) ? [line.split("\t")[0] ?? ""] : []));
  t.ok(commands.length > 30 && commands.includes("get"), stdout);
  const { reservedBecause } = await import("../../lib/access/reserved-words.ts");
  for (const word of commands) t.ok(reservedBecause(word), word);
  t.match(await grant("logs", "-A"), { code: 2, stderr: /"logs" is a command of kubectl/ });
});

t.test("a grant in all namespaces needs a yes, and says what it opens", async (t) => {
  t.match(await grant("ana", "-A"), { code: 2, stderr: /kube-system[^]*--yes/ });
  t.match(await grant("ana", "-A", "--yes"), { code: 0, stdout: /ana can now .* in all namespaces/ });
  await settled("yes", "ana", "dev");
  t.equal((await grant("revoke", "ana")).code === 4, false);
  await settled("no", "ana", "dev");
});

t.test("subjects and targets are spelled as can-i, kubectl and grant print them", async (t) => {
  const spellings = ["deployment.apps/web", "deployments/web"];
  for (const target of spellings) {
    const words = ["mirrord", "can-i", "steal", target, "-n", "dev", "--as", "sa:ci/runner"];
    const asked = await cluster.kubectl("admin", ...words);
    t.match(asked.stdout, /kubectl mirrord grant sa:ci\/runner --ns dev/);
    t.notMatch(asked.stdout, /user:sa/);
  }
  for (const target of spellings) {
    const granted = await grant("sa:ci/runner", "--ns", "dev", "--target", target);
    t.match(granted, { code: 0, stderr: /service account ci\/runner does not exist/ });
  }
  await until("the service account may", async () => {
    const words = ["mirrord", "can-i", "deployment", "web", "-n", "dev", "--as", "sa:ci/runner", "-q"];
    return (await cluster.kubectl("admin", ...words)).code === 0;
  });
  t.match(await cluster.kubectl("admin", "mirrord", "can-i", "ds/web", "-n", "dev"), { code: 2, stderr: /DaemonSet/ });
});

t.test("what is left after a revocation goes by the commands that are printed", async (t) => {
  const bind = ["create", "rolebinding", "by-hand", "--clusterrole=cluster-admin", "--user=eve", "-n", "dev"];
  t.equal((await cluster.kubectl("admin", ...bind)).code, 0);
  await settled("yes", "eve", "dev");
  const left = await grant("revoke", "eve", "--ns", "dev");
  t.equal(left.code, 1, left.stdout);
  const [line = ""] = /^ {2}(kubectl delete .*)$/m.exec(left.stdout)?.slice(1) ?? [];
  t.equal(line, "kubectl delete rolebinding by-hand -n dev");
  t.equal((await cluster.shell("admin", line)).code, 0);
  await settled("no", "eve", "dev");
  t.equal((await grant("revoke", "eve", "--ns", "dev")).code, 0);
});
