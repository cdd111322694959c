import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { policyDefinitions } from "../mirrord/policy/schema/definitions.ts";
import { parseDocuments, toYaml } from "../../lib/yaml.ts";
import { policy } from "../mirrord/policy-fixtures.ts";
import { startExampleCluster } from "./example-cluster.ts";

// The policy commands by the real kubectl, on a real API server with the project's own definitions.
const cluster = await startExampleCluster();
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-policy-e2e-"));
t.teardown(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]) => cluster.kubectl("admin", "mirrord", "policy", ...words);

function file(name: string, ...objects: object[]): string {
  const path = join(folder, name);
  writeFileSync(path, objects.map((object) => toYaml(object)).join("---\n"));
  return path;
}

const inDev = (spec: Record<string, unknown>, name: string) => policy(spec, { name, namespace: "dev" });
const stored = (text: string) =>
  parseDocuments(text, { source: "stdout" })[0] as KubernetesObject & { spec: Record<string, unknown> };

t.test("before the definitions are installed, the error says what is missing", async (t) => {
  const created = await run("create", "p", "-n", "dev", "--block", "steal");
  t.match(created, {
    code: 3,
    stdout: "",
    stderr: /has no MirrordPolicy \(policies\.mirrord\.metalbear\.co\/v1alpha\)/,
  });
  t.match(await run("list", "-A"), { code: 0, stdout: "", stderr: /No policies found/ });
  const planned = await run("create", "p", "-n", "dev", "--block", "steal", "--dry-run=client", "-o", "yaml");
  t.match(planned, {
    code: 0,
    stdout: /^apiVersion: policies\.mirrord.*kind: MirrordPolicy/s,
    stderr: /has no MirrordPolicy/,
  });
  const installed = await cluster.kubectl("admin", "apply", "-f", file("definitions.yaml", ...policyDefinitions));
  t.equal(installed.code, 0, installed.stderr);
  t.notMatch(installed.stderr, "Warning", "no complaint about a format or the like");
  for (const { metadata } of policyDefinitions) {
    const ready = await cluster.kubectl(
      "admin",
      "wait",
      "--for=condition=Established",
      "--timeout=30s",
      `crd/${metadata.name}`,
    );
    t.equal(ready.code, 0, ready.stderr);
  }
});

t.test("create, get, apply of what get printed, and a second create", async (t) => {
  const created = await run(
    "create",
    "all",
    "-n",
    "dev",
    "--block",
    "steal,mirror",
    "--target-path",
    "deploy/web*",
    "-l",
    "app=web",
    "--header-filter",
    "^a",
    "--outgoing-block",
    "cidr=10.0.0.0/8,port=22",
    "--fs-local",
    "^/x",
    "--env-exclude",
    "A*",
    "--require-profile",
    "--profile",
    "safe",
    "--copy-targets",
  );
  t.same(
    { code: created.code, stdout: created.stdout },
    { code: 0, stdout: "mirrordpolicy.policies.mirrord.metalbear.co/all in namespace dev created\n" },
    created.stderr,
  );
  const got = await run("get", "all", "-n", "dev", "-o", "yaml");
  t.match(stored(got.stdout).spec, {
    targetPath: "deploy/web*",
    selector: { matchLabels: { app: "web" } },
    block: ["steal", "mirror"],
    appliesToCopyTargets: true,
    env: { exclude: ["A*"] },
    fs: { local: ["^/x"] },
    network: {
      incoming: { httpFilter: { headerFilter: "^a" } },
      outgoing: { block: [{ ipBlock: { cidr: "10.0.0.0/8" }, ports: [{ protocol: "TCP", port: 22 }] }] },
    },
    requireProfile: true,
    profileAllowlist: ["safe"],
  });
  const native = await cluster.kubectl("admin", "get", "mirrordpolicy", "all", "-n", "dev", "-o", "yaml");
  t.same(stored(got.stdout), stored(native.stdout), "exactly what kubectl prints");
  writeFileSync(join(folder, "got.yaml"), got.stdout);
  t.match(await run("apply", "-f", join(folder, "got.yaml")), { code: 0, stdout: /all in namespace dev unchanged/ });
  t.match(await run("create", "all", "-n", "dev", "--block", "steal"), { code: 4, stderr: /is there already/ });
});

t.test("a cluster-wide policy that carries a namespace is taken, as the API server clears it", async (t) => {
  const path = file("placed.yaml", {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordClusterPolicy",
    metadata: { name: "placed", namespace: "mirrord" },
    spec: { targetPath: "*", block: ["steal-without-filter"] },
  });
  const note = /Note: .*MirrordClusterPolicy placed: metadata\.namespace: is cleared by the API server/;
  t.match(await run("lint", "-f", path), { stdout: /namespace/ });
  t.match(await run("diff", "-f", path), { code: 1, stdout: /\+ .*steal-without-filter/, stderr: note });
  t.match(await run("apply", "-f", path), { code: 0, stdout: /placed created/, stderr: note });
  t.notMatch((await run("get", "placed", "--cluster", "-o", "yaml")).stdout, "namespace:");
  t.match(await run("diff", "-f", path), { code: 0, stdout: "" });
  t.match(await run("apply", "-f", path), { code: 0, stdout: /placed unchanged/ });
  t.match(await run("delete", "-f", path), { code: 0 });
});

t.test("dry runs and diffs write nothing; a field that the file lost is removed", async (t) => {
  const first = file("a.yaml", inDev({ block: ["steal"], targetPath: "deploy/web", env: { exclude: ["A"] } }, "a"));
  for (const mode of ["client", "server"])
    t.match(await run("apply", "-f", first, `--dry-run=${mode}`), { code: 0, stdout: /a in namespace dev created/ });
  t.match(await run("diff", "-f", first), { code: 1, stdout: /\+ {3}targetPath: deploy\/web/ });
  t.match(await run("get", "a", "-n", "dev"), { code: 2, stderr: /NotFound/ });
  t.match(await run("apply", "-f", first), { code: 0, stdout: /created/ });
  t.same(
    await run("diff", "-f", first),
    { code: 0, stdout: "", stderr: "" },
    "defaults of the server are no difference",
  );
  const second = file("a.yaml", inDev({ block: ["steal"], targetPath: "deploy/web" }, "a"));
  t.match(await run("diff", "-f", second), { code: 1, stdout: /- {5}- A/ });
  t.match(await run("apply", "-f", second), { code: 0, stdout: /configured/ });
  t.same(stored((await run("get", "a", "-n", "dev", "-o", "yaml")).stdout).spec["env"], { exclude: [] });
  t.match(await run("apply", "-f", second), { code: 0, stdout: /unchanged/ });
});

t.test("nothing is written when one of several is refused", async (t) => {
  const both = file(
    "both.yaml",
    inDev({ block: ["steal"] }, "one"),
    inDev({ block: ["stael"], targetpath: "x" }, "two"),
  );
  t.match(await run("apply", "-f", both), {
    code: 2,
    stderr: /spec\.block\[0\][^]*spec\.targetpath[^]*Nothing was written/,
  });
  t.match(await run("get", "one", "-n", "dev"), { code: 2 });
});

t.test("fields that somebody else manages are a conflict, not overwritten", async (t) => {
  const theirs = file("theirs.yaml", inDev({ block: ["mirror"] }, "shared"));
  t.equal((await cluster.kubectl("admin", "apply", "--server-side", "-f", theirs)).code, 0);
  const ours = file("ours.yaml", inDev({ block: ["steal"] }, "shared"));
  t.match(await run("apply", "-f", ours), { code: 4, stderr: /conflict/i });
  t.match(stored((await run("get", "shared", "-n", "dev", "-o", "yaml")).stdout).spec, { block: ["mirror"] });
});

t.test("test and lint read the cluster", async (t) => {
  const tested = await run("test", "deploy/web", "-n", "dev", "-o", "json");
  t.equal(tested.code, 0, tested.stderr);
  const { outcomes, operatorVersion } = JSON.parse(tested.stdout) as {
    operatorVersion: string;
    outcomes: { action: string; result: string; by?: { name: string }[] }[];
  };
  t.ok(operatorVersion);
  t.match(
    outcomes.find(({ action }) => action === "steal"),
    { result: "no" },
  );
  const all = await run("test", "--all", "-n", "dev");
  t.match(all, { code: 0, stdout: /dev +deployment\/web +no +no/ });
  t.match(all.stdout, /dev +pod\/web-/);
  const linted = await run("lint", "-n", "dev", "--fail-on", "warning");
  t.equal(linted.code, 1, linted.stderr);
  t.match(linted.stdout, /walk-around +MirrordPolicy dev\/a +deploy\/web is bound, but (pod|replicaset)\/web-/);
  t.match(linted.stdout, /unknown-profile +MirrordPolicy dev\/all +there is no profile "safe"/);
});

t.test("MIR-16: the operator refuses what policy test says it refuses", async (t) => {
  const granted = await cluster.kubectl("admin", "mirrord", "grant", "jim", "--ns", "dev");
  t.equal(granted.code, 0, granted.stderr);
  await run("delete", "all", "shared", "-n", "dev");
  const connection = await cluster.connect({ user: "jim" }, "dev", "deployment.web");
  if (!connection.ok) return t.fail("no connection");
  const stolen = await connection.subscribe({ subscribe: "steal", port: 80, filter: null });
  await connection.close();
  t.equal(stolen.ok, false);
  const said = await run("test", "deploy/web", "-n", "dev", "--action", "steal");
  t.equal(said.code, 1);
  t.match(said.stdout, /is forbidden by the mirrord policy "a" for this target/);
});

t.test(
  "what policy edit changed and added is as in the file after policy apply, which is told of no conflict",
  async (t) => {
    const path = file("edited.yaml", inDev({ block: ["steal"], targetPath: "deploy/a*" }, "edited"));
    t.equal((await run("apply", "-f", path, "-y")).code, 0);
    process.env["KUBE_EDITOR"] =
      String.raw`sed -i -e 's/deploy.a/deploy\/b/' -e 's/requireProfile: false/requireProfile: true/'`;
    const edited = await run("edit", "edited", "-n", "dev");
    delete process.env["KUBE_EDITOR"];
    t.equal(edited.code, 0, edited.stderr);
    const spec = async () => stored((await run("get", "edited", "-n", "dev", "-o", "yaml")).stdout).spec;
    t.match(await spec(), { targetPath: "deploy/b*", requireProfile: true });
    for (const dryRun of ["server", "none"]) {
      const applied = await run("apply", "-f", path, "-y", `--dry-run=${dryRun}`);
      t.match(applied, { code: 0, stdout: /edited in namespace dev configured/ }, applied.stderr);
    }
    t.match(await spec(), { block: ["steal"], targetPath: "deploy/a*", requireProfile: false });
    t.match(await run("apply", "-f", path, "-y"), { code: 0, stdout: /unchanged/ });
    t.equal((await run("delete", "edited", "-n", "dev")).code, 0);
  },
);

t.test("delete", async (t) => {
  t.match(await run("delete", "a", "-n", "dev", "--dry-run=server"), { code: 0, stdout: /deleted \(server dry run\)/ });
  t.match(await run("get", "a", "-n", "dev"), { code: 0 });
  t.match(await run("delete", "a", "-n", "dev"), { code: 0, stdout: /a in namespace dev deleted\n$/ });
  t.match(await run("delete", "a", "-n", "dev"), { code: 2, stderr: /NotFound/ });
});
