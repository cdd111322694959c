import type { Intent } from "../../access/intent.ts";
import { subjectIdentity } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import type { Answer, Cluster } from "../../kube/cluster.ts";
import { formatTarget, parseTarget, type WorkloadTarget } from "../../mirrord/target.ts";
import { accessIn, type NamespaceAccess } from "../../preview/access.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { withImpliedGroups } from "../../rbac/implied-groups.ts";

const SETTLE_MILLISECONDS = 5000;
const FIRST_PAUSE_MILLISECONDS = 20;

/**
 * What the subject of an intent can do in each of its namespaces, asked of the cluster. The API server's authorizer
 * follows writes with a small delay: with `settle`, the question is repeated until that answer comes everywhere, at
 * most five seconds, and what comes then is the truth.
 */
export async function accessAfter(
  cluster: Cluster,
  intent: Intent,
  { settle }: { settle: Answer | undefined },
  world: Pick<World, "now" | "signal">,
): Promise<NamespaceAccess[]> {
  const user = withImpliedGroups(subjectIdentity(intent.subject));
  const places = placesOf(intent);
  const until = world.now().getTime() + SETTLE_MILLISECONDS;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, 500)) {
    const access = await accessIn(cluster, user, places);
    const settled = settle === undefined || access.every(({ answer }) => answer === settle || answer === "unknown");
    if (settled || cluster.offline || world.now().getTime() >= until) return access;
    await new Promise((resolve) => setTimeout(resolve, pause));
    world.signal.throwIfAborted();
  }
}

function placesOf({ set, targets, role }: Intent): { namespace: string; target?: WorkloadTarget; view: boolean }[] {
  const namespaces = set.kind === "all" ? [""] : set.namespaces;
  const view = role === "view";
  return namespaces.flatMap((namespace) =>
    targets.length === 0
      ? [{ namespace, view }]
      : targets.map((path) => ({ namespace, target: parseTarget(path) as WorkloadTarget, view })),
  );
}

/** One line: what the subject can do there, or what is still missing. */
export function accessLine(
  subject: string,
  { role }: Intent,
  { namespace, target, answer, missing }: NamespaceAccess,
): string {
  const where = namespace === "" ? "In all namespaces" : `In namespace ${namespace}`;
  const what =
    role === "view"
      ? "see sessions and workloads"
      : `mirror and steal ${target === undefined ? "any target" : formatTarget(target)}`;
  if (answer === "yes") return `${where} ${subject} can now ${what}.`;
  const [first] = missing;
  const still = first === undefined ? "nothing was asked" : describeAttributes(first.attributes);
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
  return answer === "unknown"
    ? `${where} it could not be asked whether ${subject} can ${what}: ${first?.reason ?? still}`
    : `${where} ${subject} still cannot ${what}: missing ${still}${more}.`;
}
