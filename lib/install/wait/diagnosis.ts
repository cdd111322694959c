// What to look at when the operator's pods do not come up.

import type { CoreV1Event, V1ObjectReference } from "@kubernetes/client-node";
import { textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { parseLabelSelector, selectorText } from "../../kubernetes/label-selector.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { containerNames } from "../../mirrord/workload.ts";
import { readinessFault } from "../../reading/operator-pod.ts";
import { attempt, readList, type Read } from "../../reading/read.ts";
import { allObjects } from "../../kubernetes/object-list.ts";

/** The pods of a Deployment. */
export async function deploymentPods(
  cluster: Cluster,
  { metadata: { namespace = "" }, spec }: KubernetesObject,
): Promise<Read<KubernetesObject[]>> {
  const selector = parseLabelSelector(fieldsIn<{ selector: unknown }>(spec).selector);
  return await readList(cluster, nativeResources.pods, { namespace, labelSelector: selectorText(selector) });
}

/** A line for each pod that is not ready, the worst first. */
export function podFaults(pods: readonly KubernetesObject[]): string[] {
  return pods.flatMap((pod) => {
    const why = readinessFault(pod);
    return why === "" ? [] : [`pod ${pod.metadata.name ?? ""}: ${why}`];
  });
}

const EVENTS = 5;
const LOG_LINES = 10;

export interface Diagnosis {
  pods: string[];
  /** The last ones about the Deployment and its pods, oldest first. */
  events: string[];
  /** The last lines of a pod that is not ready. */
  log: string[];
}

export async function diagnose(cluster: Cluster, deployment: KubernetesObject): Promise<Diagnosis> {
  const { namespace = "", name = "" } = deployment.metadata;
  const [pods, events] = await Promise.all([
    deploymentPods(cluster, deployment),
    attempt(() => allObjects(cluster.list(nativeResources.events, { namespace }))),
  ]);
  const found = pods.failed ? [] : pods.value;
  const log = await podLog(
    cluster,
    found.find((pod) => readinessFault(pod) !== ""),
  );
  return { pods: podFaults(found), events: events.failed ? [] : lastEvents(events.value, name), log };
}

/** Objects of a Deployment are named after it: `NAME-HASH-HASH`. */
function lastEvents(events: readonly KubernetesObject[], name: string): string[] {
  return events
    .map((event) => fieldsIn<CoreV1Event>(event))
    .filter(({ involvedObject }) => {
      const about = textIn(fieldsIn<V1ObjectReference>(involvedObject).name);
      return about === name || about.startsWith(`${name}-`);
    })
    .filter(({ type }) => type !== "Normal")
    .toSorted((a, b) => (eventMoment(a) < eventMoment(b) ? -1 : 1))
    .slice(-EVENTS)
    .map(({ reason, message }) => `${textIn(reason)}: ${textIn(message)}`);
}

const eventMoment = ({ lastTimestamp, eventTime }: { lastTimestamp?: unknown; eventTime?: unknown }): string =>
  textIn(lastTimestamp) || textIn(eventTime);

async function podLog(cluster: Cluster, pod: KubernetesObject | undefined): Promise<string[]> {
  const { pods } = cluster;
  if (pod === undefined || pods === undefined) return [];
  const { name = "", namespace = "" } = pod.metadata;
  const [container] = containerNames(pod);
  const read = async (previous: boolean) =>
    await attempt(() =>
      pods.logs(
        { name, namespace },
        { ...(container === undefined ? {} : { container }), tailLines: LOG_LINES, previous },
      ),
    );
  const now = await read(false);
  // A container that has just been started again has not said anything yet.
  const said = !now.failed && now.value.trim() !== "" ? now : await read(true);
  return said.failed
    ? []
    : said.value
        .trimEnd()
        .split(/\r?\n/)
        .filter((line) => line !== "");
}
