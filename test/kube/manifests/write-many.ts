// In a thread whose steps are counted: store.test.ts.
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { openStore } from "../../../lib/kube/manifests/store.ts";

/** Writes so many RoleBindings, all at once, which go to one file of the folder. */
export async function writeMany(folder: string, count: number): Promise<void> {
  const store = openStore({ paths: [folder], stock: [], types: [], warn: () => {} });
  const roleBindings = Array.from({ length: count }, (_, index) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "mirrord:grant:many-x", namespace: `n${index}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "any" },
  }));
  await Promise.all(roleBindings.map((object) => store.put(nativeResources.roleBindings, object, false)));
}
