import { selectedCollection } from "../../access/collection.ts";
import { customRole } from "../../access/custom-role.ts";
import { exemptedAttributes, type Intent } from "../../access/intent.ts";
import type { GrantOutline } from "../../access/outline.ts";
import { accessPlaces, type NamespaceAccess } from "../../access/session-access.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { formatTarget, type WorkloadTarget } from "../../mirrord/target.ts";
import { readNamespaceAccess } from "../../reading/namespace-access.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { listWords } from "../../text/list-words.ts";
import { settle } from "../settle.ts";

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

/** What belongs to the sentence of a grant besides what is allowed. */
export interface GrantedWords {
  /** `, until 2026-11-22 18:00 UTC (in 8h)`. */
  until: string;
  /** `, but MirrordPolicy dev/no-steal blocks steal`. */
  but: string;
  /** `already`: nothing was written. `then`: nothing is written yet. */
  time: "now" | "already" | "then";
}

/** More places than this are counted. */
const SHOWN = 5;

/** What the subject can do, in one sentence; then one for each place where that is not so. */
export function accessLines(grant: GrantOutline, access: readonly NamespaceAccess[], words: GrantedWords): string[] {
  if (access.length === 0) return [futureSentence(grant)];
  const granted = access.filter(({ answer }) => answer === "yes");
  const others = access.filter(({ answer }) => answer !== "yes");
  return [
    ...(granted.length === 0 ? [] : [grantedSentence(grant, granted, words)]),
    ...others.map((place) => missingSentence(grant, place)),
  ];
}

function grantedSentence(
  { intent, subjectText, targets }: GrantOutline,
  granted: readonly NamespaceAccess[],
  { until, but, time }: GrantedWords,
): string {
  const places = [...new Set(granted.map(({ namespace }) => namespace))];
  const reached = new Set(granted.map(({ target }) => (target === undefined ? "" : formatTarget(target))));
  const isAll = targets.length === 0 || reached.size === targets.length;
  const what = isAll ? describeUse(intent, undefined) : `mirror and steal ${listWords([...reached])}`;
  return `${subjectText} can ${time} ${what} in ${placesWords(places)}${until}${but}.`;
}

/** Of a role that is not about mirrord: what it allows is in its rules. */
export function heldSentence(
  { intent, subjectText, selectors }: GrantOutline,
  namespaces: readonly string[],
  { until, time }: GrantedWords,
): string {
  const where =
    intent.set.kind === "all"
      ? "all namespaces"
      : namespaces.length === 0
        ? `every namespace ${selectedWords(selectors)}`
        : placesWords(namespaces);
  const custom = customRole(intent.role);
  const role = custom === undefined ? `ClusterRole ${intent.role.slice("clusterrole/".length)}` : `role ${custom}`;
  return `${subjectText} ${time === "already" ? "has" : `${time} has`} ${role} in ${where}${until}; the role has no rule of mirrord's, so no session comes with it.`;
}

/** Where selectors match nothing yet. */
function futureSentence({ intent, subjectText, selectors }: GrantOutline): string {
  const what = describeUse(intent, undefined);
  return `${subjectText} can ${what} in every namespace ${selectedWords(selectors)}; there is none today.`;
}

function selectedWords(selectors: readonly string[]): string {
  return listWords(
    selectors.map((selector) => {
      const path = selectedCollection(selector);
      return path === undefined ? `labelled ${selector}` : `in collection ${path}`;
    }),
  );
}

function placesWords(places: readonly string[]): string {
  if (places.includes("")) return "all namespaces";
  return places.length > SHOWN ? `${places.length} namespaces` : listWords(places);
}

/** What is still missing at a place, or could not be asked. */
function missingSentence({ intent, subjectText: subject }: GrantOutline, place: NamespaceAccess): string {
  const { namespace, target, answer, missing } = place;
  const where = namespace === "" ? "in all namespaces" : `in ${namespace}`;
  const what = `${describeUse(intent, target)} ${where}`;
  const [first] = missing;
  const still = first === undefined ? "nothing was asked" : describeAttributes(first.attributes);
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
  return answer === "unknown"
    ? `It could not be asked whether ${subject} can ${what}: ${first?.reason ?? still}.`
    : `${subject} still cannot ${what}: missing ${still}${more}.`;
}

/** `mirror and steal deployment/web`: what a grant lets its subject do. */
function describeUse({ role, targets }: Intent, target: WorkloadTarget | undefined): string {
  const exempted = exemptedAttributes(role);
  if (exempted !== undefined)
    return `have ${listWords(exempted)} ${exempted.includes("localVolume") ? "in what they make" : "in pods"}`;
  if (role === "view") return "see sessions and workloads";
  if (target !== undefined) return `mirror and steal ${formatTarget(target)}`;
  return `mirror and steal ${targets.length === 0 ? "any target" : listWords(targets)}`;
}
