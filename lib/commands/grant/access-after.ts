import type { Intent } from "../../access/intent.ts";
import type { GrantOutline } from "../../access/outline.ts";
import { accessPlaces, type NamespaceAccess } from "../../access/session-access.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { formatTarget, type WorkloadTarget } from "../../mirrord/target.ts";
import { readNamespaceAccess } from "../../reading/namespace-access.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { settle } from "./settle.ts";

/**
 * What the subject of a grant can do in each of its namespaces, asked of the cluster. The API server's authorizer
 * follows writes with a small delay: the question is repeated until the wanted answer comes everywhere, or is final.
 */
export async function accessAfter(
  cluster: Cluster,
  grant: GrantOutline,
  { namespaces, wanted }: { namespaces: readonly string[]; wanted: Answer | undefined },
  world: Pick<World, "signal">,
): Promise<NamespaceAccess[]> {
  const places = accessPlaces(grant, namespaces);
  const isExpected = (access: NamespaceAccess[]) =>
    cluster.offline || wanted === undefined || access.every(({ answer }) => answer === wanted || answer === "unknown");
  return await settle(
    () => readNamespaceAccess(cluster, grant.user, places),
    { isExpected, describe: (access) => access.map(({ answer }) => answer).join() },
    world,
  );
}

/** More places than this are summed up where the answer is yes. */
const SHOWN = 20;

/** A line for each place, or one for many of which there is nothing to say. */
export function accessLines(grant: GrantOutline, access: readonly NamespaceAccess[]): string[] {
  if (access.length <= SHOWN) return access.map((place) => accessLine(grant, place));
  const granted = access.filter(({ answer }) => answer === "yes");
  const others = access.filter(({ answer }) => answer !== "yes");
  const places = new Set(granted.map(({ namespace }) => namespace)).size;
  return [
    `In ${places} namespaces ${grant.subjectText} can now ${describeUse(grant.intent, undefined)}.`,
    ...others.map((place) => accessLine(grant, place)),
  ];
}

/** One line: what the subject can do there, or what is still missing. */
function accessLine({ intent, subjectText: subject }: GrantOutline, place: NamespaceAccess): string {
  const { namespace, target, answer, missing } = place;
  const where = namespace === "" ? "In all namespaces" : `In namespace ${namespace}`;
  const what = describeUse(intent, target);
  if (answer === "yes") return `${where} ${subject} can now ${what}.`;
  const [first] = missing;
  const still = first === undefined ? "nothing was asked" : describeAttributes(first.attributes);
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
  return answer === "unknown"
    ? `${where} it could not be asked whether ${subject} can ${what}: ${first?.reason ?? still}`
    : `${where} ${subject} still cannot ${what}: missing ${still}${more}.`;
}

/** `mirror and steal deployment/web`: what a grant lets its subject do. */
function describeUse({ role, targets }: Intent, target: WorkloadTarget | undefined): string {
  if (role === "view") return "see sessions and workloads";
  if (target !== undefined) return `mirror and steal ${formatTarget(target)}`;
  return `mirror and steal ${targets.length === 0 ? "any target" : targets.join(", ")}`;
}
