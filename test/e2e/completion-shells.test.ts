import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, delimiter, join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import t from "tap";
import { resolveBinaries } from "../control-plane/binaries.ts";
import { until } from "../until.ts";
import { root } from "./example-cluster.ts";

// Completion as people meet it: they press TAB in their shell, the shell asks kubectl, kubectl asks kubectl_complete-mirrord.
const { kubectl } = await resolveBinaries(() => {});
const folder = t.testdir({ home: {}, plugin: {} });
const examples = join(root, "examples");
const env: NodeJS.ProcessEnv = {
  PATH: [join(root, "bin"), dirname(kubectl), process.env["PATH"] ?? ""].join(delimiter),
  HOME: join(folder, "home"),
  KUBECONFIG: "/dev/null",
  TERM: "xterm",
  LC_ALL: "C.UTF-8",
};

const complete = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(kubectl, ["__complete", "mirrord", ...words], { env, encoding: "utf8" });
  return { status, stderr, words: stdout.split("\n").map((line) => line.split("\t")[0]) };
};

/** On a busy machine the second that it has may be over before there is anything: then it is asked again, as people do. */
const answered = (...words: string[]) =>
  until(`kubectl completes ${words.join(" ")}`, () => {
    const answer = complete(...words);
    return answer.words.length > 2 && answer;
  });

/** What is not kubectl's own, which shells throw away. */
const said = (stderr: string): string[] => {
  const own = /^(\[Debug\] .*|--server .*|Completion ended with .*)$/;
  return stderr.split("\n").filter((line) => line !== "" && !own.test(line));
};

const asked: { words: string[]; want: string[] }[] = [
  { words: ["gra"], want: ["grant"] },
  { words: ["can-i", "stea"], want: ["steal"] },
  { words: ["can-i", "steal", "--manifests", examples, "-n", "dev", "deployment/w"], want: ["deployment/web"] },
  { words: ["can-i", "--manifests", examples, "-n", "de"], want: ["dev"] },
  { words: ["grant", "revoke", "--dry-r"], want: ["--dry-run"] },
  { words: ["grant", "jim", "--role", "mini"], want: ["minimal"] },
  { words: ["policy", "create", "--help="], want: [] },
  { words: ["session", "li"], want: ["list"] },
  { words: ["nonsense", ""], want: [] },
];
for (const { words, want } of asked)
  t.test(`kubectl __complete mirrord ${words.map((word) => JSON.stringify(word)).join(" ")}`, async (t) => {
    const answer = want.length === 0 ? complete(...words) : await answered(...words);
    t.equal(answer.status, 0);
    t.same(answer.words.slice(0, want.length), want);
    if (want.length === 0) t.match(answer.words[0], /^:\d+$/);
    t.notMatch(answer.stderr, /error|Error/);
  });

/** A folder that has one of each: what may be completed is what there is. */
const full = join(folder, "full");
cpSync(examples, full, { recursive: true });
for (const words of [
  ["grant", "org", "create", "acme"],
  ["grant", "team", "create", "acme/web"],
  ["grant", "team", "add", "acme/web", "ann"],
  ["grant", "collection", "create", "prod/web"],
  ["grant", "jim", "--ns", "dev", "-y"],
  ["policy", "create", "no-steal", "--block", "steal", "-n", "dev"],
]) {
  const { status, stderr } = spawnSync(kubectl, ["mirrord", ...words, "--manifests", full], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}
env["KUBECONFIG"] = join(folder, "home", "config");
writeFileSync(
  env["KUBECONFIG"],
  JSON.stringify({
    clusters: [{ name: "fleet", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "me", user: { token: "x" } }],
    contexts: [{ name: "staging", context: { cluster: "fleet", user: "me" } }],
    "current-context": "staging",
  }),
);
// Sessions are in test/e2e/session-manage.test.ts: a folder has none.
const kinds: { kind: string; words: string[]; want: string[] }[] = [
  { kind: "contexts", words: ["can-i", "--context", ""], want: ["staging"] },
  { kind: "clusters of the kubeconfig", words: ["can-i", "--cluster", ""], want: ["fleet"] },
  { kind: "users of the kubeconfig", words: ["can-i", "--user", ""], want: ["me"] },
  { kind: "namespaces", words: ["grant", "jim", "--manifests", full, "--ns", "d"], want: ["dev"] },
  {
    kind: "targets",
    words: ["can-i", "--manifests", full, "-n", "dev", "deployment/"],
    want: ["deployment/cart", "deployment/web"],
  },
  { kind: "users", words: ["grant", "--manifests", full, "ji"], want: ["jim"] },
  { kind: "groups", words: ["grant", "--manifests", full, "group:o"], want: ["group:oidc:backend"] },
  { kind: "roles", words: ["grant", "jim", "--role", "v"], want: ["view"] },
  { kind: "whose grants", words: ["grant", "revoke", "--manifests", full, "ji"], want: ["jim"] },
  { kind: "organizations", words: ["grant", "org", "delete", "--manifests", full, ""], want: ["acme"] },
  { kind: "teams", words: ["grant", "team", "add", "--manifests", full, "ac"], want: ["acme/web"] },
  { kind: "members", words: ["grant", "team", "remove", "--manifests", full, "acme/web", ""], want: ["ann"] },
  {
    kind: "collections",
    words: ["grant", "jim", "--manifests", full, "--collection", "pr"],
    want: ["prod", "prod/web"],
  },
  { kind: "policies", words: ["policy", "describe", "--manifests", full, "-n", "dev", ""], want: ["no-steal"] },
  { kind: "values of a closed list", words: ["can-i", "-o", "js"], want: ["json"] },
];
for (const { kind, words, want } of kinds)
  t.test(`kubectl completes ${kind}`, async (t) => {
    const answer = await answered(...words);
    t.same(
      answer.words.filter((word) => word !== ""),
      [...want, ":4"],
    );
    t.same(said(answer.stderr), []);
  });

t.test("kubectl completes the ids of grants, with whose they are", async (t) => {
  const { words } = await answered("grant", "describe", "--manifests", full, "");
  t.match(words, ["jim", /^[a-z2-7]{20}$/, ":4", ""]);
});

t.test("a cluster that cannot be reached is no line on the terminal", async (t) => {
  const { status, stderr, words } = complete("can-i", "--server", "https://127.0.0.1:1", "-n", "");
  t.equal(status, 0);
  t.same(words[0], ":4");
  t.same(said(stderr), []);
});

interface Shell {
  name: string;
  command: string;
  /** What people have in their shell's own file. */
  setUp: string;
}
const shells: Shell[] = [
  {
    name: "bash",
    command: "bash --noprofile --norc -i",
    setUp: "source /usr/share/bash-completion/bash_completion; source <(kubectl completion bash)",
  },
  {
    name: "zsh",
    command: "zsh -f -i",
    setUp: "autoload -Uz compinit; compinit -u -D; source <(kubectl completion zsh)",
  },
  { name: "fish", command: "fish --no-config -i", setUp: "kubectl completion fish | source" },
];

/** A shell at a terminal of its own: what is typed goes in, what the terminal would show comes out. */
function terminal(command: string) {
  const words = ["--quiet", "--flush", "--return", "--command", `stty cols 120 rows 40; exec ${command}`, "/dev/null"];
  const child = spawn("script", words, { env, stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  let all = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString("utf8");
    all += chunk.toString("utf8");
  });
  return {
    /** Since it began. */
    everything: () => plain(all),
    type: (text: string) => child.stdin.write(text),
    shown: async (wanted: RegExp) => {
      await until(`the terminal shows ${wanted}`, () => wanted.test(plain(shown)));
      shown = "";
    },
    async end() {
      child.stdin.end();
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    },
  };
}

/** Without what moves and colours: shells draw a line anew with each key. */
function plain(shown: string): string {
  return [...stripVTControlCharacters(shown)].filter((character) => character === "\n" || character >= " ").join("");
}

for (const { name, command, setUp } of shells)
  t.test(`${name}: TAB completes commands, flags and what a folder holds`, async (t) => {
    const shell = terminal(command);
    t.teardown(() => shell.end());
    shell.type(`${setUp}; echo rea''dy\n`);
    await shell.shown(/ready/);
    for (const { typed, want } of [
      { typed: "kubectl mirrord can-i stea", want: /can-i steal / },
      { typed: "kubectl mirrord grant revoke --dry-r", want: /revoke --dry-run/ },
      { typed: `kubectl mirrord can-i --manifests ${examples} -n de`, want: /-n dev/ },
    ]) {
      shell.type(`${typed}\t`);
      await shell.shown(want);
      shell.type("\u0015"); // What is on the line goes away.
    }
    t.pass("each was completed");
  });

// A program that a kubeconfig names to log in with, and that asks for a password wherever it can.
const asking = join(folder, "plugin", "asking");
writeFileSync(
  asking,
  `#!/bin/sh
echo run >>'${folder}/plugin/runs'
for way in /dev/tty /dev/stderr; do { printf 'Your password: ' >$way; } 2>/dev/null; done
{ read answer </dev/tty || read answer; } 2>/dev/null
echo "got $answer" >>'${folder}/plugin/answers'
`,
  { mode: 0o755 },
);
const exec = { apiVersion: "client.authentication.k8s.io/v1", command: asking, interactiveMode: "IfAvailable" };
const kubeconfig = join(folder, "plugin", "kubeconfig");
writeFileSync(
  kubeconfig,
  JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: { exec } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  }),
);
const written = (name: string) => {
  const file = join(folder, "plugin", name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

for (const { name, command, setUp } of shells)
  t.test(`${name}: TAB asks for no password, and takes nothing of what is typed next`, async (t) => {
    const shell = terminal(command);
    t.teardown(() => shell.end());
    shell.type(`${setUp}; echo rea''dy\n`);
    await shell.shown(/ready/);
    const before = written("runs").length;
    let lines = 0;
    // On a busy machine the time of a TAB may be over before the program is started: then TAB is pressed again.
    await until("the program to log in with has run", async () => {
      lines++;
      shell.type(`kubectl mirrord can-i --kubeconfig ${kubeconfig} -n de\t\u0015echo ali''ve-${lines}\n`);
      // Where a long line was wrapped, zsh moves the cursor in place of ending the line: nothing begins one here.
      await shell.shown(new RegExp(`alive-${lines}(?!\\d)|Your password`));
      return written("runs").length > before || /Your password/.test(shell.everything());
    });
    t.notMatch(shell.everything(), /Your password/);
    t.notMatch(written("answers"), /got ./, "nothing that was typed went to it");
  });
