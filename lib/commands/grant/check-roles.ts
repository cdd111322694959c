import type { Intent } from "../../access/intent.ts";
import { clusterRoleOf, neededRoles } from "../../access/objects.ts";
import { operatorRoleDifference } from "../../access/operator-roles.ts";
import { dangerousRules } from "../../access/roles.ts";
import { roleRules } from "../../access/check-roles.ts";
import { UserError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readObject } from "../../reading/read.ts";
import { ruleText } from "../../rbac/compact.ts";
import { nativeResources } from "../../kubernetes/resources.ts";

export interface CheckedRoles {
  warnings: string[];
  /** The ClusterRoles that the grant binds and that were there already. */
  found: KubernetesObject[];
}

/**
 * Checks that the roles which a grant binds and does not bring are there, and that nobody has made more or less of them than
 * they say. Throws UserError "usage" for one that is missing or dangerous.
 */
export async function checkRoles(cluster: Cluster, intent: Intent, dangerous: boolean): Promise<CheckedRoles> {
  const custom = intent.role.startsWith("clusterrole/")
    ? clusterRoleOf(intent.role as `clusterrole/${string}`)
    : undefined;
  const checked = await Promise.all(
    neededRoles(intent).map(async (name): Promise<CheckedRoles> => {
      const role = await readObject(cluster, nativeResources.clusterRoles, name);
      if (role.failed) {
        const text = `you may not read clusterrole ${name}: whether it exists shows when it is bound`;
        return { warnings: [text], found: [] };
      }
      if (role.value === undefined) throw missingRole(name, name === custom);
      if (!dangerous) refuseDangerous(name, role.value, name === custom);
      return { warnings: changes(name, role.value), found: [role.value] };
    }),
  );
  return { warnings: checked.flatMap(({ warnings }) => warnings), found: checked.flatMap(({ found }) => found) };
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
        "The operator's chart (mirrord-operator) brings it. Or use --role minimal, which does not need it.",
      );
}

/** The operator's roles too: its chart puts nothing of the kind into them, but whoever may edit them can. */
function refuseDangerous(name: string, role: KubernetesObject, custom: boolean): void {
  const [first] = dangerousRules(roleRules(role));
  if (first === undefined) return;
  const flag = "Add --dangerous if that is what you mean.";
  throw new UserError(
    "usage",
    `clusterrole ${JSON.stringify(name)} lets its holder gain more rights: ${ruleText(first)}`,
    custom
      ? flag
      : `The operator's chart did not put that there: kubectl get clusterrole ${name} -o yaml --show-managed-fields\n${flag}`,
  );
}

/** A grant binds the operator's roles by name, so whoever changes them changes every grant. */
function changes(name: string, role: KubernetesObject): string[] {
  const difference = operatorRoleDifference(name, roleRules(role));
  if (difference === undefined) return [];
  const { lacks, adds } = difference;
  return [
    ...(lacks.length === 0
      ? []
      : [`clusterrole ${name} is not as the operator's chart installs it: it lacks ${lacks.map(ruleText).join(", ")}`]),
    ...(adds.length === 0
      ? []
      : [
          `clusterrole ${name} is not as the operator's chart installs it: it also allows ${adds.map(ruleText).join(", ")}`,
        ]),
  ];
}
