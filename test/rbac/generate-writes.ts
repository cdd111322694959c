// Writes of roles and bindings at random, by users with some rights each: many only just allowed, or only just not.
import type { KubernetesObject, UserInfo } from "../../lib/kube/cluster.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import type { WriteRequest } from "../../lib/rbac/write-preflight.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "./objects.ts";
import type { Random } from "./random.ts";

const RBAC = "rbac.authorization.k8s.io";

/** Few rules that cover one another in odd ways, so that what one writer holds another writer grants. */
const pool: readonly [PolicyRule, ...PolicyRule[]] = [
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

const invalidRules: readonly [PolicyRule, ...PolicyRule[]] = [
  { apiGroups: [""], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], verbs: [] },
  { resources: ["pods"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

export interface WriteWorld {
  prefix: string;
  namespaces: readonly [string, string];
  writers: readonly [UserInfo, ...UserInfo[]];
  roleNames: readonly [string, ...string[]];
  /** Posted by an administrator. */
  objects: KubernetesObject[];
  /** Applied, by the field manager `m1`. */
  applied: KubernetesObject[];
}

const writes: PolicyRule = {
  apiGroups: [RBAC],
  resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
  verbs: ["get", "create", "update", "patch", "delete"],
};

export function generateWriteWorld(random: Random, prefix: string, namespaces: readonly [string, string]): WriteWorld {
  const named = (name: string): string => `${prefix}${name}`;
  const writer = (name: string, ...groups: string[]): UserInfo => ({
    name: named(name),
    groups: [...groups, "system:authenticated"],
  });
  const roleNames = ["r1", "r2", "r3", "view"].map(named);
  const objects: KubernetesObject[] = [];
  const bindEverywhere = (name: string, rules: PolicyRule[], subject: Subject): void => {
    objects.push(
      clusterRole(named(`of-${name}`), rules),
      clusterRoleBinding(named(`of-${name}`), named(`of-${name}`), [subject]),
    );
  };
  const some = (): PolicyRule[] => random.some(pool, 2, 6);
  bindEverywhere("plain", [writes, ...some()], user(named("plain")));
  bindEverywhere("team", [writes, ...some()], group(named("team")));
  bindEverywhere(
    "escalator",
    [writes, { ...rule(RBAC, "roles", "escalate", named("r1")), resources: ["roles", "clusterroles"] }],
    user(named("escalator")),
  );
  bindEverywhere(
    "escalator-any",
    [writes, { ...rule(RBAC, "roles", "escalate"), resources: ["roles", "clusterroles"] }],
    user(named("escalator-any")),
  );
  bindEverywhere(
    "binder",
    [writes, { ...rule(RBAC, "roles", "bind", named("r2"), named("missing")), resources: ["roles", "clusterroles"] }],
    user(named("binder")),
  );
  bindEverywhere("root", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }], user(named("root")));
  bindEverywhere(
    "admin",
    [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["*"] },
    ],
    user(named("admin")),
  );
  bindEverywhere("creator", [{ ...writes, verbs: ["create"] }, ...some()], user(named("creator")));
  bindEverywhere("patcher", [{ ...writes, verbs: ["patch", "update"] }, ...some()], user(named("patcher")));
  objects.push(
    clusterRole(named("of-local"), [writes, ...some()]),
    roleBinding(namespaces[0], named("of-local"), clusterRoleRef(named("of-local")), [
      user(named("local")),
      group(named("team")),
    ]),
    roleBinding(namespaces[1], named("dangling"), roleRef(named("missing")), [user(named("plain"))]),
    clusterRoleBinding(named("dangling"), named("missing"), [user(named("local")), user(named("patcher"))]),
  );
  for (const name of roleNames) {
    objects.push(
      clusterRole(
        name,
        some().slice(0, 3),
        random.chance(0.3) ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [name]: "no" } }] } } : {},
      ),
    );
    for (const namespace of namespaces)
      if (random.chance(0.8)) objects.push(role(namespace, name, rolesRules(random).slice(0, 3)));
  }
  for (const name of ["b1", "b2"]) {
    objects.push(clusterRoleBinding(named(name), random.pickAny(roleNames) ?? "", [user("x")]));
    for (const namespace of namespaces)
      objects.push(
        roleBinding(
          namespace,
          named(name),
          random.chance(0.5)
            ? clusterRoleRef(random.pickAny(roleNames) ?? "")
            : roleRef(random.pickAny(roleNames) ?? ""),
          [user("x"), serviceAccount("sa")],
        ),
      );
  }
  const applied = namespaces.flatMap((namespace) => [
    {
      ...role(namespace, named("applied"), rolesRules(random).slice(0, 2)),
      metadata: { name: named("applied"), namespace, labels: { a: "1" } },
    },
    roleBinding(namespace, named("applied"), clusterRoleRef(random.pickAny(roleNames) ?? ""), [user("x")]),
  ]);
  const writers: WriteWorld["writers"] = [
    writer("plain"),
    writer("local"),
    writer("x", named("team")),
    writer("escalator"),
    writer("escalator-any"),
    writer("binder"),
    writer("root"),
    writer("admin"),
    writer("creator"),
    writer("patcher"),
    writer("nobody"),
    writer("master", "system:masters"),
  ];
  return {
    prefix,
    namespaces,
    writers,
    roleNames: [named("r1"), ...roleNames.slice(1), named("missing")],
    objects,
    applied,
  };
}

const rolesRules = (random: Random): PolicyRule[] =>
  random.some(
    pool.filter((each) => each.nonResourceURLs === undefined),
    1,
    4,
  );

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
