// Which files below a folder are manifests, and what is there besides.

import { readdirSync, statSync, type Dirent, type Stats } from "node:fs";
import { basename, dirname, extname, join, matchesGlob, relative } from "node:path";
import { usageError } from "../../errors.ts";
import { shellQuote } from "../../text/shell-quote.ts";
import { goFileError } from "../config/files.ts";

export interface FoundFiles {
  /** In the order in which they count: of two objects with one name the last. */
  files: string[];
  /** What would be manifests and cannot be read as such: one line each, with why. */
  faults: string[];
  /** Hidden files, and links to folders: they are not read. */
  leftOut: string[];
  isFolder: boolean;
}

const extensions = new Set([".yaml", ".yml", ".json"]);

/** Source: kustomize's names for the file that makes a folder a kustomization. */
const kustomizationNames = new Set(["kustomization.yaml", "kustomization.yml", "Kustomization"]);

/**
 * The manifests that a path names, a file or a folder. A glob of `exclude` without a slash is about the name of a file or folder
 * anywhere, one with a slash about the path from there on. Throws UserError "usage" when nothing is there.
 */
export function findFiles(path: string, exclude: readonly string[]): FoundFiles {
  const isFolder = statNamed(path).isDirectory();
  const found: FoundFiles = { files: [], faults: [], leftOut: [], isFolder };
  if (isFolder) walk(path, { root: path, exclude, found });
  else if (kustomizationNames.has(basename(path))) found.faults.push(kustomization(dirname(path)));
  // A named pipe that somebody names is meant: a shell's <(…) is one.
  else found.files.push(path);
  return found;
}

function statNamed(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const what = isAbsent ? `the path ${JSON.stringify(path)} does not exist` : goFileError(path, cause);
    throw usageError(what, "Name a folder or a file that is there.", { cause });
  }
}

interface Walk {
  root: string;
  exclude: readonly string[];
  found: FoundFiles;
}

function walk(folder: string, search: Walk): void {
  const { found } = search;
  const items = readFolder(folder, found).filter(({ name }) => !isExcluded(join(folder, name), search));
  if (items.some(({ name }) => kustomizationNames.has(name))) {
    found.faults.push(kustomization(folder));
    return;
  }
  for (const item of items) {
    const path = join(folder, item.name);
    const isManifest = extensions.has(extname(item.name));
    // Hidden folders hold no manifests (.git).
    if (item.name.startsWith(".")) {
      if (isManifest && !item.isDirectory()) found.leftOut.push(`${path} (hidden)`);
    } else if (item.isDirectory()) walk(path, search);
    else if (item.isSymbolicLink()) followLink(path, isManifest, found);
    else if (isManifest) addFile(path, item, found);
  }
}

function readFolder(folder: string, { faults }: FoundFiles): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    faults.push(goFileError(folder, error));
    return [];
  }
}

function isExcluded(path: string, { root, exclude }: Walk): boolean {
  const below = relative(root, path);
  return exclude.some((glob) => (glob.includes("/") ? matchesGlob(below, glob) : matchesGlob(basename(path), glob)));
}

// kubectl follows a link to a file. One to a folder could lead back into it.
function followLink(path: string, isManifest: boolean, found: FoundFiles): void {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    if (isManifest) found.faults.push(goFileError(path, error));
    return;
  }
  if (stats.isDirectory()) found.leftOut.push(`${path} (a link to a folder)`);
  else if (isManifest) addFile(path, stats, found);
}

function addFile(path: string, is: Pick<Stats, "isFile" | "isFIFO" | "isSocket">, found: FoundFiles): void {
  if (is.isFile()) found.files.push(path);
  else
    found.faults.push(`${path}: ${is.isFIFO() ? "a named pipe" : is.isSocket() ? "a socket" : "a device"}, not a file`);
}

const kustomization = (folder: string) =>
  `${folder}: a kustomization, which has to be built: kubectl kustomize ${shellQuote(folder)} | kubectl mirrord … --manifests -`;
