import { anchorJob } from "../access/anchor.ts";
import { expiryQuestions, hasUnknownGroups, type DefeatSeen } from "../access/defeat.ts";
import { serverClock } from "../access/expiry.ts";
import type { Intent } from "../access/intent.ts";
import type { RbacSeen } from "../access/limits.ts";
import { accessModel } from "../access/names.ts";
import { subjectIdentity, type RbacSubject } from "../access/subject.ts";
import type { Answer } from "../kubernetes/access.ts";
import { judgeSync, syncAccount, syncQuestion, type SyncJob } from "../access/sync-job.ts";
import type { Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { parseTime } from "../text/instant.ts";
import { lookUp } from "./look-up.ts";

/** What runs `grant sync` in this cluster, and so ends what no anchor can: the one CronJob that counts, if its account may. */
export async function readSyncJob(cluster: Cluster): Promise<SyncJob> {
  const { namespace, name } = accessModel.sync;
  const job = await lookUp(cluster, nativeResources.cronJobs, name, namespace);
  const account = syncAccount(job);
  if (account === undefined) return judgeSync(job, "unknown");
  const [review] = await cluster.review([syncQuestion], subjectIdentity(account));
  return judgeSync(job, review?.answer ?? "unknown");
}

/**
 * Who could undo the end of a grant in these namespaces, asked about each of those who have it; undefined: the access model guards the
 * anchors.
 */
export async function readDefeat(
  cluster: Cluster,
  { members, groups }: { members: readonly RbacSubject[] } & Pick<Intent, "groups">,
  namespaces: readonly string[],
  rbac: () => Promise<RbacSeen>,
): Promise<DefeatSeen> {
  const questions = expiryQuestions(namespaces);
  const [answers, seen] = await Promise.all([
    Promise.all(members.map((member) => cluster.review(questions, subjectIdentity(member, groups)))),
    hasUnknownGroups(members, groups) ? rbac() : undefined,
  ]);
  const gravest = (at: number): Answer => {
    const given = new Set(answers.map((each) => each[at]?.answer ?? "unknown"));
    return given.has("yes") ? "yes" : given.has("unknown") ? "unknown" : "no";
  };
  return { answers: questions.map((_, at) => gravest(at)), rbac: seen };
}

/**
 * Milliseconds that the server's clock, which decides when access ends, is ahead of this machine's. A dry run of an anchor
 * shows it; it also shows whether Jobs may be made there at all (rights, quota, admission): throws what the server says to that.
 */
export async function readClockSkew(cluster: Cluster, namespace: string, now: () => number): Promise<number> {
  const before = now();
  const anchor = anchorJob({ slug: "clock", namespace, labels: {}, ttlSeconds: 1 });
  const made = await cluster.create(nativeResources.jobs, anchor, { dryRun: true });
  return (parseTime(made.metadata.creationTimestamp) ?? before) - before;
}

/**
 * The time by which grants end, in milliseconds since 1970: the server's, by what it answered last; of a folder, this machine's.
 * Undefined: the server has not said, and then nobody may say that a grant is over. A clock here that is far off is a warning.
 */
export function readServerTime(cluster: Cluster, now: () => number): { now: number | undefined; warnings: string[] } {
  if (cluster.offline) return { now: now(), warnings: [] };
  const time = cluster.serverTime?.();
  return time === undefined
    ? { now: undefined, warnings: ["the server does not say what time it is: nothing is ended"] }
    : serverClock({ now: now(), clockSkew: time - now() });
}
