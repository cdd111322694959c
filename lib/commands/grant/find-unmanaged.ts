import type { GrantRow } from "../../access/grant-row.ts";
import { bindingRemoval, type Removal } from "../../access/removal.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { formatSubject, parseRbacSubject, parseSubject } from "../../access/subject.ts";
import { unmanagedRows } from "../../access/unmanaged.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";

/** A binding that was made by hand, as it is described. */
export interface UnmanagedBinding extends GrantRow {
  objects: { kind: string; name: string; namespace?: string }[];
  /** What takes it away; absent for one that Kubernetes installs. */
  removal?: Removal;
}

const bindingPath = /^(?:cluster)?rolebinding(?:\.rbac\.authorization\.k8s\.io)?\/(.+)$/u;

/** The name of a binding, where a word says it as `-o name` prints it. */
export const bindingName = (wanted: string): string | undefined => bindingPath.exec(wanted)?.[1];

/** Bindings made by hand that a word means: those of a subject, or the ones that are called so. */
export async function findUnmanaged(
  cluster: Cluster,
  wanted: string,
  grants: readonly StoredGrant[],
  world: Pick<World, "warn">,
): Promise<UnmanagedBinding[]> {
  const name = bindingName(wanted);
  const subject = name === undefined ? parseSubject(wanted) : undefined;
  const { objects, unreadable } = await readAllRbac(cluster);
  if (unreadable.length > 0)
    world.warn(`you may not list ${unreadable.join(", ")}: bindings made by hand may be missing`);
  const text = subject === undefined ? undefined : formatSubject(subject);
  return unmanagedRows(objects, grants)
    .filter((row) => (name === undefined ? row.subject === text || row.name === wanted : row.name === name))
    .map((row) => {
      const [place] = row.namespaces;
      const namespace = place === "*" ? undefined : place;
      const kind = namespace === undefined ? "ClusterRoleBinding" : "RoleBinding";
      const binding = objects.find(
        (one) => one.kind === kind && one.metadata.name === row.name && one.metadata.namespace === namespace,
      );
      const named = row.subject === undefined ? undefined : parseRbacSubject(row.subject);
      const removal = binding === undefined || named === undefined ? undefined : bindingRemoval(binding, named);
      const object = { kind, name: row.name, ...(namespace === undefined ? {} : { namespace }) };
      return { ...row, objects: [object], ...(removal === undefined ? {} : { removal }) };
    });
}
