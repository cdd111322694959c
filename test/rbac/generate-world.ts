// Roles and bindings at random, each of which the API server accepts, with a taste for what authorizers get wrong.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule, RoleRef, Subject } from "../../lib/rbac/types.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  serviceAccount,
  user,
} from "./objects.ts";
import type { Random } from "./random.ts";

/** The names that a world is made of. Users, groups and roles carry its prefix, so that worlds do not meet on a server. */
export interface World {
  prefix: string;
  namespaces: readonly [string, ...string[]];
  users: readonly [string, ...string[]];
  groups: readonly [string, ...string[]];
  accounts: readonly [string, ...string[]];
  objects: KubernetesObject[];
}

export const verbs = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
  "GET",
  "*",
  "",
  "impersonate",
  "bind",
  "constructor",
] as const;
export const apiGroups = [
  "",
  "apps",
  "extensions",
  "*",
  "rbac.authorization.k8s.io",
  "authentication.k8s.io",
  "Apps",
  "__proto__",
] as const;
export const resources = [
  "pods",
  "Pods",
  "secrets",
  "deployments",
  "nodes",
  "namespaces",
  "userextras",
  "*",
  "toString",
] as const;
export const subresources = ["log", "status", "exec", "scale", "*", "example.org/team", "a/b/c", "Status"] as const;
export const names = ["p1", "p2", "*", "", "a/b", "P1", "p1 ", "__proto__", "ünï", "n".repeat(300)] as const;
export const pathPatterns = [
  "*",
  "/*",
  "/",
  "",
  "/healthz",
  "/healthz*",
  "/apis/*",
  "/apis",
  "/m/**",
  "/a*b",
  "/lit/*/x",
  "metrics",
  "/api/v1/*",
  "**",
  "/apis/apps/**",
  "/é**",
  "/é*",
] as const;

const oddNames = [
  "alice",
  "bob",
  "Alice",
  "alice ",
  "system:x",
  "*",
  "__proto__",
  "constructor",
  "é\n\u202e b",
  "a/b",
  'q"uo\\te',
  "l".repeat(3000),
] as const;
const oddRoleNames = [
  "view",
  "View",
  "a:b",
  "with space",
  "__proto__",
  "toString",
  "#?&+",
  "ünï",
  "r".repeat(1000),
] as const;

export function generateWorld(random: Random, prefix: string, namespaces: World["namespaces"], size = 60): World {
  const named = (list: readonly [string, ...string[]]): [string, ...string[]] => {
    const [first, ...rest] = list;
    return [prefix + first, ...rest.map((each) => prefix + each)];
  };
  const world: World = {
    prefix,
    namespaces,
    users: named(oddNames),
    groups: named(oddNames),
    accounts: [`${prefix}sa`, `${prefix}sb.c`],
    objects: [],
  };
  const clusterRoles = Array.from(
    { length: Math.ceil(size / 2) },
    (_, index) => `${prefix}${random.pick(oddRoleNames)}-${index}`,
  );
  const roles = Array.from(
    { length: Math.ceil(size / 4) },
    (_, index) => `${prefix}${random.pick(oddRoleNames)}-${index % 3}`,
  );
  for (const name of clusterRoles) world.objects.push(clusterRole(name, rulesFor(random, true)));
  for (const name of new Set(roles)) {
    // Namesakes in other namespaces are other roles.
    for (const namespace of random.some(namespaces, 1, 2))
      world.objects.push(role(namespace, name, rulesFor(random, false)));
  }
  for (let index = 0; index < size; index += 1) {
    const name = `${prefix}${random.pick(oddRoleNames)}-b${index}`;
    if (random.chance(0.4)) {
      world.objects.push(
        clusterRoleBinding(name, pickRole(random, prefix, clusterRoles), subjectsFor(random, world, true)),
      );
    } else {
      const ref: RoleRef = random.chance(0.5)
        ? clusterRoleRef(pickRole(random, prefix, clusterRoles))
        : roleRef(pickRole(random, prefix, roles));
      world.objects.push(roleBinding(random.pick(namespaces), name, ref, subjectsFor(random, world, false)));
    }
  }
  return world;
}

/** Now and then a role that does not exist: the binding then grants nothing, and must not stop the others. */
function pickRole(random: Random, prefix: string, roles: readonly string[]): string {
  return random.chance(0.08) ? `${prefix}missing-${random.below(3)}` : (random.pickAny(roles) ?? `${prefix}missing`);
}

function rulesFor(random: Random, paths: boolean): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (let count = random.below(4); count > 0; count -= 1) {
    const rule = paths && random.chance(0.25) ? pathRule(random) : resourceRule(random);
    rules.push(rule);
    // The same again for some names only: it must take nothing away.
    if (rule.resources !== undefined && random.chance(0.25))
      rules.push({ ...rule, resourceNames: random.some(names, 1, 3) });
  }
  return rules;
}

export function pathRule(random: Random): PolicyRule {
  return {
    nonResourceURLs: random.some(pathPatterns, 1, 3),
    verbs: random.some(["get", "head", "post", "*", "GET"], 1, 2),
  };
}

export function resourceRule(random: Random): PolicyRule {
  const rule: PolicyRule = {
    apiGroups: random.some(apiGroups, 1, 2),
    resources: Array.from({ length: 1 + random.below(3) }, () => ruleResource(random)),
    verbs: random.some(verbs, 1, 3),
  };
  if (random.chance(0.35)) rule.resourceNames = random.some(names, 1, 3);
  return rule;
}

function ruleResource(random: Random): string {
  const resource = random.pick(resources);
  if (resource === "*") return random.chance(0.35) ? "*" : `*/${random.pick(subresources)}`;
  return random.chance(0.4) ? `${resource}/${random.pick(subresources)}` : resource;
}

function subjectsFor(random: Random, world: World, clusterWide: boolean): Subject[] {
  return Array.from({ length: random.chance(0.05) ? 0 : 1 + random.below(3) }, () =>
    subjectFor(random, world, clusterWide),
  );
}

function subjectFor(random: Random, world: World, clusterWide: boolean): Subject {
  const kind = random.below(6);
  if (kind <= 1) return { ...user(random.pick(world.users)), ...(random.chance(0.1) ? { namespace: "ignored" } : {}) };
  if (kind === 2) return group(random.pick(world.groups));
  const account = random.pick(world.accounts);
  const namespace = random.pick(world.namespaces);
  if (kind === 3) return user(`system:serviceaccount:${namespace}:${account}`);
  if (kind === 4) return group(`system:serviceaccounts:${namespace}`);
  return !clusterWide && random.chance(0.5) ? serviceAccount(account) : serviceAccount(account, namespace);
}
