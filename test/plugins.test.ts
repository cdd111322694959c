import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { dispatcher } from "../lib/cli/dispatcher.ts";
import { load } from "../lib/cli/grammar/command.ts";
import { all } from "../plugins/all.ts";

const root = dirname(fileURLToPath(new URL(".", import.meta.url)));
const env = { ...process.env, NODE_COMPILE_CACHE: t.testdir({}) };
const posix = { skip: process.platform === "win32" && "launchers are POSIX shell" };

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, args: readonly string[], more: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Ended {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env, ...more });
  return { code: status, stdout, stderr };
}

const plugin = (name: string, ...args: string[]): Ended =>
  run(process.execPath, [join(root, "plugins", name), ...args]);

t.test("each plugin is an executable of its own, and answers as through the dispatcher", async (t) => {
  const executables = readdirSync(join(root, "plugins")).filter((name) => name.startsWith("kubectl-mirrord-"));
  t.same(executables.toSorted(), [
    "kubectl-mirrord-audit.ts",
    "kubectl-mirrord-can_i.ts",
    "kubectl-mirrord-grant.ts",
    "kubectl-mirrord-install.ts",
    "kubectl-mirrord-policy.ts",
    "kubectl-mirrord-session.ts",
  ]);
  for (const file of executables) {
    const word = file.slice("kubectl-mirrord-".length, -".ts".length).replaceAll("_", "-");
    const mistake = plugin(file, "--unheard-of");
    t.match(mistake, { code: 2, stdout: "", stderr: "error: unknown flag: --unheard-of" });
    t.same(plugin("kubectl-mirrord.ts", word, "--unheard-of"), mistake);
    const help = plugin(file, "--help");
    t.match(help, { code: 0, stderr: "" });
    t.match(help.stdout, `kubectl mirrord ${word}`);
    t.same(plugin("kubectl-mirrord.ts", word, "--help"), help);
    t.same(plugin("kubectl-mirrord.ts", "help", word), help);
  }
});

t.test("the table of plugins says of each what it says of itself", async (t) => {
  for (const entry of all.plugins) {
    const { name, summary } = await entry.load();
    t.same({ name, summary }, { name: entry.name, summary: entry.summary });
  }
});

const names: { calledAs: string; want: string }[] = [
  { calledAs: "/home/me/.krew/bin/kubectl-mirrord", want: "" },
  { calledAs: "kubectl-mirrord-can_i", want: "can-i" },
  { calledAs: "/usr/bin/kubectl-mirrord-can-i", want: "can-i" },
  { calledAs: "/home/me/.krew/bin/kubectl-mirrord_can_i", want: "can-i" },
  { calledAs: "C:\\bin\\kubectl-mirrord-grant.exe", want: "grant" },
  { calledAs: "kubectl-mirrord-grants", want: "" },
  { calledAs: "node", want: "" },
  { calledAs: "", want: "" },
];

for (const { calledAs, want } of names)
  t.test(`called as "${calledAs}" it is kubectl mirrord ${want}`, async (t) => {
    t.equal((await load(dispatcher(all, calledAs, ""))).name, want);
  });

t.test("an unknown command", async (t) => {
  t.same(plugin("kubectl-mirrord.ts", "grnt"), {
    code: 2,
    stdout: "",
    stderr: 'error: unknown command "grnt" for "kubectl mirrord"\nDid you mean "grant"?\n',
  });
});

t.test("bare, it shows the commands", async (t) => {
  const bare = plugin("kubectl-mirrord.ts");
  t.match(bare, { code: 0, stderr: "" });
  t.match(
    bare.stdout,
    /Available commands:\n {2}install +Install[^]* {2}grant +Let somebody[^]*Usage:\n {2}kubectl mirrord COMMAND/,
  );
});

t.test("version tells what runs and from where, without a cluster", async (t) => {
  const { code, stdout } = plugin("kubectl-mirrord.ts", "version", "-ojson");
  t.equal(code, 0);
  t.same(JSON.parse(stdout), {
    apiVersion: "kubectl-mirrord.io/v1alpha1",
    kind: "Version",
    version: (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
    path: join(root, "plugins", "kubectl-mirrord.ts"),
  });
  t.match(plugin("kubectl-mirrord.ts", "--version").stdout, /^VERSION +NODE +PLATFORM +PATH\n/);
});

/** Files of the program and its packages that a run loads. */
function loadedBy(...args: string[]): string[] {
  const spy = `import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    process.on("exit", () => process.stderr.write(JSON.stringify(seen)));`;
  const [script = "", ...rest] = args;
  const { stderr } = run(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(spy)}`,
    join(root, "plugins", script),
    ...rest,
  ]);
  return (JSON.parse(stderr) as string[]).filter((url) => url.startsWith("file:"));
}

const lean: { args: [string, ...string[]]; never: RegExp }[] = [
  {
    args: ["kubectl-mirrord.ts", "--help"],
    never: /lib\/(commands|kube\/|yaml|preview|access)|node_modules\/(?!fastest-levenshtein)/,
  },
  {
    args: ["kubectl-mirrord.ts", "__complete", ""],
    never: /lib\/(commands|kube\/|yaml|preview)|node_modules\/(?!fastest-levenshtein)/,
  },
  {
    args: ["kubectl-mirrord-can_i.ts", "--help"],
    never: /commands\/grant\/(create|index|list|revoke)|lib\/(kube\/|yaml)|node_modules\/(?!fastest-levenshtein)/,
  },
  {
    args: ["kubectl-mirrord-grant.ts", "--help"],
    never: /commands\/can-i|kube\/connect|node_modules\/(?!fastest-levenshtein)/,
  },
];

for (const { args, never } of lean)
  t.test(`${args.join(" ")} loads only what it uses`, async (t) => {
    const files = loadedBy(...args);
    t.ok(files.some((url) => url.endsWith("lib/cli/run.ts")));
    t.same(
      files.filter((url) => never.test(url.slice(`file://${root}`.length))),
      [],
    );
  });

t.test("every plugin has its launcher and its completion", posix, async (t) => {
  const files = readdirSync(join(root, "plugins"))
    .filter((name) => name.startsWith("kubectl-mirrord"))
    .map((name) => name.slice(0, -".ts".length));
  const completions = files.map((name) => name.replace("kubectl-", "kubectl_complete-"));
  t.same(readdirSync(join(root, "bin")).toSorted(), ["guard.cjs", ...files, ...completions].toSorted());
});

t.test("from a checkout on PATH, also through links to it", posix, async (t) => {
  const links = t.testdir({ bin: {}, hop: {} });
  symlinkSync(join(root, "bin", "kubectl-mirrord"), join(links, "hop", "mirrord"));
  symlinkSync("../hop/mirrord", join(links, "bin", "kubectl-mirrord"));
  for (const folder of [join(root, "bin"), join(links, "bin")]) {
    const { code, stdout } = run(join(folder, "kubectl-mirrord"), ["version", "-o", "json"], { cwd: "/" });
    t.equal(code, 0);
    t.match(JSON.parse(stdout), { kind: "Version", path: join(root, "plugins", "kubectl-mirrord.ts") });
  }
  for (const name of ["kubectl-mirrord-can_i", "kubectl-mirrord-grant"])
    t.match(run(join(root, "bin", name), ["--unheard-of"]), {
      code: 2,
      stderr: `See 'kubectl mirrord ${name.slice("kubectl-mirrord-".length).replace("_", "-")} --help'`,
    });
  t.same(run(join(root, "bin", "kubectl_complete-mirrord"), ["can"]), {
    code: 0,
    stdout: "can-i\tSee beforehand whether a mirrord session will work, and why.\n:4\n",
    stderr: "",
  });
  t.match(run(join(root, "bin", "kubectl_complete-mirrord-can_i"), ["--expl"]), {
    code: 0,
    stdout: /^--explain\t.*\n:4\n$/,
    stderr: "",
  });
  t.same(
    run(join(root, "bin", "kubectl-mirrord-can_i"), ["a b", "--via", "x y\n"]).stderr.split("\n")[0],
    'error: invalid value "x y\\n" for --via: must be one of sar, impersonate, local-sar',
  );
});

t.test("without a Node.js, the launcher says what is needed", posix, async (t) => {
  const away = t.testdir({ bin: {}, tools: {} });
  copyFileSync(join(root, "bin", "kubectl-mirrord"), join(away, "bin", "kubectl-mirrord"));
  for (const tool of ["basename", "dirname", "readlink"]) {
    const found = run("/bin/sh", ["-c", `command -v ${tool}`]).stdout.trim();
    symlinkSync(found, join(away, "tools", tool));
  }
  const { code, stdout, stderr } = run("/bin/sh", [join(away, "bin", "kubectl-mirrord"), "version"], {
    env: { PATH: join(away, "tools") },
  });
  t.match({ code, stdout }, { code: 2, stdout: "" });
  t.match(stderr, /^error: kubectl-mirrord needs Node.js 26, and there is none on PATH\nRun npm ci in /);
});

const guard = join(root, "bin", "guard.cjs");

t.test("the guard: a Node.js that cannot read TypeScript is told what is needed", async (t) => {
  const { code, stdout, stderr } = run(process.execPath, ["--no-strip-types", guard, "plugins/kubectl-mirrord.ts"]);
  t.match({ code, stdout }, { code: 2, stdout: "" });
  t.match(stderr, /^error: kubectl-mirrord needs Node.js 26, and this is v.*\n.*npm ci/);
});

t.test("the guard: what does not load is a bug, never the answer no", async (t) => {
  const away = t.testdir({ bin: {}, plugins: { "broken.ts": "const x: = 1;", "lost.ts": 'import "./nowhere.ts";' } });
  mkdirSync(join(away, "node_modules"));
  copyFileSync(guard, join(away, "bin", "guard.cjs"));
  const broken = run(process.execPath, [join(away, "bin", "guard.cjs"), "plugins/broken.ts"]);
  t.equal(broken.code, 70);
  t.match(broken.stderr, /^bug: /);
  const lost = run(process.execPath, [join(away, "bin", "guard.cjs"), "plugins/lost.ts"]);
  t.equal(lost.code, 70);
  t.match(lost.stderr, /^error: Cannot find module .*\nRun npm ci in /);
});

t.test("the guard passes arguments and exit codes on", async (t) => {
  const args = [guard, "plugins/kubectl-mirrord-can_i.ts"];
  t.match(run(process.execPath, [...args, "--", "--help"]), { stdout: "" });
  t.match(run(process.execPath, [...args, "--via", "a  b"]), {
    code: 2,
    stderr: 'error: invalid value "a  b" for --via',
  });
});
