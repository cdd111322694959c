// A proxy that drops the headers that say as whom to act: what is written behind it would be written as the caller.
import t from "tap";
import { runGrant } from "../commands/grant-world.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { startFaultProxy } from "../faults/proxy.ts";

const cluster = await startExampleCluster();
const { plane } = cluster;
const proxy = await startFaultProxy(plane);
t.teardown(() => {
  proxy.close();
  return cluster.stop();
});
const { labelled, remove } = grantProbe(cluster);
const { token } = plane.admin;
const through = ["--server", proxy.server, "--certificate-authority", plane.caFile, "--token", token];
const grant = (...words: string[]) => runGrant([...words, ...through], { now: Date.now });

t.test("where impersonation is dropped on the way, nothing is written, and why is said", async (t) => {
  proxy.dropImpersonation(true);
  for (const more of [["--dry-run=server"], []]) {
    const { code, stderr } = await grant("rob", "--ns", "dev", "--as", "bob", "--as-group", "system:masters", ...more);
    t.equal(code, 4, stderr);
    t.match(stderr, /impersonation does not arrive at the server: it sees user "admin"/);
  }
  t.same(await labelled("clusterrolebindings"), []);
});

t.test("where it arrives, it is written as whom was named", async (t) => {
  proxy.dropImpersonation(false);
  const { code, stderr } = await grant("rob", "--ns", "dev", "--as", "bob", "--as-group", "system:masters");
  t.equal(code, 0, stderr);
  const [binding] = await labelled("clusterrolebindings");
  t.equal(binding?.metadata.annotations?.["kubectl-mirrord.io/granted-by"], "bob");
  await remove();
});
