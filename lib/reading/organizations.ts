import { directory, directoryFaults, membersToday, type Directory } from "../access/organizations/directory.ts";
import { organizationType } from "../access/organizations/definition.ts";
import { sharedPlace, type SharedPlace } from "../access/organizations/moving.ts";
import { noShared } from "../access/organizations/missing.ts";
import { isShared, type GrantSubject, type RbacSubject } from "../access/subject.ts";
import { UserError } from "../errors.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { isServed, readList } from "./read.ts";

/** The organizations as they are stored; undefined: the caller may not list them. A cluster without the kind has none. */
async function readOrganizations(cluster: Cluster): Promise<KubernetesObject[] | undefined> {
  const listed = await readList(cluster, organizationType);
  return listed.failed ? undefined : listed.value;
}

/** Throws UserError "undetermined" where the kind is missing, or where organizations may not be listed. */
export async function requireOrganizations(cluster: Cluster): Promise<KubernetesObject[]> {
  const [objects, served] = await Promise.all([readOrganizations(cluster), isServed(cluster, organizationType)]);
  if (!served && !cluster.offline) {
    throw new UserError(
      "undetermined",
      "the cluster does not have the kind Organization, or has another version of it",
      "Install it: kubectl mirrord install --access-model",
    );
  }
  if (objects !== undefined) return objects;
  throw new UserError(
    "undetermined",
    "you may not list organizations, so nobody can say who belongs where",
    "See who may: kubectl mirrord audit who-can list organizations.access.kubectl-mirrord.io",
  );
}

/**
 * Who stands for the subject of a grant today, what counts for nothing of what the organizations say, and to which organization
 * they are being moved. Throws UserError "usage" for a team or an organization that is not there, and
 * "undetermined" where nobody can say.
 */
export async function requireMembers(
  cluster: Cluster,
  subject: GrantSubject,
): Promise<{ members: readonly RbacSubject[]; warnings: string[]; moving?: SharedPlace["moving"] }> {
  if (!isShared(subject)) return { members: [subject], warnings: [] };
  const objects = await requireOrganizations(cluster);
  const known = directory(objects);
  const membership = membersToday(subject, known);
  if (membership.state === "known") {
    const { moving } = sharedPlace(objects, subject.name) ?? {};
    return { members: membership.subjects, warnings: directoryFaults(known), moving };
  }
  throw noShared(known, subject);
}

/**
 * Where these teams, `acme/web`, and organizations are being moved to; of one that is not there nothing is said. Undefined: the
 * caller may not list organizations.
 */
export async function readSharedPlaces(
  cluster: Cluster,
  names: readonly string[],
): Promise<ReadonlyMap<string, SharedPlace> | undefined> {
  const objects = await readOrganizations(cluster);
  return (
    objects &&
    new Map(
      names.flatMap((name) => {
        const place = sharedPlace(objects, name);
        return place === undefined ? [] : [[name, place]];
      }),
    )
  );
}

/** All that is known of the organizations; undefined: the caller may not list them. */
export async function readDirectory(cluster: Cluster): Promise<Directory | undefined> {
  const objects = await readOrganizations(cluster);
  return objects && directory(objects);
}

/** What is known of the organizations to whoever has these subjects before them; nothing is read where none is a team or an organization. */
export async function readDirectoryFor(
  cluster: Cluster,
  subjects: readonly (GrantSubject | undefined)[],
): Promise<{ known: Directory | undefined; warnings: string[] }> {
  if (!subjects.some((subject) => subject !== undefined && isShared(subject))) {
    return { known: undefined, warnings: [] };
  }
  const known = await readDirectory(cluster);
  if (known === undefined) {
    return { known, warnings: ["you may not list organizations: who belongs to a team is not compared"] };
  }
  return { known, warnings: directoryFaults(known) };
}
