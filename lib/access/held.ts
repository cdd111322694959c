import { textsIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/** metadata.finalizers: what keeps an object when it is deleted. */
export const finalizers = ({ metadata }: KubernetesObject): string[] => textsIn(metadata["finalizers"]);

/** A finalizer on objects of a kind, as `Kind finalizer`. */
export type KindFinalizer = `${string} ${string}`;

/**
 * The finalizers that a platform puts on every binding and role, its controller's to take off again: those on all that a
 * cluster comes with. Only its administrators may write these, so nobody else can make theirs pass for one.
 */
export function platformFinalizers(stock: readonly KubernetesObject[]): Set<KindFinalizer> {
  const kinds = Map.groupBy(stock, ({ kind }) => kind);
  return new Set(
    [...kinds].flatMap(([kind, [first, ...others]]) =>
      (first === undefined ? [] : finalizers(first))
        .filter((name) => others.every((other) => finalizers(other).includes(name)))
        .map((name): KindFinalizer => `${kind} ${name}`),
    ),
  );
}

/** Whether an object would stay when it is deleted, or is staying already, and by what. */
export function heldBy(
  object: KubernetesObject,
  platform: ReadonlySet<KindFinalizer> = new Set(),
): { foreign: string[]; known: string[]; leaving: boolean } {
  const isKnown = (name: string) => platform.has(`${object.kind} ${name}`);
  const names = finalizers(object);
  return {
    foreign: names.filter((name) => !isKnown(name)),
    known: names.filter(isKnown),
    leaving: object.metadata.deletionTimestamp !== undefined,
  };
}
