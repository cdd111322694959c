// A secret is in nothing that a command prints or writes, nor in what it gives to the programs that it starts: for every command
// of the table, by whatever the connection logs in with, and however that fails. What is wrong with one is test/attacks' matter.
import childProcess from "node:child_process";
import { EventEmitter } from "node:events";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSafeServer } from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import t, { type Test } from "tap";
import { execute } from "../../lib/cli/execute.ts";
import type { Command } from "../../lib/cli/grammar/command.ts";
import { processWorld, type LoadConnect } from "../../lib/cli/process-world.ts";
import { report } from "../../lib/cli/report.ts";
import { connect } from "../../lib/commands/connect.ts";
import { objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { issueCertificate } from "../control-plane/certificates.ts";
import { installationObjects } from "../install/installed-cluster.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { listen, startRecordingServer } from "../kube/recording-server.ts";
import { commandsBelow, fullCluster, planningLines, program, readingLines } from "./full-cluster.ts";

t.setTimeout(600_000);

/** No word of ours, and nothing that escaping would change. */
const MARK = "Canary0f7b2c9d4e";
const base64 = (content: string) => Buffer.from(content).toString("base64");
/** The mark, and what base64 has of it wherever in three bytes it begins: the ends depend on what stands beside it. */
const marks = [MARK, base64(MARK).slice(0, 20), base64(`a${MARK}`).slice(4, 20), base64(`ab${MARK}`).slice(4, 20)];

const folder = t.testdir({ tmp: {}, home: {}, "licence.key": `${MARK}\n` });
process.env["TMPDIR"] = join(folder, "tmp");
const given = new Set(["licence.key"]);
const inFolder = (name: string, content: string): string => {
  given.add(name);
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Programs that would have been started. Each says that the mark is the token, and changes no file. */
const started: { words: string[]; env: NodeJS.ProcessEnv; files: string }[] = [];
const credential = {
  apiVersion: "client.authentication.k8s.io/v1",
  kind: "ExecCredential",
  status: { token: MARK },
};
childProcess.spawn = ((file: string, words: string[], { env }: { env: NodeJS.ProcessEnv }) => {
  started.push({ words: [file, ...words], env, files: filesText() });
  const child = Object.assign(new EventEmitter(), { stdout: new PassThrough(), exitCode: 0 });
  child.stdout.end(JSON.stringify(credential));
  setImmediate(() => setImmediate(() => void (child.emit("exit", 0, null), child.emit("close", 0, null))));
  return child;
}) as unknown as typeof childProcess.spawn;
syncBuiltinESMExports();

/** How often a secret was sent to the server that knows nobody. */
let presented = 0;
const rejects: RequestListener = (request, response) => {
  if (/^(Bearer|Basic) ./.test(request.headers.authorization ?? "")) presented += 1;
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", message: "Unauthorized", code: 401 };
  request
    .resume()
    .on("end", () => response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify(status)));
};
const rejecting = createServer(rejects);
const unauthorized = `http://${await listen(rejecting)}`;
const strange = await startRecordingServer();
const { certPem, keyPem } = await issueCertificate(strange.authority, {
  commonName: "rejecting",
  ipAddresses: ["127.0.0.1"],
  usage: "server",
});
// Secrets are sent by TLS alone.
const rejectingSafely = createSafeServer({ cert: certPem, key: keyPem }, rejects);
const safelyUnauthorized = `https://${await listen(rejectingSafely)}`;
t.teardown(() => {
  rejecting.close();
  rejectingSafely.close();
  strange.close();
});

interface Ran {
  code: number;
  said: string;
}

/** In this process, as the executable runs it. */
async function run(words: readonly string[], loadConnect: LoadConnect, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const output = new PassThrough();
  const said = text(output);
  const world = processWorld({
    stdin: () => new PassThrough(),
    stdout: output,
    stderr: output,
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: undefined,
    env: { PATH: process.env["PATH"], HOME: join(folder, "home"), ...env },
    signal: AbortSignal.timeout(60_000),
    loadConnect,
  });
  const code = await execute(program, words, world).catch((error: unknown) => {
    const { lines, exitCode } = report(error);
    world.note(lines);
    return exitCode;
  });
  world.close();
  output.end();
  return { code, said: await said };
}

function keepsSecret(t: Test, where: string, said: string): void {
  const found = marks.filter((mark) => said.includes(mark));
  if (found.length > 0) t.fail(`${where} has a secret`, { said: said.slice(0, 2000) });
}

/** What is in all files but those that the commands were given. */
function filesText(): string {
  const files = globSync("**", { cwd: folder }).filter((path) => !given.has(path));
  return files
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => readFileSync(join(folder, path), "latin1"))
    .join("\n");
}

const nothingKept = (t: Test): void => keepsSecret(t, "a file", filesText());

const exec = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: process.execPath,
  args: ["login"],
  interactiveMode: "Never",
  provideClusterInfo: true,
  env: [{ name: "LOGIN_SECRET", value: MARK }],
};
const pem = (kind: string) => base64(`-----BEGIN ${kind}-----\n${base64(MARK)}\n-----END ${kind}-----\n`);
const oidc = { "client-id": "a", "client-secret": MARK, "refresh-token": MARK, "idp-issuer-url": unauthorized };

/** What a kubeconfig logs in with: the user's entry, and what the cluster's has besides. */
const logins: Record<string, [user: object, cluster?: (server: string) => object]> = {
  "a token": [{ token: MARK }],
  "a password": [{ username: "u", password: MARK }],
  "a client key": [{ "client-certificate-data": pem("CERTIFICATE"), "client-key-data": pem("PRIVATE KEY") }],
  "a program": [{ exec }],
  "a refresh token": [{ "auth-provider": { name: "oidc", config: oidc } }],
  "a password for the server": [{}, (server) => ({ server: server.replace("://", `://u:${MARK}@`) })],
  "a password for a proxy": [{ token: MARK }, () => ({ "proxy-url": `http://u:${MARK}@127.0.0.1:1` })],
};

const failures: Record<string, string> = {
  "is not there": "http://127.0.0.1:1",
  "knows nobody": unauthorized,
  "knows nobody, and is asked by TLS": safelyUnauthorized,
  "is of another authority": `https://${strange.tls}`,
};

function kubeconfig(login: string, failure: string): string {
  const [user, cluster] = logins[login]!;
  const server = failures[failure]!;
  const trust =
    server === safelyUnauthorized ? { "certificate-authority-data": base64(strange.authority.certPem) } : {};
  return inFolder(
    `${login}, ${failure}`,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "x",
      clusters: [{ name: "c", cluster: { server, ...trust, ...cluster?.(server) } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user }],
    }),
  );
}

const policy = inFolder(
  "policy.yaml",
  'apiVersion: policies.mirrord.metalbear.co/v1alpha\nkind: MirrordPolicy\nmetadata: {name: p2, namespace: dev}\nspec: {targetPath: "*", block: [steal]}\n',
);
const licence = join(folder, "licence.key");

/** A run of every command that writes, watches or starts something. */
const writingLines = [
  `install -y --no-wait --license-key-file ${licence}`,
  `install upgrade -y --no-wait --license-key-file ${licence}`,
  "install uninstall -y --crds",
  "grant nia --ns dev --diff",
  "grant list --watch",
  "grant sync --watch -y",
  "grant org create beta",
  "grant org add acme lea",
  "grant org remove acme bob -y",
  "grant org move acme beta -y",
  "grant org delete acme --cascade -y",
  "grant team create acme/api",
  "grant team add acme/web lea",
  "grant team remove acme/web bob -y",
  "grant team move acme/web beta -y",
  "grant team delete acme/web --cascade -y",
  "grant collection create shop/new",
  "grant collection assign shop/web --ns dev -y",
  "grant collection unassign --ns qa -y",
  "grant collection move shop other -y",
  "grant collection delete shop/web -y",
  "grant admin add zoe",
  "grant admin remove ann -y",
  "grant role create writer --allow get:pods -y",
  "grant role edit reader",
  "grant role delete reader --cascade -y",
  "session watch",
  "session kill --user jim -y",
  "session start deploy/web -n dev --dry-run",
  "policy create p3 -n dev --block steal -y",
  "policy edit p1 -n dev",
  `policy apply -f ${policy} -y`,
  "policy delete p1 -n dev",
  `policy diff -f ${policy}`,
  "audit usage --operator --since 1h",
  `audit snapshot -o ${join(folder, "snapshot.json")}`,
];

const lines = [...readingLines, ...planningLines, ...writingLines];
const connecting = (await commandsBelow()).filter((each) => each.run !== undefined && "kubeconfig" in each.flags);

/** The longest name that begins a line is the command. */
function commandIn(line: string): Command {
  const begins = connecting.filter(({ name }) => line === name || line.startsWith(`${name} `));
  return begins.toSorted((one, other) => other.name.length - one.name.length)[0]!;
}

t.test("every command that connects is among them", async (t) => {
  const names = new Set(lines.map((line) => commandIn(line).name));
  t.same(
    connecting.map(({ name }) => name).filter((name) => !names.has(name)),
    [],
  );
});

/** Each login, and each failure; a program logs in to no server without TLS. */
const cases: [login: keyof typeof logins, failure: keyof typeof failures][] = [
  ["a token", "knows nobody"],
  ["a token", "knows nobody, and is asked by TLS"],
  ["a token", "is of another authority"],
  ["a password", "knows nobody"],
  ["a password", "knows nobody, and is asked by TLS"],
  ["a client key", "knows nobody"],
  ["a program", "is of another authority"],
  ["a refresh token", "knows nobody"],
  ["a password for the server", "knows nobody"],
  ["a password for the server", "is not there"],
  ["a password for a proxy", "knows nobody"],
];
t.same(
  Object.keys(logins).filter((login) => !cases.some(([each]) => each === login)),
  [],
);

for (const [login, failure] of cases)
  t.test(`${login}, for a server that ${failure}: no command shows it at -v=9, nor keeps it`, async (t) => {
    const config = kubeconfig(login, failure);
    started.length = 0;
    const isSafe = failure === "knows nobody, and is asked by TLS";
    presented = 0;
    // A handshake takes long, and every command makes the same.
    const some = failure === "is of another authority" || isSafe ? lines.filter((_, at) => at % 8 === 0) : lines;
    for (const line of some) {
      const words = [...line.split(" "), "--kubeconfig", config, "-v=9", "--request-timeout=20s"];
      const { code, said } = await run(words, async () => ({ connect }));
      keepsSecret(t, line, said);
      if (![2, 3, 4].includes(code)) t.fail(`${line}: ${code}: ${said}`);
    }
    const inEnvironment = login === "a program" ? ["LOGIN_SECRET"] : [];
    t.same(told(t), inEnvironment);
    t.equal(presented >= some.length / 2, isSafe, `it was sent ${presented} times`);
    nothingKept(t);
  });

const programs = new Set<string>();

/** The variables with a secret of the programs that were started; arguments are seen by everybody on the machine. */
function told(t: Test): string[] {
  const names = started.flatMap(({ words, env, files }) => {
    for (const name of [process.execPath, "edit", "differ"])
      if (words.some((word) => word.startsWith(name))) programs.add(name);
    keepsSecret(t, "a file for a program", files);
    keepsSecret(t, "a program's arguments", words.join(" "));
    return Object.keys(env).filter((name) => marks.some((mark) => env[name]?.includes(mark)));
  });
  return [...new Set(names)];
}

const secret = (name: string, namespace: string, type: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  type,
  metadata: {
    name,
    namespace,
    annotations: {
      "kubernetes.io/service-account.name": "runner",
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ stringData: { token: MARK } }),
    },
  },
  data: { token: base64(MARK), OPERATOR_LICENSE_KEY: base64(MARK) },
});

function withSecrets(object: KubernetesObject): KubernetesObject {
  const env = [{ name: "DATABASE_PASSWORD", value: MARK }];
  const containers = [{ name: "nginx", image: "nginx", env, envFrom: [{ secretRef: { name: "web-session" } }] }];
  const annotations = {
    ...object.metadata.annotations,
    "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec: { env } }),
  };
  const spec = { ...objectIn(object["spec"]), template: { spec: { containers } } };
  return { ...object, metadata: { ...object.metadata, annotations }, spec };
}

async function clusterWithSecrets(): Promise<MemoryCluster> {
  const cluster = await fullCluster();
  cluster.put(
    ...installationObjects({ license: { key: MARK } }),
    secret("runner-token", "ci", "kubernetes.io/service-account-token"),
    secret("web-session", "dev", "Opaque"),
    ...cluster
      .objects()
      .filter(({ kind, metadata }) => kind === "Deployment" && metadata.name === "web")
      .map(withSecrets),
  );
  return cluster;
}

/** Every format that a command has, and what it would change. */
function spellings(line: string): string[] {
  const { flags } = commandIn(line);
  const output = flags["output"];
  const formats = output !== undefined && "values" in output ? output.values : undefined;
  const isDifferent = "diff" in flags && !line.includes("--d") ? [`${line} --diff`] : [];
  return [line, ...(formats ?? []).map((format) => `${line} -o ${format}`), ...isDifferent];
}

const whole = await clusterWithSecrets();

/** What goes on until it is interrupted ends by itself on a cluster in memory only where nothing is watched. */
const endless = /watch/;

for (const line of lines.filter((each) => !endless.test(each)))
  t.test(`${line}: shows nothing of the cluster's secrets in any format`, async (t) => {
    const isWriting = writingLines.includes(line);
    let cluster = isWriting ? await clusterWithSecrets() : whole;
    for (const spelling of spellings(line)) {
      started.length = 0;
      if (isWriting && !cluster.writes.every((each) => whole.writes.includes(each)))
        cluster = await clusterWithSecrets();
      const env = { KUBE_EDITOR: "edit", KUBECTL_EXTERNAL_DIFF: spelling.endsWith("--diff") ? "differ" : "" };
      const { code, said } = await run(spelling.split(" "), async () => ({ connect: async () => cluster }), env);
      keepsSecret(t, spelling, said);
      if (code === 70) t.fail(`${spelling}: ${said}`);
      t.same(told(t), []);
    }
    nothingKept(t);
  });

t.test("programs to log in, to edit and to compare were among what was started", async (t) => {
  t.same([...programs].toSorted(), [process.execPath, "differ", "edit"].toSorted());
});
