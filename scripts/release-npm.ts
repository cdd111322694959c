// Makes the package for npm, without dependencies, and prints the path of its tarball: npm run release:npm [-- FOLDER]
// It runs on the Node.js that is there; the executable of `npm run build` brings its own.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispatcher } from "../lib/cli/dispatcher.ts";
import { all } from "../plugins/all.ts";
import { bundler, root } from "./bundle.ts";
import { licenceTexts } from "./licences.ts";
import { manPages } from "./man/pages.ts";

const OLDEST_NODE = 22;
const release = process.argv[2] ?? join(root, "release");
const manifest: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-npm-"));
try {
  await makePackage();
  process.stdout.write(`${pack()}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function makePackage(): Promise<void> {
  const program = join(folder, "lib");
  const bundles = bundler({
    target: `node${OLDEST_NODE}`,
    here: "__filename",
    load: (name) => `module.exports = require(require("node:path").join(__dirname, ${JSON.stringify(name)}));`,
  });
  await bundles.command("kubectl-mirrord.ts", join(program, "kubectl-mirrord.cjs"));
  await bundles.packages(program);
  copyFileSync(join(root, "scripts", "npm", "start.cjs"), join(program, "start.cjs"));
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"]) copyFileSync(join(root, file), join(folder, file));
  cpSync(join(root, "docs"), join(folder, "docs"), { recursive: true });
  writeFileSync(join(folder, "LICENSES.txt"), licenceTexts(Object.keys(bundles.metafile.inputs), root));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(await packageManifest(), undefined, 2)}\n`);
}

/** One script for each name that kubectl looks for: npm on Windows starts a script without saying under which name. */
function writeNames(): Record<string, string> {
  mkdirSync(join(folder, "bin"));
  const names = readdirSync(join(root, "bin")).filter((name) => name.startsWith("kubectl"));
  for (const name of names) {
    const start = `require("../lib/start.cjs")(${JSON.stringify(firstWords(name))});`;
    writeFileSync(join(folder, "bin", `${name}.cjs`), `#!/usr/bin/env node\n"use strict";\n${start}\n`, {
      mode: 0o755,
    });
  }
  return Object.fromEntries(names.map((name) => [name, `bin/${name}.cjs`]));
}

/** The words that a name stands for: `kubectl-mirrord-can_i` is `can-i`, `kubectl_complete-mirrord` asks for candidates. */
function firstWords(name: string): string[] {
  const [, completes, plugin = ""] = /^kubectl(_complete)?-mirrord-?(.*)$/.exec(name) ?? [];
  return [...(completes === undefined ? [] : ["__complete"]), ...(plugin === "" ? [] : [plugin.replaceAll("_", "-")])];
}

async function packageManifest(): Promise<object> {
  const engines = { node: `>=${OLDEST_NODE}` };
  const { name, version, description, license } = manifest;
  return { name, version, description, license, engines, bin: writeNames(), man: await writePages() };
}

/** npm puts them where `man` looks when the package is installed globally. */
async function writePages(): Promise<string[]> {
  mkdirSync(join(folder, "man"));
  const pages = await manPages(dispatcher(all, "kubectl-mirrord", ""), manifest["version"] ?? "");
  for (const { file, text } of pages) writeFileSync(join(folder, "man", file), text);
  return pages.map(({ file }) => `man/${file}`);
}

function pack(): string {
  mkdirSync(release, { recursive: true });
  const words = ["pack", folder, "--json", "--ignore-scripts", "--pack-destination", release];
  const { status, stdout, stderr } = spawnSync("npm", words, { encoding: "utf8", shell: process.platform === "win32" });
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  const [packed]: { filename: string }[] = JSON.parse(stdout);
  return join(release, packed?.filename ?? "");
}
