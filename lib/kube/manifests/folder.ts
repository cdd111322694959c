import {
  chmodSync,
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
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readNamed } from "../config/files.ts";

/** A file of manifests, or standard input, with its YAML documents in order. */
export interface ManifestFile {
  /** Undefined: standard input, which cannot be written back. */
  path?: string;
  /** As it was read, or written last: whoever changed it since is not overwritten. */
  text: string;
  documents: ManifestDocument[];
}

export interface ManifestDocument {
  /** To the letter, without the `---` before it. */
  text: string;
  objects: KubernetesObject[];
  /** It holds more than can be written back as separate objects: items that are none, or the wrapper of a JSON list. */
  keepWhole?: boolean;
}

/** Reads every object below the given folders, files or `-`. Throws UserError "usage" that names file and line. */
export function readManifests(paths: readonly string[]): ManifestFile[] {
  return paths.flatMap((path) =>
    path === "-" ? parseFile(readNamed(path).toString("utf8"), "standard input") : manifestFiles(path).map(readFile),
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
      "Name a folder or a file that is there.",
      { cause },
    );
  }
}

function readFile(path: string): ManifestFile {
  return { ...parseFile(readNamed(path).toString("utf8"), path), path };
}

function parseFile(text: string, source: string): ManifestFile {
  try {
    const documents = splitDocuments(text).map((part) => {
      const values = parseDocuments(part, { source });
      const objects = values.flatMap(objectsIn);
      const keepWhole =
        objects.length !== values.flatMap(itemsIn).length || (source.endsWith(".json") && objects.length > 1);
      return { text: part, objects, keepWhole };
    });
    return { text, documents };
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

/** What a document holds, objects or not: the items of a list, else itself. */
function itemsIn(value: unknown): unknown[] {
  const { kind, items } = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items.flatMap(itemsIn) : [value];
}

/** The text of a document that holds these objects. */
export function documentText(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `\n${toYaml(object)}`.replace(/\n$/, "")).join("\n---");
}

/**
 * Writes a file as its documents say; one without documents is removed. Documents that were not touched stay as they are, to
 * the letter. Atomic: whoever reads meanwhile sees the old or the new file.
 * Throws UserError "refused" when somebody else has changed it since it was read, or when it cannot be written.
 */
export function writeManifests(file: ManifestFile, folder: string): void {
  const { path } = file;
  if (path === undefined) throw new Error("standard input has no file to write");
  refuseLink(path);
  if (existingText(path) !== file.text) {
    throw new UserError(
      "refused",
      `${JSON.stringify(path)} was changed by somebody else meanwhile`,
      "Run the same command again.",
    );
  }
  const joined = file.documents.map(({ text }) => text.replace(/\n$/, "")).join("\n---");
  const text = joined.trim() === "" ? "" : `${joined.replace(/^\n/, "")}\n`;
  try {
    if (text === "") rmSync(path, { force: true });
    else {
      if (file.text === "") ensureInside(folder, path);
      writeAtomically(path, text);
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("refused", `${JSON.stringify(path)} cannot be written: ${why}`, undefined, { cause });
  }
  file.text = text;
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

/** The permissions of the file that is replaced, so that nobody can read the new one who could not read the old one. */
function fileMode(file: string): number {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0o666 & ~process.umask() : found.mode & 0o7777;
}

// Renaming and removing would take the link, and leave the file that it leads to as it was.
function refuseLink(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new UserError("refused", `${JSON.stringify(file)} is a link`, "Give --manifests what it leads to.");
}

function writeAtomically(file: string, text: string): void {
  const temporary = join(dirname(file), `.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: "wx", mode: 0o600 });
    chmodSync(temporary, fileMode(file));
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
