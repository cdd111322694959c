import type { V1RoleRef } from "@kubernetes/client-node";
import { entryOf, listIn, objectIn, textIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { byCodePoint } from "../text/order.ts";
import { builtInClusterRoles } from "./custom-role.ts";
import type { Intent } from "./intent.ts";
import { GRANT_LABEL } from "./names.ts";
import type { StoredGrant } from "./stored.ts";
import { boundSubject, formatSubject, type GrantSubject } from "./subject.ts";

/** Somebody who holds a role, and by what. */
export interface RoleHolder {
  subject: GrantSubject;
  /** The grant's id; absent for a binding that was made by hand. */
  grant?: string;
  binding: { kind: "RoleBinding" | "ClusterRoleBinding"; name: string; namespace?: string };
}

/**
 * Whom the bindings among the objects give a ClusterRole, in the order of their names. A grant that is limited to workloads binds
 * Roles of its own in place of it, and holds the role all the same.
 */
export function roleHolders(
  role: string,
  objects: readonly KubernetesObject[],
  grants: readonly StoredGrant[],
): RoleHolder[] {
  const intents = new Map(grants.flatMap(({ id, intent }) => (intent === undefined ? [] : [[id, intent]])));
  return objects
    .flatMap((binding): RoleHolder[] => {
      const { kind, metadata } = binding;
      if (kind !== "RoleBinding" && kind !== "ClusterRoleBinding") return [];
      const { kind: refKind, name } = fieldsIn<V1RoleRef>(binding["roleRef"]);
      const { name: own = "", namespace, labels = {} } = metadata;
      const id = labels[GRANT_LABEL];
      const intent = id === undefined ? undefined : intents.get(id);
      const isLimited = textIn(refKind) === "Role" && intent !== undefined && grantRoleName(intent) === role;
      if (!isLimited && (textIn(refKind) !== "ClusterRole" || textIn(name) !== role)) return [];
      const named = { kind, name: own, ...(namespace === undefined ? {} : { namespace }) } as const;
      const subjects = listIn(binding["subjects"]).flatMap((each) => boundSubject(objectIn(each), namespace) ?? []);
      return subjects.map((subject) => ({
        subject,
        ...(id === undefined || intent === undefined ? {} : { grant: id }),
        binding: named,
      }));
    })
    .toSorted((one, other) => byCodePoint(orderKey(one), orderKey(other)));
}

/** Only built-in roles can be limited. */
const grantRoleName = ({ role }: Intent): string | undefined => entryOf(builtInClusterRoles, role);

const orderKey = ({ subject, binding: { namespace = "", name } }: RoleHolder) =>
  [formatSubject(subject), namespace, name].join("\0");

/** `jim (grant abc…)`, `bob (rolebinding/x in dev)`: each once. */
export function holderTexts(holders: readonly RoleHolder[]): string[] {
  const texts = holders.map(({ subject, grant, binding }) => {
    const place = binding.namespace === undefined ? "" : ` in ${binding.namespace}`;
    const by = grant === undefined ? `${binding.kind.toLowerCase()}/${binding.name}${place}` : `grant ${grant}`;
    return `${formatSubject(subject)} (${by})`;
  });
  return [...new Set(texts)];
}

/** The subjects, each once. */
export const holderNames = (holders: readonly RoleHolder[]): string[] => [
  ...new Set(holders.map(({ subject }) => formatSubject(subject))),
];
