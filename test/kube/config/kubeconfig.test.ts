// The same kubeconfigs, flags and environment to the real kubectl and to us: the same request must arrive, or the same
// error be shown.
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import type { ConnectionFlags } from "../../../lib/kube/config/connection-config.ts";
import { createCredentials } from "../../../lib/kube/credentials/credentials.ts";
import type { Machine } from "../../../lib/kube/config/files.ts";
import { resolveConnection } from "../../../lib/kube/config/kubeconfig.ts";
import { createTransport } from "../../../lib/kube/http/transport.ts";
import { resolveBinaries } from "../../control-plane/binaries.ts";
import { kubeconfigCases } from "../kubeconfig-cases.ts";
import type { KubeconfigCase } from "../kubeconfig-cases.ts";
import { startRecordingServer } from "../recording-server.ts";

const { kubectl } = await resolveBinaries((line) => process.stderr.write(`${line}\n`));
const server = await startRecordingServer();
t.teardown(() => server.close());

const folder = t.testdir({});
const { answered, refused } = await kubeconfigCases(server);

t.test("what kubectl sends, we send", async (t) => {
  const machines = answered.map((given, index) => prepare(`answered-${index}`, given));
  const theirs = await askWithKubectl(answered, machines);
  for (const [index, given] of answered.entries()) {
    t.test(given.name, async (t) => {
      t.match(theirs[index], { error: "", sent: [{ path: String }] }, "kubectl gets an answer");
      t.same(comparable(await askOurselves(given, machines[index])), comparable(theirs[index]));
    });
  }
});

t.test("what kubectl refuses, we refuse in its words", async (t) => {
  const machines = refused.map((given, index) => prepare(`refused-${index}`, given));
  const theirs = await askWithKubectl(refused, machines);
  for (const [index, given] of refused.entries()) {
    t.test(given.name, async (t) => {
      const ours = await askOurselves(given, machines[index]);
      const errors = [ours, theirs[index]].map((outcome) => alike(outcome?.error ?? ""));
      const { start = errors[1] ?? "" } = given;
      t.not(start, "", "kubectl fails");
      t.same(
        errors.map((error) => (given.start === undefined ? error : error.slice(0, start.length))),
        [start, start],
      );
      t.same(ours.sent, []);
    });
  }
});

interface Outcome {
  error: string;
  sent: ReturnType<typeof server.take>;
}

function prepare(name: string, { files, env }: KubeconfigCase): Machine {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
    if (text.startsWith("#!")) chmodSync(join(home, path), 0o755);
  }
  return {
    env: { HOME: home, PATH: `${join(home, "bin")}:/usr/bin:/bin`, ...env },
    platform: process.platform,
    cwd: home,
    readFile: (path) => readFileSync(path, "utf8"),
  };
}

function caseFlags({ flags = [], env }: KubeconfigCase): string[] {
  const isFileChosen = env !== undefined || flags.some((flag) => flag.startsWith("--kubeconfig"));
  return isFileChosen ? flags : ["--kubeconfig=kc", ...flags];
}

/** Some at a time: each takes a tenth of a second, and there are many. */
async function askWithKubectl(cases: KubeconfigCase[], machines: Machine[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...cases.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, given] = next;
      const machine = machines[index];
      if (machine !== undefined) outcomes[index] = await runKubectl(given, machine);
    }
  };
  await Promise.all([work(), work(), work()]);
  return outcomes;
}

function probe({ cwd }: Machine): string {
  return `/api/v1/namespaces/${basename(cwd)}`;
}

function runKubectl(given: KubeconfigCase, machine: Machine): Promise<Outcome> {
  const { cwd, env } = machine;
  return new Promise((resolve) => {
    const child = execFile(
      kubectl,
      ["get", "--raw", probe(machine), ...caseFlags(given)],
      { cwd, env: { ...env } },
      (error, _stdout, stderr) => {
        const text = error === null ? "" : stderr.trim().replace(/^error: /, "");
        resolve({ error: text, sent: server.take(basename(cwd)) });
      },
    );
    child.stdin?.end();
  });
}

async function askOurselves(given: KubeconfigCase, machine: Machine | undefined): Promise<Outcome> {
  if (machine === undefined) throw new Error("no such case");
  const context = { ...machine, machine, kuberc: undefined, signal: new AbortController().signal, warn: () => {} };
  const name = basename(machine.cwd);
  try {
    const settings = resolveConnection(parseFlags(caseFlags(given)), machine);
    const transport = createTransport(settings, await createCredentials(settings, context), context);
    await transport.json({ method: "GET", path: probe(machine) });
    transport.close();
    return { error: "", sent: server.take(name) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { error: error.message.trim(), sent: server.take(name) };
  }
}

function parseFlags(flags: string[]): ConnectionFlags {
  const values = (name: string): string[] =>
    flags.filter((flag) => flag.startsWith(`--${name}=`)).map((flag) => flag.slice(name.length + 3));
  const last = (name: string): string | undefined => values(name).at(-1);
  return {
    kubeconfig: last("kubeconfig"),
    context: last("context"),
    cluster: last("cluster"),
    user: last("user"),
    server: last("server"),
    token: last("token"),
    username: last("username"),
    password: last("password"),
    tlsServerName: last("tls-server-name"),
    insecureSkipTlsVerify: flags.includes("--insecure-skip-tls-verify"),
    certificateAuthority: last("certificate-authority"),
    clientCertificate: last("client-certificate"),
    clientKey: last("client-key"),
    as: last("as"),
    asUid: last("as-uid"),
    asGroup: values("as-group"),
    asUserExtra: values("as-user-extra"),
  };
}

/** KUBERNETES_EXEC_INFO, sent as a token, differs in the order of its keys. */
function comparable(outcome: Outcome | undefined): unknown {
  const { error = "", sent = [] } = outcome ?? {};
  const read = (authorization: string): unknown => {
    const text = Buffer.from(authorization.replace(/^Bearer /, ""), "base64").toString("utf8");
    return text.startsWith('{"') ? (JSON.parse(text) as unknown) : authorization;
  };
  return { error, sent: sent.map((request) => ({ ...request, authorization: read(request.authorization) })) };
}

/** Go says where in its sources, names a resolver's address, and quotes file paths as given; none of it matters. */
function alike(error: string): string {
  return error.replaceAll(/(stat|open) [^ :]*\//g, "$1 ").replaceAll(/config file "[^"]*\//g, 'config file "');
}

t.test("slashes at the end of a server's path go, and very many within it stay", async (t) => {
  const slashes = "/".repeat(400_000);
  const machine: Machine = { env: {}, platform: "linux", cwd: "/", readFile: () => "" };
  const servers: [given: string, want: string][] = [
    ["https://h/a//", "https://h/a"],
    [`https://h${slashes}`, "https://h"],
    [`https://h${slashes}x`, `https://h${slashes}x`],
  ];
  for (const [given, want] of servers)
    t.ok(resolveConnection({ kubeconfig: "kc", server: given }, machine).server === want, want.slice(0, 20));
});
