import { isJsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { annotations } from "./names.ts";

/** The uid of each namespace, by name: a namespace that was made anew under its name has another one. */
export type NamespaceUids = Readonly<Record<string, string>>;

/** Those that a grant was made for, as its binding records them; none where that cannot be read. */
export function storedUids(binding: KubernetesObject | undefined): NamespaceUids {
  try {
    const stored: unknown = JSON.parse(binding?.metadata.annotations?.[annotations.namespaceUids] ?? "{}");
    const uids = isJsonObject(stored) ? Object.entries(stored) : [];
    return Object.fromEntries(uids.flatMap(([name, uid]) => (typeof uid === "string" ? [[name, uid]] : [])));
  } catch {
    return {};
  }
}

/** Those of namespaces as they are now. */
export function uidsNow(namespaces: readonly KubernetesObject[]): NamespaceUids {
  return Object.fromEntries(
    namespaces.flatMap(({ metadata: { name = "", uid } }) => (uid === undefined ? [] : [[name, uid]])),
  );
}

/** The namespaces that are not those that were granted. What is not known of either is no difference. */
export function madeAnew(stored: NamespaceUids, now: NamespaceUids): string[] {
  return Object.keys(stored).filter((name) => now[name] !== undefined && now[name] !== stored[name]);
}

/**
 * What to record of the namespaces that a grant names. A namespace that is gone keeps its uid, and so does one that was made anew
 * unless that was accepted. Undefined: nothing is known of any.
 */
export function uidsToRecord(
  named: readonly string[],
  stored: NamespaceUids,
  now: NamespaceUids,
  { accept }: { accept: boolean },
): NamespaceUids | undefined {
  const known = [...named].toSorted().flatMap((name): [string, string][] => {
    const uid = accept ? (now[name] ?? stored[name]) : (stored[name] ?? now[name]);
    return uid === undefined ? [] : [[name, uid]];
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
