// A secret is in nothing that a command prints, writes or starts, whatever is wrong with what holds it. What every command
// prints of a cluster's secrets and of its own credentials is looked through by test/permissions.
import { spawn } from "node:child_process";
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import t, { type Test } from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { processWorld } from "../../lib/cli/process-world.ts";
import { report } from "../../lib/cli/report.ts";
import { connect } from "../../lib/commands/connect.ts";
import { all } from "../../plugins/all.ts";
import { root } from "../e2e/example-cluster.ts";
import { startRecordingServer } from "../kube/recording-server.ts";

const posix = { skip: process.platform === "win32" && "programs that are shell scripts" };
const server = await startRecordingServer();
t.teardown(() => server.close());

const kubectlMirrord = dispatcher(all, "kubectl-mirrord", "");

/** No word of ours, and nothing that escaping would change. */
const SECRET = "Canary0f7b2c9d4e";
const inBase64 = Buffer.from(SECRET).toString("base64").replace(/=+$/, "");

interface Ran {
  code: number | null;
  said: string;
}

/** A folder of its own, in which nothing but what was there may hold the secret afterwards. */
function folderWith(t: Test, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-secrets-"));
  mkdirSync(join(folder, "tmp"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    if (name.endsWith(".sh")) chmodSync(join(folder, name), 0o755);
  }
  t.teardown(() => {
    for (const path of globSync("**", { cwd: folder }).filter((each) => !(each in files)))
      if (statSync(join(folder, path)).isFile()) t.notMatch(readFileSync(join(folder, path), "latin1"), SECRET, path);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const environment = (folder: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: folder,
  TMPDIR: join(folder, "tmp"),
  ...env,
});

function keepsSecret(t: Test, { code, said }: Ran): Ran {
  for (const secret of [SECRET, inBase64]) t.notMatch(said, secret);
  return { code, said };
}

/** In this process, as the executable runs it; the folder is the one it is in, and its home. */
async function run(t: Test, files: Record<string, string>, words: readonly string[]): Promise<Ran> {
  const folder = folderWith(t, files);
  const before = process.cwd();
  process.chdir(folder);
  const output = new PassThrough();
  const said = text(output);
  const world = processWorld({
    stdin: () => new PassThrough(),
    stdout: output,
    stderr: output,
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: undefined,
    noteColumns: undefined,
    env: environment(folder),
    signal: new AbortController().signal,
    loadConnect: async () => ({ connect }),
  });
  const code = await execute(kubectlMirrord, words, world).catch((error: unknown) => {
    const { lines, exitCode } = report(error);
    world.note(lines);
    return exitCode;
  });
  world.close();
  output.end();
  process.chdir(before);
  return keepsSecret(t, { code, said: await said });
}

/** As a process of its own. */
async function start(
  t: Test,
  files: Record<string, string>,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  const folder = folderWith(t, files);
  const child = spawn(process.execPath, [join(root, "plugins/kubectl-mirrord.ts"), ...words], {
    cwd: folder,
    env: environment(folder, env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on("close", resolve)),
  ]);
  return keepsSecret(t, { code, said: stdout + stderr });
}

function kubeconfig(user: string | object, address = `https://${server.tls}`): string {
  const cluster = { server: address, "insecure-skip-tls-verify": true };
  const contexts = [{ name: "x", context: { cluster: "c", user: "u" } }];
  const config = { apiVersion: "v1", kind: "Config", clusters: [{ name: "c", cluster }], contexts };
  const head = JSON.stringify({ ...config, "current-context": "x" }).slice(0, -1);
  const users = typeof user === "string" ? user : JSON.stringify([{ name: "u", user }]);
  return `${head}, "users": ${users}}`;
}

const exec = (more: object = {}) => ({
  exec: {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./login.sh",
    interactiveMode: "Never",
    env: [{ name: "LOGIN_SECRET", value: SECRET }],
    ...more,
  },
});
const prints = (output: string, more = "") => `#!/bin/sh\ncat <<'END'\n${output}\nEND\n${more}`;
const credential = (status: object) =>
  JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });
const pem = (kind: string) => `-----BEGIN ${kind}-----\n${SECRET}\n-----END ${kind}-----\n`;
const base64 = (content: string) => Buffer.from(content).toString("base64");
const oidc = (config: object, issuer = "https://127.0.0.1:1") => ({
  "auth-provider": {
    name: "oidc",
    config: { "idp-issuer-url": issuer, "client-id": "a", "client-secret": SECRET, "refresh-token": SECRET, ...config },
  },
});

/** What is wrong, and the user's entry; with the program that it runs. */
const users: Record<string, [user: string | object, program?: string]> = {
  "a token that the server takes": [{ token: SECRET }],
  "a token with a line end": [{ token: `${SECRET}\nx` }],
  "a token that is a list": [{ token: [SECRET] }],
  "a token in a file that is no YAML": [`[{"name": "u", "user": {"token": "${SECRET}" bad: ]`],
  "a token behind a quote that never ends": [`[{"name": "u", "user": {"token": "${SECRET}}]`],
  "a password": [{ username: "u", password: SECRET }],
  "a password that is a list": [{ username: "u", password: [SECRET] }],
  "a key that is not base64": [{ "client-key-data": `${SECRET}!`, "client-certificate-data": SECRET }],
  "a key that is no key": [
    { "client-key-data": base64(pem("PRIVATE KEY")), "client-certificate-data": base64(pem("CERTIFICATE")) },
  ],
  "a key in a file that is not there": [
    { "client-key": "absent.key", "client-certificate": "absent.crt", token: SECRET },
  ],
  "a program's token": [exec(), prints(credential({ token: SECRET }))],
  "a program's output that is no JSON": [exec(), prints(`${SECRET} is the token`)],
  "a program's output that breaks off": [exec(), prints(`{"status": {"token": "${SECRET}"`)],
  "a program's token of another version": [exec(), prints(JSON.stringify({ kind: SECRET, status: { token: SECRET } }))],
  "a program's key that is no key": [
    exec(),
    prints(credential({ clientKeyData: pem("PRIVATE KEY"), clientCertificateData: pem("CERTIFICATE") })),
  ],
  "a program that fails with its token on stdout": [exec(), prints(credential({ token: SECRET }), "exit 3\n")],
  "a program that is not there": [exec({ command: "./absent.sh" })],
  "a refresh token, and no provider": [oidc({})],
  "an id-token that is none": [oidc({ "id-token": `${SECRET}.${SECRET}.${SECRET}` })],
};

for (const [name, [user, program]] of Object.entries(users))
  t.test(`${name} is not in what a command prints, at -v=9`, posix, async (t) => {
    const files = { config: kubeconfig(user), ...(program === undefined ? {} : { "login.sh": program }) };
    const ran = await run(t, files, [
      "session",
      "status",
      "-v=9",
      "--kubeconfig",
      "config",
      "--request-timeout",
      "20s",
    ]);
    t.ok([0, 2, 3, 4].includes(ran.code ?? -1), `${ran.code}: ${ran.said}`);
  });

t.test("the server was told the secret, and by a header only", async (t) => {
  const requests = server.takeAll();
  t.ok(requests.some(({ authorization }) => authorization === `Bearer ${SECRET}`));
  for (const { authorization: _told, ...rest } of requests) t.notMatch(JSON.stringify(rest), SECRET);
});

/** What is typed, and the files beside it. */
const typed: Record<string, [words: string[], files?: Record<string, string>]> = {
  "--token of a server that is not there": [
    ["grant", "list", "--server", "https://127.0.0.1:1", `--token=${SECRET}`, "-v=9"],
  ],
  "a misspelt --token": [["grant", "list", `--tokn=${SECRET}`]],
  "--password": [["audit", "--server", "https://127.0.0.1:1", "--username=u", `--password=${SECRET}`, "-v=9"]],
  "a password in the server's address": [["policy", "list", "--server", `https://u:${SECRET}@127.0.0.1:1`, "-v=9"]],
  "a licence key by --set": [["install", "--set", `license.key=${SECRET}`, "-o", "yaml"]],
  "a licence key with a comma by --set": [["install", "--set", `license.key=x,${SECRET}`, "-o", "yaml"]],
  "a licence key by --set with a colon": [["install", "--set", `license.key:${SECRET}`, "-o", "yaml"]],
  "a licence key behind a bracket": [["install", "--set", `license[${SECRET}`, "-o", "yaml"]],
  "a licence key by a path that is none": [["install", "--set", `license.kee=${SECRET}`, "-o", "yaml"]],
  "a licence key without --set": [["install", `license.key=${SECRET}`]],
  "a licence key in place of its file": [["install", "--license-key-file", SECRET, "-o", "yaml"]],
  "a licence key in place of the file of --set-file": [
    ["install", "--set-file", `license.key=${SECRET}`, "-o", "yaml"],
  ],
  "a licence key that is in values": [["install", "--values", "v", "-o", "yaml"], { v: `license: {key: ${SECRET}}\n` }],
  "a licence key in values that are no YAML": [
    ["install", "--values", "v", "-o", "yaml"],
    { v: `license: {key: ${SECRET}\n` },
  ],
  "a licence key of two words": [["install", "--license-key-file", "k", "-o", "yaml"], { k: `${SECRET} ${SECRET}` }],
  "a key in a configuration that is no JSON": [["can-i", "-f", "m.json"], { "m.json": `{"api_key": "${SECRET}` }],
};

for (const [name, [words, files = {}]] of Object.entries(typed))
  t.test(`${name} is not in what a command prints`, async (t) => {
    const ran = await run(t, files, words);
    t.ok([0, 2, 3].includes(ran.code ?? -1), `${ran.code}: ${ran.said}`);
  });

t.test("a fault of ours does not show what was typed, nor the environment", posix, async (t) => {
  // Once the cluster has answered: the table of the built-in roles is read then.
  const breaks = `const { entries } = Object;
    Object.entries = (value) => {
      if ("user" in value && "minimal" in value) throw new TypeError("broken");
      return entries(value);
    };`;
  const files = { config: kubeconfig(exec()), "login.sh": prints(credential({ token: SECRET })) };
  const words = ["grant", "role", "list", "--kubeconfig", "config", `--token=${SECRET}`, "-v=9"];
  const broken = `data:text/javascript,${encodeURIComponent(breaks)}`;
  const ran = await start(t, files, words, { NODE_OPTIONS: `--import=${broken}`, MIRRORD_CI_API_KEY: SECRET });
  t.equal(ran.code, 70);
  t.match(ran.said, /^bug: TypeError: broken$/m);
});
