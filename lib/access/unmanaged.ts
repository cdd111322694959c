import type { V1RoleRef } from "@kubernetes/client-node";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { accessModel, operatorRoles, ROLE_PREFIX, secureDefaults } from "./names.ts";
import type { StoredGrant } from "./stored.ts";
import { formatSubject, boundSubject } from "./subject.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import { OPERATOR_GROUP } from "../mirrord/resources.ts";
import { roleRules } from "../rbac/decode.ts";
import type { GrantRow } from "./grant-row.ts";

/**
 * Access to mirrord that was not granted here: bindings that are no part of a grant, to a role of the operator's chart, to
 * one of ours, or to a Role or ClusterRole whose rules name the operator's API. A row for each subject.
 */
export function unmanagedRows(objects: readonly KubernetesObject[], grants: readonly StoredGrant[]): GrantRow[] {
  return unmanagedBindings(objects, grants).flatMap((binding) =>
    listIn(binding["subjects"]).flatMap((subject) => unmanagedRow(binding, objectIn(subject))),
  );
}

/** The bindings themselves. */
export function unmanagedBindings(
  objects: readonly KubernetesObject[],
  grants: readonly StoredGrant[],
): KubernetesObject[] {
  // Anybody can put our label on a binding of their own, so the label alone hides nothing.
  const granted = new Set(
    grants.flatMap((grant) => grant.objects.map(({ object }) => keyByKind(object.kind, object.metadata))),
  );
  const roles = new Set(
    objects
      .filter((object) => object.kind.endsWith("Role") && isMirrordRole(object))
      .map(({ kind, metadata }) => keyByKind(kind, metadata)),
  );
  return objects
    .filter((object) => object.kind.endsWith("Binding") && !granted.has(keyByKind(object.kind, object.metadata)))
    .filter((binding) => roles.has(refKey(binding)) && !exemptsOperator(binding) && !runsSync(binding));
}

/** What the secure defaults exempt the operator by: its own account, in its own namespace or for agents in running pods. */
function exemptsOperator({ metadata: { name, namespace }, ...binding }: KubernetesObject): boolean {
  if (name?.startsWith(`${secureDefaults.operator}:`) !== true) return false;
  return listIn(binding["subjects"])
    .map((subject) => boundSubject(objectIn(subject), namespace))
    .every(
      (subject) =>
        subject?.kind === "ServiceAccount" &&
        subject.name === "mirrord-operator" &&
        (namespace === undefined || subject.namespace === namespace),
    );
}

/** What the account that runs `grant sync` has its rights by, and nobody else. */
function runsSync({ kind, metadata: { name = "" }, ...binding }: KubernetesObject): boolean {
  const { sync } = accessModel;
  if (kind !== "ClusterRoleBinding" || ![sync.role, `${sync.role}:user`].includes(name)) return false;
  const [subject, ...more] = listIn(binding["subjects"]).map((one) => boundSubject(objectIn(one), undefined));
  const isAccount = subject?.kind === "ServiceAccount" && subject.name === sync.name;
  return isAccount && subject.namespace === sync.namespace && more.length === 0;
}

function isMirrordRole(role: KubernetesObject): boolean {
  const { name = "" } = role.metadata;
  if (
    role.kind === "ClusterRole" &&
    (Object.values<string>(operatorRoles).includes(name) || name.startsWith(ROLE_PREFIX))
  )
    return true;
  // Whatever the operator itself and its helpers are bound to is no access of a person.
  if (name === "mirrord-operator" || name.startsWith("mirrord-operator-envoy")) return false;
  return roleRules(role).some(
    ({ apiGroups = [], verbs }) => apiGroups.includes(OPERATOR_GROUP) && verbs.includes("proxy"),
  );
}

function refKey({ metadata, ...binding }: KubernetesObject): string {
  const { kind, name } = fieldsIn<V1RoleRef>(binding["roleRef"]);
  return keyByKind(textIn(kind), { namespace: kind === "Role" ? metadata.namespace : "", name: textIn(name) });
}

function unmanagedRow(binding: KubernetesObject, subject: Record<string, unknown>): GrantRow[] {
  const { name = "", namespace, creationTimestamp } = binding.metadata;
  const { kind, name: role } = fieldsIn<V1RoleRef>(binding["roleRef"]);
  const bound = boundSubject(subject, namespace);
  return [
    {
      name,
      ...(bound === undefined ? {} : { subject: formatSubject(bound) }),
      role: `${textIn(kind).toLowerCase()}/${textIn(role)}`,
      namespaces: namespace === undefined ? ["*"] : [namespace],
      selectors: [],
      targets: [],
      status: "unmanaged",
      findings: [],
      managed: false,
      ...(creationTimestamp === undefined ? {} : { grantedAt: creationTimestamp }),
    },
  ];
}
