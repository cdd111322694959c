// Collections: paths such as prod/web, kept as labels of namespaces. Source: design section 3.1.

import { usageError } from "../errors.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { remembered } from "../text/remembered.ts";
import { COLLECTION_LABEL, COLLECTION_MEMBER_PREFIX } from "./names.ts";

/** `prod/web`: lower-case segments from the root down; `/` where all collections together can be meant. */
export type CollectionPath = string;

/** As a label's value and behind a label's prefix, a path may have so many characters. */
const LONGEST_PATH = 63;
const segment = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Reads a path as it is typed, a slash before or behind it allowed.
 * @throws UserError "usage" for a bad segment, and for a path of more than 63 characters
 */
export function parseCollection(text: string): CollectionPath {
  const segments = text.replace(/^\//, "").replace(/\/$/, "").split("/");
  const bad = segments.find((part) => !segment.test(part));
  if (bad !== undefined) {
    throw usageError(
      `${JSON.stringify(text)} cannot be the path of a collection${segments.length > 1 ? `: ${JSON.stringify(bad)} is no segment` : ""}`,
      "A path is made of lower-case letters, digits and '-', with '/' in between: prod/web.",
    );
  }
  const path = segments.join("/");
  if (path.length > LONGEST_PATH) {
    throw usageError(`the path ${path} has ${path.length} characters, and ${LONGEST_PATH} are possible`);
  }
  return path;
}

/** The same of what a grant or a command names, where `/` is all collections together. */
export function parseCollectionOrRoot(text: string): CollectionPath {
  return text === "/" ? "/" : parseCollection(text);
}

/** The path itself and all above it, from the top: `prod`, `prod/web`. */
export function ancestry(path: CollectionPath): CollectionPath[] {
  const segments = path.split("/");
  return segments.map((_, at) => segments.slice(0, at + 1).join("/"));
}

/** Whether the path is the other one, or below it. */
export function isWithin(path: CollectionPath, other: CollectionPath): boolean {
  return path === other || path.startsWith(`${other}/`);
}

const dotted = (path: CollectionPath): string => path.replaceAll("/", ".");

/** The labels of a namespace in that collection: the path, and one for each collection that it is within. */
export function collectionLabels(path: CollectionPath): Record<string, string> {
  const within = ancestry(path).map((above) => [`${COLLECTION_MEMBER_PREFIX}${dotted(above)}`, ""]);
  return { [COLLECTION_LABEL]: dotted(path), ...Object.fromEntries(within) };
}

/** The label selector of a grant on a collection: every namespace in it or below it. */
export function collectionSelector(path: CollectionPath): string {
  return path === "/" ? COLLECTION_LABEL : `${COLLECTION_MEMBER_PREFIX}${dotted(path)}`;
}

/** The collection that a grant's selector stands for; undefined for any other selector. */
export function selectedCollection(selector: string): CollectionPath | undefined {
  if (selector === COLLECTION_LABEL) return "/";
  if (!selector.startsWith(COLLECTION_MEMBER_PREFIX)) return undefined;
  const path = selector.slice(COLLECTION_MEMBER_PREFIX.length).replaceAll(".", "/");
  return path.split("/").every((part) => segment.test(part)) ? path : undefined;
}

/** Where a namespace stands by its labels. */
export interface Membership {
  namespace: string;
  /** Undefined: in no collection. */
  path: CollectionPath | undefined;
  /** Labels that do not go with the path: a grant may reach the namespace that should not, or the other way round. */
  fault?: string;
}

export function membership({ metadata: { name = "", labels = {} } }: KubernetesObject): Membership {
  const value = labels[COLLECTION_LABEL];
  const placed = value === undefined ? undefined : placement(value);
  if (value !== undefined && placed === undefined)
    return { namespace: name, path: undefined, fault: `${JSON.stringify(value)} is no path of a collection` };
  const { path, labels: expected = {} } = placed ?? {};
  if (hasExactly(labels, expected)) return { namespace: name, path };
  const found = Object.keys(labels).filter((key) => key.startsWith(COLLECTION_MEMBER_PREFIX));
  const missing = Object.keys(expected).filter((key) => labels[key] !== expected[key]);
  const surplus = found.filter((key) => expected[key] === undefined);
  const faults = [
    ...(missing.length === 0 ? [] : [`it lacks ${missing.toSorted().join(", ")}`]),
    ...(surplus.length === 0 ? [] : [`it should not have ${surplus.toSorted().join(", ")}`]),
  ];
  return { namespace: name, path, fault: faults.join("; ") };
}

/** The labels that go with a path as a label has it. A company has thousands of namespaces in some hundred collections. */
const placement = remembered((value): { path: CollectionPath; labels: Record<string, string> } | undefined => {
  const path = value.replaceAll(".", "/");
  return path.split("/").every((part) => segment.test(part)) ? { path, labels: collectionLabels(path) } : undefined;
});

/** Whether all of these labels are there, and no other of a collection. */
function hasExactly(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  for (const key in labels) if (key.startsWith(COLLECTION_MEMBER_PREFIX) && wanted[key] === undefined) return false;
  return true;
}

/**
 * A JSON merge patch that puts a namespace into a collection, or takes it out of any: labels that do not go with it are taken
 * away, whoever wrote them. Undefined where nothing has to change.
 */
export function membershipPatch(
  { metadata: { labels = {} } }: KubernetesObject,
  path: CollectionPath | undefined,
): { metadata: { labels: Record<string, string | null> } } | undefined {
  const wanted = path === undefined ? {} : collectionLabels(path);
  const stale = Object.keys(labels).filter(
    (key) => (key === COLLECTION_LABEL || key.startsWith(COLLECTION_MEMBER_PREFIX)) && wanted[key] === undefined,
  );
  const changed = Object.entries(wanted).filter(([key, value]) => labels[key] !== value);
  if (stale.length + changed.length === 0) return undefined;
  return {
    metadata: { labels: { ...Object.fromEntries(changed), ...Object.fromEntries(stale.map((key) => [key, null])) } },
  };
}
