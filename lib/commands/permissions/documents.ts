import type { World } from "../../cli/world.ts";
import { printDocument } from "../../view/output.ts";
import { clusterRole } from "./cluster-role.ts";
import type { CommandPermissions } from "./table.ts";

/** The ClusterRoles of commands as Kubernetes takes them: one alone, or all as a List. */
export async function printDocuments(
  found: readonly CommandPermissions[],
  isList: boolean,
  output: "json" | "yaml" | "name",
  world: Pick<World, "print" | "document" | "template">,
): Promise<void> {
  const roles = found.map(clusterRole);
  if (output === "name") {
    world.print(roles.map(({ metadata }) => `clusterrole.rbac.authorization.k8s.io/${metadata.name}`));
    return;
  }
  const [only] = roles;
  const document = isList || only === undefined ? { apiVersion: "v1", kind: "List", items: roles } : only;
  await printDocument(document, output, world);
}
