import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import t, { type Test } from "tap";
import { startRecordingServer } from "../kube/recording-server.ts";
import { root } from "../e2e/example-cluster.ts";

// A repository brings a mirrord.json and a kubeconfig: looking at it must neither run its programs nor hand it anything.
const posix = { skip: process.platform === "win32" && "a program that is a shell script" };
const server = await startRecordingServer();
t.teardown(() => server.close());

const SECRET = "value-of-my-secret";
const program =
  '#!/bin/sh\necho ran >"$RAN"\necho \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}\'\n';

function kubeconfig(user: object): string {
  const cluster = { server: `https://${server.tls}`, "insecure-skip-tls-verify": true };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

const exec = {
  exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./evil.sh", interactiveMode: "Never" },
};
const fromEnvironment = { target: { path: "deployment/web", namespace: "{{ get_env(name='MY_SECRET') | lower }}" } };
const plain = { target: { path: "deployment/web", namespace: "dev" } };

/** A folder with a repository in it; each test has its own. */
function repository(t: Test, user: object, configuration: object = plain) {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-repository-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  write("kc2.yaml", kubeconfig(user));
  write("evil.sh", program);
  chmodSync(join(folder, "evil.sh"), 0o700);
  write("token", "token-of-mine");
  const written = JSON.stringify({ kubeconfig: "kc2.yaml", ...configuration });
  // A template whose braces are escaped is one all the same for what reads the file as JSON.
  write(".mirrord/mirrord.json", written.replace('"key":"{{', '"key":"\\u007b\\u007b'));
  const ran = join(folder, "ran");
  return {
    folder,
    write,
    hasRun: () => existsSync(ran),
    run: async (env: Record<string, string>, plugin: string, ...words: string[]) => {
      const child = spawn(process.execPath, [join(root, "plugins", `${plugin}.ts`), ...words], {
        cwd: folder,
        env: { PATH: process.env["PATH"], HOME: join(folder, "home"), MY_SECRET: SECRET, RAN: ran, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
      return { code, stdout, stderr };
    },
  };
}

const commands: [plugin: string, ...words: string[]][] = [
  ["kubectl-mirrord-can_i", "-f"],
  ["kubectl-mirrord-can_i", "-f", "-q"],
  ["kubectl-mirrord-can_i", "-f", "--user", "u", "--context", "x"],
  ["kubectl-mirrord-session", "start", "-f", "--dry-run"],
  ["kubectl-mirrord-session", "start", "deploy/web", "-f", ".mirrord/mirrord.json", "--dry-run"],
  ["kubectl-mirrord-policy", "test", "--config", ".mirrord/mirrord.json"],
];
for (const [plugin, ...words] of commands) {
  t.test(
    `${plugin} ${words.join(" ")}: the program of a kubeconfig that only a file names is not run`,
    posix,
    async (t) => {
      const there = repository(t, exec, fromEnvironment);
      const { code, stdout, stderr } = await there.run({}, plugin, ...words);
      t.equal(code, 2, stderr);
      t.equal(stdout, "");
      t.match(stderr, /\.mirrord\/mirrord\.json names the kubeconfig kc2\.yaml.*runs a program \(.*\/evil\.sh\)/);
      t.match(stderr, "--kubeconfig kc2.yaml");
      t.notOk(there.hasRun(), "nothing was run");
      t.same(server.takeAll(), [], "and nothing left");
    },
  );
}

const kept: [name: string, user: object, configuration: object, words: string[], why: RegExp][] = [
  ["a file is sent as token", { tokenFile: "token" }, plain, [], /reads the file .*token/],
  [
    "a login is refreshed at an address of its own",
    { "auth-provider": { name: "oidc", config: { "idp-issuer-url": "https://127.0.0.1:1" } } },
    plain,
    [],
    /logs in by the auth provider oidc/,
  ],
  ["a template takes an environment variable", { token: "t" }, fromEnvironment, [], /MY_SECRET/],
  [
    "the session key takes an environment variable, behind an escape",
    { token: "t" },
    { key: "{{ get_env(name='MY_SECRET') }}", target: { path: "pod/{{ key }}", namespace: "dev" } },
    [],
    /MY_SECRET/,
  ],
  [
    "a certificate of the machine is presented",
    { "client-certificate": "token", "client-key": "token" },
    plain,
    [],
    /reads the certificate .*token and presents it/,
  ],
  ["a token was typed for another cluster", { token: "t" }, plain, ["--token", "typed-token"], /--token/],
  [
    "a password was typed for another cluster",
    { token: "t" },
    plain,
    ["--username", "me", "--password", "typed-password"],
    /--password/,
  ],
];
for (const [name, user, configuration, words, why] of kept) {
  t.test(`nothing of the machine goes to a cluster that only a file names: ${name}`, posix, async (t) => {
    const there = repository(t, user, configuration);
    const { code, stdout, stderr } = await there.run({}, "kubectl-mirrord-can_i", "-f", ...words);
    t.equal(code, 2, stderr);
    t.equal(stdout, "");
    t.match(stderr, why);
    t.match(stderr, "--kubeconfig kc2.yaml");
    t.same(server.takeAll(), []);
  });
}

const meant: [name: string, env: (folder: string) => Record<string, string>, words: string[]][] = [
  ["it is typed, too", () => ({}), ["--kubeconfig", "kc2.yaml"]],
  ["it is the user's own by KUBECONFIG", (folder) => ({ KUBECONFIG: join(folder, "kc2.yaml") }), []],
  ["it is one of several of KUBECONFIG", (folder) => ({ KUBECONFIG: `/nowhere:${join(folder, "kc2.yaml")}` }), []],
  ["the environment says so to mirrord", (folder) => ({ MIRRORD_KUBECONFIG: join(folder, "kc2.yaml") }), []],
];
for (const [name, env, words] of meant) {
  t.test(`the program is run where that is meant: ${name}`, posix, async (t) => {
    const there = repository(t, exec, fromEnvironment);
    const { stderr } = await there.run(env(there.folder), "kubectl-mirrord-can_i", "-f", ...words);
    t.ok(there.hasRun(), stderr);
    t.not(server.takeAll().length, 0);
  });
}

t.test("~/.kube/config is the user's own, by whatever path the file names it", posix, async (t) => {
  const there = repository(t, exec, { ...plain, kubeconfig: "home/../home/.kube/config" });
  there.write("home/.kube/config", kubeconfig(exec));
  there.write("home/.kube/evil.sh", program);
  chmodSync(join(there.folder, "home/.kube/evil.sh"), 0o700);
  const { stderr } = await there.run({}, "kubectl-mirrord-can_i", "-f");
  t.ok(there.hasRun(), stderr);
  server.takeAll();
});

t.test("it is said which cluster a file chose", posix, async (t) => {
  const there = repository(t, { token: "t" });
  const chosen = await there.run({}, "kubectl-mirrord-can_i", "-f");
  t.match(chosen.stderr, `.mirrord/mirrord.json chose the cluster: context "x" (https://${server.tls})`);
  const typed = await there.run({}, "kubectl-mirrord-can_i", "-f", "--kubeconfig", "kc2.yaml");
  t.notMatch(typed.stderr, "chose the cluster");
  server.takeAll();
});

t.test("also when it chose a context of the user's own kubeconfig", posix, async (t) => {
  const there = repository(t, { token: "t" }, { ...plain, kubeconfig: null, kube_context: "x" });
  const { stderr } = await there.run({ KUBECONFIG: join(there.folder, "kc2.yaml") }, "kubectl-mirrord-can_i", "-f");
  t.match(stderr, `.mirrord/mirrord.json chose the cluster: context "x" (https://${server.tls})`);
  server.takeAll();
});
