import { spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import t from "tap";
import { nodeProgram, unpackNode } from "../../krew/node-packages.ts";
import { targets } from "../../krew/targets.ts";
import { comparable } from "./comparable.ts";
import { root, startExampleCluster } from "./example-cluster.ts";

// The product as npm hands it out: one tarball, installed into an empty folder, on the pinned Node.js and on the oldest.
const skip = process.platform === "linux" ? false : "the oldest Node.js is pinned for Linux only";

function run(file: string, args: readonly string[], cwd = root) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

function mustRun(file: string, args: readonly string[], cwd = root): string {
  const { status, stdout, stderr } = run(file, args, cwd);
  if (status !== 0) throw new Error(`${file} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const tarball = mustRun(process.execPath, [join(root, "scripts", "release-npm.ts")]).trimEnd();
const empty = t.testdir({ package: { "package.json": "{}" }, node: {} });
const installed = join(empty, "package");
mustRun("npm", ["install", "--offline", "--no-save", tarball], installed);
const bin = (name: string) => join(installed, "node_modules", ".bin", name);

function installOldestNode(): string {
  const folder = join(empty, "node");
  cpSync(join(import.meta.dirname, "oldest-node"), folder, { recursive: true });
  mustRun("npm", ["ci"], folder);
  return join(folder, "node_modules", ".bin", "node");
}
/** The line between the oldest and the pinned one, which executables for Linux carry. */
async function unpackLongTermNode(): Promise<string> {
  const target = targets.find(({ os, arch }) => os === process.platform && arch === process.arch);
  if (target === undefined) throw new Error(`nothing is released for ${process.platform} on ${process.arch}`);
  return nodeProgram(await unpackNode(target.node, join(empty, "node")));
}
const nodes: Record<string, string> = {
  pinned: process.execPath,
  ...(skip ? {} : { oldest: installOldestNode(), "long-term": await unpackLongTermNode() }),
};

t.test("the package brings nothing that npm would have to fetch, build or run", async (t) => {
  const manifest: Record<string, unknown> = JSON.parse(
    readFileSync(join(installed, "node_modules", "kubectl-mirrord", "package.json"), "utf8"),
  );
  t.match(manifest, { engines: { node: ">=22" }, license: "Apache-2.0" });
  for (const field of ["dependencies", "optionalDependencies", "scripts"]) t.notOk(field in manifest, field);
  t.match(readFileSync(join(installed, "node_modules", "kubectl-mirrord", "LICENSES.txt"), "utf8"), /^yargs 18/m);
});

for (const [which, node] of Object.entries(nodes))
  t.test(`npm ci in a checkout has nothing to warn of on the ${which} Node.js`, { skip }, async (t) => {
    const checkout = t.testdir({});
    for (const file of ["package.json", "package-lock.json"]) cpSync(join(root, file), join(checkout, file));
    const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env["PATH"]}` };
    const npm = (...words: string[]) => spawnSync("npm", words, { cwd: checkout, encoding: "utf8", env });
    const versions: { node: string } = JSON.parse(npm("version", "--json").stdout);
    t.equal(`v${versions.node}`, spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim());
    // Without our .npmrc: warnings are shown. Whatever a script of a package would say, none is run.
    const said = npm("ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=warn");
    t.match(said, { status: 0, stderr: "" });
  });

const hasMan = run("man", ["--version"]).status === 0;
const commandNames: Readonly<Record<string, string>> = {
  "kubectl-mirrord": "COMMANDS",
  "kubectl-mirrord-grant": "SUBJECT",
  "kubectl-mirrord-can-i": "--manifests",
  "kubectl-mirrord-policy-lint": "--fail-on",
  "kubectl-mirrord-options": "--kubeconfig",
};
t.test("installed for everybody, each plugin has its page for man", async (t) => {
  const prefix = t.testdir();
  mustRun("npm", ["install", "--global", "--offline", "--prefix", prefix, tarball]);
  const folder = join(prefix, "share", "man");
  for (const name of Object.keys(commandNames)) {
    const page = readFileSync(join(folder, "man1", `${name}.1`), "utf8");
    t.match(page, `.TH "${name.toUpperCase().replaceAll("-", "\\-")}" "1"`);
    if (hasMan) t.match(run("man", ["-M", folder, name]), { status: 0, stdout: commandNames[name] ?? "", stderr: "" });
  }
});

const there = ["--manifests", "examples"];
const commands: [name: string, ...words: string[]][] = [
  ["kubectl-mirrord", "--help"],
  ["kubectl-mirrord", "can-i", "steal", "deploy/web", "-n", "dev", "--as", "jim", ...there],
  ["kubectl-mirrord-can_i", "steal", "deploy/web", "-n", "dev", "--as", "jim", "-o", "json", ...there],
  ["kubectl-mirrord-grant", "jim", "--ns", "dev", "--dry-run=client", "-o", "yaml", ...there],
  ["kubectl-mirrord-policy", "lint", ...there],
  ["kubectl-mirrord-session", "list", "--server", "http://127.0.0.1:1"],
  ["kubectl-mirrord", "can_i", "--help"],
  ["kubectl-mirrord", "revok"],
];
for (const [which, node] of Object.entries(nodes))
  for (const [name, ...words] of commands)
    t.test(`${name} ${words.join(" ")}: answers on the ${which} Node.js as the source does`, async (t) => {
      const source = run(process.execPath, [join(root, "plugins", `${name}.ts`), ...words]);
      t.same(comparable(run(node, [bin(name), ...words])), comparable(source));
    });

for (const [name, ...words] of [
  ["kubectl_complete-mirrord", "can-i", "stea"],
  ["kubectl_complete-mirrord-can_i", "stea"],
] as const)
  t.test(`${name} ${words.join(" ")} gives kubectl its candidates`, async (t) => {
    t.match(run(bin(name), words), { status: 0, stdout: /^steal\b/ });
  });

t.test("a Node.js that is too old is told so, and is no answer", async (t) => {
  const start = JSON.stringify(join(installed, "node_modules", "kubectl-mirrord", "lib", "start.cjs"));
  const script = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); require(${start})(["version"]);`;
  t.match(run(process.execPath, ["-e", script]), {
    status: 2,
    stdout: "",
    stderr: /^error: kubectl-mirrord needs Node\.js 22 or newer, and this is v/,
  });
});

t.test("it grants, sees, and revokes on a real API server", { skip }, async (t) => {
  const cluster = await startExampleCluster();
  t.teardown(() => cluster.stop());
  const line = (...words: string[]) => `'${nodes["oldest"] ?? ""}' '${bin("kubectl-mirrord")}' ${words.join(" ")}`;
  t.match(await cluster.shell("jim", line("can-i", "steal", "deploy/web", "-n", "dev")), { code: 1, stdout: /^no - / });
  t.match(await cluster.shell("admin", line("grant", "jim", "--ns", "dev")), { code: 0, stdout: /jim can now/ });
  t.match(await cluster.shell("jim", line("can-i", "steal", "deploy/web", "-n", "dev")), { code: 0, stdout: "yes\n" });
  t.match(await cluster.shell("admin", line("grant", "revoke", "jim")), { code: 0 });
  t.match(await cluster.shell("jim", line("can-i", "steal", "deploy/web", "-n", "dev")), { code: 1 });
});
