import type { V1ClusterRole, V1PolicyRule } from "@kubernetes/client-node";
import { listIn, textIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources, RBAC_GROUP } from "../kubernetes/resources.ts";

const { resource } = nativeResources.clusterRoles;

/** The one rule that lists what its holder may bind without holding it. */
const isBindRule = (one: unknown): boolean => {
  const { verbs, apiGroups, resources, resourceNames } = fieldsIn<V1PolicyRule>(one);
  const isOnly = (list: unknown, value: string) => listIn(list).length === 1 && listIn(list)[0] === value;
  const isNamed = listIn(resourceNames).length > 0;
  return isNamed && isOnly(verbs, "bind") && isOnly(apiGroups, RBAC_GROUP) && isOnly(resources, resource);
};

const rulesIn = (role: KubernetesObject): unknown[] => listIn(fieldsIn<V1ClusterRole>(role).rules);

/** The ClusterRoles that the holder of a role may bind by name, sorted. */
export function bindableRoles(role: KubernetesObject): string[] {
  const names = rulesIn(role)
    .filter(isBindRule)
    .flatMap((one) => listIn(fieldsIn<V1PolicyRule>(one).resourceNames).map(textIn));
  return [...new Set(names)].toSorted();
}

/**
 * The role, whose holder may bind this ClusterRole as well; the very same object where it may already. Whoever writes it has to
 * be allowed to bind that ClusterRole. The role of `grant sync` (accessModel.sync.role) lists custom roles so.
 */
export function withBindable(role: KubernetesObject, name: string): KubernetesObject {
  const names = bindableRoles(role);
  return names.includes(name) ? role : withNames(role, [...names, name]);
}

/** The role, whose holder may not bind this ClusterRole any more; the very same object where it may not. */
export function withoutBindable(role: KubernetesObject, name: string): KubernetesObject {
  const names = bindableRoles(role);
  return names.includes(name)
    ? withNames(
        role,
        names.filter((each) => each !== name),
      )
    : role;
}

/** Without names there is no rule: one with an empty list is about every ClusterRole. */
function withNames(role: KubernetesObject, names: readonly string[]): KubernetesObject {
  const others = rulesIn(role).filter((one) => !isBindRule(one));
  return { ...role, rules: [...others, ...bindRule(names)] };
}

/** At the end of a role's rules; none for no names. */
export function bindRule(names: readonly string[]): V1PolicyRule[] {
  const resourceNames = [...new Set(names)].toSorted();
  return names.length === 0 ? [] : [{ apiGroups: [RBAC_GROUP], resources: [resource], verbs: ["bind"], resourceNames }];
}
