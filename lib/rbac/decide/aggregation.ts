// What the aggregation controller of a cluster does to ClusterRoles with an aggregationRule, computed.
// Source: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.

import { isJsonObject, listIn, objectIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { goQuote } from "../../text/go-quote.ts";
import { selects, parseLabelSelector } from "../../kubernetes/label-selector.ts";
import type { Question } from "./question.ts";
import { rbacIndex, type IndexedRole, type RbacIndex } from "./rbac-index.ts";
import { ruleKey } from "../rule-key.ts";
import { ruleAllows } from "./rule-match.ts";
import type { PolicyRule } from "../types.ts";

const CONTROLLER = "clusterrole-aggregation-controller";

interface Aggregation {
  /** The rules of every aggregated ClusterRole, by name, as the controller makes them; none for the unsettled ones. */
  rules: Map<string, readonly PolicyRule[]>;
  /** Of roles that select each other in a circle, and of those that select such roles: the rules that they may come to hold. */
  unsettled: Map<string, readonly PolicyRule[]>;
  errors: string[];
}

/**
 * The unsettled rules of roles whose rules were filled in, by their aggregationRule, which stays the same object: who gets
 * only the filled objects still has to know that a "no" is not certain.
 */
const unsettledRules = new WeakMap<object, readonly PolicyRule[]>();

/**
 * The objects with the rules of aggregated ClusterRoles filled in; all others are passed on as they are. Roles that select
 * each other get no rules: which they hold depends on the order in which the controller takes them, and what they may come
 * to hold makes an answer uncertain (doubtBeforeAggregation).
 */
export function withAggregation(objects: readonly KubernetesObject[]): {
  objects: KubernetesObject[];
  errors: string[];
} {
  const index = rbacIndex(objects);
  const { rules, unsettled, errors } = resolveAggregation(index);
  const filled = objects.map((object) => {
    const name = isJsonObject(object) && isJsonObject(object.metadata) ? object.metadata.name : undefined;
    const role = name === undefined ? undefined : index.clusterRoles.get(name);
    const computed = role?.object === object ? rules.get(role.name) : undefined;
    const uncertain = role === undefined ? undefined : unsettled.get(role.name);
    const aggregationRule = object["aggregationRule"];
    if (uncertain !== undefined && isJsonObject(aggregationRule)) unsettledRules.set(aggregationRule, uncertain);
    return computed === undefined ? object : { ...object, rules: computed };
  });
  return { objects: filled, errors };
}

const computedFor = new WeakMap<RbacIndex, Aggregation>();

/**
 * Why a role whose stored rules do not allow a question will, or may, do so when the controller has filled them; undefined
 * when it will not.
 */
export function doubtBeforeAggregation(index: RbacIndex, role: IndexedRole, question: Question): string | undefined {
  if (roleSelectors(role) === undefined) return undefined;
  const aggregation = computedFor.get(index) ?? resolveAggregation(index);
  computedFor.set(index, aggregation);
  const allows = (rules: readonly PolicyRule[] = []) => rules.some((rule) => ruleAllows(rule, question));
  const name = `ClusterRole ${goQuote(role.name)}`;
  if (allows(aggregation.rules.get(role.name)))
    return `${name} allows it once the aggregation controller has run: its stored rules are not up to date`;
  const aggregationRule = role.object["aggregationRule"];
  const unsettled = isJsonObject(aggregationRule) ? unsettledRules.get(aggregationRule) : undefined;
  return allows(unsettled) || allows(aggregation.unsettled.get(role.name))
    ? `${name} may allow it: aggregated roles select each other, and what they hold depends on the order`
    : undefined;
}

/**
 * The rules that the controller leaves in each aggregated role: the union of those that it selects, which may be aggregated,
 * too. Roles in a circle, and those that select one of them, are named in an error and not computed.
 */
function resolveAggregation(index: RbacIndex): Aggregation {
  const roles = [...index.clusterRoles.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const errors: string[] = [];
  const selections = roles.flatMap((role) => selectRoles(role, roles, errors));
  const stored = oneObjectPerRule(roles);
  const { settled, circular } = inOrder(selections);
  const rules = new Map<string, readonly PolicyRule[]>();
  const heldRules = (role: IndexedRole): readonly PolicyRule[] => rules.get(role.name) ?? stored(role);
  for (const { role, selected } of settled) {
    const union = new Set(selected.flatMap(heldRules));
    rules.set(role.name, union.size === 0 ? withoutAny(role, stored) : [...union]);
  }
  const unsettled = new Map<string, readonly PolicyRule[]>();
  for (const group of connected(circular)) {
    const possible = [...new Set(group.flatMap(({ role, selected }) => [role, ...selected]).flatMap(heldRules))];
    for (const { role } of group) unsettled.set(role.name, possible);
    const names = group
      .map(({ role }) => goQuote(role.name))
      .toSorted()
      .join(", ");
    errors.push(`aggregated ClusterRoles that select each other do not settle: ${names}`);
  }
  for (const { role } of circular) rules.set(role.name, []);
  return { rules, unsettled, errors };
}

/** Selected roles before those that select them; `circular` are the ones for which there is no such order. */
function inOrder(selections: readonly Selection[]): { settled: Selection[]; circular: Selection[] } {
  const aggregated = new Set(selections.map(({ role }) => role));
  const edges = selections.flatMap((selection) =>
    [...new Set(selection.selected)].filter((role) => aggregated.has(role)).map((role) => ({ role, selection })),
  );
  const selecting = Map.groupBy(edges, ({ role }) => role);
  const waitsFor = new Map(selections.map((selection) => [selection, 0]));
  for (const { selection } of edges) waitsFor.set(selection, (waitsFor.get(selection) ?? 0) + 1);
  const settled = selections.filter((selection) => waitsFor.get(selection) === 0);
  // Grows while it is walked.
  for (const { role } of settled) {
    for (const { selection } of selecting.get(role) ?? []) {
      const left = (waitsFor.get(selection) ?? 0) - 1;
      waitsFor.set(selection, left);
      if (left === 0) settled.push(selection);
    }
  }
  return { settled, circular: selections.filter((selection) => (waitsFor.get(selection) ?? 0) > 0) };
}

/** The selections in groups that are connected in whichever direction. */
function connected(selections: readonly Selection[]): Selection[][] {
  const groups = new Map<IndexedRole, Selection[]>(selections.map((selection) => [selection.role, [selection]]));
  for (const { role, selected } of selections) {
    for (const other of selected) {
      const [mine, theirs] = [groups.get(role), groups.get(other)];
      if (mine === undefined || theirs === undefined || mine === theirs) continue;
      const [small, large] = mine.length < theirs.length ? [mine, theirs] : [theirs, mine];
      large.push(...small);
      for (const { role: moved } of small) groups.set(moved, large);
    }
  }
  return [...new Set(groups.values())];
}

/** The rules of each role, equal ones as the same object, so that they are compared once and for all. */
function oneObjectPerRule(roles: readonly IndexedRole[]): (role: IndexedRole) => readonly PolicyRule[] {
  const known = new Map<string, PolicyRule>();
  const byRole = new Map<IndexedRole, PolicyRule[]>();
  for (const role of roles) {
    const rules = role.rules.flatMap((rule) => {
      if (rule === undefined) return [];
      const key = ruleKey(rule);
      known.set(key, known.get(key) ?? rule);
      return known.get(key) ?? rule;
    });
    byRole.set(role, rules);
  }
  return (role) => byRole.get(role) ?? [];
}

interface Selection {
  role: IndexedRole;
  /** In the order of the selectors, then of the names; never the role itself. */
  selected: IndexedRole[];
}

function selectRoles(role: IndexedRole, roles: readonly IndexedRole[], errors: string[]): Selection[] {
  const selectors = roleSelectors(role);
  if (selectors === undefined) return [];
  const selected: IndexedRole[] = [];
  for (const [position, value] of selectors.entries()) {
    const selector = parseLabelSelector(value ?? {});
    const [fault] = selector.faults;
    if (fault !== undefined) {
      // The controller gives up on such a role and leaves its rules as they are.
      errors.push(`ClusterRole ${goQuote(role.name)}: aggregationRule.clusterRoleSelectors[${position}] ${fault}`);
      return [];
    }
    const isSelected = ({ object }: IndexedRole) => selects(selector, objectIn(object.metadata.labels));
    selected.push(...roles.filter((other) => other !== role && isSelected(other)));
  }
  return [{ role, selected }];
}

/** aggregationRule.clusterRoleSelectors, or undefined for a role without an aggregationRule. */
function roleSelectors({ object }: IndexedRole): unknown[] | undefined {
  const rule = object["aggregationRule"];
  if (!isJsonObject(rule)) return undefined;
  return listIn(rule["clusterRoleSelectors"]);
}

/** The controller applies without a `rules` field when it has none to give, so that rules which somebody else wrote stay. */
function withoutAny(role: IndexedRole, stored: (role: IndexedRole) => readonly PolicyRule[]): readonly PolicyRule[] {
  return onlyController(role) ? [] : stored(role);
}

/** Whether the controller alone owns the `rules` of a stored role. */
function onlyController({ object }: IndexedRole): boolean {
  const owners = listIn(object.metadata.managedFields).filter(
    (entry) => isJsonObject(entry) && isJsonObject(entry["fieldsV1"]) && "f:rules" in entry["fieldsV1"],
  );
  return owners.length > 0 && owners.every((entry) => isJsonObject(entry) && entry["manager"] === CONTROLLER);
}
