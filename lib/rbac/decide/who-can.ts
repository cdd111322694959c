import type { AccessAttributes } from "../../kubernetes/access.ts";
import { questionScopes } from "./applied-bindings.ts";
import { MASTERS } from "./authorize.ts";
import { toQuestion, type Question } from "./question.ts";
import type { IndexedBinding, IndexedRole, RbacIndex } from "./rbac-index.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { ruleAllows } from "./rule-match.ts";
import { missingRole } from "./reason.ts";
import type { Subject } from "../types.ts";

/** Everybody whom RBAC allows it, and `system:masters`, who are allowed without any object saying so. */
export function whoCan(index: RbacIndex, request: AccessAttributes): { subjects: Subject[]; errors: string[] } {
  const subjects = new Map<string, Subject>();
  const errors = [...index.errors];
  const add = (subject: Subject): void => void subjects.set(subjectKey(subject), subject);
  add({ kind: "Group", apiGroup: RBAC_GROUP, name: MASTERS });
  const dangling = new Set<string>();
  for (const binding of bindingsThatAllow(index, toQuestion(request), (missing) => dangling.add(missing))) {
    for (const subject of binding.subjects) {
      const plain = subject && plainSubject(subject, binding.namespace);
      if (plain !== undefined) add(plain);
    }
  }
  errors.push(...dangling);
  return { subjects: [...subjects.values()].toSorted(bySubject), errors };
}

/** The bindings through which a question is answered yes for their subjects; `onMissing` gets a line for each role that is not there. */
function* bindingsThatAllow(
  index: RbacIndex,
  question: Question,
  onMissing: (missing: string) => void,
): Generator<IndexedBinding> {
  const answers = new Map<IndexedRole, boolean>();
  for (const scope of questionScopes(question)) {
    for (const binding of index.bindings.get(scope)?.values() ?? []) {
      const { role } = binding;
      if (role === undefined) {
        onMissing(missingRole(binding));
        continue;
      }
      let allowed = answers.get(role);
      if (allowed === undefined) {
        allowed = role.rules.some((rule) => rule !== undefined && ruleAllows(rule, question));
        answers.set(role, allowed);
      }
      if (allowed) yield binding;
    }
  }
}

/** The subject with what is implied written out and what is ignored left away; undefined when it applies to nobody. */
function plainSubject(subject: Subject, bindingNamespace: string): Subject | undefined {
  if (subject.kind !== "ServiceAccount") return { kind: subject.kind, apiGroup: RBAC_GROUP, name: subject.name };
  const namespace = subject.namespace ? subject.namespace : bindingNamespace;
  return namespace === "" ? undefined : { kind: "ServiceAccount", namespace, name: subject.name };
}

const subjectKey = ({ kind, namespace = "", name }: Subject): string => JSON.stringify([kind, namespace, name]);

function bySubject(a: Subject, b: Subject): number {
  return compare(a.kind, b.kind) || compare(a.namespace ?? "", b.namespace ?? "") || compare(a.name, b.name);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
