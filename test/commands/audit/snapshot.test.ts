import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { connect } from "../../../lib/commands/connect.ts";
import { UserError } from "../../../lib/errors.ts";
import { stockRbac } from "../../../lib/rbac/write/stock.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { allRights, deployment, namespace, object, operator, operatorRoles, user } from "../../preview/objects.ts";

const objects = [
  ...stockRbac(),
  namespace(),
  operator(),
  ...operatorRoles,
  deployment("web"),
  ...allRights(user("jim")),
];

async function run(words: readonly string[], cluster: FakeOptions = {}) {
  const screen = fakeWorld({ cluster: fakeCluster({ objects, ...cluster }) });
  const { connect: live } = screen;
  screen.connect = async (options) =>
    (options.manifests ?? []).length === 0
      ? await live(options)
      : await connect(options, { env: {}, signal: screen.signal, warn: (text) => screen.warn(text) });
  try {
    const code = await execute(audit, words, screen);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: error.message };
  }
}

t.test("a snapshot answers who-can as the cluster does, and differs from it in nothing", async (t) => {
  const file = join(t.testdir({}), "snapshot.json");
  t.match(await run(["snapshot", "-o", file]), { code: 0, stdout: "", stderr: /objects in .*snapshot\.json\.\n$/ });
  t.equal(statSync(file).mode & 0o777, process.platform === "win32" ? statSync(file).mode & 0o777 : 0o600);
  const question = ["who-can", "mirror", "deploy/web", "-n", "dev", "-o", "json"];
  const [live, kept] = [await run(question), await run([...question, "--manifests", file])];
  t.same(JSON.parse(kept.stdout), JSON.parse(live.stdout));
  t.match(await run(["diff", "--overlay", file]), { code: 0, stderr: /Nobody gains or loses anything/ });
});

t.test("on stdout, with what may not be read named and exit code 3", async (t) => {
  const { code, stdout, stderr } = await run(["snapshot", "-o", "-"], { forbidden: ["clusterroles"] });
  t.equal(code, 3);
  t.match(JSON.parse(stdout), { kind: "List" });
  t.match(stderr, /^\d+ objects\.$/m);
  t.match((await run(["snapshot", "-o", "-"], { objects: [namespace()] })).stderr, /^1 object\.$/m);
  t.match(stderr, /you may not list clusterroles: the snapshot is without them/);
});

t.test("what could steer a terminal is escaped, and the same when it is read", async (t) => {
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "a\u009b31mb\u202ec" }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
  const hostile = object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "a", { roleRef, subjects });
  const { stdout } = await run(["snapshot", "-o", "-"], { objects: [hostile] });
  t.match(stdout, /^[\x20-\x7e\n]*$/);
  t.match(JSON.parse(stdout), { items: [{ subjects }] });
});

t.test("a file that cannot be written, and none", async (t) => {
  t.match(await run(["snapshot", "-o", "/nowhere/x.json"]), { code: 2, stderr: /\/nowhere\/x\.json: no such file/ });
  t.match(await run(["snapshot"]), { code: 2 });
  t.match(await run(["snapshot", "-o", "yaml"]), { code: 2, stderr: /"yaml" is a format/ }, "no file of that name");
  t.notOk(existsSync("yaml"));
});
