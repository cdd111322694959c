import type { AccessRequest, UserInfo } from "../../kubernetes/access.ts";
import { isPathQuestion, toQuestion } from "./question.ts";
import {
  grantsInScope,
  grantsTables,
  scopesOfPrincipal,
  type Grants,
  type IndexedBinding,
  type RbacIndex,
} from "./rbac-index.ts";
import { atomsFor, tableAllows, type RuleTable } from "./rule-table.ts";
import type { PolicyRule } from "../types.ts";

/** Its members pass every check: an authorizer of its own, before all others, on every cluster. */
export const MASTERS = "system:masters";

/** Whether the API server would allow it, by RBAC or for `system:masters`. */
export function allows(index: RbacIndex, request: AccessRequest): boolean {
  const { name, groups } = request.user;
  if (groups.includes(MASTERS)) return true;
  const question = toQuestion(request);
  // A path is asked at cluster scope, so that no RoleBinding ever grants one.
  const namespace = isPathQuestion(question) ? "" : question.namespace;
  const tables: RuleTable[] = [];
  collectTables(index, scopesOfPrincipal(index.users.get(name)), namespace, tables);
  for (const group of groups) collectTables(index, scopesOfPrincipal(index.groups.get(group)), namespace, tables);
  if (tables.length === 0) return false;
  const atoms = atomsFor(index.atoms, question);
  const resourceName = isPathQuestion(question) ? "" : question.name;
  for (const table of tables) {
    if (tableAllows(table, atoms, resourceName)) return true;
  }
  return false;
}

/** Every rule of a user in a namespace, in the order of the bindings: duplicates kept, paths of RoleBindings too. */
export function rulesFor(index: RbacIndex, user: UserInfo, namespace: string): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const scope of namespace === "" ? [""] : ["", namespace]) {
    const bindings = new Set<IndexedBinding>();
    for (const grants of grantsInScope(index, user, scope))
      for (const binding of grants.bindings) bindings.add(binding);
    for (const { role } of bindings) for (const rule of role?.rules ?? []) if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function collectTables(
  index: RbacIndex,
  scopes: Map<string, Grants> | undefined,
  namespace: string,
  tables: RuleTable[],
): void {
  if (scopes === undefined) return;
  const everywhere = scopes.get("");
  if (everywhere !== undefined) tables.push(...grantsTables(index, everywhere));
  if (namespace === "") return;
  const here = scopes.get(namespace);
  if (here !== undefined) tables.push(...grantsTables(index, here));
}
