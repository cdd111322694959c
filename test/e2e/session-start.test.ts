import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import t from "tap";
import { until } from "../until.ts";
import { root, startExampleCluster } from "./example-cluster.ts";

// A fake mirrord on PATH: what reaches it, and what of it reaches the user, behind a real preview of a real API server.

const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());

const folder = t.testdir({ bin: {} });
const mirrord = join(folder, "bin", "mirrord");
const record = join(folder, "record");

/** Writes down its arguments, environment and process id, one after the other, and then does as it is told. */
writeFileSync(
  mirrord,
  [
    "#!/bin/sh",
    `{ for argument in "$@"; do printf '%s\\0' "$argument"; done; } > '${record}.args'`,
    `env -0 > '${record}.env'`,
    `trap 'echo caught INT; exit 5' INT; trap 'echo caught TERM; exit 6' TERM`,
    `echo $$ > '${record}.pid'`,
    'case "$FAKE" in',
    "  wait) for i in $(seq 600); do sleep 0.1; done ;;",
    "  kill) kill -KILL $$ ;;",
    "  cat) cat; exit 0 ;;",
    "esac",
    "echo from mirrord; echo to stderr >&2; exit 17",
    "",
  ].join("\n"),
);
chmodSync(mirrord, 0o755);

const kubeconfig = join(folder, "kubeconfig");
const config = JSON.parse(readFileSync(cluster.plane.kubeconfig, "utf8")) as Record<string, unknown>;
writeFileSync(kubeconfig, JSON.stringify({ ...config, "current-context": "admin" }), { mode: 0o600 });

function start(words: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const { PATH = "" } = process.env;
  const env = {
    ...process.env,
    PATH: [join(folder, "bin"), PATH].join(delimiter),
    KUBECONFIG: kubeconfig,
    HOME: folder,
    ...more,
  };
  const child = spawn(join(root, "bin", "kubectl-mirrord-session"), ["start", ...words], { env, stdio: "pipe" });
  const ended = (async () => {
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { code: code as number | null, signal: signal as string | null, stdout, stderr };
  })();
  return { child, ended, env };
}

const recorded = (what: string): string[] => readFileSync(`${record}.${what}`, "utf8").split("\0").slice(0, -1);

t.test("arguments, environment and exit code arrive unchanged", async (t) => {
  const words = ["node", "app.js", "", "a b", "-n", "--force", 'it\'s "$HOME" \n*'];
  const { child, ended, env } = start(["deploy/web", "-n", "dev", "--", ...words], { ODD: "a=b\nc \u00e9" });
  child.stdin.end();
  const { code, stdout, stderr } = await ended;
  t.equal(code, 17, stderr);
  t.equal(stdout, "from mirrord\n");
  t.match(stderr, /^yes\nmirrord exec --target deployment\/web --target-namespace dev -- node app\.js /);
  t.match(stderr, /to stderr\n$/);
  t.same(recorded("args"), ["exec", "--target", "deployment/web", "--target-namespace", "dev", "--", ...words]);
  const got = new Map(
    recorded("env").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  for (const [name, value] of Object.entries(env)) {
    // Shells keep the first few for themselves, and the test runner marks its children.
    if (["_", "SHLVL", "PWD", "OLDPWD"].includes(name) || name.startsWith("_TAPJS")) continue;
    if (value !== undefined) t.equal(got.get(name), value, name);
  }
});

t.test("it is replaced, not watched: the process is mirrord, and signals are mirrord's", async (t) => {
  for (const [signal, code] of [
    ["SIGINT", 5],
    ["SIGTERM", 6],
  ] as const) {
    const { child, ended } = start(["deploy/web", "-n", "dev", "--", "sh"], { FAKE: "wait" });
    await until(
      "the program runs",
      () => existsSync(`${record}.pid`) && readFileSync(`${record}.pid`, "utf8").trim() === String(child.pid),
    );
    child.kill(signal);
    t.match(await ended, { code, stdout: `caught ${signal.slice(3)}\n` });
  }
});

t.test("a death by signal is seen as such, and stdin is mirrord's", async (t) => {
  t.match(await start(["deploy/web", "-n", "dev", "--", "sh"], { FAKE: "kill" }).ended, {
    code: null,
    signal: "SIGKILL",
  });
  const { child, ended } = start(["deploy/web", "-n", "dev", "--", "sh"], { FAKE: "cat" });
  child.stdin.end("typed ahead\n");
  t.match(await ended, { code: 0, stdout: "typed ahead\n" });
});

t.test("without access nothing is started, and it says what would help", async (t) => {
  writeFileSync(`${record}.pid`, "untouched");
  const { child, ended } = start(["deploy/web", "-n", "dev", "--context", "eve", "--", "sh"]);
  child.stdin.end();
  const { code, stdout, stderr } = await ended;
  t.equal(code, 1, stderr);
  t.match(stdout, /^no - you \(eve\) cannot [^]*kubectl mirrord grant eve --ns dev/);
  t.match(stderr, "Nothing was started");
  t.equal(readFileSync(`${record}.pid`, "utf8"), "untouched");
});

t.test("an operator that does not answer is an unknown: refused where nobody can be asked", async (t) => {
  cluster.operator.control.fail({ how: 503, match: { pathIncludes: "mirrordoperators" } });
  t.teardown(() => cluster.operator.control.recover());
  writeFileSync(`${record}.pid`, "untouched");
  const { child, ended } = start(["deploy/web", "-n", "dev", "--", "sh"]);
  child.stdin.end();
  t.match(await ended, { code: 3, stdout: /^unknown - the mirrord operator does not answer/ });
  t.equal(readFileSync(`${record}.pid`, "utf8"), "untouched");
  const forced = start(["deploy/web", "-n", "dev", "--force", "--", "sh"]);
  forced.child.stdin.end();
  t.match(await forced.ended, { code: 17, stdout: "from mirrord\n" });
});

t.test("a configuration is passed on, and decides what is previewed", async (t) => {
  const file = join(folder, "mirrord.json");
  writeFileSync(file, JSON.stringify({ target: { path: "deployment/none", namespace: "dev" } }));
  const missing = start(["-f", file, "--", "sh"]);
  missing.child.stdin.end();
  t.match(await missing.ended, { code: 1, stdout: /^no - there is no deployment "none" in dev/ });
  writeFileSync(file, JSON.stringify({ target: { path: "deployment/web", namespace: "dev" } }));
  const found = start(["-f", file, "--", "sh"]);
  found.child.stdin.end();
  t.match(await found.ended, { code: 17 });
  t.same(recorded("args"), ["exec", "-f", file, "--", "sh"]);
});
