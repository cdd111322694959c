import { shellCommand } from "../text/shell-quote.ts";
import { UserError, usageError } from "../errors.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { ruleText } from "../rbac/compact.ts";
import { roleRules } from "../rbac/decode.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { customRole, customRoles, missingRole as missingCustomRole } from "./custom-role.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, operatorRoles } from "./names.ts";
import { operatorRoleDifference } from "./operator-roles.ts";
import type { Lookup } from "./places.ts";
import { dangerousRules } from "./roles.ts";

/**
 * Checks that the ClusterRoles which a grant binds and does not bring are there, and that nobody has made more or less of them
 * than they say. Returns warnings. Throws UserError "usage" for one that is missing, or dangerous where that was not accepted.
 */
export function checkRoles(roles: ReadonlyMap<string, Lookup>, { dangerous }: { dangerous: boolean }): string[] {
  return [...roles].flatMap(([name, role]) => {
    if (role === "forbidden") return [`you may not read clusterrole ${name}: whether it exists shows when it is bound`];
    if (role === "absent") throw missingRole(name);
    refuseSquatted(name, role);
    if (!dangerous) refuseDangerous(name, role);
    return roleChanges(name, role);
  });
}

const isOperatorRole = (name: string) => Object.values<string>(operatorRoles).includes(name);

function missingRole(name: string): UserError {
  const custom = customRole(`clusterrole/${name}`);
  if (custom !== undefined) return missingCustomRole(custom, []);
  return isOperatorRole(name)
    ? usageError(
        `the operator's clusterrole ${JSON.stringify(name)} was not found`,
        "The operator brings it (kubectl mirrord install). Or use --role minimal, which does not need it.",
      )
    : usageError(`clusterrole ${JSON.stringify(name)} was not found`, "See what is there: kubectl get clusterroles");
}

/** Under the name of a role that administrators define: without its label somebody else made it, and may hold what they like. */
function refuseSquatted(name: string, role: KubernetesObject): void {
  const custom = customRole(`clusterrole/${name}`);
  if (custom === undefined || customRoles([role]).has(custom)) return;
  const look = shellCommand(["kubectl", "get", "clusterrole", "-o", "yaml"], [name]);
  throw new UserError(
    "refused",
    `clusterrole ${JSON.stringify(name)} was not made by grant role`,
    `Look at it: ${look}`,
  );
}

/** The operator's roles too: its chart puts nothing of the kind into them, but whoever may edit them can. */
function refuseDangerous(name: string, role: KubernetesObject): void {
  const [first] = dangerousRules(roleRules(role));
  if (first === undefined) return;
  const flag = "Add --dangerous if that is what you mean.";
  const command = shellCommand(["kubectl", "get", "clusterrole", "-o", "yaml", "--show-managed-fields"], [name]);
  const look = `The operator's chart did not put that there: ${command}`;
  throw usageError(
    `clusterrole ${JSON.stringify(name)} lets its holder gain more rights: ${ruleText(first)}`,
    isOperatorRole(name) ? [look, flag] : flag,
  );
}

/** A grant binds the operator's roles by name, so whoever changes them changes every grant. */
function roleChanges(name: string, role: KubernetesObject): string[] {
  const { lacks = [], adds = [] } = operatorRoleDifference(name, roleRules(role)) ?? {};
  const changed = (what: string, rules: readonly PolicyRule[]) =>
    rules.length === 0
      ? []
      : [
          `clusterrole ${name} is not as the operator's chart installs it: it ${what} ${rules.map(ruleText).join(", ")}`,
        ];
  return [...changed("lacks", lacks), ...changed("also allows", adds)];
}

/**
 * Why a ClusterRole under one of our names is not ours: somebody else made it, or a controller fills it. It could hold any
 * rights, so nothing may bind it. Undefined when it is ours. A clause: `clusterrole "x" is aggregated: …`
 */
export function whyForeign({ metadata, ...role }: KubernetesObject): string | undefined {
  const name = `clusterrole ${JSON.stringify(metadata.name)}`;
  if (metadata.labels?.[MANAGED_BY_LABEL] !== MANAGED_BY)
    return `${name} is there already and was not made by kubectl-mirrord`;
  return role["aggregationRule"] === undefined ? undefined : `${name} is aggregated: its rules are not ours`;
}

/**
 * Checks that what stands under the names of our ClusterRoles is ours. Returns the roles that are there, and warnings. Throws
 * UserError "refused" for one of somebody else; one that may not be read is a warning where that is tolerated.
 */
export function checkOwnRoles(
  roles: ReadonlyMap<string, Lookup>,
  { tolerant }: { tolerant: boolean },
): { found: Map<string, KubernetesObject>; warnings: string[] } {
  const found = new Map<string, KubernetesObject>();
  const warnings: string[] = [];
  for (const [name, role] of roles) {
    const unknown = `you may not read clusterrole ${name}: whether it is kubectl-mirrord's own is not known`;
    if (role === "absent") continue;
    if (role === "forbidden" && !tolerant) throw new UserError("undetermined", unknown);
    if (role === "forbidden") {
      warnings.push(unknown);
      continue;
    }
    const why = whyForeign(role);
    const look = shellCommand(["kubectl", "get", "clusterrole", "-o", "yaml"], [name]);
    if (why !== undefined) throw new UserError("refused", why, `Look at it: ${look}`);
    found.set(name, role);
  }
  return { found, warnings };
}
