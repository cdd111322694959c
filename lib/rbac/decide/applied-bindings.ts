import type { UserInfo } from "../../kubernetes/access.ts";
import { isPathQuestion, type Question } from "./question.ts";
import { grantsInScope, type IndexedBinding, type RbacIndex } from "./rbac-index.ts";
import type { Subject } from "../types.ts";

/** A binding that applies to a user, with the first of its subjects that does and its place. */
export interface AppliedBinding {
  binding: IndexedBinding;
  subject: Subject;
  subjectIndex: number;
}

/** The namespaces whose bindings count for a question; "" stands for the ClusterRoleBindings. A path has no namespace. */
export function questionScopes(question: Question): string[] {
  return isPathQuestion(question) || question.namespace === "" ? [""] : ["", question.namespace];
}

/** In the order of their names, so that an explanation does not depend on the order of the objects. */
export function appliedBindings(index: RbacIndex, user: UserInfo, scope: string): AppliedBinding[] {
  const first = new Map<IndexedBinding, number>();
  for (const { bindings, positions } of grantsInScope(index, user, scope)) {
    for (const [place, binding] of bindings.entries()) {
      const position = positions[place] ?? 0;
      first.set(binding, Math.min(position, first.get(binding) ?? position));
    }
  }
  return [...first]
    .flatMap(([binding, subjectIndex]) => {
      const subject = binding.subjects[subjectIndex];
      return subject === undefined ? [] : [{ binding, subject, subjectIndex }];
    })
    .toSorted((a, b) => (a.binding.name < b.binding.name ? -1 : 1));
}

/** A role or binding by its names only. */
export function reference<Kind>({ kind, name, namespace }: { kind: Kind; name: string; namespace: string }): {
  kind: Kind;
  name: string;
  namespace?: string;
} {
  return namespace === "" ? { kind, name } : { kind, name, namespace };
}
