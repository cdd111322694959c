// Roles at random that give parts of a mirrord session, spelled in every way that RBAC has, and in ways that look like one and give nothing.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { actions, plainPlan, type Action } from "../../lib/mirrord/plan/session-plan.ts";
import { needs, type SessionRequest } from "../../lib/mirrord/plan/session-request.ts";
import { sessionRequests } from "../../lib/mirrord/session-requests.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import type { PolicyRule, RoleRef, Subject } from "../../lib/rbac/types.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
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

export interface SessionWorld {
  prefix: string;
  namespaces: readonly [string, string];
  everybody: RbacSubject[];
  objects: KubernetesObject[];
}

/** What is asked about a world: the requests, all of which are needed, by namespace. */
export interface WorldQuestion {
  name: string;
  /** A session, which the matrix has as well. */
  action?: Action;
  isNamespaced: boolean;
  requestsIn(namespace: string): SessionRequest[];
}

const targets = ["deployment/web", "pod/web-1", "statefulset/db/container/app", "job/once", "rollout/r"];

const sessions: WorldQuestion[] = actions.flatMap((action) => {
  const isAbout = !["ci", "targetless", "list-sessions", "kill-sessions"].includes(action);
  return (isAbout ? targets : ["targetless"]).map((target) => ({
    name: `${action} ${target}`,
    action,
    isNamespaced: action !== "ci" && action !== "kill-sessions",
    requestsIn: (namespace: string) => sessionRequests(plainPlan(action, parseTarget(target), namespace)),
  }));
});

const plain: [string, AccessAttributes][] = [
  [
    "scale a Deployment",
    { verb: "update", apiGroup: "apps", resource: "deployments", subresource: "scale", name: "web" },
  ],
  ["scale any StatefulSet", { verb: "patch", apiGroup: "apps", resource: "statefulsets", subresource: "scale" }],
  ["enter a pod", { verb: "create", apiGroup: "", resource: "pods", subresource: "exec", name: "web-1" }],
  ["a pod that is called exec", { verb: "create", apiGroup: "", resource: "pods", name: "exec" }],
  ["one Secret", { verb: "get", apiGroup: "", resource: "secrets", name: "web" }],
  ["all Secrets", { verb: "list", apiGroup: "", resource: "secrets" }],
  ["everything", { verb: "*", apiGroup: "*", resource: "*" }],
  ["any verb on pods", { verb: "*", apiGroup: "", resource: "pods" }],
];
const wide: [string, AccessAttributes][] = [
  ["nodes", { verb: "list", apiGroup: "", resource: "nodes" }],
  ["a path", { verb: "get", path: "/logs/kubelet" }],
  ["a path by its beginning alone", { verb: "get", path: "/logs" }],
  ["metrics", { verb: "get", path: "/metrics" }],
];

export const questions: readonly WorldQuestion[] = [
  ...sessions,
  ...plain.map(([name, attributes]) => ({
    name,
    isNamespaced: true,
    requestsIn: (namespace: string) => [needs("ask", name, { ...attributes, namespace })],
  })),
  ...wide.map(([name, attributes]) => ({
    name,
    isNamespaced: false,
    requestsIn: () => [needs("ask", name, attributes)],
  })),
];

/** Every request that a question has, once: rules are aimed at them. */
const aims: AccessAttributes[] = [
  ...new Map(
    questions.flatMap(({ requestsIn }) =>
      requestsIn("").map(({ attributes }) => [JSON.stringify(attributes), attributes] as const),
    ),
  ).values(),
];

/**
 * @param isAlone nobody else uses the server: groups of everybody are bound in the whole cluster too
 */
export function generateSessionWorld(
  random: Random,
  prefix: string,
  namespaces: SessionWorld["namespaces"],
  { isAlone, size = 40 }: { isAlone: boolean; size?: number },
): SessionWorld {
  const users = ["jim", "Jim", "ana"].map((name) => prefix + name);
  const groups = ["web", "web:sub"].map((name) => prefix + name);
  const accounts = namespaces.flatMap((namespace) =>
    ["ci", "app"].map((name) => ({ kind: "ServiceAccount", namespace, name: prefix + name }) as const),
  );
  const shared = ["system:authenticated", "system:serviceaccounts"];
  const ofNamespaces = namespaces.map((namespace) => `system:serviceaccounts:${namespace}`);
  const everybody: RbacSubject[] = [
    ...users.map((name) => ({ kind: "User", name }) as const),
    ...[...groups, ...shared, ...ofNamespaces].map((name) => ({ kind: "Group", name }) as const),
    ...accounts,
  ];
  const objects: KubernetesObject[] = [];
  const clusterRoles = Array.from({ length: Math.ceil(size / 2) }, (_, index) => `${prefix}c${index}`);
  for (const [index, name] of clusterRoles.entries()) objects.push(...generatedRole(random, prefix, name, index));
  const roles = Array.from({ length: Math.ceil(size / 4) }, (_, index) => `${prefix}r${index}`);
  for (const name of roles)
    for (const namespace of random.some(namespaces, 1, 2))
      objects.push(role(namespace, name, generatedRules(random, false)));
  const subject = (isWide: boolean): Subject => {
    const open = isWide && !isAlone ? ofNamespaces : [...shared, ...ofNamespaces];
    const account = random.pickAny(accounts);
    switch (random.below(8)) {
      case 0:
        return group(random.pickAny(open) ?? "");
      case 1:
        return group(random.pickAny(groups) ?? "");
      case 2:
        return user(`system:serviceaccount:${account?.namespace}:${account?.name}`);
      case 3:
      case 4:
        return isWide || random.chance(0.5)
          ? serviceAccount(account?.name ?? "", account?.namespace)
          : serviceAccount(account?.name ?? "");
      default:
        return user(random.pickAny(users) ?? "");
    }
  };
  for (let index = 0; index < size; index += 1) {
    const isWide = random.chance(0.45);
    const subjects = Array.from({ length: 1 + random.below(3) }, () => subject(isWide));
    const missing = random.chance(0.05) ? `${prefix}missing` : undefined;
    const bound = missing ?? random.pickAny(clusterRoles) ?? "";
    if (isWide) objects.push(clusterRoleBinding(`${prefix}b${index}`, bound, subjects));
    else {
      const ref: RoleRef = random.chance(0.6) ? clusterRoleRef(bound) : roleRef(missing ?? random.pickAny(roles) ?? "");
      objects.push(roleBinding(random.pick(namespaces), `${prefix}b${index}`, ref, subjects));
    }
  }
  return { prefix, namespaces, everybody, objects };
}

/** A ClusterRole; now and then one whose rules come from others by a label, and those others. */
function generatedRole(random: Random, prefix: string, name: string, index: number): KubernetesObject[] {
  if (!random.chance(0.25)) return [clusterRole(name, generatedRules(random, true))];
  const label = `${prefix}aggregate-to-${index}`;
  const parts = Array.from({ length: 1 + random.below(2) }, (_, at) => {
    const part = clusterRole(`${name}-part${at}`, generatedRules(random, true));
    return { ...part, metadata: { ...part.metadata, labels: { [label]: random.chance(0.85) ? "true" : "false" } } };
  });
  return [
    clusterRole(name, [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: "true" } }] } }),
    ...parts,
  ];
}

function generatedRules(random: Random, paths: boolean): PolicyRule[] {
  return Array.from({ length: 1 + random.below(6) }, () => generatedRule(random, paths));
}

function generatedRule(random: Random, paths: boolean): PolicyRule {
  const aim = random.pickAny(aims) ?? { verb: "get", path: "/" };
  const verbs = [random.chance(0.15) ? "*" : aim.verb, ...(random.chance(0.2) ? ["get"] : [])];
  if ("path" in aim) {
    if (!paths) return { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
    return { nonResourceURLs: random.some([aim.path, "/logs/*", "/log*", "*", "/metrics*", "/logs*"], 1, 2), verbs };
  }
  const { apiGroup, resource, subresource = "", name = "" } = aim;
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  // `x/*` and `*/*` are no wildcards: they name the subresource `*`.
  const spelled = [full, full, full, full, "*", `*/${subresource}`, resource, `${resource}/*`, "*/*", `*/${resource}`];
  return {
    apiGroups: [
      random.chance(0.12) ? "*" : random.chance(0.05) ? "" : apiGroup,
      ...(random.chance(0.2) ? ["apps"] : []),
    ],
    resources: [random.pickAny(spelled) ?? full],
    verbs,
    ...(random.chance(0.25) ? { resourceNames: random.some([name, "web", "deployment.web", "*", "other"], 1, 3) } : {}),
  };
}
