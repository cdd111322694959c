import type { AccessAttributes, Answer, Cluster, ReviewMethod, UserInfo } from "../kube/cluster.ts";
import { sessionRequests, type SessionRequest } from "../mirrord/session-requests.ts";
import { withImpliedGroups } from "../rbac/implied-groups.ts";
import { groupFinder, type GroupsThatMay } from "./groups.ts";
import { readRbac, type RbacObjects } from "./rbac-objects.ts";
import { resolvePlan, type Asked, type Obstacle, type ResolvedPlan } from "./resolve.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

/** Whose session it would be. */
export interface Identity {
  user: UserInfo;
  /** The caller itself: the server knows all of its groups. */
  self: boolean;
  /** Nobody can look up a user's groups: false when they were not given and could be more. */
  groupsKnown: boolean;
}

/** One request of the session with its answer. */
export interface Check extends SessionRequest {
  answer: Answer;
  /** In the API server's words where it gave any. */
  reason: string;
  /** Groups that are allowed, when the identity is not but its groups were not given. */
  groups?: string[];
}

export interface Preview {
  /** Absent for a plain Kubernetes question. */
  session?: { asked: Asked; resolved: ResolvedPlan };
  identity: Identity;
  checks: Check[];
  obstacles: Obstacle[];
  verdict: Verdict;
  /** Read only when an answer needs explaining. */
  rbac: RbacObjects | undefined;
}

export interface PreviewOptions {
  /** Somebody other than the caller. */
  as?: { name: string; groups: string[]; groupsGiven: boolean; uid?: string; extra?: Record<string, string[]> };
  via?: ReviewMethod;
  /** Read the RBAC objects even when every answer is yes. */
  explain: boolean;
}

/**
 * Asks every access check of the session that was asked about, for the caller or somebody else, and sums them up.
 * Nothing is written. Throws UserError for what the client itself would reject, and when the cluster cannot be reached.
 */
export async function previewSession(cluster: Cluster, asked: Asked, options: PreviewOptions): Promise<Preview> {
  const [resolved, identity] = await Promise.all([resolvePlan(cluster, asked), identify(cluster, options.as)]);
  const requests = sessionRequests(resolved.plan);
  const answers = await ask(cluster, requests, identity, { ...options, namespace: asked.namespace });
  const { obstacles } = resolved;
  return {
    session: { asked, resolved },
    identity,
    ...answers,
    obstacles,
    verdict: verdictOf(answers.checks, obstacles, identity),
  };
}

/** The same for a single question of any kind. */
export async function previewAttributes(
  cluster: Cluster,
  attributes: AccessAttributes,
  namespace: string,
  options: PreviewOptions,
): Promise<Preview> {
  const identity = await identify(cluster, options.as);
  const question: SessionRequest = {
    id: "question",
    purpose: "do what was asked",
    attributes,
    checkedBy: "api-server",
    required: true,
  };
  const answers = await ask(cluster, [question], identity, { ...options, namespace });
  return { identity, ...answers, obstacles: [], verdict: verdictOf(answers.checks, [], identity) };
}

async function ask(
  cluster: Cluster,
  requests: readonly SessionRequest[],
  identity: Identity,
  { via, explain, namespace }: PreviewOptions & { namespace: string },
): Promise<Pick<Preview, "checks" | "rbac">> {
  const answers = await cluster.review(
    requests.map(({ attributes }) => attributes),
    identity.self ? undefined : identity.user,
    via,
  );
  const checks = requests.map((request, index): Check => ({ ...request, ...(answers[index] ?? noAnswer) }));
  const needsRbac = explain || checks.some(({ answer }) => answer !== "yes");
  const rbac = needsRbac ? await readRbac(cluster, namespace) : undefined;
  if (identity.groupsKnown) return { checks, rbac };
  const groupsThatMay = groupFinder(rbac);
  return { checks: checks.map((check) => withGroups(check, groupsThatMay)), rbac };
}

const noAnswer = { answer: "unknown", reason: "the server did not answer" } as const;

async function identify(cluster: Cluster, as: PreviewOptions["as"]): Promise<Identity> {
  if (as === undefined) return { user: await cluster.identity(), self: true, groupsKnown: true };
  const { groupsGiven, ...user } = as;
  const serviceAccount = user.name.startsWith("system:serviceaccount:");
  return { user: withImpliedGroups(user), self: false, groupsKnown: groupsGiven || serviceAccount };
}

// "no" for a user whose groups nobody gave is only true when no group could make it a yes.
function withGroups(check: Check, groupsThatMay: (attributes: AccessAttributes) => GroupsThatMay): Check {
  if (check.answer !== "no") return check;
  const may = groupsThatMay(check.attributes);
  if (!may.known) return { ...check, answer: "unknown", reason: `groups not given, and ${may.why}` };
  if (may.groups.length === 0) return check;
  const groups = may.groups.map((group) => JSON.stringify(group)).join(", ");
  return { ...check, answer: "unknown", reason: `groups not given: allowed to ${groups}`, groups: may.groups };
}
