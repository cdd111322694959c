import { isJsonObject } from "../../json.ts";
import type { Plan } from "../../kube/cluster.ts";
import { formatSubject, rbacSubject, type GrantSubject, type RbacSubject } from "../subject.ts";

/** Of all bindings of a grant together: 5,000 users in 2,000 namespaces would be 1.6 GB in etcd. */
const MOST_BYTES = 50_000_000;
/** Of one binding; etcd takes no object of more than 1.5 MB, managed fields included. */
const MOST_IN_ONE = 1_000_000;

/**
 * Why a team or an organization has too many members for the bindings that would name each of them; undefined where they fit. `plan`
 * has every binding of the grant.
 */
export function expansionFault(subject: GrantSubject, members: readonly RbacSubject[], plan: Plan): string | undefined {
  const bytes = JSON.stringify(members.map(rbacSubject)).length;
  const bindings = plan.filter(({ action, object }) => action !== "delete" && isJsonObject(object["roleRef"])).length;
  if (bytes <= MOST_IN_ONE && bytes * bindings <= MOST_BYTES) return undefined;
  const size =
    bytes > MOST_IN_ONE ? `${megabytes(bytes)} in one binding` : `${megabytes(bytes * bindings)} of bindings`;
  return `${formatSubject(subject)} has ${members.length} members, which would be ${size}: put a group of your identity provider in their place`;
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;
