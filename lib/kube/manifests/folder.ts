import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join, relative, sep } from "node:path";
import { UserError } from "../../errors.ts";
import { parseDocuments, toYaml } from "../../yaml.ts";
import type { KubernetesObject } from "../cluster.ts";

/** One object of a folder and where it is written, so that it can be replaced there and nothing else is touched. */
export interface Entry {
  object: KubernetesObject;
  /** Undefined: standard input, which cannot be written back. */
  file?: string;
  /** Which YAML document of the file. */
  document: number;
}

/** Reads every object below the given folders, files or `-`. Throws UserError "usage" that names file and line. */
export function readManifests(paths: readonly string[], readStdin: () => string): Entry[] {
  return paths.flatMap((path) =>
    path === "-" ? readText(readStdin(), "standard input") : manifestFiles(path).flatMap(readFile),
  );
}

const extensions = new Set([".yaml", ".yml", ".json"]);

function manifestFiles(path: string): string[] {
  const found = statPath(path);
  if (!found.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const inside = join(path, item.name);
      // A link could lead out of the folder or back into it; hidden folders hold no manifests (.git).
      if (item.isSymbolicLink() || item.name.startsWith(".")) return [];
      if (item.isDirectory()) return manifestFiles(inside);
      return extensions.has(extname(item.name)) ? [inside] : [];
    });
}

function statPath(path: string) {
  try {
    return statSync(path);
  } catch (cause) {
    throw new UserError(
      "usage",
      `the path ${JSON.stringify(path)} does not exist`,
      "Give --manifests a folder or a file.",
      { cause },
    );
  }
}

function readFile(file: string): Entry[] {
  return readText(readFileSync(file, "utf8"), file).map((entry) => ({ ...entry, file }));
}

function readText(text: string, source: string): Entry[] {
  try {
    return splitDocuments(text).flatMap((part, document) =>
      parseDocuments(part, { source })
        .flatMap(objectsIn)
        .map((object) => ({ object, document })),
    );
  } catch (error) {
    // Parsed as a whole, the error's line number is that of the file.
    parseDocuments(text, { source });
    throw error;
  }
}

/** The YAML documents of a file, each with its own text: a `---` in the first column starts one, wherever it stands. */
function splitDocuments(text: string): string[] {
  const parts: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (/^---(\s|$)/.test(line)) parts.push([line.slice(3)]);
    else parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join("\n"));
}

// Values files and the like lie beside manifests: what has no apiVersion, kind and name is not an object.
function objectsIn(value: unknown): KubernetesObject[] {
  if (typeof value !== "object" || value === null) return [];
  const { apiVersion, kind, metadata, items } = value as Record<string, unknown>;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return [];
  if (kind.endsWith("List") && Array.isArray(items)) return items.flatMap(objectsIn);
  const name = (metadata as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? [value as KubernetesObject] : [];
}

/**
 * Replaces one document of a file, or removes it, and leaves every other one as it is, to the letter. A file without
 * documents is removed. Atomic: whoever reads meanwhile sees the old or the new file.
 */
export function rewriteDocument(file: string, document: number, objects: readonly KubernetesObject[]): void {
  const parts = splitDocuments(readFileSync(file, "utf8"));
  const written = objects.map((object) => `\n${toYaml(object)}`);
  const kept = [...parts.slice(0, document), ...written, ...parts.slice(document + 1)];
  if (kept.every((text) => text.trim() === "")) {
    rmSync(file);
    return;
  }
  const [head = "", ...rest] = kept;
  writeAtomically(
    file,
    [...(head.trim() === "" ? [] : [head.replace(/^\n/, "")]), ...rest.map((text) => `---${text}`)].join(""),
  );
}

/** Adds a document at the end of a file below the folder, which is made when it is not there. */
export function appendDocument(folder: string, file: string, object: KubernetesObject): void {
  ensureInside(folder, file);
  const before = existingText(file);
  writeAtomically(file, `${before === "" || before.endsWith("\n") ? before : `${before}\n`}---\n${toYaml(object)}`);
}

function existingText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

// A link in place of the subfolder would lead the write somewhere else.
function ensureInside(folder: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const way = relative(realpathSync(folder), realpathSync(dirname(file)));
  const linked = lstatSync(dirname(file)).isSymbolicLink();
  if (linked || way === ".." || way.startsWith(`..${sep}`)) {
    throw new UserError(
      "refused",
      `${JSON.stringify(file)} is outside the manifests folder`,
      "Remove the link that leads there.",
    );
  }
}

function writeAtomically(file: string, text: string): void {
  const temporary = join(dirname(file), `.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
