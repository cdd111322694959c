import { UserError, usageError } from "../../errors.ts";
import { withAggregation } from "../../rbac/decide/aggregation.ts";
import { parseApiVersion, RBAC_GROUP } from "../../kubernetes/resources.ts";
import { selects, parseSelectorText } from "../../kubernetes/label-selector.ts";
import { refusal } from "../../rbac/write/validate.ts";
import { FIELD_MANAGER } from "../../kubernetes/field-manager.ts";
import { applyTo } from "../../kubernetes/server-side-apply.ts";
import { mergePatch, type JsonObject } from "../../json.ts";
import type { ListOptions } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { fileWriter, notWritable } from "./file-writer.ts";
import type { ManifestDocument } from "./documents.ts";
import { withComments } from "./comments.ts";
import { documentText, saysTheSame, readManifests } from "./folder.ts";
import { filePlaces, type Placed } from "./placed.ts";
import { typeRegistry } from "../../kubernetes/type-registry.ts";

export interface Store {
  all(): KubernetesObject[];
  /** See `filePlaces`; of those that somebody gets to see. */
  places(): ReturnType<typeof filePlaces>;
  types(group: string, version?: string): ResourceType[];
  /** Of all types, once for each version. */
  groups(): { group: string; version: string }[];
  get(type: ResourceType, name: string, namespace?: string): KubernetesObject | undefined;
  /** By namespace, then name. */
  list(type: ResourceType, options: ListOptions): KubernetesObject[];
  /** Merges as server-side apply would; resolves once the file is written, at once in a dry run. */
  put(type: ResourceType, object: KubernetesObject, dryRun: boolean): Promise<KubernetesObject>;
  /** A JSON merge patch of what is there. */
  patch(type: ResourceType, place: ObjectPlace, patch: JsonObject, dryRun: boolean): Promise<KubernetesObject>;
  /** False when nothing was there. Resolves once the file is written. */
  remove(type: ResourceType, name: string, namespace: string | undefined, dryRun: boolean): Promise<boolean>;
  /** Whether something is in that namespace. */
  inUse(namespace: string): boolean;
}

export interface StoreOptions {
  paths: readonly string[];
  /** Globs of files and folders that are left out. */
  exclude?: readonly string[] | undefined;
  /** Objects that every cluster starts with; one that the paths bring too is left out. */
  stock: readonly KubernetesObject[];
  /** Kinds that it serves besides Kubernetes' own and those that the CustomResourceDefinitions in it declare. */
  types: readonly ResourceType[];
  /** Hears of objects that are there twice, of RBAC objects that no API server would take, and of files that are not read. */
  warn: (text: string) => void;
}

interface ObjectPlace {
  name: string;
  namespace: string | undefined;
}

/** Reads the objects of the paths into memory, and writes what changes back into their files. */
export function openStore({ paths, exclude, stock, types, warn }: StoreOptions): Store {
  const files = readManifests(paths, { exclude, warn });
  const registry = typeRegistry(
    files.flatMap(({ documents }) => documents.flatMap(({ objects }) => objects)),
    types,
  );
  const entries = new Map<string, Map<string, Placed>>();
  const writer = fileWriter(paths);

  const ofType = (type: ResourceType): Map<string, Placed> => {
    const kind = `${type.group}/${type.resource}`;
    const known = entries.get(kind) ?? new Map<string, Placed>();
    entries.set(kind, known);
    return known;
  };
  const add = (object: KubernetesObject, at?: Placed["at"], refused = false): void => {
    const type = registry.typeOf(object);
    if (type === undefined) return;
    const placed: Placed = { type, object: withNamespace(object, type), refused, ...(at === undefined ? {} : { at }) };
    ofType(type).set(placedKey(placed), placed);
  };
  const find = (type: ResourceType, name: string, namespace?: string) =>
    ofType(type).get(objectKey(type, { name, ...(namespace === undefined ? {} : { namespace }) }));

  // No controller fills aggregated roles here, so they are served as it would fill them; files keep what they say.
  let filled: Map<KubernetesObject, KubernetesObject> | undefined;
  const everything = () => [...entries.values()].flatMap((known) => [...known.values()]);
  const accepted = () => everything().filter(({ refused }) => !refused);
  const served = (object: KubernetesObject): KubernetesObject => {
    if (object["aggregationRule"] === undefined) return object;
    filled ??= aggregated(accepted().map((entry) => entry.object));
    return filled.get(object) ?? object;
  };

  /** The other objects of a document: a List holds several. */
  const beside = (document: ManifestDocument, except: Placed | undefined): KubernetesObject[] =>
    document.objects.length < 2
      ? []
      : everything().flatMap((other) => (other.at?.document === document && other !== except ? other.object : []));

  // What is written twice cannot be changed in one place, and a copy that stays would keep what was taken away.
  const twice = new Map<string, string>();
  const refuseUnwritable = (placed: Placed): void => {
    const copies = twice.get(placedKey(placed));
    if (copies !== undefined) {
      throw new UserError(
        "refused",
        `${describe(placed)} is in ${copies}`,
        "Remove all but one of them, then run the same command again.",
      );
    }
    const { document, file } = placed.at ?? {};
    const unknown = document?.objects.some((object) => registry.typeOf(object) === undefined) ?? false;
    if (document?.keepWhole === true || unknown) {
      throw new UserError(
        "refused",
        `${describe(placed)} stands in ${JSON.stringify(file?.path ?? "-")} in one list with other objects, which would be lost`,
        "Give it a document of its own, then run the same command again.",
      );
    }
  };

  for (const object of stock) add(object);
  for (const file of files) {
    for (const document of file.documents) {
      for (const object of document.objects) {
        const type = registry.typeOf(object);
        const before = type && find(type, object.metadata.name ?? "", withNamespace(object, type).metadata.namespace);
        if (before?.at !== undefined) {
          const [first, second] = [before.at.file.path ?? "-", file.path ?? "-"];
          warn(`${describe(before)} is in ${first} and again in ${second}: the last one counts`);
          twice.set(placedKey(before), `${first} and in ${second}`);
        }
        if (type === undefined) {
          if (parseApiVersion(object.apiVersion).group === RBAC_GROUP)
            warn(
              `${object.kind} ${JSON.stringify(object.metadata.name)} in ${file.path ?? "-"} is left out: ${RBAC_GROUP} has no such kind`,
            );
          continue;
        }
        const fault = type.group === RBAC_GROUP ? refusal(withNamespace(object, type)) : undefined;
        if (fault !== undefined) {
          const what = `${object.kind} ${JSON.stringify(object.metadata.name)} in ${file.path ?? "-"}`;
          warn(`${what} is left out, an API server would refuse it: ${fault}`);
        }
        if (fault === undefined) add(object, { file, document });
        else if (before === undefined) add(object, { file, document }, true);
      }
    }
  }

  const save = async (
    before: Placed | undefined,
    merged: KubernetesObject,
    dryRun: boolean,
  ): Promise<KubernetesObject> => {
    if (before !== undefined) refuseUnwritable(before);
    if (dryRun) return merged;
    const at = before?.at ?? writer.place(files, merged);
    rewrite(at.document, [...beside(at.document, before), merged]);
    filled = undefined;
    add(merged, at);
    await writer.write(at.file);
    return merged;
  };

  return {
    all: () => accepted().map(({ object }) => served(object)),
    places: () => filePlaces(accepted()),
    types: registry.inGroup,
    groups: registry.groups,
    inUse: (namespace) => everything().some(({ object }) => object.metadata.namespace === namespace),
    get: (type, name, namespace) => {
      const found = find(type, name, namespace);
      return found === undefined || found.refused ? undefined : served(found.object);
    },
    list(type, { namespace, labelSelector, fieldSelector }) {
      const selector = parseSelectorText(labelSelector ?? "");
      const name = nameSelector(fieldSelector);
      const isListed = ({ metadata }: KubernetesObject) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        (name === undefined || metadata.name === name) &&
        selects(selector, metadata.labels ?? {});
      return [...ofType(type)]
        .filter(([, { object, refused }]) => !refused && isListed(object))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { object }]) => served(object));
    },
    async put(type, object, dryRun) {
      const before = find(type, object.metadata.name ?? "", object.metadata.namespace);
      return await save(before, before === undefined ? object : applyTo(before.object, object, FIELD_MANAGER), dryRun);
    },
    async patch(type, { name, namespace }, patch, dryRun) {
      const before = find(type, name, namespace);
      if (before === undefined) throw new Error(`${type.kind} ${name} is not there to be patched`);
      return await save(before, mergePatch(before.object, patch), dryRun);
    },
    async remove(type, name, namespace, dryRun) {
      const found = find(type, name, namespace);
      if (found === undefined) return false;
      refuseUnwritable(found);
      if (dryRun) return true;
      if (found.at === undefined) throw notWritable();
      const { file, document } = found.at;
      rewrite(document, beside(document, found));
      if (document.objects.length === 0) file.documents = file.documents.filter((other) => other !== document);
      filled = undefined;
      ofType(type).delete(placedKey(found));
      await writer.write(file);
      return true;
    },
  };
}

function rewrite(document: ManifestDocument, objects: KubernetesObject[]): void {
  const plain = documentText(objects);
  const isOne = document.objects.length === 1 && objects.length === 1;
  const commented = isOne ? withComments(document.text, plain) : plain;
  document.objects = objects;
  // The comments may be lost, and what the object says may not.
  document.text = saysTheSame(commented, plain) ? commented : plain;
}

function aggregated(objects: readonly KubernetesObject[]): Map<KubernetesObject, KubernetesObject> {
  const { objects: after } = withAggregation(objects);
  return new Map(objects.map((object, index) => [object, after[index] ?? object]));
}

const placedKey = ({ type, object }: Pick<Placed, "type" | "object">) => objectKey(type, object.metadata);

const describe = ({ type, object }: Placed) => `${type.kind} ${JSON.stringify(object.metadata.name)}`;

// kubectl would put an object without a namespace into the context's; a folder's is `default`.
function withNamespace(object: KubernetesObject, type: ResourceType): KubernetesObject {
  const { metadata } = object;
  if (!type.namespaced || typeof metadata.namespace === "string") return object;
  return { ...object, metadata: { ...metadata, namespace: "default" } };
}

function nameSelector(fieldSelector: string | undefined): string | undefined {
  if (fieldSelector === undefined || fieldSelector === "") return undefined;
  const name = /^metadata\.name==?(.+)$/.exec(fieldSelector)?.[1];
  if (name === undefined) throw usageError(`a folder cannot select by field ${JSON.stringify(fieldSelector)}`);
  return name;
}
