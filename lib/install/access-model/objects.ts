import type { V1ClusterRole, V1ClusterRoleBinding } from "@kubernetes/client-node";
import {
  accessModel,
  ADMIN_ROLE,
  COLLECTIONS,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  operatorRoles,
} from "../../access/names.ts";
import { ACCESS_GROUP } from "../../access/privileged-options.ts";
import { organizationDefinition, organizationType } from "../../access/organizations/definition.ts";
import { ownRole, ownRoleNames } from "../../access/roles.ts";
import { rbacSubject, type RbacSubject } from "../../access/subject.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import { withComponent } from "../component.ts";

/** With the label of what belongs to the access model. */
export const asWritten = (object: KubernetesObject): KubernetesObject => withComponent(object, "access-model");

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

const looking = ["get", "list", "watch"];
const writing = ["create", "update", "patch", "delete"];

/**
 * `manage grants` is what the policies ask. The rest is what grant, org, team and collection write, so that nobody has to be
 * cluster-admin for that: roles of mirrord may be given without being held, and of all others RBAC lets nobody give what he lacks.
 */
const administratorRules = (): PolicyRule[] => [
  rule(ACCESS_GROUP, ["grants"], ["manage"]),
  rule(ACCESS_GROUP, [organizationType.resource], [...looking, ...writing]),
  rule(RBAC_GROUP, ["roles", "clusterroles", "rolebindings", "clusterrolebindings"], [...looking, ...writing]),
  rule(RBAC_GROUP, ["clusterroles"], ["bind"], [...Object.values(operatorRoles), ...ownRoleNames].toSorted()),
  rule("batch", ["jobs"], [...looking, ...writing]),
  rule("", ["namespaces"], [...looking, "patch"]),
  rule("", ["configmaps"], ["get", "update", "patch"], [COLLECTIONS.name]),
  // What a grant is judged by: whether the policies hold, and what its subject may do afterwards.
  rule("admissionregistration.k8s.io", ["validatingadmissionpolicies", "validatingadmissionpolicybindings"], looking),
  rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
];

function clusterRole(name: string, rules: PolicyRule[]): ApiObject<V1ClusterRole> {
  return { apiVersion: `${RBAC_GROUP}/v1`, kind: "ClusterRole", metadata: { name, labels }, rules };
}

const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };

/** The list of collections, as it is before there is any: whoever may only change it could not make it. */
export const emptyCollections: KubernetesObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { ...COLLECTIONS, labels },
};

/** Each has a binding of its own, so that one who is named later takes nothing from one who was before. */
function readerBinding(group: RbacSubject): ApiObject<V1ClusterRoleBinding> {
  const name = `${accessModel.readerRole}:${encodeURIComponent(group.name).replaceAll("%", "=")}`;
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: accessModel.readerRole },
    subjects: [rbacSubject(group)],
  };
}

/**
 * What the access model consists of besides its policies, as it is written. `readers`: groups whose members may read
 * organizations. Among it are the roles that grants bring: an administrator who holds little could not write them.
 */
export function modelObjects({ readers }: { readers: readonly string[] }): KubernetesObject[] {
  const groups = [...new Set(readers)].map((name): RbacSubject => ({ kind: "Group", name }));
  const own = [
    organizationDefinition,
    clusterRole(ADMIN_ROLE, administratorRules()),
    ...(groups.length === 0
      ? []
      : [clusterRole(accessModel.readerRole, [rule(ACCESS_GROUP, [organizationType.resource], looking)])]),
    ...groups.map(readerBinding),
  ];
  // The namespace is that of sync and of collections, and the roles are those of grants.
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: accessModel.sync.namespace, labels } },
    ...own.map(asWritten),
    ...ownRoleNames.flatMap((name) => ownRole(name) ?? []),
  ];
}
