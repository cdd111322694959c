import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { extract } from "tar";
import t from "tap";
import { executableName } from "../../krew/manifest.ts";
import { nodeProgram, unpackNode } from "../../krew/node-packages.ts";
import { targets, type Target } from "../../krew/targets.ts";
import { bundleScripts } from "../../scripts/executable-scripts.ts";
import { execArgv } from "../../scripts/make-executable.ts";
import { readSignature } from "../krew/mach-o-reader.ts";
import { comparable } from "./comparable.ts";
import { root } from "./example-cluster.ts";
import { asRoot } from "./image.ts";
import { imageTests } from "./image-tests.ts";
import { startKrewIndex } from "./krew-index.ts";

// What is handed out, made twice: of all platforms by its bytes, of this one by running it where next to nothing else is.
if (process.platform !== "linux" || process.arch !== "x64") {
  t.plan(0, "releases are made on Linux on x64");
  process.exit();
}

const megabyte = 1_000_000;
const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = t.testdir({ index: {}, second: {}, unpacked: {}, root: {} });
const krew = await startKrewIndex(join(folder, "index"));
t.teardown(() => krew.close());
// The first is served to krew; so is an older one.
const [first, second] = [join(folder, "index", "archives", "new"), join(folder, "second")];
const older = join(folder, "index", "archives", "old");

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd: root, encoding: "utf8", env });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

function mustRun(file: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(file, args);
  if (status !== 0) throw new Error(`${file} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const told = mustRun("npm", "run", "-s", "release:dry", "--", "--output", first, "--download", krew.download("new"));
// What is done to any of them is done to one of these: stripped, signed, given compiled code, made for another platform.
const twice = ["linux_amd64", "darwin_arm64"];
const again = twice.flatMap((name) => ["--target", name]);
const recorded = ["--code-caches", join(first, "code-caches")];
mustRun("npm", "run", "-s", "release:build", "--", "--output", second, ...recorded, ...again);
const past = ["--output", older, "--version", "0.0.9", "--target", "linux_amd64", "--download", krew.download("old")];
mustRun("npm", "run", "-s", "release:build", "--", ...past);
const archive = ({ name }: Target) => join(first, `kubectl-mirrord_v${version}_${name}.tar.gz`);
const unpacked = ({ name }: Target) => join(folder, "unpacked", name);
const executable = (target: Target) => join(unpacked(target), executableName(target));
for (const target of targets) {
  mkdirSync(unpacked(target));
  await extract({ file: archive(target), cwd: unpacked(target) });
}

t.test("the same compiled code makes the same release twice", async (t) => {
  const lines = (made: string) => readFileSync(join(made, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  t.equal(lines(first).length, targets.length + 3, "archives, compiled code, SBOM, package of npm");
  t.equal(lines(second).length, twice.length + 2);
  t.same(
    lines(second).filter((line) => !lines(first).includes(line)),
    [],
  );
  const manifest = (made: string, index: string) => readFileSync(join(made, index, "mirrord.yaml"), "utf8");
  t.equal(manifest(first, "plugins"), manifest(first, "krew"));
});

t.test("checksums are in the form that sha256sum checks, and everything that is uploaded has one", async (t) => {
  const { status } = spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: first });
  t.equal(status, 0);
  const uploaded = told
    .slice(told.indexOf("To be uploaded"))
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((path) => basename(path));
  const summed = readFileSync(join(first, "SHA256SUMS"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(66));
  t.same(uploaded.toSorted(), [...summed, "SHA256SUMS"].toSorted());
});

/** What the head of a program says that it is for. */
function platform(program: Buffer): string {
  if (program.readUInt32BE(0) === 0x7f454c46) return `linux_${{ 62: "amd64", 183: "arm64" }[program.readUInt16LE(18)]}`;
  if (program.readUInt32LE(0) === 0xfeedfacf)
    return `darwin_${{ 0x01000007: "amd64", 0x0100000c: "arm64" }[program.readUInt32LE(4)]}`;
  const header = program.readUInt32LE(0x3c);
  if (program.toString("latin1", header, header + 4) !== "PE\0\0") return "unknown";
  return `windows_${{ 0x8664: "amd64", 0xaa64: "arm64" }[program.readUInt16LE(header + 4)]}`;
}

const compiledBytes = statSync(join(first, `kubectl-mirrord_v${version}_code-caches.tar.gz`)).size;
for (const target of targets)
  t.test(`${target.name}: the program is for it, holds the commands, and is no larger than it may be`, async (t) => {
    const program = readFileSync(executable(target));
    t.equal(platform(program), target.name);
    for (const name of [
      "kubectl-mirrord.cjs",
      "kubectl-mirrord-can-i.cjs",
      "kubectl-mirrord-audit.cjs",
      "inquirer.cjs",
    ])
      t.ok(program.includes(name), name);
    t.ok(program.includes(`v${target.node.version}`), "the Node.js that is pinned");
    // Compiled code comes with the platforms that record it; each has to have the room.
    const toCome = target.name === "linux_amd64" ? 0 : compiledBytes;
    t.ok(statSync(archive(target)).size + toCome <= 45 * megabyte, `${statSync(archive(target)).size} to download`);
    t.ok(program.length + toCome <= 130 * megabyte, `${program.length} on disk`);
    const licences = readFileSync(join(unpacked(target), "LICENSES.txt"), "utf8");
    t.match(licences, new RegExp(`^Node\\.js ${target.node.version.replaceAll(".", "\\.")} \\(`, "m"));
    t.match(licences, /^yargs 18/m);
    t.equal(readFileSync(join(unpacked(target), "LICENSE"), "utf8"), readFileSync(join(root, "LICENSE"), "utf8"));
  });

for (const target of targets.filter(({ os }) => os === "darwin"))
  t.test(`${target.name}: the ad hoc signature covers the whole program`, async (t) => {
    const signature = readSignature(readFileSync(executable(target)));
    t.same(signature, { identifier: "kubectl-mirrord", isAdHoc: true, faults: [] });
  });

t.test("the SBOM names every package that a bundle holds, and every Node.js", async (t) => {
  const bom: {
    bomFormat: string;
    dependencies: { ref: string; dependsOn?: string[] }[];
    components: { type: string; group?: string; name: string; version?: string }[];
  } = JSON.parse(readFileSync(join(first, `kubectl-mirrord_v${version}_sbom.cdx.json`), "utf8"));
  t.equal(bom.bomFormat, "CycloneDX");
  const names = ({ group, name, version: of }: (typeof bom.components)[number]) =>
    `${group === undefined ? "" : `${group}/`}${name} ${of}`;
  const listed = new Set(bom.components.map(names));
  const licences = readFileSync(join(unpacked(targets[0] as Target), "LICENSES.txt"), "utf8");
  const packages = bom.components.filter(({ type }) => type === "library").map(names);
  t.ok(packages.length > 30);
  t.same(
    packages.filter((one) => !licences.includes(`\n${one} (`)),
    [],
    "of each there is the licence's text",
  );
  const own = bom.dependencies.find(({ ref }) => ref.startsWith("kubectl-mirrord@"))?.dependsOn ?? [];
  for (const name of ["inquirer", "@kubernetes/client-node", "yargs"])
    t.ok(
      own.some((one) => one.startsWith(`${name}@`)),
      `it depends on ${name}`,
    );
  for (const { node } of targets) t.ok(listed.has(`${node.name} ${node.version}`), node.name);
  t.same(
    bom.components.filter(({ version: of }) => of === undefined),
    [],
  );
});

const [linux] = targets as [Target];
const there = ["--manifests", "examples"];
for (const [name, ...words] of [
  ["kubectl-mirrord", "--help"],
  ["kubectl-mirrord", "can_i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there],
  ["kubectl-mirrord-can_i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "-o", "json", ...there],
  ["kubectl-mirrord-grant", "jim", "--ns", "dev", "--dry-run=client", "-o", "yaml", ...there],
  ["kubectl-mirrord", "grant", "revok"],
  ["kubectl-mirrord-policy", "lint", ...there],
  ["kubectl-mirrord", "audit", "who-can", "get", "pods", "-n", "dev", ...there],
  ["kubectl-mirrord-session", "list", "--server", "http://127.0.0.1:1"],
  ["kubectl-mirrord", "revok"],
] as const)
  t.test(`${name} ${words.join(" ")}: what is released answers as the source does`, async (t) => {
    const link = join(unpacked(linux), name);
    if (name !== "kubectl-mirrord" && !readdirSync(unpacked(linux)).includes(name))
      symlinkSync("kubectl-mirrord", link);
    const source = run(process.execPath, [join(root, "plugins", `${name}.ts`), ...words]);
    t.same(comparable(run(link, words, { PATH: "" })), comparable(source));
  });

t.test("the executable says what it is, and nothing else", async (t) => {
  const said = run(executable(linux), ["version", "-o", "json"]);
  t.match(JSON.parse(said.stdout), { version, node: linux.node.version, platform: "linux/x64" });
  t.equal(said.stderr, "");
});

t.test("V8 takes the compiled code that is inside, under the options that the executable starts with", async (t) => {
  const place = t.testdir({ scripts: {}, node: {} });
  const { files } = await bundleScripts(join(place, "scripts"), version);
  const inside = readFileSync(executable(linux));
  const node = nodeProgram(await unpackNode(linux.node, join(place, "node")));
  const recording = join(first, "code-caches", linux.name);
  const caches = readdirSync(recording).filter((name) => name.endsWith(".cache"));
  t.same(caches.length, 5);
  for (const cache of caches) {
    const script = files.find((file) => basename(file, ".cjs") === basename(cache, ".cache")) ?? files[0] ?? "";
    t.ok(inside.includes(readFileSync(join(recording, cache))), `${cache} is inside`);
    const ask = (...options: string[]) =>
      mustRun(
        node,
        ...options,
        "-p",
        `const read = require("node:fs").readFileSync;
         const [script, cache] = process.argv.slice(1).map((file) => read(file));
         new (require("node:vm").Script)(script.latin1Slice(), { cachedData: cache }).cachedDataRejected`,
        script,
        join(recording, cache),
      );
    t.equal(ask(...execArgv), "false\n", cache);
    t.equal(ask(...execArgv, "--stack-size=900"), "true\n", "and would not under others");
  }
});

/** The libraries that the executable is linked with: those of C and C++. */
const libraries = [...mustRun("ldd", executable(linux)).matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);

/** A root folder with the libraries of C and C++, the example objects and the program, and nothing else. */
function makeRoot(): string {
  const empty = join(folder, "root");
  for (const path of libraries) {
    mkdirSync(join(empty, dirname(path)), { recursive: true });
    copyFileSync(path, join(empty, path));
  }
  copyFileSync(executable(linux), join(empty, "kubectl-mirrord"));
  cpSync(join(root, "examples"), join(empty, "examples"), { recursive: true });
  return empty;
}

t.test("an empty root with the libraries of C and C++ runs it", async (t) => {
  const empty = makeRoot();
  const found = mustRun("find", empty, "-name", "*.so*", "-printf", "%f\n").trimEnd().split("\n").toSorted();
  t.same(
    found.map((name) => name.replace(/[-.].*$/, "")),
    ["ld", "libc", "libdl", "libgcc_s", "libm", "libpthread", "libstdc++"],
  );
  const [program, ...before] = [...asRoot, "chroot"];
  const inside = (...words: string[]) =>
    run(program, [...before, empty, "/kubectl-mirrord", ...words], { PATH: process.env["PATH"] });
  t.match(inside("version", "-o", "json"), { status: 0, stderr: "" });
  t.match(inside("can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "--manifests", "/examples"), {
    status: 1,
    stdout: /^no - jim cannot steal/,
  });
  t.match(inside("session", "list", "--server", "https://127.0.0.1:1"), { status: 3 });
});

await imageTests(t, unpacked(linux), libraries);

// Where Debian and Ubuntu put the libraries of Linux on arm64.
const crossLibraries = "/usr/aarch64-linux-gnu/lib";
const emulator =
  spawnSync("qemu-aarch64", ["--version"]).status === 0 && existsSync(`${crossLibraries}/libstdc++.so.6`);
const emulated = { skip: !emulator && "no qemu-aarch64 with libstdc++6-arm64-cross: by its header only" };
t.test("linux_arm64 runs with the libraries of C and C++ alone, on an emulated processor", emulated, async (t) => {
  const [, arm] = targets as [Target, Target];
  const own = ["ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6"];
  const sysroot = t.testdir({ lib: {} });
  for (const name of [...own, "libpthread.so.0", "libstdc++.so.6"])
    copyFileSync(join(crossLibraries, name), join(sysroot, "lib", name));
  const onArm = (...words: string[]) => run("qemu-aarch64", ["-L", sysroot, executable(arm), ...words]);
  const said = onArm("version", "-o", "json");
  t.match(said, { status: 0, stderr: "" });
  t.match(JSON.parse(said.stdout), { version, node: arm.node.version, platform: "linux/arm64" });
  t.match(onArm("can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there), {
    status: 1,
    stdout: /^no - jim cannot steal/,
  });
  t.match(onArm("session", "list", "--server", "https://127.0.0.1:1"), { status: 3 });
});

t.test("krew installs it from an index in a repository, upgrades it and takes it away", async (t) => {
  const said = async () => JSON.parse((await krew.kubectl("mirrord", "version", "-o", "json")).stdout) as object;
  krew.publish(older);
  t.match(await krew.kubectl("krew", "index", "add", "own", krew.repository), { status: 0 });
  const installed = await krew.kubectl("krew", "install", "own/mirrord");
  t.match(installed, { status: 0, stderr: /kubectl mirrord completion install --dir DIR/ });
  t.match(await said(), { version: "0.0.9", path: /index\/krew\/store\/mirrord\/v0\.0\.9\/kubectl-mirrord$/ });
  t.equal((await krew.kubectl("krew", "list")).stdout, "own/mirrord\n", "in a pipe names alone");

  krew.publish(first);
  t.match(await krew.kubectl("krew", "update"), { status: 0 });
  t.match(await krew.kubectl("krew", "upgrade", "mirrord"), { status: 0 });
  t.match(await said(), { version, path: new RegExp(`v${version}/kubectl-mirrord$`) });
  t.match(await krew.kubectl("krew", "info", "own/mirrord"), { status: 0, stdout: /VERSION: v/ });

  // Its one link is a plugin as good as any.
  const plugins = await krew.kubectl("plugin", "list", "--name-only");
  t.match(plugins, { status: 0, stdout: /^kubectl-mirrord$/m, stderr: "" });
  const can = ["mirrord", "can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim"];
  t.match(await krew.kubectl(...can, "--manifests", join(root, "examples")), { status: 1, stdout: /^no - jim/ });
  t.match(await krew.kubectl("mirrord", "grant", "revok"), { status: 2 });
  t.match(await krew.kubectl("mirrord", "session", "list", "--server", "http://127.0.0.1:1"), { status: 3 });

  t.match(await krew.kubectl("krew", "uninstall", "mirrord"), { status: 0 });
  t.match(await krew.kubectl("mirrord", "version"), { status: 1, stderr: /unknown command "mirrord"/ });
  t.same(readdirSync(join(folder, "index", "krew", "store")), []);
});

t.test("krew refuses an archive that is not the one of the manifest", async (t) => {
  appendFileSync(archive(linux), "x");
  t.match(await krew.kubectl("krew", "install", "own/mirrord"), { status: 1, stderr: /checksum|sha256/i });
});
