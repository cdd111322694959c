import type { V1ClusterRole, V1ClusterRoleBinding, V1RoleBinding } from "@kubernetes/client-node";
import { MANAGED_BY, MANAGED_BY_LABEL, secureDefaults } from "../../access/names.ts";
import { EPHEMERAL, privilegedOptions } from "../../access/privileged-options.ts";
import { ownRole, ownRoleName, type OwnRole } from "../../access/roles.ts";
import { rbacSubject, type RbacSubject } from "../../access/subject.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { withComponent } from "../component.ts";
import type { AddOn } from "./add-ons.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { Subject } from "../../rbac/types.ts";

/** The account that makes agents, and where. */
export interface OperatorAccount {
  namespace: string;
  name: string;
  /** Agents are added to running pods, in any namespace. */
  ephemeralAgents: boolean;
}

export type AccessObject = ApiObject<V1ClusterRole> | ApiObject<V1ClusterRoleBinding> | ApiObject<V1RoleBinding>;

/** With the label of what belongs to the secure defaults. Grants bring the roles as well, and namespaces are not ours. */
export function asWritten(object: KubernetesObject): KubernetesObject {
  return ["ClusterRole", "Namespace"].includes(object.kind) ? object : withComponent(object, "secure-defaults");
}

export interface Exempted {
  operator: OperatorAccount;
  administrators?: readonly RbacSubject[];
  /** With the namespaces that are there. */
  addOns?: readonly AddOn[];
}

/** The roles of exemptions, the operator's own exemption, the administrators that were named, and add-ons. */
export function exemptionObjects({ operator, administrators = [], addOns = [] }: Exempted): AccessObject[] {
  const account: RbacSubject = { kind: "ServiceAccount", namespace: operator.namespace, name: operator.name };
  const roles: OwnRole[] = [
    "administrator",
    ...privilegedOptions.map(({ name }): OwnRole => `privileged-${name}`),
    "privileged-localVolume",
    `privileged-${EPHEMERAL}`,
  ];
  return [
    ...roles.flatMap((name) => ownRole(ownRoleName(name)) ?? []),
    ...privilegedOptions.map(({ name }) =>
      roleBinding(`${secureDefaults.operator}:${name}`, operator.namespace, `privileged-${name}`, account),
    ),
    ...(operator.ephemeralAgents
      ? [clusterRoleBinding(`${secureDefaults.operator}:${EPHEMERAL}`, `privileged-${EPHEMERAL}`, account)]
      : []),
    ...administrators.map((subject) => clusterRoleBinding(administratorName(subject), "administrator", subject)),
    ...addOns.flatMap(addOnBindings),
  ];
}

function addOnBindings({ name, account, namespaces, attributes }: AddOn): AccessObject[] {
  const subject: RbacSubject = { kind: "ServiceAccount", ...account };
  return namespaces.flatMap((namespace) =>
    attributes.map((attribute) => {
      const [binding, role] = [`${secureDefaults.addOn}:${name}:${attribute}`, `privileged-${attribute}`] as const;
      return namespace === "*"
        ? clusterRoleBinding(binding, role, subject)
        : roleBinding(binding, namespace, role, subject);
    }),
  );
}

/** Each has a binding of its own, so that one who is named later takes nothing from one who was before. */
function administratorName(subject: RbacSubject): string {
  const place = subject.kind === "ServiceAccount" ? `${subject.namespace}:` : "";
  return `${secureDefaults.administrator}:${subject.kind.toLowerCase()}:${place}${encodeURIComponent(subject.name).replaceAll("%", "=")}`;
}

const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
const refersTo = (role: OwnRole) => ({ apiGroup: RBAC_GROUP, kind: "ClusterRole", name: ownRoleName(role) });
const named = (subject: RbacSubject): Subject[] => [rbacSubject(subject)];

function roleBinding(name: string, namespace: string, role: OwnRole, subject: RbacSubject): ApiObject<V1RoleBinding> {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: "RoleBinding",
    metadata: { name, namespace, labels },
    roleRef: refersTo(role),
    subjects: named(subject),
  };
}

function clusterRoleBinding(name: string, role: OwnRole, subject: RbacSubject): ApiObject<V1ClusterRoleBinding> {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: refersTo(role),
    subjects: named(subject),
  };
}
