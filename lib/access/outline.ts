import type { UserInfo } from "../kubernetes/access.ts";
import type { WorkloadTarget } from "../mirrord/target.ts";
import { encodeIntent, grantId, grantSlug, workloadTarget, type Intent } from "./intent.ts";
import { GRANT_PREFIX } from "./names.ts";
import { boundRoles, type BoundRoles } from "./roles.ts";
import { commonIdentity, ownSubjects, subjectWords, type RbacSubject } from "./subject.ts";

/** All that follows from an intent alone, worked out once. */
export interface GrantOutline {
  intent: Intent;
  id: string;
  /** Of the ClusterRoleBinding that carries the intent; the names of the other objects begin with it. */
  name: string;
  /** The part of the name that people recognise. */
  slug: string;
  /** The intent as it is stored. */
  text: string;
  /** Whom bindings name: the subject, or those who belong to the team or the organization that it is. */
  members: readonly RbacSubject[];
  /** The subject as sentences have it. */
  subjectText: string;
  /** Whom to ask an authorizer about. */
  user: UserInfo;
  roles: BoundRoles;
  /** What the connection is limited to; empty: no limit. */
  targets: WorkloadTarget[];
  /** Namespaces that it names, and label selectors that choose others; none for a grant everywhere. */
  named: readonly string[];
  selectors: readonly string[];
}

/** @param members of a team or an organization, whoever that is today; left out, nobody is */
export function outlineGrant(
  intent: Intent,
  members: readonly RbacSubject[] = ownSubjects(intent.subject),
): GrantOutline {
  return { ...intentOutline(intent), members, user: commonIdentity(members) };
}

type IntentOutline = Omit<GrantOutline, "members" | "user">;

/** A sync asks for that of each of many intents several times. */
const outlines = new WeakMap<Intent, IntentOutline>();

function intentOutline(intent: Intent): IntentOutline {
  const known = outlines.get(intent);
  if (known !== undefined) return known;
  const { subject, set, targets } = intent;
  const id = grantId(intent);
  const slug = grantSlug(intent);
  const outline: IntentOutline = {
    intent,
    id,
    name: `${GRANT_PREFIX}${slug}-${id}`,
    slug,
    text: encodeIntent(intent),
    targets: targets.map(workloadTarget),
    subjectText: subjectWords(subject),
    roles: boundRoles(intent),
    named: set.kind === "all" ? [] : set.namespaces,
    selectors: set.kind === "all" ? [] : (set.selectors ?? []),
  };
  outlines.set(intent, outline);
  return outline;
}
