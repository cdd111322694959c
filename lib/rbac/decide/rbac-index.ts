// RBAC objects arranged so that a question touches only what is about its user and its namespace.

import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { decode, isRole, type DecodedBinding, type DecodedRole } from "../decode.ts";
import { goQuote } from "../../text/go-quote.ts";
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
  bindings: IndexedBinding[];
  /** For each binding the place of the first of its subjects that means this user name or group. */
  positions: number[];
  /** All rules of the roles that exist, made when first asked: the tables of a few roles, or one of many. */
  tables?: readonly RuleTable[];
}

/** A user name or a group, with all its grants; taken apart by scope when first asked. */
interface Principal extends Omit<Grants, "tables"> {
  scopes?: Map<string, Grants>;
}

export interface RbacIndex {
  users: Map<string, Principal>;
  groups: Map<string, Principal>;
  /** By name. */
  clusterRoles: Map<string, IndexedRole>;
  /** By namespace and name. */
  roles: Map<string, Map<string, IndexedRole>>;
  /** By namespace and name; "" holds the ClusterRoleBindings. */
  bindings: Map<string, Map<string, IndexedBinding>>;
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
  for (const object of objects) {
    const decoded = decode(object, index.errors);
    if (decoded === undefined) continue;
    if (isRole(decoded)) addRole(index, decoded);
    else put(index.bindings, decoded, index.errors);
  }
  for (const named of index.bindings.values()) for (const binding of named.values()) addBinding(index, binding);
  return index;
}

/** What a user name or group is granted by scope, if anything. */
export function scopesOfPrincipal(principal: Principal | undefined): Map<string, Grants> | undefined {
  if (principal === undefined || principal.scopes !== undefined) return principal?.scopes;
  principal.scopes = new Map();
  for (const [place, binding] of principal.bindings.entries()) {
    const grants = principal.scopes.get(binding.namespace) ?? { bindings: [], positions: [] };
    principal.scopes.set(binding.namespace, grants);
    grants.bindings.push(binding);
    grants.positions.push(principal.positions[place] ?? 0);
  }
  return principal.scopes;
}

/** The grants of a user in one scope: those of the name, then those of each group. */
export function grantsInScope(index: RbacIndex, user: UserInfo, scope: string): Grants[] {
  const found: Grants[] = [];
  const own = scopesOfPrincipal(index.users.get(user.name))?.get(scope);
  if (own !== undefined) found.push(own);
  for (const group of new Set(user.groups)) {
    const shared = scopesOfPrincipal(index.groups.get(group))?.get(scope);
    if (shared !== undefined) found.push(shared);
  }
  return found;
}

/** Above this many roles one table of all their rules is quicker to ask than theirs, and worth making. */
const MERGE_ABOVE_ROLES = 4;

/** What one user name or group may do in one scope. Making a table may add atoms: ask atomsFor() after. */
export function grantsTables(index: RbacIndex, grants: Grants): readonly RuleTable[] {
  if (grants.tables !== undefined) return grants.tables;
  const roles = new Set<IndexedRole>();
  for (const { role } of grants.bindings) if (role !== undefined) roles.add(role);
  const tables = [...roles].map((role) => roleTable(index, role));
  if (tables.length <= MERGE_ABOVE_ROLES) grants.tables = tables;
  else {
    const merged: RuleTable = new Map();
    for (const table of tables) mergeTable(merged, table);
    grants.tables = [merged];
  }
  return grants.tables;
}

function roleTable(index: RbacIndex, role: IndexedRole): RuleTable {
  if (role.table === undefined) {
    role.table = new Map();
    for (const rule of role.rules) if (rule !== undefined) addRule(index.atoms, role.table, rule);
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
  for (const [position, subject] of binding.subjects.entries()) {
    if (subject === undefined) continue;
    const userName = subjectUserName(subject, binding.namespace);
    if (userName !== undefined) addGrant(index.users, userName, binding, position);
    else if (subject.kind === "Group") addGrant(index.groups, subject.name, binding, position);
  }
}

function addGrant(principals: Map<string, Principal>, name: string, binding: IndexedBinding, position: number): void {
  const known = principals.get(name);
  if (known === undefined) {
    principals.set(name, { bindings: [binding], positions: [position] });
    // A second mention of the same principal would come right after the first.
  } else if (known.bindings.at(-1) !== binding) {
    known.bindings.push(binding);
    known.positions.push(position);
  }
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
