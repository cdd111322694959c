import { grantRow, grantValue, type GrantRow } from "../../access/grant-row.ts";
import { boundSubjects, type StoredGrant } from "../../access/stored.ts";
import { formatSubject } from "../../access/subject.ts";
import { unmanagedRows } from "../../access/unmanaged.ts";
import type { World } from "../../cli/world.ts";
import type { JsonPath } from "../../jsonpath/jsonpath.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { selects, type LabelSelector } from "../../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readShownGrants } from "../../reading/grants.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { usageError } from "../../errors.ts";
import { nearest } from "../../text/suggest.ts";
import { parseTime } from "../../text/instant.ts";
import { byCodePoint } from "../../text/order.ts";
import { sortByPath } from "../sort-by.ts";

/** Which grants, and in which order; what is left out chooses all. */
export interface GrantFilter {
  /** As `formatSubject` writes it. */
  subject?: string | undefined;
  namespace?: string | undefined;
  role?: string | undefined;
  /** Milliseconds. */
  expiringWithin?: number | undefined;
  /** Over the labels of the ClusterRoleBinding, or of the binding that was made by hand. */
  selector?: LabelSelector | undefined;
  sortBy?: JsonPath | undefined;
}

/** The grants of a cluster and what was bound by hand, as `rows` are wanted, and the time that they are shown for. */
export async function readListed(
  cluster: Cluster,
  filter: GrantFilter,
  world: Pick<World, "now" | "warn">,
): Promise<{ rows: GrantRow[]; now: Date }> {
  const [{ grants, anchorsRead, warnings }, rbac] = await Promise.all([
    readShownGrants(cluster),
    readAllRbac(cluster),
    requireNamespace(cluster, filter.namespace),
  ]);
  const now = currentTime(cluster, world.now());
  const contexts = await readGrantContexts(cluster, grants, { now: now.getTime(), weakness: true, anchorsRead });
  for (const warning of [...warnings, ...contexts.warnings]) world.warn(warning);
  if (rbac.unreadable.length > 0)
    world.warn(`you may not list ${rbac.unreadable.join(", ")}: bindings made by hand may be missing`);
  const byHand = rbac.objects.filter((object) => !object.kind.endsWith("Binding") || hasLabels(object, filter));
  const managed = grants.filter((grant) => concerns(grant, filter)).map((grant) => grantRow(grant, contexts.of(grant)));
  const unmanaged = unmanagedRows(byHand, grants).filter((row) => isOf(row.subject, filter));
  return { rows: arranged([...managed, ...unmanaged], filter, now), now };
}

/** What the filter leaves of rows whose grants it concerns, in its order: by subject, where it has none. */
export function arranged(rows: readonly GrantRow[], filter: GrantFilter, now: Date): GrantRow[] {
  const { namespace, role, expiringWithin, sortBy } = filter;
  if (role !== undefined) requireRole(role, rows);
  const chosen = rows
    .filter(({ namespaces }) => namespace === undefined || namespaces.includes(namespace) || namespaces.includes("*"))
    .filter((row) => role === undefined || row.role === role || row.role === `clusterrole/${role}`)
    .filter(({ expiresAt }) => expiringWithin === undefined || endsWithin(expiresAt, expiringWithin, now))
    .toSorted((one, other) => byCodePoint(orderKey(one), orderKey(other)));
  return sortBy === undefined ? chosen : sortByPath(chosen, sortBy, { value: grantValue, optional });
}

/** Our own roles, and those of the operator's chart and of the cluster by their whole name; a short one must be there. */
function requireRole(role: string, rows: readonly GrantRow[]): void {
  if (
    role.includes("/") ||
    roleNames.includes(role) ||
    rows.some((row) => row.role === role || row.role === `clusterrole/${role}`)
  )
    return;
  const near = nearest(role, roleNames);
  throw usageError(
    `no grant has role ${JSON.stringify(role)}`,
    `${near === undefined ? "" : `Did you mean ${near}? `}A role is ${roleNames.join(", ")} or clusterrole/NAME.`,
  );
}

const roleNames = ["user", "minimal", "view"];

/** Fields that no grant may have. */
const optional = ["expiresAt", "grantedAt", "grantedBy", "reason"];

/** Of one subject the grants, then what was bound by hand. */
const orderKey = ({ subject = "", managed, role = "", namespaces, id = "", name }: GrantRow) =>
  [subject, managed ? "" : "by hand", role, namespaces.join(), id, name].join("\0");

/** Also whoever is named by a binding of a grant that somebody else was given, or whose intent is gone. */
export function concerns({ intent, objects, binding }: StoredGrant, filter: GrantFilter): boolean {
  const subjects = [...boundSubjects(objects), ...(intent === undefined ? [] : [intent.subject])];
  const labelled = binding ?? objects[0]?.object;
  return (
    (filter.subject === undefined || subjects.map(formatSubject).some((subject) => isOf(subject, filter))) &&
    (labelled === undefined || hasLabels(labelled, filter))
  );
}

const isOf = (subject: string | undefined, filter: GrantFilter) =>
  filter.subject === undefined || subject === filter.subject;

const hasLabels = ({ metadata }: KubernetesObject, { selector }: GrantFilter) =>
  selector === undefined || selects(selector, metadata.labels ?? {});

function endsWithin(expiresAt: string | undefined, milliseconds: number, now: Date): boolean {
  const end = parseTime(expiresAt);
  return end !== undefined && end <= now.getTime() + milliseconds;
}
