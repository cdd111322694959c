import type { AccessAttributes, Answer, ResourceAttributes } from "../kubernetes/access.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import { groupFinder } from "../rbac/decide/group-finder.ts";
import { toQuestion } from "../rbac/decide/question.ts";
import { ruleAllows } from "../rbac/decide/rule-match.ts";
import { roleRules } from "../rbac/decode.ts";
import type { RbacSubject } from "./subject.ts";
import type { RbacSeen } from "./limits.ts";
import type { Lookup } from "./places.ts";

/**
 * What defeats an anchor: a later end, its orphaning, another owner for what it owns (all seen with the role `edit`; through its
 * status a Job's finalizers and labels can be written, too), and a copy of the binding: whoever holds a role may bind it again.
 */
const defeats: readonly Omit<ResourceAttributes, "namespace">[] = [
  ...["patch", "update", "delete", "deletecollection"].map((verb) => ({ verb, apiGroup: "batch", resource: "jobs" })),
  ...["patch", "update"].map((verb) => ({ verb, apiGroup: "batch", resource: "jobs", subresource: "status" })),
  ...["patch", "update", "create"].map((verb) => ({ verb, apiGroup: RBAC_GROUP, resource: "rolebindings" })),
];

type PlacedQuestion = AccessAttributes & { namespace: string };

/** What to ask about a subject to find out whether it could undo the end of its own access in these namespaces. */
export function expiryQuestions(namespaces: readonly string[]): PlacedQuestion[] {
  return namespaces.flatMap((namespace) => defeats.map((defeat) => ({ ...defeat, namespace })));
}

/** What was asked of a cluster about somebody's power over the end of a grant. */
export interface DefeatSeen {
  /** To expiryQuestions of the same namespaces. */
  answers: readonly Answer[];
  /** Shows which groups may; undefined where all groups of the subject are known, and were asked about. */
  rbac?: RbacSeen | undefined;
  /** Plural names of what may not be read of the policies that would guard the anchors. */
  unreadGuards?: readonly string[];
}

export interface Weakness {
  /** The subject can undo the expiry there. */
  namespaces: string[];
  /** It could not be asked there. */
  unknown: string[];
  /** Whoever is in such a group can undo it there, and whether the subject is, nobody can look up. */
  groups: { group: string; namespaces: string[] }[];
  /** Plural names of what may not be listed, so that groups that may are not known. */
  unreadable: readonly string[];
  /** The same of policies that would guard the end. */
  unreadGuards: readonly string[];
}

/**
 * Where the subject could undo the end of its own access: with the rights that it has, with those of the ClusterRoles that a new
 * grant binds, or with those of a group that it may be in. `seen` undefined: the access model guards the anchors.
 */
export function expiryWeakness(
  namespaces: readonly string[],
  seen: DefeatSeen | undefined,
  roles: ReadonlyMap<string, Lookup> = new Map(),
): Weakness {
  if (seen === undefined) return { namespaces: [], unknown: [], groups: [], unreadable: [], unreadGuards: [] };
  const rules = [...roles.values()].flatMap((role) => (typeof role === "string" ? [] : roleRules(role)));
  const weak = new Set<string>();
  const unknown = new Set<string>();
  for (const [index, question] of expiryQuestions(namespaces).entries()) {
    const answer = seen.answers[index] ?? "unknown";
    if (answer === "yes" || rules.some((rule) => ruleAllows(rule, toQuestion(question)))) weak.add(question.namespace);
    else if (answer === "unknown") unknown.add(question.namespace);
  }
  const open = namespaces.filter((namespace) => !weak.has(namespace));
  return {
    namespaces: [...weak],
    unknown: [...unknown].filter((namespace) => !weak.has(namespace)),
    groups: groupsThatMay(open, seen.rbac),
    unreadable: seen.rbac?.unreadable ?? [],
    unreadGuards: seen.unreadGuards ?? [],
  };
}

function groupsThatMay(namespaces: readonly string[], rbac: RbacSeen | undefined): Weakness["groups"] {
  if (rbac === undefined || rbac.unreadable.length > 0) return [];
  const find = groupFinder(rbac);
  const places = new Map<string, Set<string>>();
  for (const question of expiryQuestions(namespaces)) {
    const found = find(question);
    for (const group of found.known ? found.groups : []) {
      places.set(group, (places.get(group) ?? new Set()).add(question.namespace));
    }
  }
  return [...places].map(([group, at]) => ({ group, namespaces: [...at] }));
}

/** Whether one of them may be in groups that nobody can look up. `stated`: those that whoever granted says they are in. */
export function hasUnknownGroups(members: readonly RbacSubject[], stated: readonly string[] | undefined): boolean {
  return members.some(({ kind }) => kind !== "ServiceAccount") && stated === undefined;
}

/** What past its end would keep the access of somebody who may do it, and what nothing here closes. */
export interface Route {
  /** A clause: `create pods: a pod acts as any service account of its namespace` */
  text: string;
  /** Asked in each namespace of the grant, or once for the whole cluster. */
  question: ResourceAttributes;
  scope: "namespace" | "cluster";
}

const routes: readonly Route[] = [
  {
    text: "create pods: a pod acts as any service account of its namespace",
    question: { verb: "create", apiGroup: "", resource: "pods" },
    scope: "namespace",
  },
  {
    text: "create service account tokens: they act as that account for as long as they say",
    question: { verb: "create", apiGroup: "", resource: "serviceaccounts", subresource: "token" },
    scope: "namespace",
  },
  {
    text: "impersonate service accounts of the namespace",
    question: { verb: "impersonate", apiGroup: "", resource: "serviceaccounts" },
    scope: "namespace",
  },
  {
    text: "patch roles: what it holds now can go into a role that it keeps",
    question: { verb: "patch", apiGroup: RBAC_GROUP, resource: "roles" },
    scope: "namespace",
  },
  {
    text: "impersonate users",
    question: { verb: "impersonate", apiGroup: "", resource: "users" },
    scope: "cluster",
  },
  {
    text: "impersonate groups",
    question: { verb: "impersonate", apiGroup: "", resource: "groups" },
    scope: "cluster",
  },
  {
    text: "patch clusterrolebindings: they say what is granted, and until when",
    question: { verb: "patch", apiGroup: RBAC_GROUP, resource: "clusterrolebindings" },
    scope: "cluster",
  },
];

/** What to ask about a subject about these routes; no namespaces: everywhere. */
export function routeQuestions(namespaces: readonly string[]): { route: Route; question: ResourceAttributes }[] {
  return routes.flatMap((route) => {
    const places = route.scope === "cluster" || namespaces.length === 0 ? [""] : namespaces;
    return places.map((namespace) => ({ route, question: { ...route.question, namespace } }));
  });
}

/** A route that is open to the subject, or may be. */
export interface OpenRoute {
  text: string;
  answer: "yes" | "unknown";
  /** Left out: in the whole cluster. */
  namespaces?: string[];
}

/** `answers` are to routeQuestions of the same namespaces. */
export function openRoutes(namespaces: readonly string[], answers: readonly Answer[]): OpenRoute[] {
  const asked = routeQuestions(namespaces).map((each, index) => ({ ...each, answer: answers[index] ?? "unknown" }));
  return routes.flatMap((route) =>
    (["yes", "unknown"] as const).flatMap((answer): OpenRoute[] => {
      const found = asked.filter((each) => each.route === route && each.answer === answer);
      const places = found.flatMap(({ question: { namespace = "" } }) => (namespace === "" ? [] : [namespace]));
      if (found.length === 0) return [];
      return [{ text: route.text, answer, ...(places.length === 0 ? {} : { namespaces: places }) }];
    }),
  );
}
