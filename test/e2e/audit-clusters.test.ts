// One report about several clusters: a real API server among addresses where nobody answers.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { testNamespace } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";

const plane = await sharedControlPlane();
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-clusters-"));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** Takes connections, and never says a word. */
const mute = createServer(() => {}).listen(0, "127.0.0.1");
await new Promise((resolve) => mute.once("listening", resolve));
mute.unref();
t.teardown(() => mute.close());
const muteServer = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;

/** Nine of them: one more than are read at once. */
const mutes = Array.from({ length: 9 }, (_, at) => `mute-${at}`);
const servers: Record<string, string> = {
  down: "https://127.0.0.1:1",
  ...Object.fromEntries(mutes.map((name) => [name, muteServer])),
  real: plane.server,
  stranger: plane.server,
};
const tokens: Record<string, string> = { real: plane.admin.token, stranger: "nobody" };
const kubeconfig = join(folder, "kubeconfig");
const entries = Object.keys(servers);
writeFileSync(
  kubeconfig,
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: entries.map((name) => ({
      name,
      cluster: { server: servers[name], "certificate-authority": plane.caFile },
    })),
    users: entries.map((name) => ({ name, user: { token: tokens[name] ?? "none" } })),
    contexts: entries.map((name) => ({ name, context: { cluster: name, user: name } })),
  }),
  { mode: 0o600 },
);

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const audit = (...words: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const program = join(import.meta.dirname, "..", "..", "bin", "kubectl-mirrord");
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
    execFile(program, ["audit", ...words], { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

t.test("who may be read is read; who is down, silent or refuses is named, each with its own reason", async (t) => {
  const namespace = await testNamespace(plane, t);
  const words = ["who-can", "get", "pods", "-n", namespace, "--all-contexts", "--cluster-timeout", "5s", "-o", "json"];
  const { code, stdout, stderr } = await audit(...words);
  t.equal(code, 3, stderr);
  const report: { clusters: { name: string; complete: boolean; error?: string }[]; items: { cluster: string }[] } =
    JSON.parse(stdout);
  t.same(
    report.clusters.map(({ name }) => name),
    entries.toSorted(),
  );
  const errors = Object.fromEntries(report.clusters.map(({ name, error }) => [name, error]));
  t.equal(errors["real"], undefined);
  t.match(errors["down"], /connection .*refused|Unable to connect/i);
  t.match(errors["stranger"], /logged in|Unauthorized/);
  for (const name of mutes) t.match(errors[name], /^it took longer than 5 s \(--cluster-timeout\)$/);
  t.ok(report.items.length > 0);
  t.ok(
    report.items.every(({ cluster }) => cluster === "real"),
    "an answer of one is nobody else's",
  );
  t.match(stderr, /Warning: down: nothing of this cluster was read: /);
});

t.test("contexts that are named are read alone, and all of them is exit code 0", async (t) => {
  const { code, stdout, stderr } = await audit("matrix", "--context", "real,real", "-o", "json");
  t.equal(code, 0, stderr);
  t.match(JSON.parse(stdout), { complete: true, clusters: [{ name: "real", complete: true }] });
  const slip = await audit("matrix", "--context", "real,prod");
  t.match(slip, { code: 2, stdout: "", stderr: /context "prod" does not exist/ });
});

t.test("what nobody used is asked of each operator; the one log of --log is not that of several", async (t) => {
  const { code, stdout, stderr } = await audit(
    ..."unused --operator --all-contexts --cluster-timeout 5s -o json".split(" "),
  );
  t.equal(code, 3, stderr);
  const report: { complete: boolean; clusters: { name: string; error?: string }[] } = JSON.parse(stdout);
  t.equal(report.complete, false);
  t.same(
    report.clusters.map(({ name }) => name),
    entries.toSorted(),
  );
  for (const { name, error = "" } of report.clusters)
    if (name !== "real") t.ok(error.length > 0, `${name} is named with its reason`);
  const refused = await audit("unused", "--log", kubeconfig, "--all-contexts");
  t.match(refused, { code: 2, stdout: "", stderr: /^error: the logs of --log and --merge are those of one cluster/ });
});
