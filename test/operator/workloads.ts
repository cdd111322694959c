import { isObject, listAt, objectAt, textAt, textMap } from "./json.ts";
import type { Kube } from "./kube.ts";
import { Refusal, notFound } from "./status.ts";
import { kindFacts, labelSelector, workloadKinds } from "./target.ts";
import type { LabelTarget, Target, Workload, WorkloadKind } from "./target.ts";

type Labels = Record<string, string>;

/**
 * The labels of what is targeted, read with the operator's own rights: one set for a workload, one per selected pod for
 * labels, an empty one for targetless. Throws a Refusal: 404 when there is no such object or container.
 */
export async function readTargetLabels(kube: Kube, namespace: string, target: Target): Promise<Labels[]> {
  if (target.kind === "targetless") {
    // The vendor's operator may not read namespaces at all: only a plain "there is none" refuses.
    const { code } = await kube.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
    if (code === 404) throw notFound("namespaces", namespace, "");
    return [{}];
  }
  return target.kind === "label"
    ? readPodLabels(kube, namespace, target)
    : [await readWorkloadLabels(kube, namespace, target)];
}

async function readWorkloadLabels(kube: Kube, namespace: string, { kind, name, container }: Workload): Promise<Labels> {
  const { group, resource } = kindFacts(kind);
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
  const { code, body } = await kube.get(path);
  if (code === 404) throw notFound(resource, name, group);
  if (code !== 200) throw unreadable(path, code);
  const containers = containerNames(body);
  if (container !== undefined && containers !== undefined && !containers.includes(container)) {
    throw new Refusal(
      404,
      "NotFound",
      `${resource} ${JSON.stringify(name)} has no container ${JSON.stringify(container)}`,
    );
  }
  return textMap(objectAt(body, "metadata", "labels"));
}

/** Undefined where an object has no pod template: services, and rollouts that refer to another workload. */
function containerNames(object: unknown): string[] | undefined {
  const candidates = [
    objectAt(object, "spec", "jobTemplate", "spec", "template", "spec"),
    objectAt(object, "spec", "template", "spec"),
    objectAt(object, "spec"),
  ];
  const podSpec = candidates.find((candidate) => Array.isArray(candidate["containers"]));
  if (podSpec === undefined) return undefined;
  const all = [...listAt(podSpec, "containers"), ...listAt(podSpec, "initContainers")];
  return all.flatMap((container) => textAt(container, "name") ?? []);
}

async function readPodLabels(kube: Kube, namespace: string, target: LabelTarget): Promise<Labels[]> {
  const selector = encodeURIComponent(labelSelector(target.labels));
  const path = `${collectionPath("pod", namespace)}?labelSelector=${selector}`;
  const { code, body } = await kube.get(path);
  if (code !== 200) throw unreadable(path, code);
  const pods = listAt(body, "items");
  if (pods.length === 0) {
    throw new Refusal(404, "NotFound", `no pods match ${JSON.stringify(labelSelector(target.labels))}`);
  }
  return pods.map((pod) => textMap(objectAt(pod, "metadata", "labels")));
}

/** Everything in the namespace (or in all) that can be a target; kinds that cannot be read are left out. */
export async function listWorkloads(
  kube: Kube,
  namespace: string | undefined,
): Promise<{ namespace: string; target: Workload }[]> {
  const perKind = await Promise.all(workloadKinds.map((kind) => listKind(kube, namespace, kind)));
  return perKind.flat();
}

async function listKind(kube: Kube, namespace: string | undefined, kind: WorkloadKind) {
  const { code, body } = await kube.get(collectionPath(kind, namespace));
  if (code !== 200) return [];
  return listAt(body, "items")
    .filter(isObject)
    .map(({ metadata }) => ({
      namespace: textAt(metadata, "namespace") ?? "",
      target: { kind, name: textAt(metadata, "name") ?? "" },
    }));
}

function collectionPath(kind: WorkloadKind, namespace: string | undefined): string {
  const { group, version, resource } = kindFacts(kind);
  const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${base}${scope}/${resource}`;
}

function unreadable(path: string, code: number): Refusal {
  return new Refusal(500, "InternalError", `the operator could not read ${path}: code ${code}`);
}
