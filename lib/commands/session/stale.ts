import type { Cluster, ReviewAnswer } from "../../kube/cluster.ts";
import type { AccessAttributes, Answer } from "../../kubernetes/access.ts";
import { possibleUsers } from "../../mirrord/session/session-owner.ts";
import { rightsToRestart } from "../../mirrord/plan/session-rights.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { grantOrigins, type GrantOrigin } from "../../preview/grant-origin.ts";
import { groupFinder, type GroupsThatMay } from "../../rbac/decide/group-finder.ts";
import { otherIdentity, type Identity } from "../../preview/identity.ts";
import { questions, type Questions } from "../../preview/questions.ts";
import { readAllRbac, type RbacObjects } from "../../reading/rbac-objects.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { authorizer, type Authorizer } from "../../rbac/authorizer.ts";
import type { RbacRef } from "../../rbac/types.ts";

/** Whether the owner of a session could no longer start it: "yes" is stale. */
export interface Staleness {
  answer: Answer;
  /** Of "yes" and "unknown". */
  reason: string;
}

export interface StalenessOptions {
  /** Of the operator, where they could be read. */
  features: readonly string[] | undefined;
  now: Date;
}

/**
 * Asks of each session whether its owner may still make the requests that start it. The RBAC objects answer where they can
 * be read, and every "may not" of theirs is asked of the server as well. Access that stands only on grants that are over
 * counts as gone. One entry for each session.
 */
export async function judgeStaleness(
  cluster: Cluster,
  sessions: readonly Session[],
  { features, now }: StalenessOptions,
): Promise<ReadonlyMap<Session, Staleness>> {
  const may = await judge(cluster, now);
  const staleness = async (session: Session): Promise<Staleness> => {
    const rights = rightsToRestart(session, features);
    if (session.kind === "preview") return { answer: "unknown", reason: "a preview has no owner" };
    if (rights === undefined) return { answer: "unknown", reason: "its target is not understood" };
    const users = possibleUsers(session);
    if (users === undefined) return { answer: "unknown", reason: "whose it is cannot be told" };
    return combine(await Promise.all(users.map((user) => may(user, rights))));
  };
  return new Map(await Promise.all(sessions.map(async (session) => [session, await staleness(session)] as const)));
}

/** One text can be read in several ways: only when none of them may start it is it stale; the usual reading can clear it. */
function combine(verdicts: readonly ReviewAnswer[]): Staleness {
  const [usual] = verdicts;
  if (usual === undefined || usual.answer === "yes") return { answer: "no", reason: "" };
  if (verdicts.every(({ answer }) => answer === "no")) return { answer: "yes", reason: usual.reason };
  const open = verdicts.find(({ answer }) => answer === "unknown");
  return { answer: "unknown", reason: open?.reason ?? "its owner's name can be read in more than one way" };
}

interface Sources {
  engine: Authorizer | undefined;
  groupsThatMay: (attributes: AccessAttributes) => GroupsThatMay;
  originOf: (binding: RbacRef) => GrantOrigin | undefined;
  anyExpired: boolean;
}

/** Each user and set of rights is judged once. */
async function judge(
  cluster: Cluster,
  now: Date,
): Promise<(user: string, rights: AccessAttributes[]) => Promise<ReviewAnswer>> {
  const rbac = await readAllRbac(cluster);
  const sources = staleSources(rbac, now);
  const askers = new Map<string, { identity: Identity; asker: Questions }>();
  const verdicts = new Map<string, Promise<ReviewAnswer>>();
  return (name, rights) => {
    const key = JSON.stringify([name, rights]);
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      const { identity, asker } = askers.get(name) ?? sessionIdentity(cluster, name);
      askers.set(name, { identity, asker });
      verdict = mayStart(identity, rights, asker, sources);
      verdicts.set(key, verdict);
    }
    return verdict;
  };
}

function sessionIdentity(cluster: Cluster, name: string): { identity: Identity; asker: Questions } {
  const identity = otherIdentity({ name, groups: [], groupsGiven: false });
  return { identity, asker: questions(cluster, identity.user, undefined) };
}

function staleSources(rbac: RbacObjects, now: Date): Sources {
  const originOf = grantOrigins(rbac.objects, now);
  const bindings = rbac.objects.flatMap(({ kind, metadata: { name = "", namespace } }): RbacRef[] =>
    kind === "ClusterRoleBinding" || kind === "RoleBinding"
      ? [{ kind, name, ...(namespace === undefined ? {} : { namespace }) }]
      : [],
  );
  return {
    engine: rbac.unreadable.length === 0 ? authorizer(rbac.objects) : undefined,
    groupsThatMay: groupFinder(rbac),
    originOf,
    anyExpired: bindings.some((binding) => originOf(binding)?.expired === true),
  };
}

async function mayStart(
  { user, groupsKnown }: Identity,
  rights: readonly AccessAttributes[],
  asker: Questions,
  sources: Sources,
): Promise<ReviewAnswer> {
  const { engine, groupsThatMay } = sources;
  const denied =
    engine === undefined ? rights : rights.filter((right) => !engine.authorize({ user, ...right }).allowed);
  const answers = await asker.ask(denied);
  const refused = denied.filter((_, index) => answers[index]?.answer === "no");
  if (refused.length === 0) {
    const open = answers.find(({ answer }) => answer === "unknown");
    return open === undefined ? onlyByExpired(user, rights, sources) : { answer: "unknown", reason: open.reason };
  }
  const cannot = `${user.name} cannot ${refused.map(describeAttributes)[0] ?? ""}`;
  if (groupsKnown) return { answer: "no", reason: cannot };
  const groups: string[] = [];
  for (const right of refused) {
    const may = groupsThatMay(right);
    if (!may.known) return { answer: "unknown", reason: `${cannot}, but groups are not known, and ${may.why}` };
    if (may.groups.length === 0) return { answer: "no", reason: cannot };
    groups.push(...may.groups);
  }
  const named = [...new Set(groups)].map((group) => JSON.stringify(group)).join(", ");
  return { answer: "unknown", reason: `${cannot}, unless in group ${named}` };
}

function onlyByExpired(user: Identity["user"], rights: readonly AccessAttributes[], sources: Sources): ReviewAnswer {
  const { engine, originOf, anyExpired } = sources;
  if (engine !== undefined && anyExpired) {
    for (const right of rights) {
      const origins = engine.explain({ user, ...right }).via.map(({ binding }) => originOf(binding));
      const [first] = origins;
      if (first !== undefined && origins.every((origin) => origin?.expired === true)) {
        return { answer: "no", reason: `only by grant ${first.id}, EXPIRED, still bound` };
      }
    }
  }
  return { answer: "yes", reason: "" };
}
