import type { AccessRequest, Answer, UserInfo } from "../../kubernetes/access.ts";
import { doubtBeforeAggregation } from "./aggregation.ts";
import { appliedBindings, reference, questionScopes, type AppliedBinding } from "./applied-bindings.ts";
import { MASTERS } from "./authorize.ts";
import { nearMisses } from "./near-miss.ts";
import { toQuestion, type Question } from "./question.ts";
import type { IndexedRole, RbacIndex } from "./rbac-index.ts";
import { allowedReason, missingRole, notAllowedReason } from "./reason.ts";
import { ruleAllows } from "./rule-match.ts";
import type { Match, NearMiss } from "../types.ts";

export interface AuthorizerOptions {
  /**
   * The cluster also asks a webhook authorizer. Before RBAC it may allow or deny anything, so that only `system:masters` is
   * certain; after RBAC only a "no" is uncertain.
   */
  webhook?: "before-rbac" | "after-rbac";
}

export interface Explanation {
  /** "unknown": RBAC objects alone cannot say; `reason` says why. */
  answer: Answer;
  /** Every way in which the request is allowed. Empty for members of `system:masters`, who are allowed before RBAC is asked. */
  via: Match[];
  /** What almost allows it, nearest first. Empty when something does allow it. */
  nearest: NearMiss[];
  /** What is wrong with the objects, roles that the user is bound to and that do not exist, and the reason of an "unknown". */
  errors: string[];
  /** As in SubjectAccessReview.status.reason; of several ways it names the first of `via`. */
  reason: string;
}

export function explain(index: RbacIndex, request: AccessRequest, options: AuthorizerOptions): Explanation {
  const { user } = request;
  if (user.groups.includes(MASTERS)) {
    return {
      answer: "yes",
      via: [],
      nearest: [],
      errors: [...index.errors],
      reason: `members of the group ${MASTERS} pass every check`,
    };
  }
  const question = toQuestion(request);
  const applied = questionScopes(question).flatMap((scope) => appliedBindings(index, user, scope));
  const missing = [
    ...new Set(applied.filter(({ binding }) => binding.role === undefined).map(({ binding }) => missingRole(binding))),
  ];
  const via = applied.flatMap((each) => matchingRules(each, question));
  const [first] = via;
  const answer = first === undefined ? "no" : "yes";
  const nearest = first === undefined ? nearMisses(index, user, question, applied) : [];
  const errors = [...index.errors, ...missing];
  const doubt = doubtAbout(answer, { index, user, question, applied, options });
  if (doubt !== undefined) return { answer: "unknown", via, nearest, errors: [...errors, doubt], reason: doubt };
  return {
    answer,
    via,
    nearest,
    errors,
    reason: first === undefined ? notAllowedReason(missing) : allowedReason(first),
  };
}

/**
 * Finds the first of `via`, without looking for others: of a list of thousands of subjects each is shown with one. A role is
 * compared with a question once, whoever asks it and in whatever namespace.
 */
export function matchFinder(index: RbacIndex): (request: AccessRequest) => Match | undefined {
  const known = new Map<string, Map<IndexedRole, FirstRule>>();
  return ({ user, ...attributes }) => {
    if (user.groups.includes(MASTERS)) return undefined;
    const question = toQuestion(attributes);
    const key = JSON.stringify({ ...question, namespace: "" });
    const rules = known.get(key) ?? new Map<IndexedRole, FirstRule>();
    known.set(key, rules);
    for (const scope of questionScopes(question))
      for (const { binding, subject, subjectIndex } of appliedBindings(index, user, scope)) {
        const { role } = binding;
        if (role === undefined) continue;
        const found = rules.get(role) ?? firstRule(role, question);
        rules.set(role, found);
        if (found !== "none")
          return { binding: reference(binding), role: reference(role), subject, subjectIndex, ...found };
      }
    return undefined;
  };
}

type FirstRule = Pick<Match, "rule" | "ruleIndex"> | "none";

function firstRule({ rules }: IndexedRole, question: Question): FirstRule {
  for (const [ruleIndex, rule] of rules.entries())
    if (rule !== undefined && ruleAllows(rule, question)) return { rule, ruleIndex };
  return "none";
}

function matchingRules({ binding, subject, subjectIndex }: AppliedBinding, question: Question): Match[] {
  const { role } = binding;
  if (role === undefined) return [];
  const ways = { binding: reference(binding), role: reference(role), subject, subjectIndex };
  return role.rules.flatMap((rule, ruleIndex) =>
    rule !== undefined && ruleAllows(rule, question) ? [{ ...ways, rule, ruleIndex }] : [],
  );
}

interface Asked {
  index: RbacIndex;
  user: UserInfo;
  question: Question;
  applied: readonly AppliedBinding[];
  options: AuthorizerOptions;
}

/** Why the objects alone cannot say, if they cannot. */
function doubtAbout(answer: Answer, { index, user, question, applied, options }: Asked): string | undefined {
  if (options.webhook === "before-rbac") return "a webhook authorizer is asked before RBAC and may allow or deny it";
  if (answer === "yes") return undefined;
  if (isNode(user)) return "the Node authorizer decides about node identities, by what runs on the node";
  for (const { binding } of applied) {
    const doubt = binding.role === undefined ? undefined : doubtBeforeAggregation(index, binding.role, question);
    if (doubt !== undefined) return doubt;
  }
  return options.webhook === "after-rbac" ? "a webhook authorizer is asked after RBAC and may allow it" : undefined;
}

/** Source: NodeIdentity, pkg/auth/nodeidentifier/default.go. */
function isNode({ name, groups }: UserInfo): boolean {
  return name.startsWith("system:node:") && groups.includes("system:nodes");
}
