// Rules taken apart for lookup, so that an answer costs the same whether it comes from three rules or from thirty
// thousand. What ruleAllows() says of each of a list of rules, tableAllows() says of their table.
//
// An atom is one combination of verb, API group and resource, or of verb and path, as rules write it; the dictionary
// numbers them. A question is turned into the few atoms that would allow it, once, and those are looked up in tables.

import { isPathQuestion, type PathQuestion, type Question, type ResourceQuestion } from "./question.ts";
import { withoutTrailingStars } from "./rule-match.ts";
import type { PolicyRule } from "../types.ts";

export interface AtomDictionary {
  count: number;
  /** verb → API group → resource → atom. */
  resources: Map<string, Map<string, Map<string, number>>>;
  /** verb → paths. */
  paths: Map<string, PathAtoms>;
}

interface PathAtoms {
  /** Every pattern as written: a path that equals it matches, stars or not. */
  exact: Map<string, number>;
  /** The prefixes of patterns that end in `*`. */
  prefixes: Map<string, number>;
  /** The lengths that occur in `prefixes`: a path is looked up once for each. */
  lengths: Set<number>;
}

/** Atom → the names it is limited to, or every name. */
export type RuleTable = Map<number, "any" | Set<string>>;

export function atomDictionary(): AtomDictionary {
  return { count: 0, resources: new Map(), paths: new Map() };
}

export function addRule(dictionary: AtomDictionary, table: RuleTable, rule: PolicyRule): void {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const names = resourceNames.length === 0 ? "any" : resourceNames;
  for (const verb of verbs) {
    if (nonResourceURLs.length > 0) addPaths(dictionary, table, verb, nonResourceURLs);
    if (resources.length === 0) continue;
    const groups = getOrCreate(dictionary.resources, verb, newMap<Map<string, number>>);
    for (const group of apiGroups) {
      const atoms = getOrCreate(groups, group, newMap<number>);
      for (const resource of resources) addNames(table, internAtom(dictionary, atoms, resource), names);
    }
  }
}

/** Adds what one table allows to another of the same dictionary. */
export function mergeTable(into: RuleTable, from: RuleTable): void {
  for (const [atom, names] of from) addNames(into, atom, names);
}

/** The atoms of which a table must have one to allow the question. Tables that are made later may need it asked again. */
export function atomsFor(dictionary: AtomDictionary, question: Question): number[] {
  const atoms: number[] = [];
  if (isPathQuestion(question)) {
    pathAtoms(dictionary.paths.get(question.verb), question, atoms);
    if (question.verb !== "*") pathAtoms(dictionary.paths.get("*"), question, atoms);
  } else {
    verbAtoms(dictionary.resources.get(question.verb), question, atoms);
    if (question.verb !== "*") verbAtoms(dictionary.resources.get("*"), question, atoms);
  }
  return atoms;
}

/** `name` is that of the question; a path has none. */
export function tableAllows(table: RuleTable, atoms: readonly number[], name: string): boolean {
  for (const atom of atoms) {
    const names = table.get(atom);
    if (names !== undefined && (names === "any" || names.has(name))) return true;
  }
  return false;
}

function verbAtoms(
  groups: Map<string, Map<string, number>> | undefined,
  question: ResourceQuestion,
  atoms: number[],
): void {
  if (groups === undefined) return;
  groupAtoms(groups.get(question.apiGroup), question, atoms);
  if (question.apiGroup !== "*") groupAtoms(groups.get("*"), question, atoms);
}

function groupAtoms(resources: Map<string, number> | undefined, question: ResourceQuestion, atoms: number[]): void {
  if (resources === undefined) return;
  pushKnown(atoms, resources.get(question.resource));
  pushKnown(atoms, resources.get("*"));
  if (question.subresource !== "") pushKnown(atoms, resources.get(question.anyWithSubresource));
}

function pathAtoms(known: PathAtoms | undefined, { path }: PathQuestion, atoms: number[]): void {
  if (known === undefined) return;
  pushKnown(atoms, known.exact.get(path));
  for (const length of known.lengths) {
    if (length <= path.length) pushKnown(atoms, known.prefixes.get(path.slice(0, length)));
  }
}

function pushKnown(atoms: number[], atom: number | undefined): void {
  if (atom !== undefined) atoms.push(atom);
}

function addNames(table: RuleTable, atom: number, names: "any" | Iterable<string>): void {
  if (names === "any") {
    table.set(atom, "any");
    return;
  }
  const known = table.get(atom);
  if (known === "any") return;
  const added = known ?? new Set<string>();
  for (const name of names) added.add(name);
  table.set(atom, added);
}

function addPaths(dictionary: AtomDictionary, table: RuleTable, verb: string, patterns: readonly string[]): void {
  const known = getOrCreate(dictionary.paths, verb, newPathAtoms);
  for (const pattern of patterns) {
    table.set(internAtom(dictionary, known.exact, pattern), "any");
    if (!pattern.endsWith("*")) continue;
    const prefix = withoutTrailingStars(pattern);
    known.lengths.add(prefix.length);
    table.set(internAtom(dictionary, known.prefixes, prefix), "any");
  }
}

function internAtom(dictionary: AtomDictionary, atoms: Map<string, number>, key: string): number {
  const known = atoms.get(key);
  if (known !== undefined) return known;
  const atom = dictionary.count;
  dictionary.count += 1;
  atoms.set(key, atom);
  return atom;
}

function newMap<Value>(): Map<string, Value> {
  return new Map();
}

function newPathAtoms(): PathAtoms {
  return { exact: new Map(), prefixes: new Map(), lengths: new Set() };
}

function getOrCreate<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
