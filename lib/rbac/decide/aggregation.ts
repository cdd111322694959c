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
  /** The rules of every aggregated ClusterRole, by name, after the controller has settled. */
  rules: Map<string, readonly PolicyRule[]>;
  errors: string[];
}

/** The objects with the rules of aggregated ClusterRoles filled in; all others are passed on as they are. */
export function withAggregation(objects: readonly KubernetesObject[]): {
  objects: KubernetesObject[];
  errors: string[];
} {
  const index = rbacIndex(objects);
  const { rules, errors } = resolveAggregation(index);
  const filled = objects.map((object) => {
    const name = isJsonObject(object) && isJsonObject(object.metadata) ? object.metadata.name : undefined;
    const role = name === undefined ? undefined : index.clusterRoles.get(name);
    const computed = role?.object === object ? rules.get(role.name) : undefined;
    return computed === undefined ? object : { ...object, rules: computed };
  });
  return { objects: filled, errors };
}

const computedFor = new WeakMap<RbacIndex, Aggregation>();

/** Whether a role whose stored rules do not allow a question will do so when the controller has filled them. */
export function allowsOnceAggregated(index: RbacIndex, role: IndexedRole, question: Question): boolean {
  if (roleSelectors(role) === undefined) return false;
  const aggregation = computedFor.get(index) ?? resolveAggregation(index);
  computedFor.set(index, aggregation);
  return (aggregation.rules.get(role.name) ?? []).some((rule) => ruleAllows(rule, question));
}

/** How many rules are looked at before roles that select one another are given up: far more than any cluster has. */
const RULES_LOOKED_AT = 5_000_000;

/**
 * Takes the aggregated roles in turn, by name, until nothing changes: an aggregated role may select another one. Roles that
 * select each other in a circle may never settle; then the last state counts and an error says so.
 */
function resolveAggregation(index: RbacIndex): Aggregation {
  const roles = [...index.clusterRoles.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const errors: string[] = [];
  const selections = roles.flatMap((role) => selectRoles(role, roles, errors));
  const stored = oneObjectPerRule(roles);
  const rules = new Map(selections.map(({ role }) => [role.name, stored(role)]));
  const rulesOf = (role: IndexedRole): readonly PolicyRule[] => rules.get(role.name) ?? stored(role);
  let left = RULES_LOOKED_AT;
  for (let settled = false; !settled && left > 0;) {
    settled = true;
    for (const { role, selected } of selections) {
      const next = new Set<PolicyRule>();
      for (const other of selected) for (const rule of rulesOf(other)) next.add(rule);
      left -= selected.reduce((sum, other) => sum + rulesOf(other).length, selected.length);
      const [now, before] = [next.size === 0 ? withoutAny(role, stored) : [...next], rulesOf(role)];
      settled &&= now.length === before.length && now.every((rule, position) => rule === before[position]);
      rules.set(role.name, now);
      if (left <= 0) break;
    }
  }
  if (left <= 0) {
    errors.push(
      `aggregated ClusterRoles that select each other do not settle: ${selections.map(({ role }) => goQuote(role.name)).join(", ")}`,
    );
  }
  return { rules, errors };
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
