// Where the changes of a folder of manifests are written.

import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { usageError } from "../../errors.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { fileName } from "../../text/file-name.ts";
import type { ManifestDocument } from "./documents.ts";
import { writeManifests, type ManifestFile } from "./folder.ts";

/** Files that this project writes go below the first folder, into this one. */
const OWN_FOLDER = "mirrord-access";

export interface FileWriter {
  /** A new document for the object, at the end of a file of ours, which is not written yet. */
  place(files: ManifestFile[], object: KubernetesObject): { file: ManifestFile; document: ManifestDocument };
  /** Resolves once the file is on disk. What is asked for in one turn of the event loop is one write. */
  write(file: ManifestFile): Promise<void>;
}

/** Writes below the first of the paths. Every function throws UserError "usage" where that is nothing to write to. */
export function fileWriter(paths: readonly string[]): FileWriter {
  let turn: { files: Set<ManifestFile>; done: Promise<void> } | undefined;
  return {
    place(files, object) {
      refuseFile(paths);
      const path = join(writableFolder(paths), OWN_FOLDER, ownFileName(object));
      let file = files.find((known) => known.path === path);
      if (file === undefined) {
        file = { path, text: "", encoding: "utf8", documents: [{ text: "", objects: [], line: 1 }] };
        files.push(file);
      }
      const document: ManifestDocument = { text: "", objects: [], line: 1 };
      file.documents.push(document);
      return { file, document };
    },
    async write(file) {
      if (file.path === undefined) throw notWritable();
      const folder = writableFolder(paths);
      if (turn === undefined) {
        const changed = new Set<ManifestFile>();
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        turn = { files: changed, done: promise };
        setImmediate(() => {
          turn = undefined;
          try {
            for (const each of changed) writeManifests(each, folder);
            resolve();
          } catch (error) {
            reject(error);
          }
        });
      }
      turn.files.add(file);
      await turn.done;
    },
  };
}

export const notWritable = () => usageError("what --manifests was given cannot be written to", "Give it a folder.");

// A new object goes into a file of its own beside, which a path that names one file would never read again.
function refuseFile(paths: readonly string[]): void {
  const first = paths.find((path) => path !== "-");
  if (first !== undefined && !statSync(first).isDirectory()) throw notWritable();
}

function writableFolder(paths: readonly string[]): string {
  const first = paths.find((path) => path !== "-");
  if (first === undefined) throw notWritable();
  return statSync(first).isDirectory() ? first : dirname(first);
}

/**
 * One file a grant, one a role: `mirrord:grant:<slug>-<id>[:part]` goes to `<slug>-<id>.yaml`, `mirrord:role:NAME` to
 * `role-NAME.yaml`. Other names are spelled out as far as a file name can.
 */
function ownFileName({ metadata: { name = "" } }: KubernetesObject): string {
  const [prefix, kind, own] = name.split(":");
  const base = prefix === "mirrord" && own !== undefined ? (kind === "grant" ? own : `${kind}-${own}`) : name;
  return fileName(`${base}.yaml`);
}
