import { UserError, usageError } from "../errors.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { parseSelectorText, selects, type LabelSelector } from "../kubernetes/label-selector.ts";
import type { ResourceSet } from "./intent.ts";
import type { GrantOutline } from "./outline.ts";
import { isCollectionLabel } from "./names.ts";
import { isSystemNamespace } from "./system-namespace.ts";

/** What is known of one object: itself, that it is not there, or that the caller may not read it. */
export type Lookup = KubernetesObject | "absent" | "forbidden";

/** What a cluster shows of its namespaces. */
export interface NamespacesSeen {
  /** Those that were looked up by name. */
  named: ReadonlyMap<string, Lookup>;
  /** All of them; undefined: the caller may not list them. */
  all: readonly KubernetesObject[] | undefined;
  /** The namespace of the operator. */
  operator: string;
}

/** Where a grant holds today. */
export interface Places {
  /** In code-point order; empty for a grant that holds everywhere. */
  namespaces: string[];
  /** Those of them that only a selector chose. */
  selected: string[];
  warnings: string[];
}

/**
 * The namespaces of a new grant: those it names, which must be there, and those whose labels match. Throws UserError "usage"
 * for what is missing or needs `--allow-system`; a named one that may not be read is a warning.
 */
export function grantPlaces(
  { named: namespaces, selectors }: GrantOutline,
  seen: NamespacesSeen,
  { allowSystem, absentNamespaces }: { allowSystem: boolean; absentNamespaces: boolean },
): Places {
  const warnings = namespaces.flatMap((namespace) =>
    checkStanding(namespace, seen.named.get(namespace) ?? "absent", absentNamespaces),
  );
  if (!allowSystem && namespaces.includes(seen.operator)) {
    throw usageError(
      `namespace ${seen.operator} is the operator's own`,
      "Add --allow-system if that is what you mean.",
    );
  }
  if (selectors.length > 0 && seen.all === undefined) {
    throw new UserError(
      "undetermined",
      "you may not list namespaces, so nobody can say which ones a selector matches",
      "Name them instead: --ns NAMESPACE.",
    );
  }
  const matched = selectNamespaces(seen.all ?? [], selectors, seen.operator);
  const selected = matched.filter((name) => !namespaces.includes(name));
  return { namespaces: [...new Set([...namespaces, ...selected])].toSorted(), selected, warnings };
}

function checkStanding(namespace: string, found: Lookup, mayBeAbsent: boolean): string[] {
  if (found === "forbidden")
    return [`you may not read namespace ${namespace}: whether it exists shows when it is written to`];
  if (found === "absent") {
    if (mayBeAbsent) return [`namespace ${namespace} does not exist: the grant is for whatever gets that name`];
    throw usageError(`namespace ${JSON.stringify(namespace)} was not found`, [
      "See what is there: kubectl get namespaces",
      "Add --force to prepare a grant for it beforehand.",
    ]);
  }
  if (isTerminating(found)) {
    throw usageError(`namespace ${JSON.stringify(namespace)} is being deleted`, "Grant access once it is there again.");
  }
  return [];
}

const isTerminating = ({ metadata }: KubernetesObject) => metadata.deletionTimestamp !== undefined;

/**
 * Where a stored grant holds today: without the namespaces that are gone or going. Undefined when selectors choose and the
 * namespaces may not be listed. A folder seldom holds its namespaces, so `offline` takes the named ones as they are.
 */
export function placesToday(
  set: ResourceSet,
  { all, operator }: Pick<NamespacesSeen, "all" | "operator">,
  { offline }: { offline: boolean },
): string[] | undefined {
  if (set.kind === "all") return [];
  const { namespaces, selectors = [] } = set;
  if (all === undefined) return selectors.length === 0 ? namespaces : undefined;
  const { names } = standingNamespaces(all);
  const named = namespaces.filter((namespace) => offline || names.has(namespace));
  return [...new Set([...named, ...selectNamespaces(all, selectors, operator)])].toSorted();
}

/** The names of those that one of the selectors matches, but never a namespace of Kubernetes or of the operator. */
function selectNamespaces(
  namespaces: readonly KubernetesObject[],
  selectors: readonly string[],
  operator: string,
): string[] {
  const chosen = selectors.map(parseSelectorText).flatMap((selector) =>
    candidates(standingNamespaces(namespaces), selector)
      .filter(({ metadata: { labels = {} } }) => selects(selector, labels))
      .map(({ metadata: { name = "" } }) => name),
  );
  return [...new Set(chosen)].filter((name) => !isSystemNamespace(name, operator)).toSorted();
}

/** The namespaces that are not being deleted. */
interface StandingNamespaces {
  all: readonly KubernetesObject[];
  names: ReadonlySet<string>;
  byLabel: ReadonlyMap<string, readonly KubernetesObject[]>;
}

/** By the list itself: many grants are compared with the same one. */
const standing = new WeakMap<readonly KubernetesObject[], StandingNamespaces>();

function standingNamespaces(namespaces: readonly KubernetesObject[]): StandingNamespaces {
  const known = standing.get(namespaces);
  if (known !== undefined) return known;
  const all = namespaces.filter((namespace) => !isTerminating(namespace));
  const byLabel = new Map<string, KubernetesObject[]>();
  for (const namespace of all) {
    for (const key of Object.keys(namespace.metadata.labels ?? {})) {
      const others = byLabel.get(key);
      if (others === undefined) byLabel.set(key, [namespace]);
      else others.push(namespace);
    }
  }
  const found = { all, names: new Set(all.map(({ metadata: { name = "" } }) => name)), byLabel };
  standing.set(namespaces, found);
  return found;
}

/** Those that a selector can match at all: with a label that it wants to be there. */
function candidates(
  { all, byLabel }: StandingNamespaces,
  { requirements }: LabelSelector,
): readonly KubernetesObject[] {
  const wanted = requirements.find(({ operator }) => ["=", "in", "exists"].includes(operator));
  return wanted === undefined ? all : (byLabel.get(wanted.key) ?? []);
}

/** Whether the selectors look only at labels that the access model guards: those of collections. */
export function isGuardedSelector(selectors: readonly string[]): boolean {
  return selectors.every((text) => parseSelectorText(text).requirements.every(({ key }) => isCollectionLabel(key)));
}
