import { objectIn, textIn, textsIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { isWithin, type CollectionPath } from "./collection.ts";
import type { CollectionsSeen } from "./collections-seen.ts";
import { MOVED_ANNOTATION } from "./names.ts";

/** The move of a whole collection, noted beside the paths that it changed, and gone with their next change. */
export interface MovedCollection {
  from: CollectionPath;
  to: CollectionPath;
  /** Those that were in it or below it, by name. */
  namespaces: readonly string[];
}

/** Undefined where the last change of the stored paths was none, and for what is no note of one. */
export function movedCollection(stored: KubernetesObject | undefined): MovedCollection | undefined {
  const note = parseNote(stored?.metadata.annotations?.[MOVED_ANNOTATION]);
  const [from, to] = [textIn(note["from"]), textIn(note["to"])];
  if (from === "" || to === "") return undefined;
  return { from, to, namespaces: textsIn(note["namespaces"]) };
}

function parseNote(text = "{}"): Record<string, unknown> {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * Whether this very move was begun, so that `to` is what it made and no other collection: the paths were moved by it and have not
 * changed since, nothing was created where they were, and no namespace is there but those that were.
 */
export function isBegun(
  { stored, created, members }: Pick<CollectionsSeen, "stored" | "created" | "members">,
  from: CollectionPath,
  to: CollectionPath,
): boolean {
  const moved = movedCollection(stored);
  if (moved?.from !== from || moved.to !== to || !created.has(to)) return false;
  if ([...created].some((path) => isWithin(path, from))) return false;
  const left = members.filter(({ path }) => path !== undefined && isWithin(path, from));
  return left.every(({ namespace }) => moved.namespaces.includes(namespace));
}
