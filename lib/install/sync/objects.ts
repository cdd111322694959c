// What runs `grant sync` in a cluster: one CronJob, in a namespace of its own, and the rights of its account.

import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1CronJob,
  V1Namespace,
  V1ServiceAccount,
} from "@kubernetes/client-node";
import { accessModel, MANAGED_BY, MANAGED_BY_LABEL, operatorRoles } from "../../access/names.ts";
import { ACCESS_GROUP } from "../../access/privileged-options.ts";
import { ownRole, ownRoleNames } from "../../access/roles.ts";
import { bindRule } from "../../access/sync-role.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { roleRules } from "../../rbac/decode.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import { withComponent } from "../component.ts";
import { scheduledJob } from "../scheduled-job.ts";

export interface SyncSettings {
  image: string;
  /** ClusterRoles that it may bind besides the operator's and this project's own. */
  bindable: readonly string[];
}

const { namespace, name, role } = accessModel.sync;
const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
const rbac = `${RBAC_GROUP}/v1`;

/** The ClusterRoles that it may always bind. */
export const alwaysBindable: readonly string[] = [...Object.values(operatorRoles), ...ownRoleNames];

/** The objects, in an order in which they can be applied. The namespace is shared with collections, and belongs to no part. */
export function syncObjects({ image, bindable }: SyncSettings): KubernetesObject[] {
  const home: ApiObject<V1Namespace> = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  const account: ApiObject<V1ServiceAccount> = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels },
  };
  const clusterRole: ApiObject<V1ClusterRole> = {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: { name: role, labels },
    rules: syncRules(bindable),
  };
  const objects = [account, clusterRole, binding(role, role), binding(`${role}:user`, operatorRoles.user), job(image)];
  return [home, ...objects.map((object) => withComponent(object, "sync"))];
}

/** By the names alone, whatever is in them: to find what is installed. */
export function syncReferences(): KubernetesObject[] {
  return syncObjects({ image: "", bindable: [] }).filter(({ kind }) => kind !== "Namespace");
}

function binding(of: string, to: string): ApiObject<V1ClusterRoleBinding> {
  return {
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata: { name: of, labels },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: to },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  };
}

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});

const see = ["get", "list", "watch"];
const write = [...see, "create", "patch", "delete"];

/**
 * The rights that `grant sync` uses. What it writes into roles it has to hold: the roles of this project are among its rules, and
 * the operator's user role is bound to it. To the admission policies it is an administrator.
 */
function syncRules(bindable: readonly string[]): PolicyRule[] {
  const held = ownRoleNames.flatMap((each) => ownRole(each) ?? []).flatMap(roleRules);
  return [
    rule(RBAC_GROUP, ["clusterrolebindings", "rolebindings", "roles"], write),
    rule(RBAC_GROUP, ["clusterroles"], see),
    rule(RBAC_GROUP, ["clusterroles"], ["create", "patch"], ownRoleNames.toSorted()),
    rule("batch", ["jobs"], write),
    rule("", ["namespaces"], [...see, "patch"]),
    rule("admissionregistration.k8s.io", ["validatingadmissionpolicies", "validatingadmissionpolicybindings"], ["get"]),
    rule(ACCESS_GROUP, ["organizations"], see),
    ...new Map(held.map((each) => [JSON.stringify(each), each])).values(),
    ...bindRule([...alwaysBindable, ...bindable]),
  ];
}

/** Access that should have ended stands at most as long as it takes until the next run. */
const SCHEDULE = "*/5 * * * *";

const DEADLINE_SECONDS = 240;

function job(image: string): ApiObject<V1CronJob> {
  return scheduledJob({
    name,
    namespace,
    labels,
    schedule: SCHEDULE,
    deadlineSeconds: DEADLINE_SECONDS,
    container: {
      name: "sync",
      image,
      // Without --yes: it acts on nothing that an administrator would have to be asked about.
      args: ["grant", "sync"],
      resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "512Mi" } },
    },
  });
}
