// Users who may write RBAC objects, each with other rights, and the objects that they find.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "../../lib/kubernetes/access.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  user,
} from "./objects.ts";
import type { Random } from "./random.ts";

export const RBAC = "rbac.authorization.k8s.io";

/** Few rules that cover one another in odd ways, so that what one writer holds another writer grants. */
export const pool: readonly [PolicyRule, ...PolicyRule[]] = [
  rule("", "pods", "get"),
  { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
  { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a"] },
  { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["b"] },
  { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a", "b"] },
  rule("", "secrets", "get"),
  { apiGroups: ["apps"], resources: ["*/scale", "*/*"], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["deployments/*"], verbs: ["get"] },
  { apiGroups: [""], resources: ["*"], verbs: ["get", "list"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["*"] },
  { apiGroups: ["*"], resources: ["pods"], verbs: ["get", "list", "watch"] },
  { nonResourceURLs: ["/metrics", "/healthz*"], verbs: ["get"] },
  { nonResourceURLs: ["/healthz/x"], verbs: ["get"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
];

export interface WriteWorld {
  prefix: string;
  namespaces: readonly [string, string];
  writers: readonly [UserInfo, ...UserInfo[]];
  roleNames: readonly [string, ...string[]];
  objects: KubernetesObject[];
}

const writes: PolicyRule = {
  apiGroups: [RBAC],
  resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
  verbs: ["get", "create"],
};

const everything: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

export function generateWriteWorld(random: Random, prefix: string, namespaces: readonly [string, string]): WriteWorld {
  const roleNames = ["r1", "r2", "r3", "view"].map((name) => prefix + name);
  return {
    prefix,
    namespaces,
    writers: namedWriters(prefix),
    roleNames: [`${prefix}missing`, ...roleNames],
    objects: [
      ...rightsEverywhere(random, prefix),
      ...rightsHereAndThere(random, prefix, namespaces),
      ...writtenRoles(random, roleNames, namespaces),
    ],
  };
}

function namedWriters(prefix: string): WriteWorld["writers"] {
  const writer = (name: string, ...groups: string[]): UserInfo => ({
    name: prefix + name,
    groups: [...groups, "system:authenticated"],
  });
  const names = ["local", "escalator", "binder", "root", "admin"];
  return [
    writer("plain"),
    ...names.map((name) => writer(name)),
    writer("x", `${prefix}team`),
    writer("master", "system:masters"),
  ];
}

/** By ClusterRoles of their own, called `of-` and the writer's name. */
function rightsEverywhere(random: Random, prefix: string): KubernetesObject[] {
  const own = (): PolicyRule[] => random.some(pool, 2, 6);
  const onRoles = (verb: string, ...names: string[]): PolicyRule => ({
    ...rule(RBAC, "", verb, ...names.map((name) => prefix + name)),
    resources: ["roles", "clusterroles"],
  });
  const rights: [name: string, rules: PolicyRule[]][] = [
    ["plain", [writes, ...own()]],
    ["team", [writes, ...own()]],
    ["local", [writes]],
    ["escalator", [writes, onRoles("escalate")]],
    ["binder", [writes, onRoles("bind", "r2", "missing")]],
    ["root", [everything]],
    ["admin", [everything, { nonResourceURLs: ["*"], verbs: ["*"] }]],
  ];
  return rights.flatMap(([name, rules]) => {
    const subject = name === "team" ? group(prefix + name) : user(prefix + name);
    return [
      clusterRole(`${prefix}of-${name}`, rules),
      clusterRoleBinding(`${prefix}of-${name}`, `${prefix}of-${name}`, [subject]),
    ];
  });
}

/** In one namespace only, and from roles that do not exist. */
function rightsHereAndThere(
  random: Random,
  prefix: string,
  [here, there]: WriteWorld["namespaces"],
): KubernetesObject[] {
  const [local, dangling, missing] = [`${prefix}of-local-here`, `${prefix}dangling`, `${prefix}missing`];
  return [
    clusterRole(local, random.some(pool, 2, 6)),
    roleBinding(here, local, clusterRoleRef(local), [user(`${prefix}local`), group(`${prefix}team`)]),
    roleBinding(there, dangling, roleRef(missing), [user(`${prefix}plain`)]),
    clusterRoleBinding(dangling, missing, [user(`${prefix}local`), user(`${prefix}binder`)]),
  ];
}

function writtenRoles(random: Random, names: readonly string[], namespaces: readonly string[]): KubernetesObject[] {
  return names.flatMap((name) => {
    const selectors = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [name]: "no" } }] } };
    const roles = namespaces
      .filter(() => random.chance(0.8))
      .map((namespace) => role(namespace, name, namespacedRules(random, 3)));
    return [clusterRole(name, random.some(pool, 1, 3), random.chance(0.3) ? selectors : {}), ...roles];
  });
}

const namespacedRules = (random: Random, most: number): PolicyRule[] =>
  random.some(
    pool.filter((each) => each.nonResourceURLs === undefined),
    1,
    most,
  );
