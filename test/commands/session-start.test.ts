import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import t from "tap";
import type { ReviewAnswer } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { FakeWorld } from "../cli/fake-world.ts";
import { runSession, sessionCluster } from "./session-cluster.ts";

const folder = t.testdir({
  bin: { mirrord: "#!/bin/sh\n" },
  other: { client: "#!/bin/sh\n", text: "no program" },
  "steal.json": JSON.stringify({
    target: { path: "deployment/web", namespace: "dev" },
    feature: { network: { incoming: "steal" } },
  }),
  "away.json": JSON.stringify({ target: "deployment/web", kube_context: "away", kubeconfig: "/k" }),
  "outside.json": JSON.stringify({ target: "deployment/web", operator: false }),
});
for (const file of ["bin/mirrord", "other/client"]) chmodSync(join(folder, file), 0o755);
const mirrord = join(folder, "bin", "mirrord");
const path = join(folder, "bin");

const web: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "dev" },
  spec: { replicas: 1, selector: { matchLabels: { app: "web" } } },
  status: { replicas: 1, availableReplicas: 1, readyReplicas: 1 },
};

const namespace = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

interface Started {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

interface StartOptions {
  answer?: ReviewAnswer["answer"];
  env?: NodeJS.ProcessEnv;
  change?: Partial<FakeWorld>;
}

async function start(words: string[], { answer = "yes", env = {}, change = {} }: StartOptions = {}) {
  const started: Started[] = [];
  const cluster = sessionCluster({
    objects: { deployments: [web], namespaces: [namespace("dev"), namespace("default")] },
    operator: {
      spec: { operator_version: "3.187.0", supported_features: ["ProxyApi", "ExtendableUserCredentials"] },
      status: {},
    },
    review: () => answer,
  });
  const ran = await runSession(cluster, ["start", ...words], () => ({
    env: { PATH: path, ...env },
    exec: async (file, args, execEnv) => (started.push({ file, args, env: execEnv }), 42),
    ...change,
  }));
  return { ...ran, started };
}

const given: { words: string[]; want: string[]; env?: NodeJS.ProcessEnv; why: string }[] = [
  {
    words: ["deploy/web", "-ndev", "--", "node", "app.js", "--flag", "a b", ""],
    want: [
      "exec",
      "--target",
      "deployment/web",
      "--target-namespace",
      "dev",
      "--",
      "node",
      "app.js",
      "--flag",
      "a b",
      "",
    ],
    why: "the target is spelled as mirrord spells it, the command is not touched",
  },
  {
    words: ["-f", join(folder, "steal.json"), "--", "deploy/run.sh", "--", "-n", "x"],
    want: ["exec", "-f", join(folder, "steal.json"), "--", "deploy/run.sh", "--", "-n", "x"],
    why: "what looks like a target behind -- is a command",
  },
  {
    words: ["web", "--context", "c", "--key", "pr-1", "--steal", "--", "sh"],
    want: ["exec", "--target", "deployment/web", "--context", "c", "--key", "pr-1", "--steal", "--", "sh"],
    why: "a bare name is looked for",
  },
  {
    words: ["--", "sh"],
    want: ["exec", "--", "sh"],
    env: { MIRRORD_IMPERSONATED_TARGET: "deployment/web" },
    why: "the environment names the target",
  },
  {
    words: ["targetless", "--", "sh"],
    want: ["exec", "--target", "targetless", "--", "sh"],
    why: "targetless is a target",
  },
];

for (const { words, want, env, why } of given)
  t.test(`start ${words.join(" ").replaceAll(folder, "")}: ${why}`, async (t) => {
    const { code, stdout, stderr, started } = await start(words, env === undefined ? {} : { env });
    t.equal(code, 42, stderr);
    t.equal(stdout, "", "stdout belongs to what is started");
    t.match(started, [{ file: mirrord }]);
    t.same(started[0]?.args, want);
    t.same(started[0]?.env, { PATH: path, ...env });
    t.match(stderr, /^yes\nmirrord exec /m);
  });

t.test("what is typed stands above the environment, and a targetless session is in default", async (t) => {
  const env = { MIRRORD_IMPERSONATED_TARGET: "deployment/none", MIRRORD_TARGET_NAMESPACE: "nowhere" };
  t.match(await start(["--", "sh"], { env }), { code: 1 });
  t.match(await start(["deploy/web", "-ndev", "--", "sh"], { env }), { code: 42 });
  const { stdout } = await start(["targetless", "--dry-run", "-ojson"]);
  t.match(JSON.parse(stdout), { target: "targetless", namespace: "default" });
});

t.test("--kubeconfig reaches mirrord by its environment", async (t) => {
  const { started } = await start(["deploy/web", "--kubeconfig", "/k", "--", "sh"]);
  t.same(started[0]?.env, { PATH: path, MIRRORD_KUBECONFIG: "/k" });
});

t.test("the preview looks where the configuration points, and what is typed stands above it", async (t) => {
  const config = ["-f", join(folder, "away.json"), "--dry-run"];
  t.match((await start(config)).world.connectedWith, [{ context: "away", kubeconfig: "/k" }]);
  t.match((await start([...config, "--context", "here"])).world.connectedWith, [{ context: "here", kubeconfig: "/k" }]);
  t.match((await start(["deploy/web", "--dry-run"], { env: { MIRRORD_KUBE_CONTEXT: "env" } })).world.connectedWith, [
    { context: "env" },
  ]);
});

const verdicts: { answer: ReviewAnswer["answer"]; code: number; stdout: RegExp }[] = [
  { answer: "no", code: 1, stdout: /^no - / },
  { answer: "unknown", code: 3, stdout: /^unknown - / },
];

for (const { answer, code, stdout } of verdicts) {
  t.test(`on ${answer} nothing is started, and it says why`, async (t) => {
    const ran = await start(["deploy/web", "--", "sh"], { answer });
    t.match(ran, { code, stdout, stderr: /Nothing was started\. .*--force/ });
    t.same(ran.started, []);
  });
  t.test(`on ${answer} --force starts it all the same, and says so`, async (t) => {
    const ran = await start(["deploy/web", "--force", "--", "sh"], { answer });
    t.match(ran, {
      code: 42,
      stdout: "",
      stderr: new RegExp(`^${answer} - .*\nStarted all the same \\(--force\\): mirrord exec`, "m"),
    });
    t.equal(ran.started.length, 1, "it was started once");
  });
  t.test(`--dry-run answers ${answer} and starts nothing, installed or not`, async (t) => {
    const ran = await start(["deploy/web", "--dry-run"], { answer, env: { PATH: "" } });
    t.match(ran, { code, stdout });
    t.same(ran.started, []);
  });
}

t.test("--dry-run on yes says yes, as json too, and starts nothing", async (t) => {
  const ran = await start(["deploy/web", "--dry-run", "--", "sh"]);
  t.match(ran, { code: 0, stdout: /^yes\n/ });
  t.same(ran.started, []);
  t.match(JSON.parse((await start(["deploy/web", "--dry-run", "-ojson"])).stdout), {
    kind: "SessionPreview",
    answer: "yes",
  });
});

t.test("an unknown is a question at a terminal, and no is none", async (t) => {
  const asked: string[] = [];
  const at = (reply: boolean): Partial<FakeWorld> => ({
    isTerminal: { stdin: true, stdout: true, stderr: true },
    ask: {
      confirm: async (question: string, flag: string) => (asked.push(`${question} ${flag}`), reply),
      select: () => Promise.reject(new Error("not asked")),
      input: () => Promise.reject(new Error("not asked")),
    },
  });
  const yes = await start(["deploy/web", "--", "sh"], { answer: "unknown", change: at(true) });
  t.match(yes, { code: 42 });
  t.equal(yes.started.length, 1, "it was started");
  const no = await start(["deploy/web", "--", "sh"], { answer: "unknown", change: at(false) });
  t.match(no, { code: 3 });
  t.same(no.started, []);
  t.match(asked, [/not known whether this will work.*--yes$/, /not known/]);
  const unasked = await start(["deploy/web", "-y", "--", "sh"], { answer: "unknown", change: at(false) });
  t.match(unasked, { code: 42, stderr: /^unknown - .*\nStarted all the same \(--yes\): mirrord exec/m });
  t.equal(unasked.started.length, 1, "-y answers the question");
  t.match(await start(["deploy/web", "-y", "--", "sh"], { answer: "no", change: at(true) }), {
    code: 1,
    started: { length: 0 },
  });
  t.match(await start(["deploy/web", "--", "sh"], { answer: "no", change: at(true) }), {
    code: 1,
    started: { length: 0 },
  });
  t.equal(asked.length, 2, "about a no nobody is asked");
  const piped = { ...at(true), isTerminal: { stdin: true, stdout: true, stderr: false } };
  t.match(await start(["deploy/web", "--", "sh"], { answer: "unknown", change: piped }), {
    code: 3,
    started: { length: 0 },
  });
});

t.test("help says what -y answers, and names no exit code of a write", async (t) => {
  const { stdout } = await start(["--help"]);
  t.match(stdout, /-y, --yes +When the answer is unknown, start\s+without\s+asking\./);
  t.notMatch(stdout, /never asks/);
  t.match(stdout, /^ {2}3 +unknown: nothing was started$/m);
  t.notMatch(stdout, /^ {2}4 /m);
});

t.test("after Ctrl-C nothing is started", async (t) => {
  const abort = new AbortController();
  abort.abort(new Error("stopped"));
  await t.rejects(start(["deploy/web", "--", "sh"], { change: { signal: abort.signal } }), { message: "stopped" });
});

const clients: { name: string; env: NodeJS.ProcessEnv; want: RegExp }[] = [
  {
    name: "not on PATH",
    env: { PATH: join(folder, "other") },
    want: /mirrord is not installed[^]*brew install metalbear-co\/mirrord\/mirrord/,
  },
  {
    name: "MIRRORD_BIN is no program",
    env: { MIRRORD_BIN: join(folder, "other", "text") },
    want: /MIRRORD_BIN is .*which is no program/,
  },
  { name: "MIRRORD_BIN is a folder", env: { MIRRORD_BIN: folder }, want: /which is no program/ },
  { name: "in the current folder only", env: { PATH: `${delimiter}.` }, want: /mirrord is not installed/ },
];

for (const { name, env, want } of clients)
  t.test(`mirrord ${name}: nothing is asked of the cluster`, async (t) => {
    const ran = await start(["deploy/web", "--", "sh"], { env });
    t.match(ran, { code: 2, stdout: "", stderr: want, started: { length: 0 } });
    t.same(ran.world.connectedWith, []);
  });

t.test("MIRRORD_BIN is taken before PATH", async (t) => {
  const file = join(folder, "other", "client");
  t.match((await start(["deploy/web", "--", "sh"], { env: { MIRRORD_BIN: file } })).started, [{ file }]);
  t.match((await start(["deploy/web", "--", "sh"], { env: { MIRRORD_BIN: "" } })).started, [{ file: mirrord }]);
});

writeFileSync(join(folder, "broken.json"), "{");
const refused: { words: string[]; why: RegExp; env?: NodeJS.ProcessEnv }[] = [
  { words: ["deploy/web"], why: /there is no command to start/ },
  { words: ["deploy/web", "--"], why: /there is no command to start/ },
  { words: ["deploy/web", "node", "--", "sh"], why: /unexpected argument "node"/ },
  { words: ["daemonset/web", "--", "sh"], why: /mirrord cannot target a DaemonSet/ },
  { words: ["nothing", "--", "sh"], why: /nothing in namespace "dev" .* is called "nothing"/ },
  { words: ["-f", "-", "--", "sh"], why: /stdin belongs to the command/ },
  { words: ["-f", join(folder, "none.json"), "--", "sh"], why: /there is no such file/ },
  { words: ["-f", join(folder, "broken.json"), "--", "sh"], why: /broken\.json/ },
  { words: ["-f", join(folder, "outside.json"), "--", "sh"], why: /operator is false/ },
  {
    words: ["deploy/web", "--", "sh"],
    env: { MIRRORD_OPERATOR_ENABLE: "false" },
    why: /MIRRORD_OPERATOR_ENABLE is false/,
  },
  { words: ["targetless", "--steal", "--", "sh"], why: /steal/i },
  { words: ["deploy/web", "--as", "jim", "--", "sh"], why: /unknown flag: --as/ },
  { words: ["deploy/web", "--token", "x", "--", "sh"], why: /unknown flag: --token/ },
  { words: ["deploy/web", "--manifests", "x", "--", "sh"], why: /unknown flag: --manifests/ },
];

for (const { words, why, env } of refused)
  t.test(`start ${words.join(" ").replaceAll(folder, "")} is refused`, async (t) => {
    const ran = await start(words, env === undefined ? {} : { env });
    t.match(ran, { code: 2, stdout: "", stderr: why, started: { length: 0 } });
  });

t.test("MIRRORD_CONFIG_FILE is the configuration when -f is not typed", async (t) => {
  const ran = await start(["--", "sh"], { env: { MIRRORD_CONFIG_FILE: join(folder, "outside.json") } });
  t.match(ran, { code: 2, stderr: /outside\.json: operator is false/ });
});
