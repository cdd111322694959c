// Makes everything that a release consists of, in release/: npm run release:build
// Bundles once; for each platform an executable and its archive; krew's manifest, checksums, the SBOM, and the compiled code that
// was recorded, from which the same files can be made again. With --record it only records that of this platform.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/bundle.ts";
import { bundleScripts } from "../scripts/executable-scripts.ts";
import { licenceTexts } from "../scripts/licences.ts";
import { entries, pack } from "./archive.ts";
import { changelogMistakes, releaseNotes } from "./changelog.ts";
import { isThisPlatform, makeExecutables, recordCompiledCode } from "./executables.ts";
import { executableName, krewManifest, PLUGIN, type Archive } from "./manifest.ts";
import { nodeProgram, unpackNode } from "./node-packages.ts";
import { writeSbom } from "./sbom.ts";
import { targets } from "./targets.ts";
import { archiveMistakes, manifestMistakes } from "./validate.ts";

const { values: options } = parseArgs({
  options: {
    /** The release's version; package.json's, if left out. */
    version: { type: "string" },
    /** The address that the archives will be downloaded from. */
    download: { type: "string", default: "https://example.invalid/download" },
    homepage: { type: "string" },
    /** Only these. */
    target: { type: "string", multiple: true },
    "code-caches": { type: "string" },
    record: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "release") },
  },
});

const manifest: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const version = options.version ?? manifest.version;
const output = options.output;
const wanted = targets.filter(({ name }) => options.target?.includes(name) ?? true);
const prefix = `kubectl-mirrord_v${version}`;

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-release-"));
try {
  await (options.record ? record() : release());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function record(): Promise<void> {
  const target = targets.find(isThisPlatform);
  if (target === undefined) throw new Error(`nothing is released for ${process.platform} on ${process.arch}`);
  const work = await workplace();
  const node = nodeProgram(await unpackNode(target.node, join(folder, "node")));
  await recordCompiledCode(target, node, work);
  process.stdout.write(`${join(work.codeCaches, target.name)}\n`);
}

async function workplace() {
  const scripts = join(folder, "scripts");
  mkdirSync(scripts);
  const { files, metafile } = await bundleScripts(scripts, version);
  const codeCaches = options["code-caches"] ?? join(output, "code-caches");
  return { scripts: { folder: scripts, files }, codeCaches, folder, metafile };
}

async function release(): Promise<void> {
  requireChangelog();
  mkdirSync(output, { recursive: true });
  removeBefore();
  const work = await workplace();
  const executables = await makeExecutables(wanted, work);
  const archives = await Promise.all(
    executables.map(async ({ target, folder: contents, nodePackage }): Promise<Archive> => {
      copyFileSync(join(root, "LICENSE"), join(contents, "LICENSE"));
      const licences = licenceTexts(Object.keys(work.metafile.inputs), root, [
        { name: "Node.js", folder: nodePackage },
      ]);
      writeFileSync(join(contents, "LICENSES.txt"), licences);
      const name = `${prefix}_${target.name}.tar.gz`;
      await pack(join(output, name), contents, [executableName(target), "LICENSE", "LICENSES.txt"]);
      return { target, name, sha256: sha256(join(output, name)) };
    }),
  );
  await writeManifest(archives);
  writeSbom(join(output, `${prefix}_sbom.cdx.json`), {
    metafile: work.metafile,
    nodes: targets.map(({ node }) => node),
    version,
    folder,
  });
  const recorded = existsSync(work.codeCaches) ? readdirSync(work.codeCaches).toSorted() : [];
  if (recorded.length > 0) await pack(join(output, `${prefix}_code-caches.tar.gz`), work.codeCaches, recorded);
  writeFileSync(join(output, "NOTES.md"), notes());
  writeFileSync(join(output, "SHA256SUMS"), checksums());
  process.stdout.write(readFileSync(join(output, "SHA256SUMS")));
}

function requireChangelog(): void {
  const mistakes = changelogMistakes(changelog());
  if (mistakes.length > 0) throw new Error(`CHANGELOG.md: ${mistakes.join("; ")}`);
}

/** Of another version, or of another run: what is not of this one must not get a checksum. */
function removeBefore(): void {
  for (const name of released()) rmSync(join(output, name), { recursive: true });
}

async function writeManifest(archives: readonly Archive[]): Promise<void> {
  const text = krewManifest(version, archives, { download: options.download, homepage: options.homepage });
  const mistakes = manifestMistakes(text, `${PLUGIN}.yaml`);
  for (const { target, name } of archives) {
    const bin = executableName(target);
    const files = [bin, "LICENSE", "LICENSES.txt"].map((from) => ({ from }));
    mistakes.push(
      ...archiveMistakes(await entries(join(output, name)), { bin, files }).map((one) => `${name}: ${one}`),
    );
  }
  if (mistakes.length > 0) throw new Error(`krew would not take it: ${mistakes.join("; ")}`);
  // For krew's own index, and for an index of one's own: a repository with a folder plugins.
  for (const index of ["krew", "plugins"]) {
    mkdirSync(join(output, index), { recursive: true });
    writeFileSync(join(output, index, `${PLUGIN}.yaml`), text);
  }
}

function notes(): string {
  return releaseNotes(changelog(), version) ?? releaseNotes(changelog(), "Unreleased") ?? "";
}

function changelog(): string {
  return readFileSync(join(root, "CHANGELOG.md"), "utf8");
}

/** In the form of sha256sum. */
function checksums(): string {
  const npm = `kubectl-mirrord-${version}.tgz`;
  const files = [
    ...released().filter((name) => name.startsWith(prefix)),
    ...(existsSync(join(output, npm)) ? [npm] : []),
  ];
  return files.map((name) => `${sha256(join(output, name))}  ${name}\n`).join("");
}

function released(): string[] {
  return readdirSync(output)
    .filter((name) => /^(kubectl-mirrord_v.*|krew|plugins|NOTES\.md|SHA256SUMS)$/.test(name))
    .toSorted();
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
