import type { UserInfo } from "../kube/cluster.ts";
import type { IndexedSubject } from "./decode.ts";
import { isPathQuestion, type Question } from "./question.ts";
import { grantsOf, type IndexedBinding, type RbacIndex } from "./rbac-index.ts";

/** A binding that applies to a user, with the first of its subjects that does. */
export interface AppliedBinding {
  binding: IndexedBinding;
  subject: IndexedSubject;
}

/** The namespaces whose bindings count for a question; "" stands for the ClusterRoleBindings. A path has no namespace. */
export function scopesOf(question: Question): string[] {
  return isPathQuestion(question) || question.namespace === "" ? [""] : ["", question.namespace];
}

/** In the order of their names, so that an explanation does not depend on the order of the objects. */
export function appliedBindings(index: RbacIndex, user: UserInfo, scope: string): AppliedBinding[] {
  const first = new Map<IndexedBinding, IndexedSubject>();
  for (const grants of grantsOf(index, user, scope)) {
    for (const { binding, subject } of grants.bindings) {
      const known = first.get(binding);
      if (known === undefined || subject.index < known.index) first.set(binding, subject);
    }
  }
  const applied = [...first].map(([binding, subject]) => ({ binding, subject }));
  return applied.toSorted((a, b) => (a.binding.name < b.binding.name ? -1 : 1));
}

/** A role or binding by its names only. */
export function reference<Kind>({ kind, name, namespace }: { kind: Kind; name: string; namespace: string }): {
  kind: Kind;
  name: string;
  namespace?: string;
} {
  return namespace === "" ? { kind, name } : { kind, name, namespace };
}
