import type { V1ValidatingAdmissionPolicyBindingSpec } from "@kubernetes/client-node";
import { exemptedAttributes, type Intent } from "../access/intent.ts";
import { unknownGuard, type Guard } from "../access/guard.ts";
import { accessModel, secureDefaults } from "../access/names.ts";
import { listIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { lookUp } from "./look-up.ts";

/** Whether only administrators may change the Jobs that end grants. */
export async function readAnchorGuard(cluster: Cluster): Promise<Guard> {
  return await readGuard(cluster, accessModel.anchorPolicy);
}

/** Whether only administrators may write grants. */
export async function readGrantGuard(cluster: Cluster): Promise<Guard> {
  return await readGuard(cluster, accessModel.policy);
}

/** Whether only administrators may change which collection a namespace is in. A folder is guarded by whoever may change it. */
export async function readCollectionGuard(cluster: Cluster): Promise<Guard> {
  return cluster.offline ? { guards: true, unreadable: [] } : await readGuard(cluster, accessModel.namespacePolicy);
}

/**
 * Whether nobody but administrators can change when a grant ends. The secure defaults guard exemptions: the Jobs that end them,
 * and the bindings.
 */
export async function readEndGuards(
  cluster: Cluster,
  intents: readonly Pick<Intent, "role">[],
): Promise<(intent: Pick<Intent, "role">) => Guard> {
  const isExemption = ({ role }: Pick<Intent, "role">) => exemptedAttributes(role) !== undefined;
  const ofExemptions = intents.some(isExemption) ? [secureDefaults.endsPolicy, secureDefaults.bindingsPolicy] : [];
  const [anchors, ...guards] = await Promise.all([
    readAnchorGuard(cluster),
    ...ofExemptions.map((name) => readGuard(cluster, name)),
  ]);
  return (intent) =>
    anchors.guards || !isExemption(intent) || !guards.every(({ guards: holds }) => holds)
      ? anchors
      : { guards: true, unreadable: [] };
}

/** Whether a policy of that name is there, and its binding of the same name refuses what it forbids. */
async function readGuard(cluster: Cluster, name: string): Promise<Guard> {
  const { admissionPolicies, admissionPolicyBindings } = nativeResources;
  if (cluster.offline) return { guards: false, unreadable: [] };
  const [policy, binding] = await Promise.all([
    lookUp(cluster, admissionPolicies, name),
    lookUp(cluster, admissionPolicyBindings, name),
  ]);
  // One of them that is not there decides; else what may not be read leaves it open.
  if (policy === "absent" || binding === "absent") return { guards: false, unreadable: [] };
  if (policy === "forbidden" || binding === "forbidden") {
    return unknownGuard([
      ...(policy === "forbidden" ? [admissionPolicies.resource] : []),
      ...(binding === "forbidden" ? [admissionPolicyBindings.resource] : []),
    ]);
  }
  const { validationActions } = fieldsIn<V1ValidatingAdmissionPolicyBindingSpec>(binding["spec"]);
  return { guards: listIn(validationActions).includes("Deny"), unreadable: [] };
}
