import { usageError, type UserError } from "../errors.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { nearest } from "../text/suggest.ts";
import { mirrordResources } from "./resources.ts";

/** What to target in place of a kind that mirrord does not: its pods, or what it leads to. */
const instead: Readonly<Record<string, string>> = {
  DaemonSet: "Target one of its pods: pod/NAME.",
  ReplicationController: "Target one of its pods: pod/NAME.",
  Ingress: "Target what it leads to: service/NAME, or the workload behind that.",
  Endpoints: "Target what it belongs to: service/NAME, or the workload behind that.",
  EndpointSlice: "Target what it belongs to: service/NAME, or the workload behind that.",
  HorizontalPodAutoscaler: "Target the workload that it scales: deployment/NAME.",
};

const types: readonly ResourceType[] = [...Object.values(nativeResources), ...Object.values(mirrordResources)];

const otherTypes = new Map(types.flatMap((type) => typeWords(type).map((word) => [word, type] as const)));

/** The words for a type, in lower case: the plural, the kind, short names. */
export function typeWords({ resource, kind, shortNames = [] }: ResourceType): string[] {
  return [resource, kind.toLowerCase(), ...shortNames].filter((word) => word !== "");
}

/** `deployments` of `deployments.v1.apps`, in lower case. */
const withoutGroup = (word: string): string => word.toLowerCase().replace(/\..*$/su, "");

/** Whether a word names a type that is known, target or not. */
export const isTypeWord = (word: string): boolean => otherTypes.has(withoutGroup(word));

/**
 * Says of a path what its kind is, where mirrord has no such target: a kind of Kubernetes that it cannot target, or a slip of one
 * that it can. Words of two and three letters are near to everything, so nothing is made of them.
 * @param kinds by each word for them
 */
export function unknownKind(
  word: string,
  text: string,
  { kinds, hint }: { kinds: ReadonlyMap<string, string>; hint: string },
): UserError {
  const typed = withoutGroup(word);
  const slip = typed.length < 4 ? undefined : nearest(typed, [...kinds.keys(), ...otherTypes.keys()].filter(isLong));
  const meant = kinds.get(typed) ?? kinds.get(slip ?? "") ?? begun(typed, kinds);
  const other = otherTypes.get(typed) ?? (meant === undefined ? otherTypes.get(slip ?? "") : undefined);
  if (other !== undefined && kinds.get(typed) === undefined) {
    const article = /^[AEIO]/u.test(other.kind) ? "an" : "a";
    const way = instead[other.kind];
    return usageError(`mirrord cannot target ${article} ${other.kind}: ${JSON.stringify(text)}`, [
      ...(way === undefined ? [] : [way]),
      hint,
    ]);
  }
  const did = meant === undefined ? "" : `Did you mean ${[meant, ...text.split("/").slice(1)].join("/")}? `;
  return usageError(`unknown target kind ${JSON.stringify(word)} in ${JSON.stringify(text)}`, `${did}${hint}`);
}

const isLong = (word: string) => word.length > 3;

/** The one kind that begins so. */
function begun(typed: string, kinds: ReadonlyMap<string, string>): string | undefined {
  const found = new Set([...kinds].flatMap(([word, kind]) => (word.startsWith(typed) ? [kind] : [])));
  const [only, ...more] = found;
  return typed.length > 2 && more.length === 0 ? only : undefined;
}
