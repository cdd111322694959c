import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, linkSync, readFileSync, readdirSync, statSync, symlinkSync } from "node:fs";
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

const posix = { skip: process.platform === "win32" };

t.test("a file of that name is replaced by one for its owner alone, all at once", posix, async (t) => {
  const folder = t.testdir({ "s.json": "old" });
  const file = join(folder, "s.json");
  chmodSync(file, 0o644);
  linkSync(file, join(folder, "read-meanwhile"));
  t.match(await run(["snapshot", "-o", file]), { code: 0 });
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.match(JSON.parse(readFileSync(file, "utf8")), { kind: "List" });
  t.equal(readFileSync(join(folder, "read-meanwhile"), "utf8"), "old");
  t.same(readdirSync(folder).toSorted(), ["read-meanwhile", "s.json"], "no draft is left");
});

t.test("a link is not followed, whether there is something where it leads or not", posix, async (t) => {
  const folder = t.testdir({ victim: "kept" });
  for (const to of ["victim", "nothing"]) {
    const link = join(folder, `to-${to}`);
    symlinkSync(join(folder, to), link);
    t.match(await run(["snapshot", "-o", link]), { code: 2, stderr: /to-\w+" is a link/ });
  }
  t.equal(readFileSync(join(folder, "victim"), "utf8"), "kept");
  t.notOk(existsSync(join(folder, "nothing")));
});

t.test("a pipe is written to, also through a link", posix, async (t) => {
  const folder = t.testdir({});
  execFileSync("mkfifo", [join(folder, "pipe")]);
  symlinkSync(join(folder, "pipe"), join(folder, "link"));
  for (const name of ["pipe", "link"]) {
    const reader = spawn("cat", [join(folder, "pipe")]);
    const chunks: Buffer[] = [];
    reader.stdout.on("data", (chunk: Buffer) => void chunks.push(chunk));
    t.match(await run(["snapshot", "-o", join(folder, name)]), { code: 0 });
    await once(reader, "close");
    t.match(JSON.parse(Buffer.concat(chunks).toString()), { kind: "List" });
  }
  t.ok(statSync(join(folder, "pipe")).isFIFO());
});

t.test("a folder cannot be replaced, and no draft is left beside it", async (t) => {
  const folder = t.testdir({ sub: {} });
  t.match(await run(["snapshot", "-o", join(folder, "sub")]), { code: 2, stderr: /sub: is a directory/ });
  t.same(readdirSync(folder), ["sub"]);
});

t.test("a file that cannot be written, and none", async (t) => {
  t.match(await run(["snapshot", "-o", "/nowhere/x.json"]), { code: 2, stderr: /\/nowhere\/x\.json: no such file/ });
  t.match(await run(["snapshot", "-o", "n".repeat(300)]), { code: 2, stderr: /name too long/ });
  t.match(await run(["snapshot"]), { code: 2 });
  t.match(await run(["snapshot", "-o", "yaml"]), { code: 2, stderr: /"yaml" is a format/ }, "no file of that name");
  t.notOk(existsSync("yaml"));
});
