// The list of everything that a release holds, in the form of CycloneDX.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { root } from "../scripts/bundle.ts";
import type { NodePackage } from "./targets.ts";

const tool = join(
  fileURLToPath(new URL("..", import.meta.resolve("@cyclonedx/cyclonedx-esbuild"))),
  "bin",
  "cyclonedx-esbuild-cli.js",
);

interface Bom {
  metadata?: { component?: { "bom-ref"?: string; version?: string } };
  components?: object[];
  dependencies?: { ref: string; dependsOn?: string[] }[];
}

/** Writes it to `file`: what the bundles took something from, by the tool, and each Node.js. `folder` is worked in. */
export function writeSbom(
  file: string,
  {
    metafile,
    nodes,
    version,
    folder,
  }: { metafile: Metafile; nodes: readonly NodePackage[]; version: string; folder: string },
): void {
  const metafilePath = join(folder, "metafile.json");
  writeFileSync(metafilePath, JSON.stringify(withoutMadeUp(metafile)));
  const words = [
    "--output-reproducible",
    "--validate",
    "--build-working-dir",
    root,
    "--output-file",
    file,
    metafilePath,
  ];
  const { status, stderr } = spawnSync(process.execPath, [tool, ...words], { encoding: "utf8", cwd: root });
  if (status !== 0) throw new Error(`the SBOM could not be made: ${stderr}`);
  writeFileSync(
    file,
    `${JSON.stringify(withNodes(JSON.parse(readFileSync(file, "utf8")) as Bom, nodes, version), undefined, 2)}\n`,
  );
}

/** What our bundler makes up, to load a package that lies apart, is in the tool's eyes a package of its own: it is the bundler's. */
function withoutMadeUp({ inputs, outputs }: Metafile): Metafile {
  const real = (path: string) =>
    path === "<stdin>" || /^(apart|late|left-out):/.test(path) ? "scripts/bundle.ts" : path;
  const renamed: Metafile["inputs"] = {};
  for (const [path, input] of Object.entries(inputs)) {
    const imports = input.imports.map((one) => ({ ...one, path: real(one.path) }));
    renamed[real(path)] = { ...input, imports: [...(renamed[real(path)]?.imports ?? []), ...imports] };
  }
  const held = (of: Record<string, { bytesInOutput: number }>) =>
    Object.fromEntries(Object.entries(of).map(([path, bytes]) => [real(path), bytes]));
  const renamedOutputs = Object.entries(outputs).map(([path, output]) => [
    path,
    { ...output, inputs: held(output.inputs) },
  ]);
  return { inputs: renamed, outputs: Object.fromEntries(renamedOutputs) as Metafile["outputs"] };
}

function withNodes(bom: Bom, nodes: readonly NodePackage[], version: string): Bom {
  const main = bom.metadata?.component;
  if (main !== undefined) main.version = version;
  const added = nodes.map(({ name, version: nodeVersion, integrity }) => {
    const purl = `pkg:npm/${name}@${nodeVersion}`;
    return {
      type: "platform",
      name,
      version: nodeVersion,
      "bom-ref": purl,
      purl,
      description: "Node.js, which the executable of one platform carries",
      licenses: [{ license: { id: "MIT" } }],
      hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex") }],
    };
  });
  bom.components = [...(bom.components ?? []), ...added];
  const own = bom.dependencies?.find(({ ref }) => ref === main?.["bom-ref"]);
  if (own !== undefined) own.dependsOn = [...(own.dependsOn ?? []), ...added.map(({ purl }) => purl)].toSorted();
  return bom;
}
