import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { Test } from "tap";

// A no ends with a command. On a copy of the example folder: exactly that command, by a shell, makes it a yes.
const root = join(import.meta.dirname, "..", "..", "..");

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function folderWith(t: Test, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-fixes-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, "examples"), join(folder, "cluster"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function shell(folder: string, line: string): Outcome {
  const path = [join(root, "bin"), join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(":");
  // kubectl itself is not needed for a folder of manifests.
  const run = line.replace(/^kubectl mirrord /, "kubectl-mirrord ");
  const { status, stdout, stderr } = spawnSync("sh", ["-c", run], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: path, HOME: folder },
  });
  return { code: status ?? -1, stdout, stderr };
}

interface ShownFix {
  kind: string;
  command?: string;
  proven: boolean;
}

const profile = JSON.stringify({
  apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
  kind: "MirrordProfile",
  metadata: { name: "safe", namespace: "dev" },
  spec: { featureAdjustments: [] },
});
const newerOperator = JSON.stringify({
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: {
    operator_version: "3.192.0",
    supported_features: ["ProxyApi", "ExtendableUserCredentials", "LabelTargeting"],
    license: { expire_at: "2999-12-31" },
  },
});
const kubeSystem = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "dns", namespace: "kube-system" },
});

const cases: { name: string; ask: string; kind: string; files?: Record<string, string>; command?: RegExp }[] = [
  { name: "a session", ask: "steal deploy/web -n dev --as jim", kind: "grant", command: /--target deployment\/web/ },
  { name: "a session of a client of 2024", ask: "deploy/web -n dev --as jim --client-version 3.100.0", kind: "grant" },
  {
    name: "a container",
    ask: "deploy/web/container/nginx -n dev --as jim",
    kind: "grant",
    command: /--target deployment\/web\/container\/nginx/,
  },
  {
    name: "a service account",
    ask: "statefulset/db -n dev --as system:serviceaccount:ci:bot",
    kind: "grant",
    command: /grant sa:ci\/bot /,
  },
  {
    name: "a user who is called like a verb",
    ask: "deploy/web -n dev --as revok",
    kind: "grant",
    command: /grant user:revok /,
  },
  { name: "a user with a quote and a blank", ask: `deploy/web -n dev --as "jim o'neill"`, kind: "grant" },
  {
    name: "the user of requests without credentials",
    ask: "deploy/web -n dev --as system:anonymous --as-group x",
    kind: "grant",
    command: /--dangerous/,
  },
  { name: "a copy", ask: "copy deploy/web -n dev --as jim", kind: "grant", command: /grant jim --ns dev --manifests/ },
  { name: "a cron job", ask: "cronjob/nightly -n dev --as jim", kind: "grant" },
  { name: "no target", ask: "targetless -n dev --as jim", kind: "grant" },
  {
    name: "labels",
    ask: "label/app=web -n dev --as jim",
    kind: "grant",
    files: { "cluster/newer.json": newerOperator },
  },
  {
    name: "no target in a system namespace",
    ask: "targetless -n kube-system --as jim",
    kind: "grant",
    files: { "cluster/system.yaml": kubeSystem },
    command: /--allow-system/,
  },
  { name: "a CI key", ask: "ci -n dev --as jim", kind: "grant" },
  { name: "a list of sessions", ask: "list-sessions -n dev --as jim", kind: "grant", command: /--role view/ },
  { name: "a list of all sessions", ask: "list-sessions -A --as jim", kind: "grant", command: /-A --role view/ },
  { name: "the end of sessions", ask: "kill-sessions --as jim", kind: "role" },
  { name: "a preview", ask: "preview deploy/web -n dev --as jim", kind: "role" },
  {
    name: "a profile of the namespace",
    ask: "-f m.json -n dev --as jim",
    kind: "grant",
    files: { "m.json": '{"profile": "dev/safe", "target": "deploy/web"}', "cluster/profile.yaml": profile },
  },
  {
    name: "credentials of a database branch",
    ask: "-f m.json -n dev --as jim",
    kind: "role",
    files: {
      "m.json":
        '{"target": "deploy/web", "feature": {"db_branches": [{"type": "pg", "connection": {"url": {"type": "env", "variable": "DB_URL", "value": "postgres://x"}}}]}}',
    },
  },
];

for (const { name, ask, kind, files = {}, command } of cases) {
  t.test(`${name}: the named command makes it a yes`, async (t) => {
    const folder = folderWith(t, files);
    const question = `kubectl mirrord can-i ${ask} --no-exposure --manifests cluster`;
    const before = shell(folder, `${question} -o json`);
    t.not(before.code, 0, before.stderr);
    const [fix] = (JSON.parse(before.stdout) as { fixes: ShownFix[] }).fixes;
    t.match(fix, { kind, proven: true });
    if (command !== undefined) t.match(fix?.command, command);
    const ran = shell(folder, fix?.command ?? "false");
    t.equal(ran.code, 0, ran.stderr);
    const after = shell(folder, question);
    t.equal(after.code, 0, after.stdout + after.stderr);
    t.equal(after.stdout, "yes\n");
  });
}

t.test("the command stands alone in its line, to the letter", async (t) => {
  const folder = folderWith(t);
  const { stdout } = shell(folder, "kubectl mirrord can-i steal deploy/web -n dev --as jim --manifests cluster");
  t.match(
    stdout,
    "an administrator can run:\n  kubectl mirrord grant jim --ns dev --target deployment/web --manifests cluster\n",
  );
});

t.test("a folder cannot be patched, so a policy there is to be changed by hand, and the change is named", async (t) => {
  const policy = JSON.stringify({
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "no-steal", namespace: "dev" },
    spec: { block: ["steal"] },
  });
  const folder = folderWith(t, { "cluster/policy.yaml": policy });
  shell(folder, "kubectl mirrord grant jim --ns dev --manifests cluster");
  const { code, stdout } = shell(
    folder,
    "kubectl mirrord can-i steal deploy/web -n dev --as jim --manifests cluster -o json",
  );
  t.equal(code, 1);
  const [fix] = (JSON.parse(stdout) as { fixes: (ShownFix & { opens: string; policies: unknown })[] }).fixes;
  t.match(fix, {
    kind: "policy",
    proven: true,
    opens: 'remove "steal" from spec.block in MirrordPolicy dev/no-steal, for everybody',
    policies: [
      {
        name: "no-steal",
        namespace: "dev",
        patch: [
          { op: "test", path: "/spec/block/0", value: "steal" },
          { op: "remove", path: "/spec/block/0" },
        ],
      },
    ],
  });
  t.equal(fix?.command, undefined);
});

t.test("where access is missing besides, the command and the change by hand make it a yes together", async (t) => {
  const blocked = (block: string[]) =>
    JSON.stringify({
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordPolicy",
      metadata: { name: "no-steal", namespace: "dev" },
      spec: { block },
    });
  const folder = folderWith(t, { "cluster/policy.yaml": blocked(["steal"]) });
  const question = "kubectl mirrord can-i steal deploy/web -n dev --as jim --manifests cluster";
  const { stdout } = shell(folder, question);
  const [, command = "false"] = /\n {2}(kubectl mirrord grant .*)/.exec(stdout) ?? [];
  t.match(
    stdout,
    '\nTo lift the block as well, which weakens a control for everybody, an administrator can remove "steal" from spec.block in MirrordPolicy dev/no-steal.\n',
  );
  t.equal(shell(folder, command).code, 0);
  writeFileSync(join(folder, "cluster", "policy.yaml"), blocked([]));
  t.equal(shell(folder, question).stdout, "yes\n");
});

t.test("there is no fix by access for what is not about access", async (t) => {
  const folder = folderWith(t);
  const { code, stdout } = shell(
    folder,
    "kubectl mirrord can-i steal deploy/nope -n dev --as jim --manifests cluster -o json",
  );
  t.equal(code, 1);
  t.match(JSON.parse(stdout), {
    fixes: { length: 0 },
    obstacles: [{ answer: "no", hint: /kubectl get deployments.apps -n dev/ }],
  });
});
