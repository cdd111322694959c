import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { withAggregation } from "../../rbac/aggregation.ts";
import type { KubernetesObject, ListOptions, ResourceType } from "../cluster.ts";
import { appendDocument, readManifests, rewriteDocument, type Entry } from "./folder.ts";
import { labelSelector } from "./selector.ts";
import { typeRegistry } from "./types.ts";

export interface Store {
  all(): KubernetesObject[];
  types(group: string, version: string): ResourceType[];
  get(type: ResourceType, name: string, namespace?: string): KubernetesObject | undefined;
  /** By namespace, then name. */
  list(type: ResourceType, options: ListOptions): KubernetesObject[];
  /** Merges as server-side apply would, and writes the file unless it is a dry run. */
  put(type: ResourceType, object: KubernetesObject, dryRun: boolean): KubernetesObject;
  /** False when nothing was there. */
  remove(type: ResourceType, name: string, namespace: string | undefined, dryRun: boolean): boolean;
}

/** Files that this project writes go below the first folder, into this one. */
const OWN_FOLDER = "mirrord-access";

type Placed = Entry & { type: ResourceType };

/**
 * Reads the objects of the paths into memory. `stock` are objects that every cluster starts with; one that the paths
 * bring too is left out. `warn` hears of objects that are there twice.
 */
export function openStore(
  paths: readonly string[],
  stock: readonly KubernetesObject[],
  warn: (text: string) => void,
): Store {
  const read = readManifests(paths, () => readFileSync(0, "utf8"));
  const registry = typeRegistry(read.map(({ object }) => object));
  const entries = new Map<string, Placed>();

  const place = (entry: Entry): Placed | undefined => {
    const type = registry.ofObject(entry.object);
    return type === undefined ? undefined : { ...entry, type, object: withNamespace(entry.object, type) };
  };
  const add = (placed: Placed) => entries.set(keyOf(placed), placed);

  // No controller fills aggregated roles here, so they are served as it would fill them; files keep what they say.
  let filled: Map<KubernetesObject, KubernetesObject> | undefined;
  const served = (object: KubernetesObject): KubernetesObject => {
    if (object["aggregationRule"] === undefined) return object;
    filled ??= aggregated([...entries.values()].map((entry) => entry.object));
    return filled.get(object) ?? object;
  };

  for (const object of stock) {
    const placed = place({ object, document: 0 });
    if (placed !== undefined) add(placed);
  }
  for (const entry of read) {
    const placed = place(entry);
    if (placed === undefined) continue;
    const before = entries.get(keyOf(placed));
    if (before?.file !== undefined)
      warn(`${describe(placed)} is in ${before.file} and again in ${placed.file ?? "-"}: the last one counts`);
    add(placed);
  }

  // The numbers of the documents in a file move when one goes: what is on disk now is the truth.
  const reread = (file: string) => {
    filled = undefined;
    for (const [at, entry] of entries) if (entry.file === file) entries.delete(at);
    if (!existsSync(file)) return;
    for (const placed of readManifests([file], () => "").map(place)) if (placed !== undefined) add(placed);
  };
  const rewrite = ({ file, document, type, object }: Placed, replacement: KubernetesObject | undefined) => {
    if (file === undefined) throw notWritable();
    const gone = keyOf({ type, object });
    const beside = [...entries.values()].filter((other) => other.file === file && other.document === document);
    const objects = beside.flatMap((other) => (keyOf(other) === gone ? (replacement ?? []) : other.object));
    rewriteDocument(file, document, objects);
    reread(file);
  };

  return {
    all: () => [...entries.values()].map(({ object }) => served(object)),
    types: registry.ofGroupVersion,
    get: (type, name, namespace) => {
      const found = entries.get(key(type, name, namespace));
      return found === undefined ? undefined : served(found.object);
    },
    list(type, { namespace, labelSelector: labels, fieldSelector }) {
      const matches = labelSelector(labels ?? "");
      const name = nameSelector(fieldSelector);
      return [...entries]
        .filter(([, entry]) => entry.type.group === type.group && entry.type.resource === type.resource)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { object }]) => served(object))
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => matches(metadata.labels ?? {}) && (name === undefined || metadata.name === name));
    },
    put(type, object, dryRun) {
      const before = entries.get(key(type, object.metadata.name ?? "", object.metadata.namespace));
      const merged = before === undefined ? object : merge(before.object, object);
      if (dryRun) return merged;
      if (before?.file !== undefined) {
        rewrite(before, merged);
        return merged;
      }
      const folder = writableFolder(paths);
      const file = join(folder, OWN_FOLDER, ownFileName(merged));
      appendDocument(folder, file, merged);
      reread(file);
      return merged;
    },
    remove(type, name, namespace, dryRun) {
      const found = entries.get(key(type, name, namespace));
      if (found === undefined) return false;
      if (!dryRun) rewrite(found, undefined);
      return true;
    },
  };
}

function aggregated(objects: readonly KubernetesObject[]): Map<KubernetesObject, KubernetesObject> {
  const { objects: after } = withAggregation(objects);
  return new Map(objects.map((object, index) => [object, after[index] ?? object]));
}

function key(type: ResourceType, name: string, namespace = ""): string {
  // No part can hold a NUL, so no two objects share a key.
  return [type.group, type.resource, type.namespaced ? namespace : "", name].join("\0");
}

const keyOf = ({ type, object }: Pick<Placed, "type" | "object">) =>
  key(type, object.metadata.name ?? "", object.metadata.namespace);

const describe = ({ type, object }: Placed) => `${type.kind} ${JSON.stringify(object.metadata.name)}`;

// kubectl would put an object without a namespace into the context's; a folder's is `default`.
function withNamespace(object: KubernetesObject, type: ResourceType): KubernetesObject {
  const { metadata } = object;
  if (!type.namespaced || typeof metadata.namespace === "string") return object;
  return { ...object, metadata: { ...metadata, namespace: "default" } };
}

/** Labels and annotations are maps and merge; RBAC lists are atomic, like every other field that is given. */
function merge(stored: KubernetesObject, applied: KubernetesObject): KubernetesObject {
  const joined = (part: "labels" | "annotations") => {
    const both = { ...stored.metadata[part], ...applied.metadata[part] };
    return Object.keys(both).length === 0 ? {} : { [part]: both };
  };
  const metadata = {
    ...stored.metadata,
    ...applied.metadata,
    ...joined("labels"),
    ...joined("annotations"),
  };
  return { ...stored, ...applied, metadata };
}

function nameSelector(fieldSelector: string | undefined): string | undefined {
  if (fieldSelector === undefined || fieldSelector === "") return undefined;
  const name = /^metadata\.name==?(.+)$/.exec(fieldSelector)?.[1];
  if (name === undefined)
    throw new UserError("usage", `a folder cannot select by field ${JSON.stringify(fieldSelector)}`);
  return name;
}

const notWritable = () =>
  new UserError("usage", "what --manifests was given cannot be written to", "Give it a folder.");

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
  return `${base.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_")}.yaml`;
}
