import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { linkSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import t from "tap";
import { EXPIRED, startIdentityProvider } from "../kube/identity-provider.ts";
import { comparable, withoutProgress } from "./comparable.ts";
import { root } from "./example-cluster.ts";

const posix = { skip: process.platform === "win32" && "named pipes, and folders that go away below a program" };

// The product as it is handed out: one executable, and a link of each name that kubectl looks for.
const run = (file: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: root, encoding: "utf8", env: { PATH: "" } });
  return { status, stdout, stderr };
};
const built = (name: string) => join(root, "build", name);
const plugin = (name: string, ...args: string[]) => run(process.execPath, join(root, "plugins", `${name}.ts`), ...args);

const { status, stderr } = run(process.execPath, join(root, "scripts", "build.ts"));
if (status !== 0) throw new Error(stderr);

const there = ["--manifests", "examples"];
const commands: [name: string, ...words: string[]][] = [
  ["kubectl-mirrord", "--help"],
  ["kubectl-mirrord", "can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there],
  ["kubectl-mirrord-can_i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "-o", "json", ...there],
  ["kubectl-mirrord-grant", "jim", "--ns", "dev", "--dry-run=client", "-o", "yaml", ...there],
  ["kubectl-mirrord-policy", "lint", ...there],
  ["kubectl-mirrord-session", "list", "--server", "http://127.0.0.1:1"],
  ["kubectl-mirrord", "revok"],
  ["kubectl-mirrord-session", "can-i"],
  ["kubectl-mirrord-grant", "can-i"],
  ["kubectl-mirrord", "can-i", "--help"],
  ["kubectl-mirrord", "version", "extra"],
];
for (const [name, ...words] of commands) {
  t.test(`${name} ${words.join(" ")}: the executable answers as the source does`, async (t) => {
    t.same(comparable(run(built(name), ...words)), comparable(plugin(name, ...words)));
  });
}

for (const [name, ...words] of [
  ["kubectl_complete-mirrord", "can-i", "stea"],
  ["kubectl_complete-mirrord-can_i", "stea"],
] as const)
  t.test(`${name} ${words.join(" ")}: a link that kubectl asks for candidates gives them`, async (t) => {
    t.match(run(built(name), ...words), { status: 0, stdout: /^steal\b/ });
  });

for (const words of [
  ["can_i", "--help"],
  ["help", "can_i"],
])
  t.test(`kubectl-mirrord ${words.join(" ")}: a plugin's word may be spelled as its file is`, async (t) => {
    t.same(run(built("kubectl-mirrord"), ...words), run(built("kubectl-mirrord"), "can-i", "--help"));
    t.match(run(built("kubectl-mirrord"), ...words), { status: 0, stdout: /kubectl mirrord can-i / });
  });

const refusals: { words: string[]; stderr: RegExp }[] = [
  { words: ["version", "extra"], stderr: /^error: unexpected argument "extra"\n/ },
  { words: ["completion", "install"], stderr: /^error: required flag "--dir" not set\n/ },
  { words: ["version", "-o"], stderr: /^error: flag needs an argument: 'o' in -o\n/ },
];

// yargs looks for package.json and for its locales, in the working folder and beside what runs; from source, beside itself.
const surroundings: { name: string; prepare: string; env?: NodeJS.ProcessEnv; alsoSource?: true }[] = [
  { name: "a named pipe as package.json of the working folder", prepare: "mkfifo package.json" },
  { name: "a working folder that is gone", prepare: 'rmdir "$PWD"' },
  { name: "another language", prepare: ":", env: { LC_ALL: "de_DE.UTF-8", LANGUAGE: "fr" }, alsoSource: true },
  {
    name: "locales that nobody can read",
    prepare: "for at in . .. ../.. ../../..; do mkdir -p $at/locales; echo '{' >$at/locales/en.json; done",
  },
];

for (const { name, prepare, env, alsoSource } of surroundings)
  t.test(`nothing is read from around the command that it was not told to: ${name}`, posix, async (t) => {
    const beside = join(t.testdir({ a: { b: { c: {} } } }), "a", "b", "c");
    const copy = join(beside, "kubectl-mirrord");
    linkSync(built("kubectl-mirrord"), copy);
    const source = [process.execPath, join(root, "plugins", "kubectl-mirrord.ts")];
    const script = `mkdir "${beside}/$0" && cd "${beside}/$0" && ${prepare} && exec "$@"`;
    for (const program of alsoSource ? [[copy], source] : [[copy]])
      for (const { words, stderr: says } of refusals) {
        const folder = `${program.length}-${words.join("-")}`;
        const ended = spawnSync("/bin/sh", ["-c", script, folder, ...program, ...words], {
          encoding: "utf8",
          env: { PATH: process.env["PATH"], ...env },
          timeout: 20_000,
          killSignal: "SIGKILL", // A read of a pipe that nobody writes to does not hear of others.
        });
        t.match(ended, { status: 2, stdout: "", stderr: says }, folder);
      }
  });

t.test("modules of Node.js that are loaded late are found: an answer that is compressed", async (t) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
    response.end(gzipSync(JSON.stringify({ status: { allowed: true, userInfo: { username: "jim" } } })));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(built("kubectl-mirrord-can_i"), ["get", "pods", "-n", "dev", "--server", address]);
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.same({ printed, said: withoutProgress(said) }, { printed: "yes\n", said: "" });
});

t.test("the library that connects to pods lies beside the commands, and is found", async (t) => {
  const metadata = { name: "mirrord-operator", namespace: "mirrord" };
  const found: Record<string, object> = {
    "/apis/apiregistration.k8s.io/v1/apiservices/v1.operator.metalbear.co": {
      metadata: { name: "v1.operator.metalbear.co" },
    },
    "/api/v1/namespaces/mirrord/services/mirrord-operator": {
      metadata,
      spec: { selector: { app: "mirrord-operator" } },
    },
    "/api/v1/namespaces/mirrord/pods": { items: [{ metadata: { ...metadata, labels: { app: "mirrord-operator" } } }] },
  };
  const server = createServer((request, response) => {
    const object = found[request.url?.split("?")[0] ?? ""];
    response.writeHead(object === undefined ? 404 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(object ?? { kind: "Status", status: "Failure", reason: "NotFound", code: 404 }));
  });
  let upgraded = "";
  server.on("upgrade", ({ url = "" }, socket) => {
    upgraded = url;
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(built("kubectl-mirrord-session"), ["status", "--probe", "--server", address]);
  const [printed] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.match(printed, /^Verdict: +it is the operator: its pod is not ready/m);
  t.equal(upgraded, "/api/v1/namespaces/mirrord/pods/mirrord-operator/portforward?ports=443");
});

t.test(
  "an authority that only the machine knows is trusted, by the cluster's connection and the identity provider's",
  async (t) => {
    const provider = await startIdentityProvider(t);
    const config = {
      "idp-issuer-url": provider.url,
      "client-id": "kubectl",
      "id-token": EXPIRED,
      "refresh-token": "x",
    };
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: provider.url } }],
      users: [{ name: "u", user: { "auth-provider": { name: "oidc", config } } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    const folder = t.testdir({ kubeconfig, "ca.pem": provider.authority });
    const words = ["get", "pods", "-n", "dev", "--kubeconfig", join(folder, "kubeconfig")];
    const ask = async (env: Record<string, string>) => {
      const child = spawn(built("kubectl-mirrord-can_i"), words, { env: { PATH: "", ...env } });
      const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { printed, said: withoutProgress(said) };
    };
    t.match(await ask({}), { printed: "", said: /signed by unknown authority/ });
    t.same(await ask({ SSL_CERT_FILE: join(folder, "ca.pem") }), { printed: "yes\n", said: "" });
    t.match(await ask({ NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") }), { printed: "", said: /unknown authority/ });
  },
);

t.test("what the environment says to Node.js is nothing to the executable", async (t) => {
  const folder = t.testdir({ "script.cjs": 'console.log("run"); process.exit(1);' });
  const asked = (NODE_OPTIONS: string) =>
    spawnSync(built("kubectl-mirrord"), ["can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: "", NODE_OPTIONS, PKG_EXECPATH: "PKG_INVOKE_NODEJS" },
    });
  const plain = run(built("kubectl-mirrord"), "can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there);
  for (const options of [`--require ${join(folder, "script.cjs")}`, "--require /nowhere.cjs", "--no-such-option"]) {
    const answer = asked(options);
    t.same([answer.status, answer.stdout], [plain.status, plain.stdout], options);
  }
});

t.test("the licence texts of all that is inside are beside it", async (t) => {
  const texts = readFileSync(built("LICENSES.txt"), "utf8");
  t.match(texts, /^Node\.js 26\./, "Node.js first");
  for (const name of ["js-yaml", "inquirer", "re2js", "https-proxy-agent"]) {
    t.match(texts, new RegExp(`^${name} \\d`, "m"), name);
  }
  t.match(texts, /Permission is hereby granted/);
});
