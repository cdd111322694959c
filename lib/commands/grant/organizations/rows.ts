import type { CollectionPath } from "../../../access/collection.ts";
import { intentCollections } from "../../../access/collection-plan.ts";
import { directory, directoryFaults, type Directory } from "../../../access/organizations/directory.ts";
import type { Belonging } from "../../../access/organizations/organization.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { formatSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { readListedGrants } from "../../../reading/grants.ts";
import { requireOrganizations } from "../../../reading/organizations.ts";

/** The organizations, and the grants where the caller may list them; what is wrong with the organizations is a warning. */
export async function readShown(
  cluster: Cluster,
  world: Pick<World, "warn">,
): Promise<{ known: Directory; grants: StoredGrant[] | undefined }> {
  const [objects, grants] = await Promise.all([requireOrganizations(cluster), readListedGrants(cluster)]);
  if ("unlisted" in grants) world.warn(`you may not list ${grants.unlisted.join(", ")}: what was granted is not shown`);
  const known = directory(objects);
  for (const fault of directoryFaults(known)) world.warn(fault);
  return { known, grants: "unlisted" in grants ? undefined : grants.grants };
}

/** Who belongs to it, groups first, as they are typed. */
export const memberTexts = ({ groups, members }: Belonging): string[] => [
  ...groups.map((name) => formatSubject({ kind: "Group", name })),
  ...members.map(formatSubject),
];

/** `collection prod/web`. */
const collectionText = (path: CollectionPath): string => (path === "/" ? "every collection" : `collection ${path}`);

/** One grant in a line of a description, and in JSON. */
export function grantSummary({ id, intent }: StoredGrant): { id: string; role: string; where: string } {
  const { role = "", set } = intent ?? {};
  if (set === undefined || set.kind === "all") return { id, role, where: "all namespaces" };
  const collections = intentCollections(intent).map(collectionText);
  const others = (set.selectors ?? []).length > collections.length ? ["namespaces that labels choose"] : [];
  return { id, role, where: [...set.namespaces, ...collections, ...others].join(", ") };
}
