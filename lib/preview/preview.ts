import { currentTime } from "../reading/current-time.ts";
import type { Cluster, ReviewMethod } from "../kube/cluster.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import { isAboutTarget, refuseImpossible, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import { needs, type SessionRequest } from "../mirrord/plan/session-request.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import { askExposure, type Exposure } from "./exposure.ts";
import type { Check } from "./check.ts";
import { otherIdentity, ownIdentity, type AskedIdentity, type Identity } from "./identity.ts";
import type { Obstacle } from "./obstacles.ts";
import { readPolicies, type ReadPolicies } from "../reading/policies.ts";
import { readRbac, type RbacObjects } from "../reading/rbac-objects.ts";
import { readSessionFacts, readTarget, type TargetFacts } from "../reading/session-facts.ts";
import { questions, type Questions } from "./questions.ts";
import { likelyPlan, resolveSession, type ResolvedSession } from "./resolve.ts";
import { combineChecks, withoutPolicies, type PolicyOutcome, type Verdict } from "./verdict.ts";

export interface Preview {
  /** Absent for a plain Kubernetes question. */
  session?: { question: SessionQuestion; resolved: ResolvedSession };
  identity: Identity;
  checks: Check[];
  obstacles: Obstacle[];
  /** Undefined when they were left out, or have no say. */
  policies?: PolicyOutcome;
  /** Undefined when it was not asked for; "unknown" where the target could not be read. */
  exposure?: Exposure[] | "unknown";
  verdict: Verdict;
  /** Read only when an answer needs explaining. */
  rbac: RbacObjects | undefined;
}

export interface PreviewOptions {
  as?: AskedIdentity;
  via?: ReviewMethod;
  /** Read the RBAC objects even when every answer is yes. */
  explain: boolean;
  /** Nobody will read why: the RBAC objects are read only where the verdict depends on them. */
  verdictOnly?: boolean;
  /** Left out: yes. Without them the answer is about access alone. */
  policies?: boolean;
  /** Left out: yes. */
  exposure?: boolean;
  now: Date;
}

/**
 * Asks every access check of the session that was asked about, for the caller or somebody else, and sums them up.
 * Nothing is written. Throws UserError for what the client itself would reject, and when the cluster cannot be reached.
 */
export async function previewSession(
  cluster: Cluster,
  question: SessionQuestion,
  options: PreviewOptions,
): Promise<Preview> {
  refuseImpossible(question);
  const identity = options.as === undefined ? undefined : otherIdentity(options.as);
  const asker = questions(cluster, identity?.user, options.via);
  const target = readTarget(cluster, question);
  // What the target shows is known before the operator, which is further away, has answered; and nothing else waits for it.
  const [preview, exposure] = await Promise.all([
    answerSession(cluster, question, options, { identity, asker, target }),
    options.exposure === false
      ? undefined
      : target.then(async (found) => (await askExposure(asker, question, found)) ?? "unknown"),
  ]);
  return { ...preview, ...(exposure === undefined ? {} : { exposure }) };
}

interface Started {
  /** Undefined: the caller's own, which is not read yet. */
  identity: Identity | undefined;
  asker: Questions;
  target: Promise<TargetFacts>;
}

/**
 * All but the exposure. Over a slow network each step that waits for another costs as much as all requests of it: everything is
 * read in one, and what depends on that in a second.
 */
async function answerSession(
  cluster: Cluster,
  question: SessionQuestion,
  options: PreviewOptions,
  { identity, asker, target }: Started,
): Promise<Preview> {
  const { namespace, config } = question;
  // A profile is read in its own namespace, a preview made in the operator's; RBAC of each can decide.
  const places = [namespace, config?.session.profile?.namespace ?? namespace];
  const wantsPolicies = options.policies !== false && isAboutTarget(question.action);
  const [facts, who, policies, earlyRbac] = await Promise.all([
    readSessionFacts(cluster, question, target),
    identity ?? ownIdentity(cluster),
    wantsPolicies ? readPolicies(cluster, namespace) : undefined,
    options.explain ? readRbac(cluster, places) : undefined,
    // The requests of a session are nearly always those of the likely plan.
    asker.ask(sessionRequests(likelyPlan(question)).map(({ attributes }) => attributes)),
  ]);
  const resolved = resolveSession(facts, currentTime(cluster, options.now));
  const { plan } = resolved;
  const isElsewhere = plan.previewNamespace !== undefined && plan.previewNamespace !== namespace;
  const answers = answersTo(asker, sessionRequests(plan));
  const explaining = answers.then((checks) => {
    if (!options.explain && !wantsRbac(checks, who, options)) return undefined;
    if (earlyRbac !== undefined && !isElsewhere) return earlyRbac;
    return readRbac(cluster, [...places, plan.previewNamespace ?? namespace]);
  });
  const [checks, rbac, refused, outcome] = await Promise.all([
    answers,
    explaining,
    plan.copy ? refusedCopy(cluster, resolved) : [],
    policies === undefined ? undefined : weighed(cluster, policies, resolved, facts.target),
  ]);
  const obstacles = [...resolved.obstacles, ...refused];
  const known = await withUnstatedGroups(checks, who, rbac);
  return {
    session: { question, resolved },
    identity: who,
    checks: known,
    obstacles,
    ...(outcome === undefined ? {} : { policies: outcome }),
    verdict: combineChecks(known, obstacles, outcome, who),
    rbac,
  };
}

/** The same for questions of any kind; all of them must be a yes. @param namespaces whose roles may decide */
export async function previewAttributes(
  cluster: Cluster,
  asked: readonly AccessAttributes[],
  namespaces: readonly string[],
  { as, via, explain, verdictOnly = false }: Pick<PreviewOptions, "as" | "via" | "explain" | "verdictOnly">,
): Promise<Preview> {
  const identity = as === undefined ? await ownIdentity(cluster) : otherIdentity(as);
  const requests = asked.map((attributes) => needs("question", "the request", attributes));
  const asker = questions(cluster, identity.self ? undefined : identity.user, via);
  const checks = await answersTo(asker, requests);
  const needsRbac = explain || wantsRbac(checks, identity, { verdictOnly });
  const rbac = needsRbac ? await readRbac(cluster, namespaces) : undefined;
  const known = await withUnstatedGroups(checks, identity, rbac);
  return { identity, checks: known, obstacles: [], verdict: combineChecks(known, [], undefined, identity), rbac };
}

function wantsRbac(
  checks: readonly Check[],
  { groupsKnown }: Identity,
  { verdictOnly = false }: Pick<PreviewOptions, "verdictOnly">,
): boolean {
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  return verdictOnly ? !groupsKnown && failing.some(({ answer }) => answer === "no") : failing.length > 0;
}

async function answersTo(asker: Questions, requests: readonly SessionRequest[]): Promise<Check[]> {
  const answers = await asker.ask(requests.map(({ attributes }) => attributes));
  return requests.map((request, index) => ({ ...request, ...(answers[index] ?? noAnswer) }));
}

const noAnswer = { answer: "unknown", reason: "the server did not answer" } as const;

/** Most clusters have no policies: what it takes to weigh some is loaded when there are. */
async function weighed(
  cluster: Cluster,
  policies: ReadPolicies,
  { plan, operatorVersion }: ResolvedSession,
  target: TargetFacts,
): Promise<PolicyOutcome> {
  if (policies.policies.length === 0) return withoutPolicies(policies.unreadable, plan);
  const { policyOutcome } = await import("./policies.ts");
  return policyOutcome(cluster, policies, plan, target, operatorVersion);
}

/** Few sessions make a copy. */
async function refusedCopy(
  cluster: Cluster,
  { plan, workload, operatorNamespace }: ResolvedSession,
): Promise<Obstacle[]> {
  const { copyRefusal } = await import("./copy-refusal.ts");
  return copyRefusal(cluster)(plan, workload, operatorNamespace);
}

async function withUnstatedGroups(
  checks: Check[],
  identity: Identity,
  rbac: RbacObjects | undefined,
): Promise<Check[]> {
  if (identity.groupsKnown || rbac === undefined) return checks;
  const [{ groupFinder }, { withGroups }] = await Promise.all([
    import("../rbac/decide/group-finder.ts"),
    import("./groups.ts"),
  ]);
  return withGroups(checks, identity, groupFinder(rbac));
}
