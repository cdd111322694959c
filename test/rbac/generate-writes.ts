// Writes of roles and bindings at random, by users with some rights each: many only just allowed, or only just not.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "../../lib/kubernetes/access.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import type { WriteRequest } from "../../lib/rbac/write/write-preflight.ts";
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

/** `stored` is what the server has, as it returns it. */
export function generateWrites(
  random: Random,
  world: WriteWorld,
  stored: readonly KubernetesObject[],
  count: number,
): WriteRequest[] {
  const own = stored.filter(
    ({ metadata }) => metadata.name?.startsWith(world.prefix) === true && !metadata.name.includes("of-"),
  );
  return Array.from({ length: count }, () => {
    const writer = random.pick(world.writers);
    const known = random.chance(0.6) ? random.pickAny(own) : undefined;
    return known === undefined ? newObject(random, world, writer) : knownObject(random, world, writer, known);
  });
}

function newObject(random: Random, world: WriteWorld, writer: UserInfo): WriteRequest {
  const name = `${world.prefix}${random.pick(["new", "r1", "r3", "b1", "applied", "a:B #1"])}`;
  const object = anyObject(random, world, random.chance(0.05) ? `${world.prefix}a%b` : name);
  const verb =
    name === object.metadata.name ? random.pick(["create", "create", "update", "apply", "delete"] as const) : "create";
  if (verb === "create" && random.chance(0.05))
    object.metadata = { ...object.metadata, name: "", generateName: "Gen:" };
  return write(random, writer, verb, object);
}

function anyObject(random: Random, world: WriteWorld, name: string): KubernetesObject {
  const namespace = random.pick(world.namespaces);
  const roleName = random.pick(world.roleNames);
  const subjects = anySubjects(random);
  const object = random.pick([
    () => clusterRole(name, anyRules(random), anyAggregation(random)),
    () => role(namespace, name, anyRules(random)),
    () => clusterRoleBinding(name, roleName, subjects),
    () => roleBinding(namespace, name, random.chance(0.5) ? clusterRoleRef(roleName) : roleRef(roleName), subjects),
  ])();
  if (random.chance(0.1))
    object.metadata.labels = random.pick<Record<string, string>>([
      { ok: "yes" },
      { "bad key!": "x" },
      { long: "x".repeat(64) },
      { "example.org/a": "" },
    ]);
  if (object["roleRef"] !== undefined && random.chance(0.06)) {
    object["roleRef"] = {
      ...clusterRoleRef(roleName),
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

/** The object that is there, with something about it changed, as somebody would who read it before. */
function knownObject(random: Random, world: WriteWorld, writer: UserInfo, known: KubernetesObject): WriteRequest {
  const verb = random.pick(["update", "update", "update", "apply", "apply", "delete", "create"] as const);
  const object = changed(random, world, structuredClone(known));
  if (verb !== "update" || random.chance(0.2)) {
    const { name = "", namespace, labels, finalizers, ownerReferences } = object.metadata;
    object.metadata = {
      name,
      ...Object.fromEntries(
        Object.entries({ namespace, labels, finalizers, ownerReferences }).filter(([, value]) => value !== undefined),
      ),
    };
  }
  if (verb === "apply") {
    for (const field of ["rules", "subjects", "roleRef", "aggregationRule"])
      if (random.chance(0.25)) delete object[field];
  }
  return write(random, writer, verb, object);
}

function changed(random: Random, world: WriteWorld, object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  switch (random.below(8)) {
    case 0:
      metadata.labels = { ...metadata.labels, changed: "yes" };
      break;
    case 1:
      metadata["finalizers"] = ["example.org/hold"];
      break;
    case 2:
      metadata.ownerReferences = [
        { apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "11111111-1111-1111-1111-111111111111" },
      ];
      break;
    case 3:
      break;
    case 4:
      metadata.resourceVersion = "1";
      break;
    default:
      if (object["rules"] !== undefined) object["rules"] = anyRules(random);
      else if (random.chance(0.6)) object["subjects"] = anySubjects(random);
      else
        object["roleRef"] = {
          ...clusterRoleRef(random.pick(world.roleNames)),
          kind: random.pick(["ClusterRole", "Role"]),
        };
  }
  return object;
}

function write(random: Random, writer: UserInfo, verb: WriteRequest["verb"], object: KubernetesObject): WriteRequest {
  if (verb !== "apply") return { user: writer, verb, object };
  return { user: writer, verb, object, fieldManager: random.pick(["m1", "m2"]), force: random.chance(0.4) };
}
