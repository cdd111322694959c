// No command reaches for the network by itself: what it asks, it asks the cluster that it is given, and it starts no program. A
// proxy of all connections that a process opens is test/attacks' and test/permissions' matter; here nothing may be opened at all.
import childProcess from "node:child_process";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import dgram from "node:dgram";
import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { fullCluster, planningLines, readingLines, runOn } from "./full-cluster.ts";

t.setTimeout(600_000);
const opened: string[] = [];
const refuse =
  (what: string) =>
  (...given: unknown[]): never => {
    opened.push(`${what} ${JSON.stringify(given[0])}`);
    throw new Error(`${what} is not allowed here`);
  };

const cluster = await fullCluster();
net.Socket.prototype.connect = refuse("connect");
dgram.createSocket = refuse("a socket");
dns.lookup = refuse("lookup") as unknown as typeof dns.lookup;
dns.promises.lookup = refuse("lookup");
childProcess.spawn = refuse("spawn");
childProcess.spawnSync = refuse("spawn");
syncBuiltinESMExports();

t.test("what is refused here would be seen", async (t) => {
  t.throws(() => net.connect(1, "127.0.0.1"), /not allowed/);
  await t.rejects(fetch("http://127.0.0.1:65000"), "fetch as well");
  t.throws(() => childProcess.spawn("true"), /not allowed/);
  t.ok(opened.length >= 3, opened.join("\n"));
  opened.length = 0;
});

for (const line of [...readingLines, ...planningLines, "permissions", "version", "options", "completion bash"])
  t.test(`${line}: opens no connection and starts no program`, async (t) => {
    await runOn(cluster, line.split(" ")).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      t.not(error.kind, "usage", error.message);
    });
    t.same(opened, []);
  });
