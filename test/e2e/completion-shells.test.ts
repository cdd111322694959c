import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, delimiter, join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import t from "tap";
import { resolveBinaries } from "../control-plane/binaries.ts";
import { until } from "../until.ts";
import { root } from "./example-cluster.ts";

// Completion as people meet it: they press TAB in their shell, the shell asks kubectl, kubectl asks kubectl_complete-mirrord.
const { kubectl } = await resolveBinaries(() => {});
const folder = t.testdir({ home: {} });
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
    const answer = complete(...words);
    t.equal(answer.status, 0);
    t.same(answer.words.slice(0, want.length), want);
    if (want.length === 0) t.match(answer.words[0], /^:\d+$/);
    t.notMatch(answer.stderr, /error|Error/);
  });

t.test("a cluster that cannot be reached is no line on the terminal", async (t) => {
  const { status, stderr, words } = complete("can-i", "--server", "https://127.0.0.1:1", "-n", "");
  t.equal(status, 0);
  t.same(words[0], ":4");
  // kubectl's own, which shells throw away.
  const own = /^(\[Debug\] .*|--server .*|Completion ended with .*)$/;
  t.same(
    stderr.split("\n").filter((line) => line !== "" && !own.test(line)),
    [],
  );
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
  child.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString("utf8")));
  return {
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
    await shell.shown(/^ready/m);
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
