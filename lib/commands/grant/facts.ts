import type { Intent } from "../../access/intent.ts";
import { clusterRoleOf, neededRoles } from "../../access/objects.ts";
import { dangerousRules, type LimitedTarget } from "../../access/roles.ts";
import { UserError } from "../../errors.ts";
import type { Cluster, KubernetesObject } from "../../kube/cluster.ts";
import { nativeResources } from "../../mirrord/resources.ts";
import { parseTarget, workloadType, type WorkloadTarget } from "../../mirrord/target.ts";
import { findOperator, statusOf } from "../../preview/operator.ts";
import { containersOf, replicasOf } from "../../preview/workload.ts";
import { rbacResources } from "../../rbac/resources.ts";
import type { PolicyRule } from "../../rbac/types.ts";

/** What the cluster has to say before a grant is planned. */
export interface GrantFacts {
  /** For each namespace, the targets that the connection is limited to, with their containers. */
  limits: Map<string, LimitedTarget[]>;
  warnings: string[];
}

/**
 * Checks that everything a grant refers to is there: namespaces, roles, targets. Throws UserError "usage" for what is
 * missing or needs a flag, before anything is written; what the caller may not read becomes a warning.
 */
export async function grantFacts(
  cluster: Cluster,
  intent: Intent,
  flags: { allowSystem: boolean; dangerous: boolean },
): Promise<GrantFacts> {
  const namespaces = intent.set.kind === "all" ? [] : intent.set.namespaces;
  const [spaces, roles, limits] = await Promise.all([
    checkNamespaces(cluster, namespaces, flags.allowSystem),
    checkRoles(cluster, intent, flags.dangerous),
    Promise.all(namespaces.map((namespace) => readLimits(cluster, intent, namespace))),
  ]);
  return {
    limits: new Map(namespaces.map((namespace, index) => [namespace, limits[index]?.limited ?? []])),
    warnings: [...spaces, ...roles, ...limits.flatMap(({ warnings }) => warnings)],
  };
}

async function checkNamespaces(
  cluster: Cluster,
  namespaces: readonly string[],
  allowSystem: boolean,
): Promise<string[]> {
  if (namespaces.length === 0) return [];
  const warnings = await Promise.all(namespaces.map((namespace) => checkNamespace(cluster, namespace)));
  if (!allowSystem) await refuseOperatorNamespace(cluster, namespaces);
  return warnings.flat();
}

async function checkNamespace(cluster: Cluster, namespace: string): Promise<string[]> {
  const found = await readable(() => cluster.get(nativeResources.namespaces, namespace));
  if (!found.allowed) return [`you may not read namespace ${namespace}: whether it exists shows when it is written to`];
  if (found.value === undefined) {
    throw new UserError(
      "usage",
      `namespace ${JSON.stringify(namespace)} was not found`,
      "See what is there: kubectl get namespaces",
    );
  }
  if (found.value.metadata.deletionTimestamp !== undefined) {
    throw new UserError(
      "usage",
      `namespace ${JSON.stringify(namespace)} is being deleted`,
      "Grant access once it is there again.",
    );
  }
  return [];
}

// Whoever may connect to the operator's own pods stands in the shoes of the operator.
async function refuseOperatorNamespace(cluster: Cluster, namespaces: readonly string[]): Promise<void> {
  const operator = await findOperator(cluster);
  const own = (operator.state === "installed" ? operator.info.namespace : undefined) ?? "mirrord";
  if (!namespaces.includes(own)) return;
  throw new UserError(
    "usage",
    `namespace ${own} is the operator's own`,
    "Add --allow-system if that is what you mean.",
  );
}

async function checkRoles(cluster: Cluster, intent: Intent, dangerous: boolean): Promise<string[]> {
  const custom = intent.role.startsWith("clusterrole/")
    ? clusterRoleOf(intent.role as `clusterrole/${string}`)
    : undefined;
  const warnings = await Promise.all(
    neededRoles(intent).map(async (name) => {
      const role = await readable(() => cluster.get(rbacResources.clusterRoles, name));
      if (!role.allowed) return [`you may not read clusterrole ${name}: whether it exists shows when it is bound`];
      if (role.value === undefined) throw missingRole(name, name === custom);
      if (name === custom && !dangerous) refuseDangerous(name, role.value);
      return [];
    }),
  );
  return warnings.flat();
}

function missingRole(name: string, custom: boolean): UserError {
  return custom
    ? new UserError(
        "usage",
        `clusterrole ${JSON.stringify(name)} was not found`,
        "See what is there: kubectl get clusterroles",
      )
    : new UserError(
        "usage",
        `the operator's clusterrole ${JSON.stringify(name)} was not found`,
        "Install the operator's chart (mirrord-operator), which brings it, or use --role minimal.",
      );
}

function refuseDangerous(name: string, role: KubernetesObject): void {
  const rules = Array.isArray(role["rules"]) ? (role["rules"] as PolicyRule[]) : [];
  const [first] = dangerousRules(rules);
  if (first === undefined) return;
  throw new UserError(
    "usage",
    `clusterrole ${JSON.stringify(name)} lets its holder gain more rights (${JSON.stringify(first)})`,
    "Add --dangerous if that is what you mean.",
  );
}

async function readLimits(
  cluster: Cluster,
  intent: Intent,
  namespace: string,
): Promise<{ limited: LimitedTarget[]; warnings: string[] }> {
  const read = await Promise.all(
    intent.targets.map((path) => readLimit(cluster, parseTarget(path) as WorkloadTarget, path, namespace)),
  );
  return { limited: read.map(({ limited }) => limited), warnings: read.flatMap(({ warnings }) => warnings) };
}

async function readLimit(
  cluster: Cluster,
  target: WorkloadTarget,
  path: string,
  namespace: string,
): Promise<{ limited: LimitedTarget; warnings: string[] }> {
  const found = await readable(() => cluster.get(workloadType(target.kind), target.name, namespace));
  if (!found.allowed) {
    throw new UserError(
      "undetermined",
      `you may not read ${path} in namespace ${namespace}, so its containers are not known`,
    );
  }
  if (found.value === undefined) {
    throw new UserError(
      "usage",
      `${target.kind} ${JSON.stringify(target.name)} was not found in namespace ${namespace}`,
      `See what is there: kubectl get ${workloadType(target.kind).resource} -n ${namespace}`,
    );
  }
  const containers = containersOf(found.value);
  if (target.container !== undefined && containers.length > 0 && !containers.includes(target.container)) {
    throw new UserError(
      "usage",
      `${target.kind} ${JSON.stringify(target.name)} has no container ${JSON.stringify(target.container)}`,
      `Its containers: ${containers.join(", ")}`,
    );
  }
  const copied = target.kind === "deployment" && replicasOf(found.value) === "none";
  return {
    limited: { target, containers },
    warnings: copied
      ? [
          `${path} in namespace ${namespace} has no available replicas: until it has, clients need a copy, which a grant with --target does not allow`,
        ]
      : [],
  };
}

type Readable<Value> = { allowed: true; value: Value } | { allowed: false };

async function readable<Value>(read: () => Promise<Value>): Promise<Readable<Value>> {
  try {
    return { allowed: true, value: await read() };
  } catch (error) {
    if (statusOf(error) === 403) return { allowed: false };
    throw error;
  }
}
