import { ADMIN_ROLE } from "../../../access/names.ts";
import { UserError, usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { lookUp } from "../../../reading/look-up.ts";

/** For whoever may not see who decides. */
export const askAdministrators =
  "See who may: kubectl mirrord audit who-can list clusterrolebindings.rbac.authorization.k8s.io";

/** The administrators' binding. Throws UserError "undetermined" where it may not be read. */
export async function readAdminBinding(cluster: Cluster): Promise<KubernetesObject | undefined> {
  const binding = await lookUp(cluster, nativeResources.clusterRoleBindings, ADMIN_ROLE);
  if (binding === "forbidden")
    throw new UserError(
      "undetermined",
      `you may not read clusterrolebinding ${ADMIN_ROLE}: who is an administrator is not known`,
      askAdministrators,
    );
  return binding === "absent" ? undefined : binding;
}

/** Throws UserError "usage" where the access model is not installed: a binding to nothing makes nobody an administrator. */
export async function requireAdminRole(cluster: Cluster): Promise<void> {
  if ((await lookUp(cluster, nativeResources.clusterRoles, ADMIN_ROLE)) !== "absent") return;
  throw usageError(
    `there is no ClusterRole ${ADMIN_ROLE}: the access model is not installed`,
    cluster.offline
      ? "To add its objects to the manifests: kubectl mirrord install --access-model -o yaml"
      : "Install it: kubectl mirrord install --access-model",
  );
}
