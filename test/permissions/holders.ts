// Users who may do exactly what is given, on a real API server.
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { until } from "../until.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

/** Resolves once all of them may. Each user gets a ClusterRole of his own name. */
export async function bindHolders(
  plane: ControlPlane,
  holders: readonly { user: string; rules: readonly PolicyRule[] }[],
): Promise<void> {
  const { token } = plane.admin;
  const create = async (resource: string, body: object) => {
    const answer = await apiRequest(plane, { token, path: `${RBAC}/${resource}`, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  };
  for (const { user, rules } of holders) await create("clusterroles", { metadata: { name: user }, rules });
  // Whoever may do nothing is the last one, whose probe then tells nothing: every one gets a right to be seen by.
  for (const { user } of holders) {
    const roleRef = { apiGroup, kind: "ClusterRole", name: user };
    await create("clusterrolebindings", {
      metadata: { name: user },
      roleRef,
      subjects: [{ apiGroup, kind: "User", name: user }],
    });
  }
  await create("clusterroles", { metadata: { name: `seen-${holders.at(-1)?.user}` }, rules: [probe] });
  const last = `seen-${holders.at(-1)?.user}`;
  await create("clusterrolebindings", {
    metadata: { name: last },
    roleRef: { apiGroup, kind: "ClusterRole", name: last },
    subjects: [{ apiGroup, kind: "User", name: last }],
  });
  // The authorizer learns of objects of a kind in the order in which they were written.
  await until("the API server's authorizer knows all of them", async () => {
    const spec = { user: last, resourceAttributes: { group: "probe.example", resource: "probes", verb: "use" } };
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
    const { body: review } = await apiRequest(plane, {
      token,
      path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      body,
    });
    return (review as { status: { allowed: boolean } }).status.allowed;
  });
}

const probe: PolicyRule = { apiGroups: ["probe.example"], resources: ["probes"], verbs: ["use"] };
