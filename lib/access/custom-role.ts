import type { V1ClusterRole } from "@kubernetes/client-node";
import { usageError, type UserError } from "../errors.ts";
import type { ApiObject } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { didYouMean, slip } from "../text/suggest.ts";
import { CUSTOM_ROLE_LABEL, MANAGED_BY, MANAGED_BY_LABEL, operatorRoles, ROLE_PREFIX } from "./names.ts";
import { ownRole, ownRoleName } from "./roles.ts";

// A role that administrators define is a ClusterRole `mirrord:role:NAME`, which grants name by its short name.

/** What `--role` takes besides roles of one's own. */
export const builtInRoles = ["user", "minimal", "view", "ci"] as const;

/** The ClusterRoles that built-in roles bind; `ci` is `user` today. */
export const builtInClusterRoles: Readonly<Record<string, string>> = {
  user: operatorRoles.user,
  minimal: ownRoleName("minimal"),
  view: ownRoleName("view"),
};

const CLUSTER_ROLE = "clusterrole/";
const possibleName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The ClusterRole of the custom role with that short name. */
export const customRoleName = (name: string): string => `${ROLE_PREFIX}${name}`;

/** Whether a custom role can have this short name: what is nearly a built-in role would be taken for a slip of it. */
function isPossible(name: string): boolean {
  const isTaken = ownRole(customRoleName(name)) !== undefined || name.startsWith("privileged-");
  return possibleName.test(name) && !isTaken && slip(name, builtInRoles) === undefined;
}

/** The role of a grant that a short name stands for; undefined where no custom role can have that name. */
export function customGrantRole(name: string): `clusterrole/${string}` | undefined {
  return isPossible(name) ? `${CLUSTER_ROLE}${customRoleName(name)}` : undefined;
}

/** The short name of the custom role that a grant's role is; undefined for any other role. */
export function customRole(role: string): string | undefined {
  if (!role.startsWith(`${CLUSTER_ROLE}${ROLE_PREFIX}`)) return undefined;
  const name = role.slice(CLUSTER_ROLE.length + ROLE_PREFIX.length);
  return isPossible(name) ? name : undefined;
}

/** A grant's role as it is typed: a custom one by its short name. */
export const roleText = (role: string): string => customRole(role) ?? role;

/** Throws UserError "usage" for a name that a new role cannot have. */
export function parseRoleName(name: string): string {
  if (isPossible(name)) return name;
  const near = slip(name, builtInRoles);
  if (!possibleName.test(name)) {
    const rules = "A name has 1 to 63 lower-case letters, digits and '-', and begins and ends with a letter or digit.";
    throw usageError(`${JSON.stringify(name)} cannot be the name of a role`, rules);
  }
  throw near === undefined || builtInRoles.some((each) => each === name)
    ? usageError(`role ${JSON.stringify(name)} is built in`, "Choose another name.")
    : usageError(`${JSON.stringify(name)} is too close to the built-in role ${near}`, "Choose another name.");
}

/** What a custom role allows: rules, or those of all ClusterRoles with one of these sets of labels. */
export type RoleContent = { rules: PolicyRule[] } | { aggregates: Record<string, string>[] };

/** The ClusterRole of a custom role, as it is stored. */
export function customRoleObject(name: string, content: RoleContent): ApiObject<V1ClusterRole> {
  const { group, version, kind } = nativeResources.clusterRoles;
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: {
      name: customRoleName(name),
      labels: { [CUSTOM_ROLE_LABEL]: name, [MANAGED_BY_LABEL]: MANAGED_BY },
    },
    ...("rules" in content
      ? { rules: content.rules }
      : { aggregationRule: { clusterRoleSelectors: content.aggregates.map((matchLabels) => ({ matchLabels })) } }),
  };
}

/** The custom roles among ClusterRoles, by short name. A label alone makes none: its name must go with it. */
export function customRoles(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(
    objects.flatMap((role): [string, KubernetesObject][] => {
      const name = role.kind === "ClusterRole" ? role.metadata.labels?.[CUSTOM_ROLE_LABEL] : undefined;
      return name !== undefined && isPossible(name) && role.metadata.name === customRoleName(name)
        ? [[name, role]]
        : [];
    }),
  );
}

/** Throws UserError "usage" for a role that nobody made. */
export function missingRole(name: string, known: Iterable<string>): UserError {
  const near = didYouMean(name, [...known]);
  return usageError(`there is no role ${JSON.stringify(name)}`, [
    ...(near === undefined ? [] : [near]),
    "Other ClusterRoles are named clusterrole/NAME.",
    "See what there is: kubectl mirrord grant role list",
  ]);
}
