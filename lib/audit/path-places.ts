// What is known of a cluster, arranged for the ends of ways.

import { boundSubject } from "../access/subject.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { holderKey } from "./rights.ts";

export const accountKey = (namespace: string, name: string): string =>
  holderKey({ kind: "ServiceAccount", namespace, name });

/** By namespace ("" for all) and name: keys of accounts. */
export type NamedAccounts = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/**
 * ClusterRoles that take in others by their labels. Any one with a selector counts: whoever writes the label chooses which.
 */
export function aggregatingRoles(rbac: readonly KubernetesObject[]): ReadonlySet<string> {
  return new Set(
    rbac.flatMap(({ kind, metadata: { name = "" }, ...role }) =>
      kind === "ClusterRole" && listIn(objectIn(role["aggregationRule"])["clusterRoleSelectors"]).length > 0
        ? [name]
        : [],
    ),
  );
}

/** A role that somebody is bound to. */
export interface BoundRole {
  kind: string;
  name: string;
  /** Where; "" is everywhere. */
  place: string;
}

/** By `holderKey`. */
export function boundRoles(rbac: readonly KubernetesObject[]): ReadonlyMap<string, readonly BoundRole[]> {
  const found = new Map<string, BoundRole[]>();
  for (const { kind, metadata, ...binding } of rbac) {
    if (!kind.endsWith("Binding")) continue;
    const ref = objectIn(binding["roleRef"]);
    const role = { kind: textIn(ref["kind"]), name: textIn(ref["name"]), place: metadata.namespace ?? "" };
    for (const subject of listIn(binding["subjects"])) {
      const bound = boundSubject(objectIn(subject), metadata.namespace);
      if (bound === undefined) continue;
      const key = holderKey(bound);
      const known = found.get(key);
      if (known === undefined) found.set(key, [role]);
      else known.push(role);
    }
  }
  return found;
}

/** By each of their names. */
export function namedAccounts<One extends { namespace: string; account: string }>(
  all: readonly One[],
  names: (one: One) => readonly string[],
): NamedAccounts {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const one of all)
    for (const place of [one.namespace, ""]) {
      const known = found.get(place) ?? new Map<string, Set<string>>();
      found.set(place, known);
      for (const name of names(one))
        known.set(name, (known.get(name) ?? new Set()).add(accountKey(one.namespace, one.account)));
    }
  return found;
}

/** Those of a namespace, or of all ("") with one of these names. */
export function namedEnds(known: NamedAccounts, namespace: string, names: Iterable<string>): string[] {
  const here = known.get(namespace);
  return [...new Set([...names].flatMap((name) => [...(here?.get(name) ?? [])]))];
}

/** Targets are written with their containers as well: `deployment.web.container.app`. */
export function targetNames(names: Iterable<string>): string[] {
  return [...names].flatMap((name) => {
    const marks = [...name.matchAll(/\.container\./g)].map(({ index }) => index);
    return [name, ...marks.map((mark) => name.slice(0, mark))];
  });
}
