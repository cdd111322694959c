import { workloadTarget, type Intent } from "../../access/intent.ts";
import { grantName } from "../../access/objects.ts";
import type { LimitedTarget } from "../../access/roles.ts";
import { subjectIdentity } from "../../access/subject.ts";
import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { AccessAttributes } from "../../kubernetes/access.ts";
import { OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { workloadType, type WorkloadTarget } from "../../mirrord/target.ts";
import { groupFinder } from "../../rbac/decide/group-finder.ts";
import { readRbacOf } from "../../reading/rbac-objects.ts";
import { readObject } from "../../reading/read.ts";
import { containerNames, availableReplicas, templateReference } from "../../mirrord/workload.ts";
import { limitedTarget } from "../../access/roles.ts";
import { withTemplate } from "../../reading/workload.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";

export interface Limits {
  /** For each namespace where the grant holds, the targets with their containers of today. */
  limits: Map<string, LimitedTarget[]>;
  warnings: string[];
}

interface LimitOptions {
  namespaces: readonly string[];
  /** Those that a selector chose: one without the targets is left out until it has them. */
  selected: readonly string[];
  /** A target that is not there is a warning. */
  force: boolean;
}

/** Reads the workloads that a grant is limited to. Throws UserError "usage" for one that is not there. */
export async function readLimits(cluster: Cluster, intent: Intent, options: LimitOptions): Promise<Limits> {
  if (intent.targets.length === 0) return { limits: new Map(), warnings: [] };
  const read = await Promise.all(
    options.namespaces.map(async (namespace) => {
      const found = await Promise.all(
        intent.targets.map((path) => readLimit(cluster, path, namespace, intent.allowCopy === true)),
      );
      return { namespace, found };
    }),
  );
  const limits = new Map<string, LimitedTarget[]>();
  const warnings: string[] = [];
  for (const { namespace, found } of read) {
    const missing = found.find(({ workload }) => workload === undefined);
    if (missing !== undefined && options.selected.includes(namespace)) continue;
    if (missing !== undefined && !options.force) throw missingTarget(missing.target, namespace);
    limits.set(
      namespace,
      found.map(({ target, workload }) => limitedTarget(target, workload)),
    );
    warnings.push(...found.flatMap((each) => each.warnings));
  }
  return { limits, warnings };
}

interface ReadTarget {
  target: WorkloadTarget;
  workload: KubernetesObject | undefined;
  warnings: string[];
}

async function readLimit(cluster: Cluster, path: string, namespace: string, copies: boolean): Promise<ReadTarget> {
  const target = workloadTarget(path);
  const found = await readObject(cluster, workloadType(target.kind), target.name, namespace);
  if (found.failed) {
    throw new UserError(
      "undetermined",
      `you may not read ${path} in namespace ${namespace}, so its containers are not known`,
    );
  }
  const workload = found.value === undefined ? undefined : await withTemplate(cluster, found.value);
  if (workload === undefined) {
    const text = `${path} does not exist in namespace ${namespace}: the grant is for whatever gets that name`;
    return { target, workload, warnings: [text] };
  }
  const containers = containerNames(workload);
  const reference = templateReference(workload);
  if (reference !== undefined && containers.length === 0) {
    throw new UserError(
      "undetermined",
      `${path} refers to ${reference.resource} ${JSON.stringify(reference.name)}, which could not be read in namespace ${namespace}, so its containers are not known`,
    );
  }
  if (target.container !== undefined && containers.length > 0 && !containers.includes(target.container)) {
    throw new UserError(
      "usage",
      `${target.kind} ${JSON.stringify(target.name)} has no container ${JSON.stringify(target.container)}`,
      `Its containers: ${containers.join(", ")}`,
    );
  }
  const copied = !copies && target.kind === "deployment" && availableReplicas(workload) === "none";
  const noReplicas = `${path} in namespace ${namespace} has no available replicas: until it has, clients need a copy, which this grant does not allow (--allow-copy does)`;
  const namesakes = await sameSpelling(cluster, target, containers, namespace);
  return { target, workload, warnings: [...(copied ? [noReplicas] : []), ...namesakes] };
}

function missingTarget({ kind, name }: WorkloadTarget, namespace: string): UserError {
  return new UserError(
    "usage",
    `${kind} ${JSON.stringify(name)} was not found in namespace ${namespace}`,
    `See what is there: kubectl get ${workloadType(kind).resource} -n ${namespace}\nAdd --force to grant it beforehand.`,
  );
}

/**
 * Names may hold dots: deployment `web.container.x` and container `x` of deployment `web` are one name to the API server,
 * and a limit to one opens the other. Source: operator contract section 3.3 (names of connections).
 */
async function sameSpelling(
  cluster: Cluster,
  target: WorkloadTarget,
  containers: readonly string[],
  namespace: string,
): Promise<string[]> {
  const type = workloadType(target.kind);
  const named = target.container === undefined ? containers : [target.container];
  const longer = named.map(async (container) => {
    const name = `${target.name}.container.${container}`;
    const other = await readObject(cluster, type, name, namespace);
    const text = `${target.kind}/${name} in namespace ${namespace} is spelled like container ${container} of ${target.kind}/${target.name}: the limit opens it too`;
    return !other.failed && other.value !== undefined ? [text] : [];
  });
  const [, name, container] = /^(.+)\.container\.([^.]+)$/.exec(target.name) ?? [];
  const shorter = async () => {
    if (name === undefined || container === undefined) return [];
    const other = await readObject(cluster, type, name, namespace);
    const same = !other.failed && other.value !== undefined && containerNames(other.value).includes(container);
    const text = `${target.kind}/${target.name} in namespace ${namespace} is spelled like container ${container} of ${target.kind}/${name}: the limit opens it too`;
    return same ? [text] : [];
  };
  return (await Promise.all([...longer, shorter()])).flat();
}

/** A name that nobody uses stands for every target but those of the limit. */
const ANY_OTHER = "deployment.kubectl-mirrord-any-other";

/**
 * RBAC only adds: another binding that lets the subject connect to everything makes a limit void. Each is named, with
 * those that open a side door (a copy has no name to limit).
 */
export async function voidLimits(cluster: Cluster, intent: Intent, namespaces: readonly string[]): Promise<string[]> {
  if (intent.targets.length === 0) return [];
  const rbac = await readRbacOf(cluster, namespaces);
  if (rbac.unreadable.length > 0) {
    return [
      `you may not list ${rbac.unreadable.join(", ")}: whether another binding makes the limit void is not known`,
    ];
  }
  const own = grantName(intent);
  const { explain } = authorizer(rbac.objects);
  const groupsThatMay = groupFinder(rbac);
  const user = withImpliedGroups(subjectIdentity(intent.subject));
  const doors = (namespace: string): AccessAttributes[] => [
    { verb: "proxy", apiGroup: OPERATOR_GROUP, resource: "targets", namespace, name: ANY_OTHER },
    ...(intent.allowCopy === true
      ? []
      : [{ verb: "proxy", apiGroup: OPERATOR_GROUP, resource: "copytargets", namespace }]),
  ];
  return namespaces.flatMap((namespace) => {
    const through = doors(namespace).flatMap((attributes) =>
      explain({ user, ...attributes })
        .via.filter(({ binding }) => !binding.name.startsWith(own))
        .map(({ binding }) => `${binding.kind.toLowerCase()} ${binding.name}`),
    );
    const groups = intent.subject.kind === "User" ? doors(namespace).map((each) => groupsThatMay(each)) : [];
    const may = groups.flatMap((found) => (found.known ? found.groups : []));
    return [
      ...(through.length === 0
        ? []
        : [`in namespace ${namespace} the limit is void: ${list(through)} lets the subject connect to other targets`]),
      ...(may.length === 0
        ? []
        : [
            `in namespace ${namespace} the limit is void if the subject is in ${list(may.map((group) => `group ${group}`))}`,
          ]),
    ];
  });
}

const list = (names: readonly string[]) => [...new Set(names)].toSorted().join(", ");
