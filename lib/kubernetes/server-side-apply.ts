// What a server-side apply makes of a stored object, foreseen without a server. The object's own managedFields say who
// set which field, and which lists are maps, sets or one value, so no schema is needed.
// Source: sigs.k8s.io/structured-merge-diff merge/update.go (merge, then prune what the manager no longer applies).

import { isJsonObject, isSameJson, listIn, objectIn, type JsonObject } from "../json.ts";
import type { KubernetesObject, ObjectMeta } from "./object.ts";

/**
 * The stored object after `manager` has applied `applied`; what does not change is the same value, and so is the whole. Exact
 * but for what the server does to new values by itself (defaults, normal forms of quantities): a dry run tells that.
 * An object without managedFields comes from a folder of manifests: there a field that is given replaces the one that is
 * stored, and labels and annotations are merged. What others own and this apply changes is taken over, as by force.
 */
export function applyTo(stored: KubernetesObject, applied: KubernetesObject, manager: string): KubernetesObject {
  if (isAppliedAlready(stored, applied, manager)) return stored;
  const owners = fieldOwners(stored, manager);
  const { apiVersion: _version, kind: _kind, metadata: given, ...fields } = applied;
  const isWhole = owners.own === undefined && owners.others.length === 0;
  const merged = mergeMap(stored, fields, { owners, path: "", isWhole });
  const place = { owners: within(owners, "f:metadata"), path: ".metadata", isWhole: false };
  const metadata = mergeMap(stored.metadata, ownMetadata(given), place);
  const isSame = merged === stored && metadata === stored.metadata;
  const { apiVersion, kind } = stored;
  return isSame ? stored : { ...merged, apiVersion, kind, metadata };
}

/** What of the metadata an apply sets; the rest names the object. */
function ownMetadata({ labels, annotations, finalizers, ownerReferences }: ObjectMeta): JsonObject {
  return { labels, annotations, finalizers, ownerReferences };
}

/**
 * The common case, without the work: every field that is applied is stored so, and the manager has set no other. What is not
 * seen at once is left to the merge.
 */
function isAppliedAlready(stored: KubernetesObject, applied: KubernetesObject, manager: string): boolean {
  for (const name in applied) {
    if (name === "apiVersion" || name === "kind" || name === "metadata") continue;
    if (!isGiven(applied[name]) || !isSameJson(stored[name], applied[name])) return false;
  }
  const [before, given] = [stored.metadata, applied.metadata];
  if (!isWithin(given.labels, before.labels) || !isWithin(given.annotations, before.annotations)) return false;
  for (const list of ["finalizers", "ownerReferences"] as const) {
    if (given[list] !== undefined && !isSameJson(given[list], before[list])) return false;
  }
  const own = ownFields(stored, manager);
  return own !== undefined && hasNoOther(own, applied) && hasNoOtherMetadata(objectIn(own["f:metadata"]), given);
}

const isWithin = (given: ObjectMeta["labels"], stored: ObjectMeta["labels"] = {}): boolean => {
  for (const key in given) if (given[key] !== stored[key]) return false;
  return true;
};

function hasNoOther(own: unknown, given: ObjectMeta | JsonObject = {}): boolean {
  if (!isJsonObject(own)) return true;
  for (const key in own) {
    if (key.startsWith("f:") && key !== "f:metadata" && !isGiven(given[key.slice(2)])) return false;
  }
  return true;
}

const hasNoOtherMetadata = (own: Fields, given: ObjectMeta): boolean =>
  hasNoOther(own, given) &&
  hasNoOther(own["f:labels"], given.labels) &&
  hasNoOther(own["f:annotations"], given.annotations);

function ownFields({ metadata }: KubernetesObject, manager: string): Fields | undefined {
  for (const entry of listIn(metadata["managedFields"])) {
    if (isJsonObject(entry) && isOwn(entry, manager)) return objectIn(entry["fieldsV1"]);
  }
  return undefined;
}

/** The same name with another operation, or for a subresource, is another manager. */
const isOwn = (entry: JsonObject, manager: string): boolean =>
  entry["manager"] === manager && entry["operation"] === "Apply" && !entry["subresource"];

/** A tree of FieldsV1: `{"f:metadata": {"f:labels": {"f:a": {}}}}`. */
type Fields = JsonObject;

/** Who set a field, or something within it. */
interface Owners {
  /** What the manager set by its last apply. */
  own: Fields | undefined;
  others: readonly Fields[];
}

interface Place {
  owners: Owners;
  /** `.spec.replicas` */
  path: string;
  /** Every field within is one value, whatever it is made of. */
  isWhole: boolean;
}

function fieldOwners({ metadata }: KubernetesObject, manager: string): Owners {
  const entries: unknown[] = Array.isArray(metadata["managedFields"]) ? metadata["managedFields"] : [];
  let own: Fields | undefined;
  const others: Fields[] = [];
  for (const entry of entries) {
    if (!isJsonObject(entry) || typeof entry["manager"] !== "string" || !isJsonObject(entry["fieldsV1"])) continue;
    if (isOwn(entry, manager)) own = entry["fieldsV1"];
    else others.push(entry["fieldsV1"]);
  }
  return { own, others };
}

function within({ own, others }: Owners, key: string): Owners {
  const ownPart = own?.[key];
  return {
    own: isJsonObject(ownPart) ? ownPart : undefined,
    others: others.length === 0 ? others : others.map((fields) => fields[key]).filter(isJsonObject),
  };
}

const inside = (place: Place, key: string, name: string): Place => ({
  ...place,
  owners: within(place.owners, key),
  path: `${place.path}${name}`,
});

function mergeValue(stored: unknown, applied: unknown, place: Place): unknown {
  if (!place.isWhole) {
    if (isJsonObject(stored) && isJsonObject(applied) && !isAtomic(place.owners)) {
      return mergeMap(stored, applied, place);
    }
    if (Array.isArray(stored) && Array.isArray(applied)) {
      const kind = listKind(place);
      if (kind === "set") return mergeSet(stored, applied, place);
      if (kind !== "atomic") return mergeListMap(stored, applied, { ...place, keys: kind.keys });
    }
  }
  return isSameJson(stored, applied) ? stored : applied;
}

/** Somebody owns the map, and nobody a field of it: it is one value. A map that nobody owns has fields of its own. */
function isAtomic({ own, others }: Owners): boolean {
  const trees = own === undefined ? others : [own, ...others];
  return trees.length > 0 && trees.every((fields) => Object.keys(fields).length === 0);
}

function mergeMap(stored: JsonObject, applied: JsonObject, place: Place): JsonObject {
  const changes = new Map<string, unknown>();
  for (const name of Object.keys(applied)) {
    if (applied[name] === stored[name]) continue;
    if (isGiven(applied[name]) && !wasDropped(stored[name], applied[name], place.owners.own?.[`f:${name}`])) {
      changes.set(name, mergeValue(stored[name], applied[name], inside(place, `f:${name}`, `.${name}`)));
    }
  }
  for (const key of Object.keys(place.owners.own ?? {})) {
    const name = key.slice(2);
    // What carries the metadata is merged by itself.
    if (!key.startsWith("f:") || isGiven(applied[name]) || (name === "metadata" && place.path === "")) continue;
    changes.set(name, withoutOwned(stored[name], inside(place, key, `.${name}`)));
  }
  if (changes.size === 0) return stored;
  const changed = [...changes].filter(([name, value]) => value !== stored[name]);
  if (changed.length === 0) return stored;
  const merged = { ...stored, ...Object.fromEntries(changed) };
  for (const [name, value] of changed) if (value === undefined) delete merged[name];
  return merged;
}

/** An apply leaves out a field as well by null. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** The server stores no empty list of subjects, and keeps that the manager set it: to set it again changes nothing. */
function wasDropped(stored: unknown, applied: unknown, owned: unknown): boolean {
  const isEmpty = Array.isArray(applied) ? applied.length === 0 : isJsonObject(applied) && isEmptyObject(applied);
  return stored === undefined && isEmpty && isJsonObject(owned) && isEmptyObject(owned);
}

const isEmptyObject = (value: JsonObject): boolean => Object.keys(value).length === 0;

/** What is left of a value that the manager no longer applies: what others own, or undefined. */
function withoutOwned(stored: unknown, place: Place): unknown {
  const { own, others } = place.owners;
  if (own === undefined) return stored;
  if (others.length === 0) return undefined;
  if (isJsonObject(stored)) return mergeMap(stored, {}, place);
  return Array.isArray(stored) && listKind(place) !== "atomic" ? mergeValue(stored, [], place) : stored;
}

/** Fields of keys that the server fills in before it compares. */
const keyDefaults: JsonObject = { protocol: "TCP" };

function listKind({ owners, path }: Place): "atomic" | "set" | { keys: string[] } {
  if (path === ".metadata.ownerReferences") return { keys: ["uid"] };
  if (path === ".metadata.finalizers") return "set";
  for (const fields of [owners.own ?? {}, ...owners.others]) {
    for (const key of Object.keys(fields)) {
      if (key.startsWith("v:")) return "set";
      if (key.startsWith("k:")) return { keys: Object.keys(objectIn(JSON.parse(key.slice(2)))) };
    }
  }
  return "atomic";
}

/** The key of an entry as managedFields spell it: `k:{"containerPort":80,"protocol":"TCP"}`. */
function entryKey(entry: unknown, keys: readonly string[]): string {
  const fields = isJsonObject(entry) ? entry : {};
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, fields[key] ?? keyDefaults[key]])))}`;
}

/** Entries that are stored keep their places, in the order in which they are applied; new ones follow. */
function mergeListMap(
  stored: readonly unknown[],
  applied: readonly unknown[],
  place: Place & { keys: string[] },
): readonly unknown[] {
  const byKey = (entries: readonly unknown[]) => new Map(entries.map((entry) => [entryKey(entry, place.keys), entry]));
  const [before, wanted] = [byKey(stored), byKey(applied)];
  const at = (key: string) => inside(place, key, `[${key.slice(2)}]`);
  const merge = (key: string) => mergeValue(before.get(key), wanted.get(key), at(key));
  const known = [...wanted.keys()].filter((key) => before.has(key)).values();
  const kept = [...before].map(([key, entry]) => {
    if (!wanted.has(key)) return withoutOwned(entry, at(key));
    return merge(known.next().value ?? key);
  });
  const added = [...wanted.keys()].filter((key) => !before.has(key)).map(merge);
  return unlessSame(stored, [...kept.filter((entry) => entry !== undefined), ...added]);
}

function mergeSet(stored: readonly unknown[], applied: readonly unknown[], { owners }: Place): readonly unknown[] {
  const kept = stored.filter((entry) => {
    const { own, others } = within(owners, `v:${JSON.stringify(entry)}`);
    return own === undefined || others.length > 0 || applied.includes(entry);
  });
  return unlessSame(stored, [...kept, ...applied.filter((entry) => !kept.includes(entry))]);
}

function unlessSame(stored: readonly unknown[], merged: readonly unknown[]): readonly unknown[] {
  return merged.length === stored.length && merged.every((entry, at) => entry === stored[at]) ? stored : merged;
}
