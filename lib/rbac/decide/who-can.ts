import type { AccessAttributes } from "../../kubernetes/access.ts";
import { questionScopes } from "./applied-bindings.ts";
import { MASTERS } from "./authorize.ts";
import { isPathQuestion, toQuestion, type Question } from "./question.ts";
import type { IndexedRole, RbacIndex } from "./rbac-index.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { ruleAllows } from "./rule-match.ts";
import { missingRole } from "./reason.ts";
import type { Subject } from "../types.ts";

/** Everybody whom RBAC allows it, and `system:masters`, who are allowed without any object saying so. */
export function whoCan(index: RbacIndex, request: AccessAttributes): { subjects: Subject[]; errors: string[] } {
  const question = toQuestion(request);
  const subjects = new Map<string, Subject>([[subjectKey(masters), masters]]);
  const dangling = new Set<string>();
  const allowed = allowedSubjects(index, request);
  for (const scope of questionScopes(question)) {
    const { everyName, byName, missing } = allowed(scope);
    const named = isPathQuestion(question) ? undefined : byName.get(question.name);
    for (const subject of [...everyName, ...(named ?? [])]) subjects.set(subjectKey(subject), subject);
    for (const each of missing) dangling.add(each);
  }
  return { subjects: [...subjects.values()].toSorted(bySubject), errors: [...index.errors, ...dangling] };
}

export const masters: Subject = { kind: "Group", apiGroup: RBAC_GROUP, name: MASTERS };

/** Whom the bindings of one scope allow a request; subjects that several bindings name are there several times. */
export interface AllowedSubjects {
  /** Whatever the name of the object in the request. */
  everyName: Subject[];
  /** Those whose rules are limited to names, by each of these names. */
  byName: Map<string, Subject[]>;
  /** A line for each role that is bound here and does not exist. */
  missing: string[];
}

/**
 * Whom the bindings of a scope (a namespace, or "" for the ClusterRoleBindings) allow the request, whatever namespace and name
 * it has itself: for questions about many namespaces, every role is compared with the request once.
 */
export function allowedSubjects(index: RbacIndex, request: AccessAttributes): (scope: string) => AllowedSubjects {
  const question = toQuestion(request);
  const answers = new Map<IndexedRole, "every" | "none" | ReadonlySet<string>>();
  return (scope) => {
    const found: AllowedSubjects = { everyName: [], byName: new Map(), missing: [] };
    for (const binding of index.bindings.get(scope)?.values() ?? []) {
      const { role } = binding;
      if (role === undefined) {
        found.missing.push(missingRole(binding));
        continue;
      }
      let names = answers.get(role);
      if (names === undefined) answers.set(role, (names = namesAllowed(role, question)));
      if (names === "none") continue;
      const subjects = binding.subjects.flatMap((subject) => (subject && plainSubject(subject, scope)) ?? []);
      if (names === "every") found.everyName.push(...subjects);
      else
        for (const name of names) {
          const known = found.byName.get(name);
          if (known === undefined) found.byName.set(name, [...subjects]);
          else known.push(...subjects);
        }
    }
    return found;
  };
}

/** For which names the rules of a role allow a request. */
function namesAllowed({ rules }: IndexedRole, question: Question): "every" | "none" | ReadonlySet<string> {
  const names = new Set<string>();
  for (const rule of rules) {
    const [name] = rule?.resourceNames ?? [];
    // Whatever names a rule is limited to, it matches a question for the first of them.
    if (rule === undefined || !ruleAllows(rule, name === undefined ? question : { ...question, name })) continue;
    if (name === undefined || isPathQuestion(question)) return "every";
    for (const each of rule.resourceNames ?? []) names.add(each);
  }
  return names.size === 0 ? "none" : names;
}

/** The subject with what is implied written out and what is ignored left away; undefined when it applies to nobody. */
function plainSubject(subject: Subject, bindingNamespace: string): Subject | undefined {
  if (subject.kind !== "ServiceAccount") return { kind: subject.kind, apiGroup: RBAC_GROUP, name: subject.name };
  const namespace = subject.namespace ? subject.namespace : bindingNamespace;
  return namespace === "" ? undefined : { kind: "ServiceAccount", namespace, name: subject.name };
}

const subjectKey = ({ kind, namespace = "", name }: Subject): string => `${kind}\0${namespace}\0${name}`;

function bySubject(a: Subject, b: Subject): number {
  return compare(a.kind, b.kind) || compare(a.namespace ?? "", b.namespace ?? "") || compare(a.name, b.name);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
