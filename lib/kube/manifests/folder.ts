import { lstatSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { UserError, usageError } from "../../errors.ts";
import { isSameJson } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { toYaml } from "../../yaml.ts";
import { goFileError, readNamed, shownPath } from "../config/files.ts";
import { replaceFile } from "../config/replace-file.ts";
import { readDocuments, type ManifestDocument } from "./documents.ts";
import { decodeText, encodeText, type Encoding } from "./encoding.ts";
import { findFiles } from "./find-files.ts";

/** A file of manifests, or standard input, with its YAML documents in order. */
export interface ManifestFile {
  /** Undefined: standard input, which cannot be written back. */
  path?: string;
  /** As it was read, or written last: whoever changed it since is not overwritten. */
  text: string;
  encoding: Encoding;
  documents: ManifestDocument[];
}

/** What of the paths is read, and who hears of what is not. */
export interface ReadOptions {
  /** Globs of files and folders that are left out. */
  exclude?: readonly string[] | undefined;
  warn?: (text: string) => void;
}

/**
 * Reads every object below the given folders, files or `-`. Throws UserError "usage" that names each file that is no manifest, with
 * its line and why: what is left out could be what decides.
 */
export function readManifests(paths: readonly string[], { exclude = [], warn }: ReadOptions = {}): ManifestFile[] {
  const files: ManifestFile[] = [];
  const faults: string[] = [];
  let isFolder = false;
  for (const path of paths) {
    const found = path === "-" ? { files: [path], faults: [], leftOut: [], isFolder: false } : findFiles(path, exclude);
    if (found.leftOut.length > 0) warn?.(`not read: ${found.leftOut.join(", ")}`);
    faults.push(...found.faults);
    isFolder ||= found.isFolder;
    for (const name of found.files) {
      const read = readFile(name);
      if (typeof read === "string") faults.push(read);
      else files.push(read);
    }
  }
  if (faults.length === 0) return files;
  const [first = ""] = faults;
  throw usageError(
    faults.length === 1
      ? first
      : [`${faults.length} of the files are no Kubernetes manifests`, ...faults.map((fault) => `  ${fault}`)],
    isFolder
      ? "To leave out what is no manifest: --exclude GLOB, for example --exclude values.yaml or --exclude 'charts/**'."
      : undefined,
  );
}

/** The file, or why it is none. */
function readFile(path: string): ManifestFile | string {
  const source = shownPath(path);
  let bytes: Buffer;
  try {
    bytes = readNamed(path);
  } catch (error) {
    return error instanceof UserError ? error.message : goFileError(source, error);
  }
  const decoded = decodeText(bytes);
  try {
    return { ...decoded, documents: readDocuments(decoded.text, source), ...(path === "-" ? {} : { path }) };
  } catch (error) {
    if (error instanceof UserError)
      return `${error.message}${likelyCause(decoded.text, { source, message: error.message })}`;
    throw error;
  }
}

/** What files beside manifests commonly are. */
function likelyCause(text: string, { source, message }: { source: string; message: string }): string {
  if (message.includes("duplicated mapping key")) return " (two objects without --- between them?)";
  if (text.includes("{{")) {
    return " (a template? Render it first: helm template CHART | kubectl mirrord … --manifests -)";
  }
  if (source.endsWith(".json") && /^[ \t]*\/[/*]/m.test(text)) return " (JSON has no comments)";
  const tag = /(?:^|[\s,[{])(![A-Za-z][\w./-]*)/.exec(text)?.[1];
  return tag === undefined ? "" : ` (${tag} is a tag of another tool)`;
}

/** The text of a document that holds these objects. */
export function documentText(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `\n${toYaml(object)}`.replace(/\n$/, "")).join("\n---");
}

/** Whether two texts of documents hold the same objects. */
export function saysTheSame(one: string, other: string): boolean {
  if (one === other) return true;
  const objects = (text: string) => readDocuments(text, "").flatMap((document) => document.objects);
  try {
    return isSameJson(objects(one), objects(other));
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
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
      replaceFile(path, encodeText({ text, encoding: file.encoding }), { mode: fileMode(path) });
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
    return decodeText(readFileSync(file)).text;
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
