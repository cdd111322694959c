import { formatSubject, boundSubject, isShared, type GrantSubject } from "../access/subject.ts";
import { isJsonObject } from "../json.ts";
import type { ResourceAttributes } from "../kubernetes/access.ts";
import { reference } from "../rbac/decide/applied-bindings.ts";
import type { RbacRef, BindingKind, PolicyRule, RoleKind, Subject } from "../rbac/types.ts";
import { toQuestion, type Question } from "../rbac/decide/question.ts";
import { rbacIndex, type IndexedBinding, type IndexedRole } from "../rbac/decide/rbac-index.ts";
import { ruleAllows } from "../rbac/decide/rule-match.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/** One verb on one resource. Of `scope` "cluster" only ClusterRoleBindings give it: it is about something outside of namespaces. */
export interface Right extends Pick<ResourceAttributes, "verb" | "apiGroup" | "resource" | "subresource"> {
  scope: "cluster" | "namespaced";
  /** Only this name is of interest, "" for a request without one; left out, the names that a rule is limited to are told. */
  name?: string;
  /** One of its subresources, whichever the rule names: `userextras/scopes`. */
  anySubresource?: true;
}

/** A binding through which a subject has a right. */
export interface Holding {
  binding: RbacRef<BindingKind>;
  role: RbacRef<RoleKind>;
  /** "" is every namespace, and what has none. */
  namespace: string;
  /** Those that the rules are limited to; undefined: every name. */
  names: ReadonlySet<string> | undefined;
}

/** Somebody whom bindings name, and the rights of theirs that were looked for, by id. */
export interface Holder {
  subject: GrantSubject;
  rights: Map<string, Holding[]>;
}

export interface HeldRights {
  /** By `holderKey`; only who has one of the rights. */
  holders: Map<string, Holder>;
  /** What is wrong with the objects. */
  errors: string[];
}

/** Which subjects of a binding count. */
export type Counts = (binding: RbacRef<BindingKind>, role: string, subject: GrantSubject) => boolean;

/**
 * Who has which of these rights, and where: every role is compared with every right once, then every binding is looked at
 * once, so that it costs the same for one subject as for all. A subject has here what bindings give to its own name; what its
 * groups have is at the group.
 */
export function heldRights(
  objects: readonly KubernetesObject[],
  rights: Readonly<Record<string, Right>>,
  counts: Counts = () => true,
): HeldRights {
  const index = rbacIndex(objects);
  const all = Object.entries(rights).map(([id, right]) => ({ id, right, question: toQuestion(right) }));
  const asked = { all, byVerb: Map.groupBy(all, ({ right }) => right.verb) };
  const given = new Map<IndexedRole, GivenRight[]>();
  const holders = new Map<string, Holder>();
  for (const named of index.bindings.values())
    for (const binding of named.values()) {
      const { role } = binding;
      if (role === undefined) continue;
      let known = given.get(role);
      if (known === undefined) given.set(role, (known = givenRights(role, asked)));
      if (known.length > 0) addBinding(holders, binding, role, known, counts);
    }
  return { holders, errors: index.errors };
}

interface AskedRight {
  id: string;
  right: Right;
  question: Question;
}

interface GivenRight {
  id: string;
  scope: Right["scope"];
  names: ReadonlySet<string> | undefined;
}

/** Rules name few verbs: only rights with one of those are compared with it. */
interface AskedRights {
  all: readonly AskedRight[];
  byVerb: ReadonlyMap<string, readonly AskedRight[]>;
}

/** In the order in which they are asked about. */
function givenRights(role: IndexedRole, { all, byVerb }: AskedRights): GivenRight[] {
  const given = new Map<AskedRight, Set<string> | "all">();
  for (const rule of role.rules) {
    if (rule === undefined) continue;
    const candidates = rule.verbs.includes("*") ? all : rule.verbs.flatMap((verb) => byVerb.get(verb) ?? []);
    for (const asked of candidates) {
      const known = given.get(asked);
      if (known === "all" || !matches(rule, asked)) continue;
      const names = namesGiven(rule, asked.right.name);
      if (names === "all") given.set(asked, names);
      else if (names.length > 0) given.set(asked, new Set([...(known ?? []), ...names]));
    }
  }
  if (given.size === 0) return [];
  return all.flatMap((asked): GivenRight[] => {
    const names = given.get(asked);
    if (names === undefined) return [];
    return [{ id: asked.id, scope: asked.right.scope, names: names === "all" ? undefined : names }];
  });
}

/** The empty name is that of a request without one, and no name. */
function namesGiven({ resourceNames = [] }: PolicyRule, wanted: string | undefined): string[] | "all" {
  if (resourceNames.length === 0 || (wanted !== undefined && resourceNames.includes(wanted))) return "all";
  return wanted === undefined ? resourceNames.filter((name) => name !== "") : [];
}

/** Whatever name a rule is limited to, it matches a question for that name; and whatever subresource, where any will do. */
function matches(rule: PolicyRule, { right, question }: Pick<AskedRight, "right" | "question">): boolean {
  const named =
    right.anySubresource === true ? toQuestion({ ...right, subresource: namedSubresource(rule, right) }) : question;
  return ruleAllows(rule, { ...named, name: rule.resourceNames?.[0] ?? "" });
}

/** The first of the resource that the rule names; for a rule that allows them all, one of any name. */
function namedSubresource({ resources = [] }: PolicyRule, { resource }: Right): string {
  const written = resources.find((each) => each.startsWith(`${resource}/`) || each.startsWith("*/")) ?? "/any";
  return written.slice(written.indexOf("/") + 1);
}

/** Whether a rule gives a right, for one name at least. */
export function givesRight(rule: PolicyRule, right: Right): boolean {
  const names = matches(rule, { right, question: toQuestion(right) }) ? namesGiven(rule, right.name) : [];
  return names === "all" || names.length > 0;
}

function addBinding(
  holders: Map<string, Holder>,
  { subjects, ...named }: IndexedBinding,
  role: IndexedRole,
  given: readonly GivenRight[],
  counts: Counts,
): void {
  const { namespace } = named;
  const binding = reference(named);
  const holding = { binding, role: reference(role), namespace };
  for (const each of subjects) {
    const subject = plainSubject(each, namespace);
    if (subject === undefined || !counts(binding, role.name, subject)) continue;
    for (const { id, scope, names } of given) {
      if (scope === "cluster" && namespace !== "") continue;
      const key = holderKey(subject);
      let holder = holders.get(key);
      if (holder === undefined) holders.set(key, (holder = { subject, rights: new Map() }));
      const held = holder.rights.get(id);
      if (held === undefined) holder.rights.set(id, [{ ...holding, names }]);
      else held.push({ ...holding, names });
    }
  }
}

const plainSubject = (subject: Subject | undefined, namespace: string): GrantSubject | undefined =>
  isJsonObject(subject) ? boundSubject(subject, namespace === "" ? undefined : namespace) : undefined;

/** As subjects are written, but for users: whether a name needs a prefix takes longer to find out than all else. */
export const holderKey = (subject: GrantSubject): string =>
  subject.kind === "User" ? `User ${subject.name}` : `${subject.kind} ${formatSubject(subject)}`;

/** A place where all of several rights are held, and through what the first of them. */
export interface HeldPlace {
  /** "": everywhere. */
  namespace: string;
  through: Holding;
  /** Those that the first and all others on its resource are limited to, perhaps none; undefined: every name. */
  names: Holding["names"];
}

/**
 * Where all of these rights are held at once. Rights may come from different bindings; the names that those on the resource of the
 * first are limited to are told, and of another resource one that is limited counts.
 */
export function wayPlaces({ rights }: Pick<Holder, "rights">, needed: readonly string[]): HeldPlace[] {
  // Of most ways nobody has the first right.
  if (!rights.has(needed[0] ?? "")) return [];
  const [primary = [], ...others] = needed.map((id) => rights.get(id) ?? []);
  if (others.some((held) => held.length === 0)) return [];
  const alike = others.filter((_, index) => resourceIn(needed[index + 1] ?? "") === resourceIn(needed[0] ?? ""));
  const places = others.map((held) => new Set(held.map(({ namespace }) => namespace)));
  const limited = places.filter((set) => !set.has(""));
  return primary.flatMap((through) => {
    const [first] = limited;
    const candidates = through.namespace !== "" || first === undefined ? [through.namespace] : [...first];
    return candidates
      .filter((namespace) => limited.every((set) => set.has(namespace)))
      .map((namespace) => ({ namespace, through, names: commonNames(through.names, alike, namespace) }));
  });
}

/** Ids are a verb, a resource and more. */
const resourceIn = (id: string): string => id.split(" ")[1] ?? "";

function commonNames(
  names: Holding["names"],
  others: readonly (readonly Holding[])[],
  place: string,
): Holding["names"] {
  return others.reduce((known, held) => {
    const here = held.filter(({ namespace }) => namespace === "" || namespace === place);
    if (here.some((each) => each.names === undefined)) return known;
    const allowed = new Set(here.flatMap((each) => [...(each.names ?? [])]));
    return known === undefined ? allowed : known.intersection(allowed);
  }, names);
}

/**
 * The same where rights of the groups that Kubernetes puts somebody in count as well, and none of what these groups are enough
 * for alone: that is theirs. Of a user's other groups only the identity provider knows.
 */
export function wayPlacesWithGroups(
  holder: Holder,
  holders: ReadonlyMap<string, Holder>,
  needed: readonly string[],
): HeldPlace[] {
  const own = wayPlaces(holder, needed);
  if (needed.length < 2 || !needed.some((id) => holder.rights.has(id))) return own;
  const groups = impliedHolders(holder.subject, holders);
  if (!groups.some(({ rights }) => needed.some((id) => rights.has(id)))) return own;
  const theirs = new Set(wayPlaces(together(groups, needed), needed).map(({ namespace }) => namespace));
  const more = wayPlaces(together([holder, ...groups], needed), needed).filter(
    ({ namespace, through }) =>
      !theirs.has(namespace) &&
      !theirs.has("") &&
      !own.some((known) => known.namespace === namespace && known.through === through),
  );
  return [...own, ...more];
}

/** The groups that somebody is always in, as far as they have one of the rights. */
export const impliedHolders = (subject: GrantSubject, holders: ReadonlyMap<string, Holder>): Holder[] =>
  impliedGroupKeys(subject).flatMap((key) => holders.get(key) ?? []);

function together(holders: readonly Holder[], needed: readonly string[]): Pick<Holder, "rights"> {
  return { rights: new Map(needed.map((id) => [id, holders.flatMap(({ rights }) => rights.get(id) ?? [])])) };
}

/** The groups that Kubernetes puts somebody in by itself, by their keys. */
export const impliedGroupKeys = (subject: GrantSubject | undefined): string[] =>
  subject === undefined ? [] : impliedGroups(subject).map(holderKey);

/** The groups that Kubernetes puts somebody in by itself: whoever comes without a name is in one only, a team in none. */
export function impliedGroups(subject: GrantSubject): GrantSubject[] {
  if (isShared(subject)) return [];
  if (subject.kind === "User" && subject.name === "system:anonymous")
    return [{ kind: "Group", name: "system:unauthenticated" }];
  const names = ["system:authenticated"];
  if (subject.kind === "ServiceAccount")
    names.push("system:serviceaccounts", `system:serviceaccounts:${subject.namespace}`);
  if (subject.kind === "Group" && subject.name.startsWith("system:serviceaccounts:"))
    names.push("system:serviceaccounts");
  if (subject.kind === "Group" && subject.name.startsWith("system:bootstrappers:")) names.push("system:bootstrappers");
  return names
    .filter((name) => subject.kind !== "Group" || (subject.name !== name && subject.name !== "system:unauthenticated"))
    .map((name) => ({ kind: "Group", name }));
}
