// RBAC objects arranged so that a question touches only what is about its user and its namespace.

import type { KubernetesObject, UserInfo } from "../kube/cluster.ts";
import { decode, isRole, type DecodedBinding, type DecodedRole, type IndexedSubject } from "./decode.ts";
import { goQuote } from "./go-quote.ts";
import { addRule, atomDictionary, mergeTable, type AtomDictionary, type RuleTable } from "./rule-table.ts";
import { subjectUserName } from "./subjects.ts";

export interface IndexedRole extends DecodedRole {
  /** Made when first asked. */
  table?: RuleTable;
}

export interface IndexedBinding extends DecodedBinding {
  /** Absent: the role does not exist, and the binding grants nothing until somebody creates it. */
  role?: IndexedRole;
}

/** What one user name or one group is bound to in one scope (a namespace, or "" for the ClusterRoleBindings). */
export interface Grants {
  bindings: { binding: IndexedBinding; subject: IndexedSubject }[];
  /** All rules of the roles that exist, made when first asked; with one role it is that of the role. */
  table?: RuleTable;
}

/** Scope → grants. */
type Scopes = Map<string, Grants>;

export interface RbacIndex {
  users: Map<string, Scopes>;
  groups: Map<string, Scopes>;
  /** By name. */
  clusterRoles: Map<string, IndexedRole>;
  /** By namespace and name. */
  roles: Map<string, Map<string, IndexedRole>>;
  /** By namespace; "" holds the ClusterRoleBindings. */
  bindings: Map<string, IndexedBinding[]>;
  /** Numbers what is in the tables. */
  atoms: AtomDictionary;
  /** What is wrong with the objects themselves. */
  errors: string[];
}

/**
 * Objects may be anything and in any order; what the API server could not have stored is reported in `errors`. Of two
 * objects with one name the last counts, as when a folder is applied. Objects are kept, not copied: do not change them.
 */
export function rbacIndex(objects: readonly KubernetesObject[]): RbacIndex {
  const index: RbacIndex = {
    users: new Map(),
    groups: new Map(),
    clusterRoles: new Map(),
    roles: new Map(),
    bindings: new Map(),
    atoms: atomDictionary(),
    errors: [],
  };
  const bindings = new Map<string, Map<string, IndexedBinding>>();
  for (const object of objects) {
    const decoded = decode(object, index.errors);
    if (decoded === undefined) continue;
    if (isRole(decoded)) addRole(index, decoded);
    else put(bindings, decoded, index.errors);
  }
  for (const [namespace, named] of bindings) {
    const all = [...named.values()];
    index.bindings.set(namespace, all);
    for (const binding of all) addBinding(index, binding);
  }
  return index;
}

/** The grants of a user in one scope: those of the name, then those of each group. */
export function grantsOf(index: RbacIndex, user: UserInfo, scope: string): Grants[] {
  const found: Grants[] = [];
  const own = index.users.get(user.name)?.get(scope);
  if (own !== undefined) found.push(own);
  for (const group of new Set(user.groups)) {
    const shared = index.groups.get(group)?.get(scope);
    if (shared !== undefined) found.push(shared);
  }
  return found;
}

/** What one user name or group may do in one scope. Making a table may add atoms: ask atomsFor() after. */
export function grantsTable(index: RbacIndex, grants: Grants): RuleTable {
  if (grants.table !== undefined) return grants.table;
  const roles = new Set<IndexedRole>();
  for (const { binding } of grants.bindings) if (binding.role !== undefined) roles.add(binding.role);
  const [only] = roles;
  if (only !== undefined && roles.size === 1) grants.table = roleTable(index, only);
  else {
    grants.table = new Map();
    for (const role of roles) mergeTable(grants.table, roleTable(index, role));
  }
  return grants.table;
}

function roleTable(index: RbacIndex, role: IndexedRole): RuleTable {
  if (role.table === undefined) {
    role.table = new Map();
    for (const { rule } of role.rules) addRule(index.atoms, role.table, rule);
  }
  return role.table;
}

/** The role that a reference names, seen from a binding in `namespace` ("" for a ClusterRoleBinding). */
export function findRole(
  index: RbacIndex,
  { roleRef, namespace }: Pick<DecodedBinding, "roleRef" | "namespace">,
): IndexedRole | undefined {
  return roleRef.kind === "ClusterRole"
    ? index.clusterRoles.get(roleRef.name)
    : index.roles.get(namespace)?.get(roleRef.name);
}

function addRole(index: RbacIndex, role: DecodedRole): void {
  if (role.kind === "Role") put(index.roles, role, index.errors);
  else putNamed(index.clusterRoles, role, index.errors);
}

function addBinding(index: RbacIndex, binding: IndexedBinding): void {
  const role = findRole(index, binding);
  if (role !== undefined) binding.role = role;
  for (const subject of binding.subjects) {
    const userName = subjectUserName(subject.subject, binding.namespace);
    if (userName !== undefined) addGrant(index.users, userName, binding, subject);
    else if (subject.subject.kind === "Group") addGrant(index.groups, subject.subject.name, binding, subject);
  }
}

function addGrant(
  principals: Map<string, Scopes>,
  name: string,
  binding: IndexedBinding,
  subject: IndexedSubject,
): void {
  const scopes = principals.get(name) ?? new Map<string, Grants>();
  principals.set(name, scopes);
  const grants = scopes.get(binding.namespace) ?? { bindings: [] };
  scopes.set(binding.namespace, grants);
  // Subjects come in order, so a second mention of the same principal would come right after the first.
  if (grants.bindings.at(-1)?.binding === binding) return;
  grants.bindings.push({ binding, subject });
}

type Named = Pick<DecodedRole | DecodedBinding, "name" | "namespace" | "kind">;

function put<Item extends Named>(map: Map<string, Map<string, Item>>, item: Item, errors: string[]): void {
  const named = map.get(item.namespace) ?? new Map<string, Item>();
  map.set(item.namespace, named);
  putNamed(named, item, errors);
}

function putNamed<Item extends Named>(named: Map<string, Item>, item: Item, errors: string[]): void {
  if (named.has(item.name)) {
    const place = item.namespace === "" ? "" : ` in namespace ${goQuote(item.namespace)}`;
    errors.push(`${item.kind} ${goQuote(item.name)}${place}: given more than once, the last one counts`);
  }
  named.set(item.name, item);
}
