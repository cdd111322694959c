// Posts of roles and bindings at random, by users with some rights each: many only just allowed, or only just not.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "../../lib/kubernetes/access.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import { pool, RBAC, type WriteWorld } from "./generate-write-world.ts";
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

const invalidRules: readonly [PolicyRule, ...PolicyRule[]] = [
  { apiGroups: [""], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], verbs: [] },
  { resources: ["pods"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

/**
 * New objects, each with who posts it: bindings by anybody, most of them to a role that is there; roles and what no server
 * would take by `system:masters`, for whom nothing is an escalation.
 */
export function generateWrites(random: Random, world: WriteWorld, count: number): Write[] {
  return Array.from({ length: count }, () => {
    const writer = random.pick(world.writers);
    const isMaster = writer.groups.includes("system:masters");
    return { writer, object: isMaster ? anyObject(random, world) : anyBinding(random, world) };
  });
}

export interface Write {
  writer: UserInfo;
  object: KubernetesObject;
}

function anyBinding(random: Random, world: WriteWorld): KubernetesObject {
  const name = `${world.prefix}${random.pick(["new", "a:B #1", random.chance(0.2) ? "a%b" : "new"])}`;
  const namespace = random.pick(world.namespaces);
  const roleName = random.pick(world.roleNames);
  const subjects = anySubjects(random);
  return random.pick([
    () => clusterRoleBinding(name, roleName, subjects),
    () => roleBinding(namespace, name, random.chance(0.5) ? clusterRoleRef(roleName) : roleRef(roleName), subjects),
  ])();
}

function anyObject(random: Random, world: WriteWorld): KubernetesObject {
  const name = `${world.prefix}new`;
  const object = random.pick([
    () => clusterRole(name, anyRules(random), anyAggregation(random)),
    () => role(random.pick(world.namespaces), name, anyRules(random)),
    () => anyBinding(random, world),
  ])();
  if (random.chance(0.2)) {
    object.metadata.labels = random.pick<Record<string, string>>([
      { ok: "yes" },
      { "bad key!": "x" },
      { long: "x".repeat(64) },
      { "example.org/a": "" },
    ]);
  }
  if (object["roleRef"] !== undefined && random.chance(0.3)) {
    object["roleRef"] = {
      ...clusterRoleRef(random.pick(world.roleNames)),
      ...random.pick([
        { kind: "Role" },
        { kind: "role" },
        { name: "" },
        { name: "a/b" },
        { apiGroup: "other" },
        { apiGroup: "" },
      ]),
    };
  }
  return object;
}

function anyRules(random: Random): PolicyRule[] {
  const rules = random.some(pool, 0, 2);
  return random.chance(0.12) ? [...rules, random.pick(invalidRules)] : rules;
}

function anyAggregation(random: Random): Record<string, unknown> {
  if (random.chance(0.85)) return {};
  return {
    aggregationRule: {
      clusterRoleSelectors: random.pick([
        [],
        [{ matchLabels: { no: "body" } }],
        [{ matchLabels: { "bad key!": "x" } }],
        [{ matchExpressions: [{ key: "a", operator: "In" }] }],
      ]),
    },
  };
}

function anySubjects(random: Random): Subject[] {
  const odd: Subject[] = [
    user("x"),
    group("g"),
    serviceAccount("sa", "ns"),
    serviceAccount("sa"),
    serviceAccount("Bad_Name", "ns"),
    serviceAccount("sa", "Bad/NS"),
    { ...user("x"), namespace: "ns" },
    { kind: "User", name: "y" },
    user(""),
    { ...serviceAccount("sa", "ns"), apiGroup: RBAC },
    { ...user("x"), apiGroup: "other" },
    user("a\n\u202e"),
  ];
  return random.some(random.chance(0.6) ? odd.slice(0, 3) : odd, 0, 2);
}
