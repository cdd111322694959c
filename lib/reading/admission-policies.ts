import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";

const { admissionPolicies, admissionPolicyBindings } = nativeResources;

/** Whether the cluster has ValidatingAdmissionPolicies of version v1; a cluster that does not say what it has is taken to. */
export async function servesPolicies(cluster: Pick<Cluster, "discover">): Promise<boolean> {
  const served = await cluster.discover(admissionPolicies.group, admissionPolicies.version);
  return (
    served === undefined ||
    served.length === 0 ||
    served.some(({ resource }) => resource === admissionPolicies.resource)
  );
}

/** Whether the caller may install them; what cannot be asked is left to the API server. */
export async function mayWritePolicies(cluster: Pick<Cluster, "review">): Promise<boolean> {
  const questions = [admissionPolicies, admissionPolicyBindings].flatMap(({ group, resource }) =>
    ["create", "patch"].map((verb) => ({ verb, apiGroup: group, resource })),
  );
  return (await cluster.review(questions)).every(({ answer }) => answer !== "no");
}
