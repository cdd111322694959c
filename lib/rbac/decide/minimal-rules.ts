import type { AccessAttributes } from "../../kubernetes/access.ts";
import { byCodePoint } from "../../text/order.ts";
import { isPathQuestion, toQuestion, type Question } from "./question.ts";
import { ruleKey } from "../rule-key.ts";
import { ruleAllows } from "./rule-match.ts";
import { smallestRule } from "./smallest-rule.ts";
import type { PolicyRule } from "../types.ts";

export interface MinimalRules {
  /** For a ClusterRole that is bound by a ClusterRoleBinding: what was asked at cluster scope, and paths. */
  cluster: PolicyRule[];
  /** By namespace: for a Role there. What `cluster` grants everywhere is left out. */
  namespaces: Map<string, PolicyRule[]>;
}

/** The rules that allow every one of the requests and nothing that was not asked. */
export function minimalRules(requests: readonly AccessAttributes[]): MinimalRules {
  const wanted = requests.map((request) => {
    const question = toQuestion(request);
    return { question, rule: smallestRule(question), scope: isPathQuestion(question) ? "" : question.namespace };
  });
  const cluster = wanted.filter(({ scope }) => scope === "");
  const namespaces = new Map<string, PolicyRule[]>();
  for (const scope of new Set(wanted.map((each) => each.scope))) {
    if (scope === "") continue;
    const rules = needed([...cluster, ...wanted.filter((each) => each.scope === scope)])
      .filter((each) => each.scope === scope)
      .map(({ rule }) => rule);
    if (rules.length > 0) namespaces.set(scope, joinRules(rules));
  }
  return { cluster: joinRules(needed(cluster).map(({ rule }) => rule)), namespaces };
}

interface Wanted {
  question: Question;
  rule: PolicyRule;
  scope: string;
}

/** Those that none of the others allows already; of equals the first. */
function needed(wanted: readonly Wanted[]): Wanted[] {
  const unique: Wanted[] = [];
  const keys = new Set<string>();
  for (const each of wanted) {
    const key = ruleKey(each.rule);
    if (!keys.has(key)) unique.push(each);
    keys.add(key);
  }
  return unique.filter((each) => !unique.some((other) => other !== each && ruleAllows(other.rule, each.question)));
}

/**
 * Joins rules that differ in one list only until none do, which grants what they grant apart and no more. Lists and rules
 * come sorted, so that the result does not depend on the order.
 */
function joinRules(rules: readonly PolicyRule[]): PolicyRule[] {
  let joined = rules;
  for (;;) {
    const before = joined.length;
    for (const list of mergeOrder) joined = joinBy(list, joined);
    if (joined.length === before) return joined.toSorted((a, b) => byCodePoint(place(a), place(b)));
  }
}

/** By group and resource; paths come last. */
const place = ({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string => JSON.stringify([apiGroups, resources, resourceNames, nonResourceURLs, verbs]);

// Verbs first: rules read best as "these verbs on that resource".
const mergeOrder = ["verbs", "resources", "resourceNames", "nonResourceURLs", "apiGroups"] as const;

type RuleList = (typeof mergeOrder)[number];

/** Joins rules that are equal but for one list. A rule without names is about every name, so it is never joined by names. */
function joinBy(list: RuleList, rules: readonly PolicyRule[]): PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const values = rule[list] ?? [];
    const key = JSON.stringify([ruleKey({ ...rule, [list]: [] }), values.length > 0]);
    const known = joined.get(key)?.[list] ?? [];
    joined.set(
      key,
      values.length === 0 ? rule : { ...rule, [list]: [...new Set([...known, ...values])].toSorted(byCodePoint) },
    );
  }
  return [...joined.values()];
}
