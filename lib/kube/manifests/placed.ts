import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { ManifestDocument } from "./documents.ts";
import type { ManifestFile } from "./folder.ts";

/** An object of a folder. */
export interface Placed {
  type: ResourceType;
  object: KubernetesObject;
  /** Where it is written; a stock object is nowhere. */
  at?: { file: ManifestFile; document: ManifestDocument };
  /** No API server would take it, so nobody gets to see it: it can only be written over, or removed. */
  refused: boolean;
}

/**
 * The file and the first line of the document of each object, by `keyByKind`. Without those of standard input, and without
 * those whose kind, namespace and name another object has as well, in another group: the key does not say which is meant.
 */
export function filePlaces(
  placed: readonly Pick<Placed, "type" | "object" | "at">[],
): Map<string, { file: string; line: number }> {
  const byKey = Map.groupBy(placed, ({ type: { kind, namespaced }, object: { metadata } }) =>
    keyByKind(kind, namespaced ? metadata : { name: metadata.name }),
  );
  return new Map(
    [...byKey].flatMap(([key, [first, ...others]]) => {
      const { file, document } = first?.at ?? {};
      if (file?.path === undefined || document === undefined || others.length > 0) return [];
      return [[key, { file: file.path, line: document.line }]];
    }),
  );
}
