import type { V1ClusterRole } from "@kubernetes/client-node";
import type { ApiObject } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { OPERATOR_GROUP, POLICIES_GROUP, PROFILES_GROUP } from "../mirrord/resources.ts";
import { connectionSpellings, workloadKinds, workloadType, type WorkloadTarget } from "../mirrord/target.ts";
import { containerNames, templateReference } from "../mirrord/workload.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, operatorRoles, ROLE_PREFIX } from "./names.ts";
import {
  ACCESS_GROUP,
  ATTRIBUTES_RESOURCE,
  EPHEMERAL,
  privilegedAttributes,
  type PrivilegedAttribute,
} from "./privileged-options.ts";
import { exemptedAttributes, type GrantRole, type Intent } from "./intent.ts";

/** The ClusterRoles that this project brings; each is applied with the first grant that needs it. */
export type OwnRole =
  | "reads"
  | "reads-basic"
  | "minimal"
  | "minimal-basic"
  | "view"
  | "view-basic"
  | "none"
  | "administrator"
  | PrivilegedRole;

/** One for each thing that only administrators may have in a pod: an exemption binds these. */
export type PrivilegedRole = `privileged-${PrivilegedAttribute | typeof EPHEMERAL}`;

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

/** The native types of all target kinds, one rule for each API group. */
function nativeRules(verbs: string[]): PolicyRule[] {
  const groups = new Map<string, string[]>();
  for (const kind of workloadKinds) {
    const { group, resource } = workloadType(kind);
    groups.set(group, [...(groups.get(group) ?? []), resource].toSorted());
  }
  return [...groups].map(([group, resources]) => rule(group, resources, verbs));
}

const listPods = rule("", ["pods"], ["list"]);

// The operator's own roles let nobody read policies: without them a developer could not see beforehand what refuses a
// session, and the honest answer to the own question would never be a yes (docs/adr/0007).
const listPolicies = rule(POLICIES_GROUP, ["mirrordpolicies"], ["list"]);
const listClusterPolicies = rule(POLICIES_GROUP, ["mirrordclusterpolicies"], ["list"]);

// What a client of any age needs at cluster scope, and nothing else: the operator's own basic role adds the event
// watch and the reading of cluster profiles. Source: operator contract section 3.7.
const minimalBasicRules = [
  rule(OPERATOR_GROUP, ["mirrordoperators"], ["get"], ["operator"]),
  rule(OPERATOR_GROUP, ["mirrordclusteroperatorusercredentials", "mirrordoperators/certificate"], ["create"]),
];

const viewBasicRules = [rule(OPERATOR_GROUP, ["mirrordoperators"], ["get", "list"])];

/** `use` of one virtual name: what the admission policies of the secure defaults ask for. */
const privilegedRules = (name: PrivilegedAttribute | typeof EPHEMERAL) => [
  rule(ACCESS_GROUP, [ATTRIBUTES_RESOURCE], ["use"], [name]),
];

const privilegedRoles = Object.fromEntries(
  ([...privilegedAttributes, EPHEMERAL] as const).map((name) => [`privileged-${name}`, privilegedRules(name)]),
);

const ownRules: Readonly<Record<Exclude<OwnRole, PrivilegedRole>, PolicyRule[]>> = {
  // The client reads the target itself before it connects, and the operator checks `get` on it again, also on the
  // namespace object for a targetless session: the operator's own roles hold none of these (contract section 4.1).
  reads: [...nativeRules(["get"]), rule("", ["namespaces"], ["get"]), listPods, listPolicies, listClusterPolicies],
  "reads-basic": [listClusterPolicies],
  minimal: [...minimalBasicRules, rule(OPERATOR_GROUP, ["targets"], ["proxy"])],
  "minimal-basic": minimalBasicRules,
  view: [...viewBasicRules, rule(OPERATOR_GROUP, ["sessions"], ["get", "list"]), ...nativeRules(["get", "list"])],
  "view-basic": viewBasicRules,
  // What a binding refers to that only carries an intent.
  none: [],
  administrator: [rule(ACCESS_GROUP, ["grants"], ["manage"])],
};

export function ownRoleName(role: OwnRole): string {
  return `${ROLE_PREFIX}${role}`;
}

const rulesByName = new Map(
  Object.entries({ ...ownRules, ...privilegedRoles }).map(([role, rules]) => [`${ROLE_PREFIX}${role}`, rules]),
);

/** Every ClusterRole that this project brings. */
export const ownRoleNames: readonly string[] = [...rulesByName.keys()];

/** A binding's name, without that of its grant before it, and the ClusterRole that it binds. */
export type Bound = [suffix: string, role: string];

/** The ClusterRoles that a grant binds. */
export interface BoundRoles {
  /** By the ClusterRoleBinding that carries the intent. */
  main: string;
  /** By further ClusterRoleBindings. */
  clusterWide: Bound[];
  /** The same where the cluster has policies. */
  policyReads: Bound[];
  /** By RoleBindings in each namespace. A limited grant has a Role of its own there, and none of these. */
  namespaced: Bound[];
  /** All of them by name: ours, which the grant brings, and those that must be there already. */
  own: string[];
  needed: string[];
}

export function boundRoles(intent: Intent): BoundRoles {
  const bound = bindings(intent);
  const { main, clusterWide, policyReads, namespaced } = bound;
  const names = [...new Set([main, ...[...clusterWide, ...policyReads, ...namespaced].map(([, role]) => role)])];
  const isOwn = (name: string) => rulesByName.has(name);
  return { ...bound, own: names.filter(isOwn), needed: names.filter((name) => !isOwn(name)) };
}

function bindings(intent: Intent): Omit<BoundRoles, "own" | "needed"> {
  const { role, set, targets, reads, plain } = intent;
  const exempted = exemptedAttributes(role);
  if (exempted !== undefined) return exemptions(exempted, set.kind === "all");
  const isLimited = targets.length > 0;
  // A view grant reads natively by itself, and a limited one has its reads in its Role.
  const wantsReads = reads && role !== "view";
  const readsPart: Bound[] = wantsReads && !isLimited ? [[":reads", ownRoleName("reads")]] : [];
  const [whole, basic] = roleNames(role);
  if (plain === true) {
    const none = { clusterWide: [], policyReads: [], namespaced: [] };
    return set.kind === "all"
      ? { ...none, main: whole }
      : { ...none, main: ownRoleName("none"), namespaced: [["", whole]] };
  }
  if (set.kind === "all") {
    // The operator's own basic role is part of its user role, and not of others.
    const besides: Bound[] = role.startsWith("clusterrole/") ? [[":basic", basic]] : [];
    return { main: whole, clusterWide: [...besides, ...readsPart], policyReads: [], namespaced: [] };
  }
  return {
    main: basic,
    clusterWide: [],
    policyReads: wantsReads ? [[":reads", ownRoleName("reads-basic")]] : [],
    namespaced: isLimited ? [] : [["", whole], ...readsPart],
  };
}

/** One binding for each attribute; what carries the intent gives nothing. */
function exemptions(
  attributes: readonly PrivilegedAttribute[],
  everywhere: boolean,
): Omit<BoundRoles, "own" | "needed"> {
  const bound = attributes.map((name): Bound => [`:${name}`, ownRoleName(`privileged-${name}`)]);
  const none = { main: ownRoleName("none"), policyReads: [] };
  return everywhere ? { ...none, clusterWide: bound, namespaced: [] } : { ...none, clusterWide: [], namespaced: bound };
}

/** The ClusterRole that a grant's role stands for, and that for its cluster-wide part alone. */
function roleNames(role: GrantRole): [whole: string, basic: string] {
  if (role === "user") return [operatorRoles.user, operatorRoles.basic];
  if (role === "minimal" || role === "view") return [ownRoleName(role), ownRoleName(`${role}-basic`)];
  return [role.slice("clusterrole/".length), operatorRoles.basic];
}

/** The ClusterRole of ours with that name, as it is applied; undefined for another's. */
export function ownRole(name: string): ApiObject<V1ClusterRole> | undefined {
  const rules = rulesByName.get(name);
  if (rules === undefined) return undefined;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: nativeResources.clusterRoles.kind,
    metadata: { name, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
    // An empty list is stored as none at all, and would be written again and again.
    ...(rules.length === 0 ? {} : { rules }),
  };
}

/** A workload that a connection is limited to, with the containers that it has now. */
export interface LimitedTarget {
  target: WorkloadTarget;
  containers: string[];
  /** The workload that a Rollout refers to for its pods: the client reads that too. */
  reference?: { group: string; resource: string; name: string };
}

/** What a limit to this target has to allow today. */
export function limitedTarget(target: WorkloadTarget, workload: KubernetesObject | undefined): LimitedTarget {
  const reference = templateReference(workload);
  return {
    target,
    containers: workload === undefined ? [] : containerNames(workload),
    ...(reference === undefined ? {} : { reference }),
  };
}

/**
 * The rules of a Role that lets its subject connect to these workloads and to nothing else: the connection and the
 * reads by name, `list pods` as it is (a list has no name to limit). Copies, labels, targetless sessions and the
 * deletion of sessions stay closed; copies are opened by `copies`. Source: operator contract sections 3.3 and 3.7.
 */
export function targetRules(
  targets: readonly LimitedTarget[],
  options: { profiles: boolean; reads: boolean; copies: boolean },
): PolicyRule[] {
  const spellings = targets.flatMap(({ target, containers }) => connectionSpellings(target, containers));
  const reads = new Map<string, { group: string; resource: string; names: Set<string> }>();
  for (const { target, reference } of targets) {
    const own = { ...workloadType(target.kind), name: target.name };
    for (const { group, resource, name } of reference === undefined ? [own] : [own, reference]) {
      const entry = reads.get(resource) ?? { group, resource, names: new Set<string>() };
      reads.set(resource, { ...entry, names: entry.names.add(name) });
    }
  }
  return [
    rule(OPERATOR_GROUP, ["targets"], ["get", "proxy"], [...new Set(spellings)].toSorted()),
    // The operator names the copy, so there is nothing to limit: what may be copied is what the subject may get.
    ...(options.copies ? [rule(OPERATOR_GROUP, ["copytargets"], ["create", "get", "list", "proxy"])] : []),
    ...(options.profiles ? [rule(PROFILES_GROUP, ["mirrordprofiles"], ["get", "list"])] : []),
    ...(options.reads
      ? [
          ...[...reads.values()].map(({ group, resource, names }) =>
            rule(group, [resource], ["get"], [...names].toSorted()),
          ),
          listPods,
          listPolicies,
        ]
      : []),
  ];
}

/** Whether a role's rules are about mirrord at all. */
export function opensMirrord(rules: readonly PolicyRule[]): boolean {
  return rules.some(({ apiGroups = [] }) =>
    apiGroups.some((group) => group === "*" || /(^|\.)metalbear\.co$/.test(group)),
  );
}

/** Every group, type or path, or a subresource of every type. */
const isWildcard = (value: string) => value === "*" || value.startsWith("*/") || /^\/\*+$/.test(value);

/** Verbs and wildcards that make a role a way to more rights than it shows: such roles need `--dangerous`. */
export function dangerousRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const escalating = new Set(["escalate", "bind", "*"]);
  const holds = (values: readonly string[] | undefined, wanted: (value: string) => boolean) =>
    values?.some(wanted) ?? false;
  return rules.filter(
    ({ verbs, apiGroups, resources, nonResourceURLs }) =>
      holds(verbs, (verb) => escalating.has(verb) || verb.startsWith("impersonate")) ||
      [apiGroups, resources, nonResourceURLs].some((values) => holds(values, isWildcard)),
  );
}
