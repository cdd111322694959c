// Plugins as the real kubectl finds and runs them, wherever on PATH they are and under whichever of their names.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, isAbsolute, join, relative } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import t from "tap";
import { all } from "../../plugins/all.ts";
import { commandWord } from "../../lib/cli/grammar/command.ts";
import { resolveBinaries } from "../control-plane/binaries.ts";
import { withoutProgress } from "./comparable.ts";
import { root } from "./example-cluster.ts";

if (process.platform === "win32") {
  t.plan(0, "links, and programs in place of kubectl: through kubectl on Windows only 0 and 1 arrive");
  process.exit();
}

const { kubectl } = await resolveBinaries(() => {});
const folder = t.testdir({ home: {}, "one name": {}, "of a checkout": {}, "a checkout": {} });
const at = (...words: string[]) => join(folder, ...words);
const words = all.plugins.map(commandWord);
const fileName = (word: string) => `kubectl-mirrord-${word.replaceAll("-", "_")}`;
const allNames = ["kubectl-mirrord", ...words.map(fileName)].toSorted();

// The executable, and a checkout, each in a folder whose path has spaces; and beside each its one name alone.
const built = spawnSync(process.execPath, [join(root, "scripts", "build.ts"), at("all names")], { encoding: "utf8" });
if (built.status !== 0) throw new Error(built.stderr);
symlinkSync(at("all names", "kubectl-mirrord"), at("one name", "kubectl-mirrord"));
for (const part of ["bin", "lib", "plugins", "package.json"])
  cpSync(join(root, part), at("a checkout", part), { recursive: true, verbatimSymlinks: true });
symlinkSync(join(root, "node_modules"), at("a checkout", "node_modules"));
symlinkSync(at("a checkout", "bin", "kubectl-mirrord"), at("of a checkout", "kubectl-mirrord"));

const layouts: { name: string; on: string; names: string[]; isExecutable: boolean }[] = [
  { name: "the executable alone", on: at("one name"), names: ["kubectl-mirrord"], isExecutable: true },
  { name: "the executable and its links", on: at("all names"), names: allNames, isExecutable: true },
  { name: "a link to a checkout", on: at("of a checkout"), names: ["kubectl-mirrord"], isExecutable: false },
  { name: "the folder of a checkout", on: at("a checkout", "bin"), names: allNames, isExecutable: false },
];

/** What a POSIX script needs comes last, as on any machine. */
const environment = (...folders: string[]): NodeJS.ProcessEnv => ({
  PATH: [...folders, dirname(kubectl), "/usr/bin", "/bin"].join(delimiter),
  HOME: at("home"),
  KUBECONFIG: "/dev/null",
});

async function run(folders: readonly string[], args: readonly string[], until?: Promise<unknown>) {
  const child = spawn(kubectl, args, { cwd: root, env: environment(...folders), stdio: ["ignore", "pipe", "pipe"] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const closed = once(child, "close");
  if (until !== undefined) {
    await until;
    child.kill("SIGINT");
  }
  const [status]: unknown[] = await closed;
  const [stdout, stderr] = await output;
  return { status, stdout, stderr: withoutProgress(stderr) };
}
const mirrord = (on: string, ...args: string[]) => run([on], ["mirrord", ...args]);

/** Every object that is read is this one; every write is refused; a session is never found. */
let silent: () => void = () => {};
const server = createServer((request, response) => {
  const answer = (code: number, body: object) => {
    response.writeHead(code, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (request.url?.includes("/mirrordoperators") === true) return silent();
  if (request.method !== "GET")
    return answer(403, { kind: "Status", status: "Failure", reason: "Forbidden", code: 403, message: "no" });
  const metadata = { name: "p", namespace: "dev", uid: "u", resourceVersion: "1" };
  answer(200, { kind: "MirrordPolicy", apiVersion: "policies.mirrord.metalbear.co/v1alpha", metadata, spec: {} });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});
const live = ["--server", `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
const there = ["--manifests", "examples"];
const nowhere = ["--server", "http://127.0.0.1:1"];

const codes: { line: string[]; code: number; says: { stdout?: RegExp; stderr?: RegExp } }[] = [
  { line: ["can-i", "get", "pods", "-n", "dev", "--as", "admin", ...there], code: 1, says: { stdout: /^no - / } },
  { line: ["can-i", "--help"], code: 0, says: { stdout: /kubectl mirrord can-i / } },
  { line: ["can-i", "--nonsense"], code: 2, says: { stderr: /^error: / } },
  { line: ["can-i", "steal", "deploy/web", "-n", "dev", ...nowhere], code: 3, says: { stderr: /refused/ } },
  {
    line: ["grant", "jim", "--ns", "dev", "--dry-run=client", ...there],
    code: 0,
    says: { stdout: /created \(dry run\)/ },
  },
  { line: ["grant", "revok"], code: 2, says: { stderr: /^error: / } },
  { line: ["grant", "list", ...nowhere], code: 3, says: { stderr: /refused/ } },
  { line: ["policy", "lint", ...there], code: 0, says: { stderr: /No policies found/ } },
  { line: ["policy", "create"], code: 2, says: { stderr: /^error: / } },
  {
    line: ["policy", "delete", "p", "-n", "dev", ...live],
    code: 4,
    says: { stderr: /^Error from server \(Forbidden\)/ },
  },
  { line: ["session", "list", ...there], code: 2, says: { stderr: /^error: / } },
  { line: ["session", "list", ...nowhere], code: 3, says: { stderr: /refused/ } },
  { line: ["audit", "findings", ...there], code: 1, says: { stdout: /^SEVERITY/ } },
  { line: ["audit", "who-can", "steal", "deploy/web", "-n", "dev", ...there], code: 0, says: { stdout: /^SUBJECT/ } },
  { line: ["install", "values", "--nonsense"], code: 2, says: { stderr: /^error: unknown flag: --nonsense/ } },
  { line: ["install", "status", ...nowhere], code: 3, says: { stderr: /refused/ } },
];

for (const { name, on, names, isExecutable } of layouts) {
  t.test(`${name}: kubectl lists its names without a warning`, async (t) => {
    const { status, stdout, stderr } = await run([on], ["plugin", "list"]);
    t.same({ status, stderr }, { status: 0, stderr: "" });
    t.same(
      stdout.trimEnd().split("\n").slice(2).toSorted(),
      names.map((one) => join(on, one)),
    );
  });

  for (const word of words)
    t.test(`${name}: kubectl runs ${word}`, async (t) => {
      t.match(await mirrord(on, word, "--help"), { status: 0, stdout: `kubectl mirrord ${word}`, stderr: "" });
    });

  // A checkout takes a second to start; its codes are those of the same commands.
  for (const { line, code, says } of isExecutable ? codes : [])
    t.test(`${name}: kubectl mirrord ${line.join(" ")} ends with ${code}`, async (t) => {
      t.match(await mirrord(on, ...line), { status: code, ...says });
    });

  t.test(`${name}: Ctrl-C ends it with 130`, async (t) => {
    const waits = new Promise<void>((resolve) => (silent = resolve));
    t.match(await run([on], ["mirrord", "session", "list", ...live], waits), { status: 130, stdout: "" });
  });
}

t.test("what cannot be loaded is a bug with a code of its own, and no answer", async (t) => {
  mkdirSync(at("broken", "bin"), { recursive: true });
  cpSync(join(root, "bin"), at("broken", "bin"), { recursive: true, verbatimSymlinks: true });
  cpSync(join(root, "plugins"), at("broken", "plugins"), { recursive: true });
  symlinkSync(join(root, "node_modules"), at("broken", "node_modules"));
  t.match(await mirrord(at("broken", "bin"), "can-i", "--help"), { status: 70, stdout: "" });
});

t.test("the dispatcher and the links may be in different folders, without a warning", async (t) => {
  mkdirSync(at("only links"));
  const linked = await run([at("one name"), at("only links")], ["mirrord", "install-links", "--dir", at("only links")]);
  t.match(linked, { status: 0, stderr: "" });
  for (const order of [
    [at("one name"), at("only links")],
    [at("only links"), at("one name")],
  ]) {
    const { status, stdout, stderr } = await run(order, ["plugin", "list", "--name-only"]);
    t.same({ status, stderr }, { status: 0, stderr: "" });
    t.same(stdout.trimEnd().split("\n").slice(2).toSorted(), allNames);
    t.match(await run(order, ["mirrord", "can-i", "--help"]), { status: 0, stdout: "kubectl mirrord can-i" });
  }
});

t.test("of two installations the first on PATH answers, and says where it is", async (t) => {
  const programs: Record<string, string> = {
    [at("one name")]: at("all names", "kubectl-mirrord"),
    [at("a checkout", "bin")]: at("a checkout", "plugins", "kubectl-mirrord.ts"),
  };
  const [one = "", two = ""] = Object.keys(programs);
  for (const order of [
    [one, two],
    [two, one],
  ]) {
    const { stdout } = await run(order, ["mirrord", "version", "-o", "json"]);
    t.equal(JSON.parse(stdout).path, programs[order[0] ?? ""]);
    // A plugin of its own name is found before the dispatcher, in whichever folder.
    const [first, second] = await Promise.all(
      [order, order.toReversed()].map((folders) =>
        run(folders, ["mirrord", "grant", "jim", "--ns", "dev", "--dry-run=client", ...there]),
      ),
    );
    t.same(first, second);
    t.equal(first?.status, 0);
    const listed = await run(order, ["plugin", "list"]);
    t.match(listed, { status: 1, stderr: /kubectl-mirrord is overshadowed by a similarly named plugin/ });
    t.notMatch(listed.stderr, /kubectl-mirrord-/);
  }
});

t.test("a file that cannot be run, or a folder, of a plugin's name hides nothing", async (t) => {
  mkdirSync(at("in the way", "kubectl-mirrord-grant"), { recursive: true });
  writeFileSync(at("in the way", "kubectl-mirrord"), "", { mode: 0o644 });
  writeFileSync(at("in the way", "kubectl-mirrord-can_i"), "", { mode: 0o644 });
  for (const { on } of layouts) {
    const order = [at("in the way"), on];
    t.match(await run(order, ["mirrord", "can-i", "--help"]), { status: 0, stdout: "kubectl mirrord can-i" });
    t.match(await run(order, ["mirrord", "grant", "revok"]), { status: 2, stderr: /^error: / });
  }
});

t.test("a name with a dash is another one to kubectl, and the same plugin", async (t) => {
  mkdirSync(at("dash"));
  symlinkSync(at("all names", "kubectl-mirrord"), at("dash", "kubectl-mirrord-can-i"));
  const dash = await run([at("dash")], ["mirrord", "can", "i", "--help"]);
  t.match(dash, { status: 0, stdout: "kubectl mirrord can-i", stderr: "" });
  t.same(await mirrord(at("all names"), "can-i", "--help"), dash);
  t.match(await run([at("dash")], ["mirrord", "can-i", "--help"]), { status: 1, stderr: /unknown command "mirrord"/ });
});

t.test("links that are hidden by others are said when they are written", async (t) => {
  mkdirSync(at("hidden"));
  mkdirSync(at("foreign"));
  writeFileSync(at("foreign", "kubectl-mirrord-grant"), "#!/bin/sh\nexit 7\n");
  chmodSync(at("foreign", "kubectl-mirrord-grant"), 0o755);
  const order = [at("foreign"), at("hidden"), at("one name")];
  t.match(await run(order, ["mirrord", "install-links", "--dir", at("hidden")]), {
    status: 0,
    stderr: `${at("foreign", "kubectl-mirrord-grant")} comes first on PATH: kubectl runs it in place of ${at("hidden", "kubectl-mirrord-grant")}.\n`,
  });
  t.match(await run(order, ["mirrord", "grant", "jim"]), { status: 7 }, "which is what kubectl does");
});

t.test("a folder on PATH may be relative: what is linked is found from anywhere", async (t) => {
  const folders = [relative(root, at("one name")), at("linked")];
  mkdirSync(at("linked"));
  t.match(await run(folders, ["mirrord", "install-links", "--dir", at("linked")]), { status: 0, stderr: "" });
  t.ok(isAbsolute(readlinkSync(at("linked", "kubectl-mirrord-grant"))));
  t.match(await run([at("linked")], ["mirrord", "grant", "revok"]), { status: 2, stderr: /^error: / });
});

t.test("completion is asked of the program beside the plugin", async (t) => {
  for (const { on } of layouts.filter(({ names }) => names.length > 1)) {
    t.ok(readdirSync(on).includes("kubectl_complete-mirrord-can_i"));
    t.match(await run([on], ["__complete", "mirrord", "can-i", "stea"]), { status: 0, stdout: /^steal\b/ });
    t.match(await run([on], ["__complete", "mirrord", "gra"]), { status: 0, stdout: /^grant\t/ });
  }
});
