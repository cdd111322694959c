import type { AccessRequest, KubernetesObject } from "../kube/cluster.ts";
import { grantObjects } from "../access/objects.ts";
import type { Intent } from "../access/intent.ts";
import type { LimitedTarget } from "../access/roles.ts";
import { formatSubject, subjectOfUser, type GrantSubject } from "../access/subject.ts";
import { formatTarget, parseTarget } from "../mirrord/target.ts";
import { authorizer } from "../rbac/authorizer.ts";
import type { Preview } from "./preview.ts";
import { containersOf } from "./workload.ts";

/** A change that would turn the answer into yes. */
export interface Fix {
  /** To paste, for an administrator. */
  command: string;
  /** What the command opens, in a few words. */
  opens: string;
  /** True when the answer after the change was worked out from the RBAC objects; false when they could not be read. */
  proven: boolean;
}

export interface FixOptions {
  /** Words that a subject must not be mistaken for, when it is written into a command. */
  grantVerbs: readonly string[];
  /** What the command needs to reach the same cluster: `--manifests ./cluster`, as words. */
  connection: readonly string[];
}

/**
 * The smallest grants that would make the session work, smallest first; none when access is not what is missing. Where
 * the RBAC objects can be read, each candidate is tried on them and only those that flip every failing step are kept.
 */
export function smallestFixes(preview: Preview, { grantVerbs, connection }: FixOptions): Fix[] {
  const { checks, obstacles, session, identity } = preview;
  if (session === undefined) return [];
  const { asked } = session;
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  if (failing.length === 0 || obstacles.some(({ answer }) => answer === "no")) return [];
  const subject = formatSubject(subjectOfUser(identity.user.name), grantVerbs);
  return candidates(session, subjectOfUser(identity.user.name)).flatMap(({ intent, opens }) => {
    const proof = flips(preview, session, intent);
    if (proof === false) return [];
    const targets = intent.targets.flatMap((path) => ["--target", path]);
    const words = [subject, "--ns", asked.namespace, ...targets, ...connection];
    const command = `kubectl mirrord grant ${words.map(shellQuote).join(" ")}`;
    return [{ command, opens, proven: proof === true }];
  });
}

type Session = NonNullable<Preview["session"]>;

interface Candidate {
  intent: Intent;
  opens: string;
}

function candidates({ asked, resolved }: Session, subject: GrantSubject): Candidate[] {
  if (asked.action === "list-sessions" || asked.action === "kill-sessions") return [];
  const { target, namespace } = asked;
  const base: Intent = {
    subject,
    role: "user",
    set: { kind: "namespaces", namespaces: [namespace] },
    targets: [],
    reads: true,
  };
  const whole: Candidate = { intent: base, opens: `every target in namespace ${namespace}` };
  const single =
    target.kind !== "label" && target.kind !== "targetless" && !resolved.plan.copy && asked.action !== "ci";
  if (!single || resolved.workload === undefined) return [whole];
  return [{ intent: { ...base, targets: [formatTarget(target)] }, opens: `${formatTarget(target)} only` }, whole];
}

/** Whether the grant, added to what there is, answers every required step with yes; undefined: cannot be told. */
function flips({ checks, rbac, identity }: Preview, { asked, resolved }: Session, intent: Intent): boolean | undefined {
  if (rbac === undefined || rbac.unreadable.length > 0) return undefined;
  const provenance = { grantedBy: "", grantedAt: "" };
  const objects = grantObjects(intent, provenance, limitsOf(intent, asked.namespace, resolved.workload)).map(
    ({ object }) => object,
  );
  const { authorize } = authorizer(replaceByName(rbac.objects, objects));
  const asks = (attributes: AccessRequest) => authorize(attributes).allowed;
  return checks
    .filter(({ required, answer }) => required && answer !== "yes")
    .every(({ attributes }) => asks({ user: identity.user, ...attributes }));
}

function limitsOf(
  intent: Intent,
  namespace: string,
  workload: KubernetesObject | undefined,
): Map<string, LimitedTarget[]> {
  const [path] = intent.targets;
  const target = path === undefined ? undefined : parseTarget(path);
  if (workload === undefined || target === undefined || target.kind === "label" || target.kind === "targetless")
    return new Map();
  return new Map([[namespace, [{ target, containers: containersOf(workload) }]]]);
}

function replaceByName(stored: readonly KubernetesObject[], added: readonly KubernetesObject[]): KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind}\0${metadata.namespace ?? ""}\0${metadata.name ?? ""}`;
  const replaced = new Set(added.map(key));
  return [...stored.filter((object) => !replaced.has(key(object))), ...added];
}

/** A word as a POSIX shell reads it back unchanged. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
