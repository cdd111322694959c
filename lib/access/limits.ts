import { shellCommand } from "../text/shell-quote.ts";
import { UserError, usageError } from "../errors.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { OPERATOR_GROUP } from "../mirrord/resources.ts";
import { formatTarget, workloadType, type WorkloadTarget } from "../mirrord/target.ts";
import { availableReplicas, containerNames, spelledAlike, templateReference } from "../mirrord/workload.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { groupFinder } from "../rbac/decide/group-finder.ts";
import type { GrantOutline } from "./outline.ts";
import type { Lookup, Places } from "./places.ts";
import { limitedTarget, type LimitedTarget } from "./roles.ts";

/** RBAC objects, and what of them the caller may not list (plural resource names). */
export interface RbacSeen {
  objects: readonly KubernetesObject[];
  unreadable: readonly string[];
}

/** One workload that a grant is to be limited to, in one namespace, as the cluster shows it. */
export interface TargetSeen {
  namespace: string;
  target: WorkloadTarget;
  /** With the template that it refers to. */
  workload: Lookup;
  /** Workloads of the same kind whose connection may be spelled alike (`namesakes`). */
  namesakes: readonly KubernetesObject[];
}

export interface Limits {
  /** For each namespace where the grant holds, the targets with their containers of today. */
  limits: Map<string, LimitedTarget[]>;
  warnings: string[];
}

/**
 * What a grant is limited to. A namespace that a selector chose and that lacks a target is left out until it has it; elsewhere
 * a missing target is refused (UserError "usage"), or a warning with `force`.
 */
export function grantLimits(
  { intent }: GrantOutline,
  seen: readonly TargetSeen[],
  { selected, force }: Pick<Places, "selected"> & { force: boolean },
): Limits {
  const limits = new Map<string, LimitedTarget[]>();
  const warnings: string[] = [];
  for (const [namespace, targets] of Map.groupBy(seen, (each) => each.namespace)) {
    const notes = targets.flatMap((each) => checkTarget(each, intent.allowCopy === true));
    const missing = targets.find(({ workload }) => workload === "absent");
    if (missing !== undefined && selected.includes(namespace)) continue;
    if (missing !== undefined && !force) throw missingTarget(missing.target, namespace);
    const limited = targets.map(({ target, workload }) =>
      limitedTarget(target, typeof workload === "string" ? undefined : workload),
    );
    limits.set(namespace, limited);
    warnings.push(...notes);
  }
  return { limits, warnings };
}

/** What has to be said about one target. Throws when its containers are not known, or lack the one that was named. */
function checkTarget({ target, workload, namespace, namesakes }: TargetSeen, allowCopy: boolean): string[] {
  const path = formatTarget(target);
  const unknown = (text: string) => new UserError("undetermined", `${text}, so its containers are not known`);
  if (workload === "forbidden") throw unknown(`you may not read ${path} in namespace ${namespace}`);
  if (workload === "absent")
    return [`${path} does not exist in namespace ${namespace}: the grant is for whatever gets that name`];
  const containers = containerNames(workload);
  const reference = templateReference(workload);
  if (reference !== undefined && containers.length === 0) {
    const name = JSON.stringify(reference.name);
    throw unknown(`${path} refers to ${reference.resource} ${name}, which could not be read in namespace ${namespace}`);
  }
  if (target.container !== undefined && containers.length > 0 && !containers.includes(target.container)) {
    throw usageError(
      `${target.kind} ${JSON.stringify(target.name)} has no container ${JSON.stringify(target.container)}`,
      `Its containers: ${containers.join(", ")}`,
    );
  }
  const copied = !allowCopy && target.kind === "deployment" && availableReplicas(workload) === "none";
  const noReplicas = `${path} in namespace ${namespace} has no available replicas: until it has, clients need a copy, which this grant does not allow (--allow-copy does)`;
  return [
    ...(copied ? [noReplicas] : []),
    ...namesakes.flatMap((namesake) => namesakeWarning(target, namesake, namespace)),
  ];
}

function missingTarget({ kind, name }: WorkloadTarget, namespace: string): UserError {
  return usageError(`${kind} ${JSON.stringify(name)} was not found in namespace ${namespace}`, [
    `See what is there: ${shellCommand(["kubectl", "get", workloadType(kind).resource, "-n", namespace])}`,
    "Add --force to grant it beforehand.",
  ]);
}

function namesakeWarning(target: WorkloadTarget, namesake: KubernetesObject, namespace: string): string[] {
  const alike = spelledAlike(target, namesake);
  if (alike === undefined) return [];
  const { kind } = target;
  return [
    `${kind}/${alike.long} in namespace ${namespace} is spelled like container ${alike.container} of ${kind}/${alike.short}: the limit opens it too`,
  ];
}

/** A name that nobody uses stands for every target but those of the limit. */
const ANY_OTHER = "deployment.kubectl-mirrord-any-other";

/**
 * RBAC only adds: another binding that lets the subject connect to everything makes a limit void. Each is named, with
 * those that open a side door (a copy has no name to limit).
 */
export function voidLimits(
  { intent, members, name, user, targets }: GrantOutline,
  rbac: RbacSeen,
  namespaces: readonly string[],
): string[] {
  if (targets.length === 0) return [];
  if (rbac.unreadable.length > 0) {
    return [
      `you may not list ${rbac.unreadable.join(", ")}: whether another binding makes the limit void is not known`,
    ];
  }
  const { explain } = authorizer(rbac.objects);
  const groupsThatMay = groupFinder(rbac);
  return namespaces.flatMap((namespace) => {
    const doors = sideDoors(namespace, intent.allowCopy === true);
    const through = doors.flatMap((attributes) =>
      explain({ user, ...attributes })
        .via.filter(({ binding }) => !binding.name.startsWith(name))
        .map(({ binding }) => `${binding.kind.toLowerCase()} ${binding.name}`),
    );
    const found = members.some(({ kind }) => kind === "User")
      ? doors.map((attributes) => groupsThatMay(attributes))
      : [];
    const groups = found.flatMap((each) => (each.known ? each.groups : [])).map((group) => `group ${group}`);
    const isVoid = `in namespace ${namespace} the limit is void`;
    return [
      ...(through.length === 0 ? [] : [`${isVoid}: ${distinct(through)} lets the subject connect to other targets`]),
      ...(groups.length === 0 ? [] : [`${isVoid} if the subject is in ${distinct(groups)}`]),
    ];
  });
}

/** What a limited grant must not allow: connecting to another target, and, unless it allows copies, to a copy. */
function sideDoors(namespace: string, allowCopy: boolean): AccessAttributes[] {
  const connect = { verb: "proxy", apiGroup: OPERATOR_GROUP, namespace };
  return [
    { ...connect, resource: "targets", name: ANY_OTHER },
    ...(allowCopy ? [] : [{ ...connect, resource: "copytargets" }]),
  ];
}

const distinct = (names: readonly string[]) => [...new Set(names)].toSorted().join(", ");

/** Workloads by kind, namespace and name, as far as they may be read. */
export interface WorkloadsSeen {
  find(target: WorkloadTarget, namespace: string): Lookup;
}

/**
 * The limits of a stored grant, as its workloads are today; undefined where their containers are not known. A namespace that a
 * selector chose is left out until it has all of the targets.
 */
export function limitsToday(
  { targets, named }: GrantOutline,
  namespaces: readonly string[] | undefined,
  { find }: WorkloadsSeen,
): Map<string, LimitedTarget[]> | undefined {
  if (targets.length === 0 || namespaces === undefined) return undefined;
  const limits = new Map<string, LimitedTarget[]>();
  for (const namespace of namespaces) {
    const found = targets.map((target) => ({ target, workload: find(target, namespace) }));
    if (found.some(({ workload }) => hidesContainers(workload))) return undefined;
    if (!named.includes(namespace) && found.some(({ workload }) => workload === "absent")) continue;
    limits.set(
      namespace,
      found.map(({ target, workload }) => limitedTarget(target, typeof workload === "string" ? undefined : workload)),
    );
  }
  return limits;
}

/** Of a workload that refers to another one's template, which could not be read, the containers are not known either. */
function hidesContainers(workload: Lookup): boolean {
  if (typeof workload === "string") return workload === "forbidden";
  return templateReference(workload) !== undefined && containerNames(workload).length === 0;
}
