// Questions at random: about half are aimed at a rule that the world grants, the others miss it by an attribute.
import type { AccessRequest, UserInfo } from "../../lib/kubernetes/access.ts";
import { decode, isRole, type DecodedBinding, type DecodedRole } from "../../lib/rbac/decode.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import { apiGroups, names, pathPatterns, resources, subresources, verbs, type World } from "./generate-world.ts";
import type { Random } from "./random.ts";

export function generateQuestions(random: Random, world: World, count: number): AccessRequest[] {
  const decoded = world.objects.flatMap((object) => decode(object, []) ?? []);
  const roles = decoded.filter(isRole);
  const bindings = decoded.filter((each): each is DecodedBinding => !isRole(each));
  const granted = bindings.flatMap((binding) => {
    const bound = roles.find(
      (each) =>
        each.name === binding.roleRef.name &&
        each.kind === binding.roleRef.kind &&
        (each.kind === "ClusterRole" || each.namespace === binding.namespace),
    );
    return bound === undefined ? [] : [{ binding, role: bound }];
  });
  return Array.from({ length: count }, () => {
    const target = random.chance(0.9) ? random.pickAny(granted) : undefined;
    return target === undefined ? wildQuestion(random, world) : aimedQuestion(random, world, target);
  });
}

function aimedQuestion(
  random: Random,
  world: World,
  { binding, role }: { binding: DecodedBinding; role: DecodedRole },
): AccessRequest {
  const held = random.pickAny(role.rules);
  const subject = random.pickAny(binding.subjects);
  if (held === undefined || subject === undefined) return wildQuestion(random, world);
  const user = random.chance(0.92) ? userFor(random, world, subject, binding.namespace) : anyUser(random, world);
  const question = { user, ...attributesFor(random, held, binding.namespace, world) };
  return random.chance(0.3) ? missed(random, world, question) : question;
}

function attributesFor(
  random: Random,
  rule: PolicyRule,
  namespace: string,
  world: World,
): Omit<Resource, "user"> | Omit<Path, "user"> {
  const verb = wildcard(random, random.pickAny(rule.verbs) ?? "get", verbs);
  if (rule.nonResourceURLs !== undefined)
    return { verb, path: pathFor(random, random.pickAny(rule.nonResourceURLs) ?? "/") };
  const written = random.pickAny(rule.resources ?? []) ?? "pods";
  const slash = written.indexOf("/");
  const base = slash === -1 ? written : written.slice(0, slash);
  const split = slash !== -1 && random.chance(0.9);
  return {
    verb,
    apiGroup: wildcard(random, random.pickAny(rule.apiGroups ?? []) ?? "", apiGroups),
    resource: slash !== -1 && !split ? written : wildcard(random, base, resources),
    ...(split
      ? { subresource: wildcard(random, written.slice(slash + 1), subresources) }
      : random.chance(0.2)
        ? { subresource: random.pick(subresources) }
        : {}),
    namespace: namespace === "" ? random.pick(["", ...world.namespaces]) : namespace,
    name: (random.chance(0.75) ? random.pickAny(rule.resourceNames ?? []) : undefined) ?? random.pick(["", ...names]),
  };
}

type Resource = Extract<AccessRequest, { resource: string }>;
type Path = Extract<AccessRequest, { path: string }>;

/** What a star stands for, mostly. */
const wildcard = (random: Random, value: string, all: readonly [string, ...string[]]): string =>
  value === "*" && random.chance(0.85) ? random.pick(all) : value;

const pathFor = (random: Random, pattern: string): string =>
  random.chance(0.3) ? pattern : pattern.replace(/\*+$/u, random.pick(["", "/", "foo", "/v1/x"]));

/** One attribute is another one. */
function missed(random: Random, world: World, question: AccessRequest): AccessRequest {
  if ("path" in question)
    return random.chance(0.5)
      ? { ...question, path: random.pick(pathPatterns) }
      : { ...question, verb: random.pick(verbs) };
  switch (random.below(6)) {
    case 0:
      return { ...question, verb: random.pick(verbs) };
    case 1:
      return { ...question, apiGroup: random.pick(apiGroups) };
    case 2:
      return { ...question, resource: random.pick(resources) };
    case 3:
      return { ...question, subresource: random.pick(["", ...subresources]) };
    case 4:
      return { ...question, namespace: random.pick(["", "*", "default", ...world.namespaces]) };
    default:
      return { ...question, name: random.pick(names) };
  }
}

function wildQuestion(random: Random, world: World): AccessRequest {
  const user = anyUser(random, world);
  if (random.chance(0.2)) return { user, verb: random.pick(verbs), path: random.pick(pathPatterns) };
  return {
    user,
    verb: random.pick(verbs),
    apiGroup: random.pick(apiGroups),
    resource: random.pick(resources),
    subresource: random.pick(["", "", ...subresources]),
    namespace: random.pick(["", "*", ...world.namespaces]),
    name: random.pick(names),
  };
}

/** The user behind a subject, with groups of its own: those that a real request would carry are only sometimes given. */
function userFor(random: Random, world: World, subject: Subject, bindingNamespace: string): UserInfo {
  const groups = random.chance(0.3) ? random.some([...world.groups, "system:authenticated", ""], 1, 3) : [];
  if (subject.kind === "User") return { name: subject.name, groups };
  if (subject.kind === "Group") return { name: random.pick([...world.users, ""]), groups: [...groups, subject.name] };
  const namespace = random.chance(0.9) ? subject.namespace || bindingNamespace : random.pick(world.namespaces);
  return { name: `system:serviceaccount:${namespace}:${subject.name}`, groups };
}

function anyUser(random: Random, world: World): UserInfo {
  if (random.chance(0.03)) return { name: random.pick(world.users), groups: ["system:masters"] };
  if (random.chance(0.03)) return { name: "system:masters", groups: [] };
  const account = `system:serviceaccount:${random.pick(world.namespaces)}:${random.pick(world.accounts)}`;
  return { name: random.pick([...world.users, account]), groups: random.some(world.groups, 0, 2) };
}
