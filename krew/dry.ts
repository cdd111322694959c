// A release but for the upload: npm run release:dry -- [--tag v1.2.3] [flags of release:build]
// Ends with what would be uploaded. The release workflow runs the same, and uploads it.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/bundle.ts";
import { releaseNotes } from "./changelog.ts";

const words = process.argv.slice(2);
const at = words.indexOf("--tag");
const [, tag] = at === -1 ? [] : words.splice(at, 2);
const outputAt = words.indexOf("--output");
const output = outputAt === -1 ? join(root, "release") : (words[outputAt + 1] ?? "");

const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
if (tag !== undefined) requireTag(tag);
run(join(root, "scripts", "release-npm.ts"), output);
run(join(root, "krew", "release.ts"), ...words);
const files = readdirSync(output).filter((name) => /^(kubectl-mirrord.*\.(gz|tgz|json)|SHA256SUMS)$/.test(name));
process.stdout.write(`\nTo be uploaded as v${version}:\n${files.map((name) => `${join(output, name)}\n`).join("")}`);

/** What is released is what the tag, package.json and the changelog all name. */
function requireTag(name: string): void {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  if (name !== `v${version}`) fail(`the tag is ${name}, and package.json says ${version}`);
  if (releaseNotes(changelog, version) === undefined) fail(`CHANGELOG.md says nothing of ${version}`);
}

function run(script: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}
