import { shellQuote } from "../text/shell-quote.ts";
import { usageError } from "../errors.ts";
import { mergePatch } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { parseSelectorText } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { patchChange, plan } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { nearest } from "../text/suggest.ts";
import { membership, membershipPatch, selectedCollection, type CollectionPath } from "./collection.ts";
import type { Intent } from "./intent.ts";
import type { MovedCollection } from "./moved-collection.ts";
import { COLLECTIONS, isCollectionLabel, MANAGED_BY, MANAGED_BY_LABEL, MOVED_ANNOTATION } from "./names.ts";
import { isSystemNamespace } from "./system-namespace.ts";
import type { StoredGrant } from "./stored.ts";

/** Labels are written before the bindings that follow from them. */
const STAGE = -1;
/** Before the labels: a change that is interrupted has said what it is about. */
const PATHS_STAGE = STAGE - 1;

/**
 * What has to change so that these paths are stored, with these descriptions; null: so that it is not. Nothing for no change.
 * @param moved the move that this is part of: it is noted in the same write, which any other change takes away
 */
export function planPaths(
  { stored, namespaces }: { stored: KubernetesObject | undefined; namespaces: readonly KubernetesObject[] },
  changes: ReadonlyMap<CollectionPath, string | null>,
  moved?: MovedCollection,
): Plan {
  const data = Object.fromEntries([...changes].map(([path, text]) => [path.replaceAll("/", "."), text]));
  if (stored !== undefined) {
    const merged = mergePatch(stored, { data });
    const isSame = JSON.stringify(merged["data"] ?? {}) === JSON.stringify(stored["data"] ?? {});
    const note = moved === undefined ? null : JSON.stringify(moved);
    const isNoted = moved !== undefined || stored.metadata.annotations?.[MOVED_ANNOTATION] !== undefined;
    const { resourceVersion } = stored.metadata;
    // A path that goes is one of this version: of two commands that take it away only the first has found it.
    const takes = [...changes.values()].includes(null) && resourceVersion !== undefined;
    const metadata = {
      ...(isNoted ? { annotations: { [MOVED_ANNOTATION]: note } } : {}),
      ...(takes ? { resourceVersion } : {}),
    };
    const patch = { data, ...(isNoted || takes ? { metadata } : {}) };
    return [patchChange({ type: nativeResources.configMaps, current: stored, stage: PATHS_STAGE }, patch, isSame)];
  }
  const written = Object.fromEntries(Object.entries(data).filter(([, text]) => text !== null));
  if (Object.keys(written).length === 0) return [];
  const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
  const home: KubernetesObject = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: COLLECTIONS.namespace, labels },
  };
  const config: KubernetesObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      ...COLLECTIONS,
      labels,
      ...(moved === undefined ? {} : { annotations: { [MOVED_ANNOTATION]: JSON.stringify(moved) } }),
    },
    data: written,
  };
  const hasNamespace = namespaces.some(({ metadata }) => metadata.name === COLLECTIONS.namespace);
  return [
    ...plan([], hasNamespace ? [] : [{ type: nativeResources.namespaces, object: home, stage: PATHS_STAGE - 1 }]),
    { action: "create", type: nativeResources.configMaps, object: config, stage: PATHS_STAGE, isNew: true },
  ];
}

/** What has to change so that the namespace is in that collection alone, or in none. */
export function planMembership(namespace: KubernetesObject, path: CollectionPath | undefined): Change {
  const patch = membershipPatch(namespace, path);
  const { resourceVersion } = namespace.metadata;
  // The labels that go are those of this version.
  const metadata = { ...patch?.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return patchChange(
    { type: nativeResources.namespaces, current: namespace, stage: STAGE },
    { metadata },
    patch === undefined,
  );
}

/** Throws UserError "usage" for a collection that nobody made. */
export function refuseUnknown(path: CollectionPath, known: ReadonlyMap<CollectionPath, string>): void {
  if (path === "/" || known.has(path)) return;
  const near = nearest(path, [...known.keys()]);
  throw usageError(`collection ${path} was not found`, [
    ...(near === undefined ? [] : [`Did you mean ${near}?`]),
    `Make it: kubectl mirrord grant collection create ${shellQuote(path)}`,
  ]);
}

/** The namespaces as they are after these changes. */
export function afterChanges(namespaces: readonly KubernetesObject[], changes: Plan): readonly KubernetesObject[] {
  if (changes.length === 0) return namespaces;
  const merged = new Map(
    changes
      .filter(({ type }) => type.resource === nativeResources.namespaces.resource)
      .map(({ object, merged: after, current }) => [object.metadata.name, after ?? current ?? object]),
  );
  const known = new Set(namespaces.map(({ metadata }) => metadata.name));
  const added = [...merged].flatMap(([name, object]) => (known.has(name) ? [] : [object]));
  return [...namespaces.map((namespace) => merged.get(namespace.metadata.name) ?? namespace), ...added];
}

/** What brings the labels of namespaces in line with their paths again; steps that the caller may not take are left out. */
export function planRepairs(namespaces: readonly KubernetesObject[], operator: string): Plan {
  return namespaces.flatMap((namespace) => {
    const { name = "", deletionTimestamp } = namespace.metadata;
    if (isSystemNamespace(name, operator) || deletionTimestamp !== undefined) return [];
    const { path, fault } = membership(namespace);
    return fault === undefined ? [] : [{ ...planMembership(namespace, path), optional: true } as const];
  });
}

/**
 * Whether namespaces leave collections by this plan, and come into none; one that has left already, by the same command that was
 * interrupted, counts as well. False for a plan without namespaces.
 */
export function onlyLeaves(changes: Plan): boolean {
  const namespaces = changes.filter(({ type }) => type.resource === nativeResources.namespaces.resource);
  const comesNowhere = ({ action, current, object, merged = object }: Change) => {
    const after = (action === "unchanged" ? current : merged)?.metadata.labels ?? {};
    const before = action === "unchanged" ? {} : (current?.metadata.labels ?? {});
    return Object.keys(after).every((key) => !isCollectionLabel(key) || before[key] === after[key]);
  };
  return namespaces.length > 0 && namespaces.every(comesNowhere);
}

/** Whether a grant reaches namespaces by what they are not in: it gets those that leave a collection. */
export function isOnWhatIsLeft({ intent }: Pick<StoredGrant, "intent">): boolean {
  return selectorsIn(intent).some((text) =>
    parseSelectorText(text).requirements.some(
      ({ key, operator }) => isCollectionLabel(key) && !["=", "in", "exists"].includes(operator),
    ),
  );
}

/** Whether a grant holds in collections, so that it follows what is put into them. */
export function isOnCollections({ intent }: Pick<StoredGrant, "intent">): boolean {
  return selectorsIn(intent).some((text) =>
    parseSelectorText(text).requirements.some(({ key }) => isCollectionLabel(key)),
  );
}

/** The collections that a grant names. */
export function intentCollections(intent: Intent | undefined): CollectionPath[] {
  return selectorsIn(intent).flatMap((selector) => selectedCollection(selector) ?? []);
}

function selectorsIn(intent: Intent | undefined): readonly string[] {
  return intent === undefined || intent.set.kind === "all" ? [] : (intent.set.selectors ?? []);
}
