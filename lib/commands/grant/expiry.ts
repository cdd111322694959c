import { anchorJob, anchorState, MAX_GRANT_SECONDS, ttlOf, ttlUntil } from "../../access/anchor.ts";
import type { Intent, Lifetime } from "../../access/intent.ts";
import { accessModel, annotations } from "../../access/names.ts";
import { grantObjects } from "../../access/objects.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { formatSubject, subjectIdentity } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { millisecondsOf, timestamp } from "../../text/instant.ts";
import { listIn, objectIn } from "../../json.ts";
import type { ApplyOptions } from "../../kube/apply/apply.ts";
import type { Change, Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { AccessAttributes } from "../../kubernetes/access.ts";
import { RBAC_GROUP, nativeResources } from "../../kubernetes/resources.ts";
import { statusOf } from "../../kubernetes/api-status.ts";
import { readObject, unlessForbidden } from "../../reading/read.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";

/** Throws UserError "usage" for two answers, for none that makes sense, and for more than a year. */
export function lifetimeOf(
  options: { for: number | undefined; until: Date | undefined },
  now: Date,
): Lifetime | undefined {
  const { for: milliseconds, until } = options;
  if (milliseconds !== undefined && until !== undefined)
    throw new UserError("usage", "--for and --until exclude each other");
  if (milliseconds === undefined && until === undefined) return undefined;
  const left = milliseconds ?? (until?.getTime() ?? 0) - now.getTime();
  if (left < 1000) {
    throw new UserError(
      "usage",
      until === undefined ? "a grant of no time at all gives nothing" : `${until.toISOString()} is over already`,
      "Say how long from now: --for 8h, or until when: --until 2026-12-31T18:00:00Z.",
    );
  }
  if (left > MAX_GRANT_SECONDS * 1000) {
    throw new UserError(
      "usage",
      "a grant that ends may last 366 days at most",
      "Leave --for and --until out for a permanent grant.",
    );
  }
  return until === undefined ? { for: left } : { until: until.getTime() };
}

const CLOCK_TOLERANCE_MILLISECONDS = 30_000;

export interface Clock {
  /** Milliseconds to add to this machine's clock to get the server's. */
  skew: number;
  warnings: string[];
}

/**
 * The server's clock decides when access ends, and a dry run of an anchor shows it; it also shows whether Jobs may be
 * made there at all (rights, quota, admission). Throws what the server says to that.
 */
export async function serverClock(
  cluster: Cluster,
  anchor: KubernetesObject,
  world: Pick<World, "now">,
): Promise<Clock> {
  const before = world.now().getTime();
  const made = await cluster.create(nativeResources.jobs, anchor, { dryRun: true });
  const server = millisecondsOf(made.metadata.creationTimestamp);
  if (server === undefined) return { skew: 0, warnings: [] };
  const skew = server - before;
  if (Math.abs(skew) <= CLOCK_TOLERANCE_MILLISECONDS) return { skew: 0, warnings: [] };
  const seconds = Math.round(Math.abs(skew) / 1000);
  const text = `this machine's clock is ${seconds} seconds ${skew > 0 ? "behind" : "ahead of"} the server's: the server's counts`;
  return { skew, warnings: [text] };
}

/** The end in milliseconds since 1970, in whole seconds, and never later than was asked for. */
export function endOf(lifetime: Lifetime, now: number): number {
  const end = "for" in lifetime ? now + lifetime.for : lifetime.until;
  return Math.floor(end / 1000) * 1000;
}

/** Whether the access model keeps everybody but administrators from the anchors. What may not be read counts as not there. */
export async function anchorsAreGuarded(cluster: Cluster): Promise<boolean> {
  return await denies(cluster, accessModel.anchorPolicy);
}

/** Whether a policy of that name is there, and its binding of the same name refuses what it forbids. */
async function denies(cluster: Cluster, name: string): Promise<boolean> {
  if (cluster.offline) return false;
  const [policy, binding] = await Promise.all(
    [nativeResources.admissionPolicies, nativeResources.admissionPolicyBindings].map((type) =>
      readObject(cluster, type, name),
    ),
  );
  if (policy?.failed !== false || policy.value === undefined || binding?.failed !== false) return false;
  return listIn(objectIn(binding.value?.["spec"])["validationActions"]).includes("Deny");
}

/** Whether something runs `grant sync` in this cluster, which ends what no anchor can. */
export async function syncIsInstalled(cluster: Cluster): Promise<boolean> {
  if (cluster.offline) return true;
  const found = await unlessForbidden(() =>
    Array.fromAsync(cluster.list(nativeResources.cronJobs, { labelSelector: accessModel.syncLabel })),
  );
  return !found.failed && found.value.some((job) => objectIn(job["spec"])["suspend"] !== true);
}

/** What defeats an anchor: a later end, its orphaning, another owner for what it owns. Seen with the role `edit`. */
const defeats: readonly Omit<Extract<AccessAttributes, { resource: string }>, "namespace">[] = [
  ...["patch", "update", "delete", "deletecollection"].map((verb) => ({ verb, apiGroup: "batch", resource: "jobs" })),
  ...["patch", "update"].map((verb) => ({ verb, apiGroup: RBAC_GROUP, resource: "rolebindings" })),
];

export interface Weakness {
  /** The subject can undo the expiry there. */
  namespaces: string[];
  /** It could not be asked there. */
  unknown: string[];
}

/** Asks whether the subject could undo the end of its own access, with the rights that it has and those it would get. */
export async function weakExpiry(
  cluster: Cluster,
  intent: Intent,
  namespaces: readonly string[],
  roles: readonly KubernetesObject[] = [],
): Promise<Weakness> {
  const user = withImpliedGroups(subjectIdentity(intent.subject));
  const limits = new Map(namespaces.map((namespace) => [namespace, []]));
  const given = grantObjects(intent, { grantedBy: "", grantedAt: "" }, limits, { namespaces });
  const { authorize } = authorizer([...roles, ...given.map(({ object }) => object)]);
  const questions = namespaces.flatMap((namespace) => defeats.map((defeat) => ({ ...defeat, namespace })));
  const answers = await cluster.review(questions, user);
  const weak = new Set<string>();
  const unknown = new Set<string>();
  for (const [index, question] of questions.entries()) {
    const answer = answers[index]?.answer ?? "unknown";
    if (answer === "yes" || authorize({ user, ...question }).allowed) weak.add(question.namespace);
    else if (answer === "unknown") unknown.add(question.namespace);
  }
  return { namespaces: [...weak], unknown: [...unknown].filter((namespace) => !weak.has(namespace)) };
}

/** Refuses an expiry that its subject could undo. Returns what is to be said about it. */
export function judgeWeakness({ namespaces, unknown }: Weakness, intent: Intent, accepted: boolean): string[] {
  const subject = formatSubject(intent.subject);
  const doubt = `it could not be asked whether ${subject} may change jobs or rolebindings in ${unknown.join(", ")}, and so keep the access`;
  const warnings = unknown.length === 0 ? [] : [doubt];
  if (namespaces.length === 0) return warnings;
  const text = `EXPIRY NOT ENFORCED: ${subject} may change jobs or rolebindings in ${namespaces.join(", ")}, and so keep the access for ever`;
  if (accepted) return [...warnings, text];
  throw new UserError("usage", text, "Take these rights away, or add --accept-weak-expiry.");
}

/** What apply does with anchors: counts their time at the last moment, and builds nothing upon one before it is sound. */
export function anchorHooks(skew: number, world: Pick<World, "now">): Pick<ApplyOptions, "prepare" | "settled"> {
  const isAnchor = ({ type }: Change) => type.resource === nativeResources.jobs.resource;
  const now = () => world.now().getTime() + skew;
  return {
    prepare(change) {
      const { object, action } = change;
      const end = millisecondsOf(object.metadata.annotations?.[annotations.expiresAt]);
      if (!isAnchor(change) || action !== "create" || end === undefined) return object;
      const spec = { ...objectIn(object["spec"]), ttlSecondsAfterFinished: ttlUntil(end, now()) };
      return { ...object, spec };
    },
    settled(change, stored) {
      if (!isAnchor(change) || change.action === "delete") return "ready";
      const anchor = anchorState(stored, stored.metadata.ownerReferences?.[0]?.uid);
      if (anchor.state === "unsound") return { fault: anchor.why };
      const asked = objectIn(change.object["spec"])["ttlSecondsAfterFinished"];
      // Made a moment later than planned, an anchor lives a little shorter, and never longer.
      if (typeof asked === "number" && (ttlOf(stored) ?? Infinity) > asked)
        return { fault: `has a ttl of ${ttlOf(stored) ?? "none"} seconds where ${asked} were asked for` };
      return anchor.state === "pending" ? "wait" : "ready";
    },
  };
}

/** What stays after the end until somebody runs a sync: no anchor can own a cluster-wide binding. */
export function staysNote(end: number, { role, reads }: Intent, policies: boolean): string {
  const parts = [
    "reading the operator's status",
    ...(role === "view" || role === "minimal" ? [] : ["watching events"]),
    ...(role === "view" ? [] : ["creating credentials"]),
    ...(policies && reads && role !== "view" ? ["listing cluster-wide policies"] : []),
  ];
  return `At ${timestamp(end)} the access ends by itself. The cluster-wide part (${parts.join(", ")}) stays until the next: kubectl mirrord grant sync`;
}

/** Whether only administrators may write grants. What may not be read counts as not there. */
export async function grantsAreGuarded(cluster: Cluster): Promise<boolean> {
  return await denies(cluster, accessModel.policy);
}

/** Milliseconds since 1970 by the server's clock, as far as grants that end make it matter and it can be had. */
export async function serverNow(
  cluster: Cluster,
  grants: readonly StoredGrant[],
  world: Pick<World, "now" | "warn">,
): Promise<number> {
  const namespace = grants
    .filter(({ intent }) => intent?.temporary === true)
    .flatMap(({ objects }) => objects.flatMap(({ object }) => object.metadata.namespace ?? []))[0];
  const here = world.now().getTime();
  if (cluster.offline || namespace === undefined) return here;
  try {
    const anchor = anchorJob({ slug: "clock", namespace, labels: {}, ttlSeconds: 1 });
    const { skew, warnings } = await serverClock(cluster, anchor, world);
    for (const warning of warnings) world.warn(warning);
    return world.now().getTime() + skew;
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return here;
  }
}
