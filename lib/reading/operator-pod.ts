// Where the operator itself runs, found as the API server finds it: APIService → Service → pod.

import { listIn, objectIn, textIn, type JsonObject } from "../json.ts";
import type { Cluster, PodName } from "../kube/cluster.ts";
import { podSelector, selects, selectorText, type LabelSelector } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { OPERATOR_GROUP } from "../mirrord/resources.ts";
import { unlessForbidden } from "./read.ts";
import { allObjects } from "../kubernetes/object-list.ts";

export const OPERATOR_API_SERVICE = `v1.${OPERATOR_GROUP}`;

/** As the API server has to reach it. */
export interface OperatorService {
  namespace: string;
  name: string;
  port: number;
  /** PEM of who may sign its certificate; "" for anybody. */
  authority: string;
  /** The APIService's own words on whether it is available. */
  availability: string;
}

export interface OperatorPod extends PodName {
  /** Where the Service's port arrives. */
  port: number;
  /** Whose logs are the operator's. */
  container: string;
  /** Why nobody can connect to it; "" when it is ready. */
  notReady: string;
}

export type OperatorPlace =
  | { found: "pod"; service: OperatorService; pod: OperatorPod }
  /** How far the search came. */
  | { found: "nothing" | "registration" | "service"; service?: OperatorService; why: string };

/**
 * Finds the pod that answers for the operator; where none is ready, one that should.
 * Throws where the Service or the pods may not be read; where the APIService may not be, the chart's names are assumed.
 */
export async function findOperatorPod(cluster: Cluster): Promise<OperatorPlace> {
  const read = await unlessForbidden(() => cluster.get(nativeResources.apiServices, OPERATOR_API_SERVICE));
  const registration = read.failed ? { spec: {} } : read.value;
  if (registration === undefined) return { found: "nothing", why: `there is no APIService ${OPERATOR_API_SERVICE}` };
  const availability = read.failed ? "you may not read it" : availabilityText(registration);
  const service = { ...operatorService(registration), availability };
  const { namespace, name } = service;
  const object = await cluster.get(nativeResources.services, name, namespace);
  if (object === undefined) {
    return { found: "registration", service, why: `there is no Service ${name} in namespace ${namespace}` };
  }
  const selector = podSelector(object);
  if (selector === undefined) return { found: "service", service, why: `Service ${namespace}/${name} selects no pods` };
  const pod = await choosePod(cluster, namespace, selector);
  if (pod === undefined) {
    return {
      found: "service",
      service,
      why: `no pod in namespace ${namespace} is selected by ${selectorText(selector)}`,
    };
  }
  const port = podPort(object, service.port, pod);
  const notReady = selects(selector, pod.metadata.labels ?? {}) ? readinessFault(pod) : "no pod of the operator leads";
  return { found: "pod", service, pod: { ...podPlace(pod, namespace), port, notReady } };
}

/** Where it says nothing: the chart's names. Source: operator contract section 4 (chart 3.187.0). */
function operatorService(registration: JsonObject): Omit<OperatorService, "availability"> {
  const spec = objectIn(registration["spec"]);
  const { namespace, name, port } = objectIn(spec["service"]);
  return {
    namespace: textIn(namespace) || "mirrord",
    name: textIn(name) || "mirrord-operator",
    port: typeof port === "number" ? port : 443,
    authority: spec["insecureSkipTLSVerify"] === true ? "" : decodeBase64(textIn(spec["caBundle"])),
  };
}

function availabilityText(registration: JsonObject): string {
  const { status, reason, message } = conditionNamed(registration, "Available") ?? {};
  return `Available=${textIn(status) || "Unknown"} (${textIn(reason)}): ${textIn(message)}`;
}

// The operator gives it to one of its pods, and the Service selects by it. Source: operator contract section 4.
const LEADER_LABEL = "mirrord-operator-leader";

/** A ready one before others; one that does not lead where none does. */
async function choosePod(
  cluster: Cluster,
  namespace: string,
  selector: LabelSelector,
): Promise<KubernetesObject | undefined> {
  const requirements = selector.requirements.filter(({ key }) => key !== LEADER_LABEL);
  const labelSelector = selectorText({ requirements });
  const pods = await allObjects(cluster.list(nativeResources.pods, { namespace, labelSelector }));
  const leaders = pods.filter(({ metadata }) => selects(selector, metadata.labels ?? {}));
  return leaders.find((pod) => readinessFault(pod) === "") ?? leaders[0] ?? pods[0];
}

function podPlace(pod: KubernetesObject, namespace: string): Pick<OperatorPod, "namespace" | "name" | "container"> {
  const { name = "", annotations } = pod.metadata;
  const [first] = containersIn(pod);
  const container = annotations?.["kubectl.kubernetes.io/default-container"] ?? textIn(first?.["name"]);
  return { namespace, name, container };
}

/** A target port may be a name that the pod's containers give to it; left out, it is the Service's own. */
function podPort(service: KubernetesObject, port: number, pod: KubernetesObject): number {
  const ports = listIn(objectIn(service["spec"])["ports"]).map(objectIn);
  const entry = ports.find((one) => one["port"] === port) ?? ports[0];
  const { targetPort: target, port: servicePort } = entry ?? {};
  if (typeof target === "number" && target > 0) return target;
  const named = containersIn(pod)
    .flatMap(({ ports: own }) => listIn(own).map(objectIn))
    .find(({ name }) => name === target)?.["containerPort"];
  return [named, servicePort].find((one) => typeof one === "number") ?? port;
}

/** Why a pod is not ready, by the most particular reason that its status has; "" when it is. */
export function readinessFault(pod: KubernetesObject): string {
  const ready = conditionNamed(pod, "Ready");
  if (ready?.["status"] === "True" && pod.metadata.deletionTimestamp === undefined) return "";
  if (pod.metadata.deletionTimestamp !== undefined) return "it is being deleted";
  const states = listIn(objectIn(pod["status"])["containerStatuses"]).map((status) =>
    objectIn(objectIn(status)["state"]),
  );
  const stopped = states.map(({ waiting, terminated }) => objectIn(waiting ?? terminated)).find(({ reason }) => reason);
  const scheduled = conditionNamed(pod, "PodScheduled");
  const because = [stopped, scheduled?.["status"] === "False" ? scheduled : undefined, ready].find(
    (one) => textIn(one?.["reason"]) !== "" || textIn(one?.["message"]) !== "",
  );
  const words = [textIn(because?.["reason"]), textIn(because?.["message"])].filter((text) => text !== "");
  return words.join(": ") || `its phase is ${textIn(objectIn(pod["status"])["phase"]) || "unknown"}`;
}

function containersIn(pod: KubernetesObject): JsonObject[] {
  return listIn(objectIn(pod["spec"])["containers"]).map(objectIn);
}

/** A condition of the object's status. */
export function conditionNamed(object: JsonObject, type: string): JsonObject | undefined {
  return listIn(objectIn(object["status"])["conditions"])
    .map(objectIn)
    .find((condition) => condition["type"] === type);
}

function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
