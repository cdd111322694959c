// Is it the operator, or the way to it? Its pod is asked by itself, and compared with what the API server gets from it.

import { shellCommand } from "../../text/shell-quote.ts";
import type { Cluster, PodAnswer } from "../../kube/cluster.ts";
import { httpStatus } from "../../kubernetes/api-error.ts";
import {
  OPERATOR_API_SERVICE,
  type OperatorPlace,
  type OperatorPod,
  type OperatorService,
} from "../../reading/operator-pod.ts";
import { attempt, type FailedRead, type Read } from "../../reading/read.ts";
import { describeLines } from "../../view/describe-lines.ts";

export interface Probe {
  verdict: Verdict;
  /** The verdict in words. */
  explanation: string;
  /** What to do about it, or where to look next. */
  advice?: string;
  /** What went wrong through the API server; left out, the operator answers there. */
  problem?: string;
  service?: Omit<OperatorService, "authority">;
  pod?: OperatorPod;
  /** Of the pod itself; left out where it was not asked. */
  answer?: PodAnswer;
}

type Verdict =
  | "works"
  /** The pod answers, the API server does not get there. */
  | "unreachable"
  | "untrusted"
  | "unhealthy"
  | "silent"
  | "not-ready"
  | "not-running"
  | "not-registered"
  | "unknown";

/** What the kubelet asks too, without a certificate. Source: operator contract section 4 (liveness and readiness). */
const HEALTH_PATH = "/health";

/**
 * @param status what the operator's status came to through the API server
 * @param place where the operator is, or why that could not be found out
 */
export async function probeOperator(
  cluster: Cluster,
  status: Read<unknown>,
  place: Read<OperatorPlace>,
): Promise<Probe> {
  const problem = status.failed ? { problem: status.error.lines.join("; ") } : {};
  if (place.failed) return { ...unknown(place), ...problem };
  const known = { ...problem, ...shownService(place.value) };
  if (place.value.found !== "pod") return { ...missing(place.value), ...known };
  const { pod } = place.value;
  const answer = await askPod(cluster, place.value);
  if (answer.failed) return { ...(pod.notReady === "" ? notAsked(answer, pod) : notReady(pod)), ...known, pod };
  return { ...judge(status, place.value, answer.value), ...known, pod, answer: answer.value };
}

function shownService({ service }: OperatorPlace): Pick<Probe, "service"> {
  if (service === undefined) return {};
  const { authority: _, ...shown } = service;
  return { service: shown };
}

async function askPod(cluster: Cluster, { service, pod }: OperatorPlace & { found: "pod" }): Promise<Read<PodAnswer>> {
  const { pods } = cluster;
  if (pods === undefined) throw new Error("nothing runs in a folder of manifests");
  const serverName = `${service.name}.${service.namespace}.svc`;
  const authority = service.authority === "" ? undefined : service.authority;
  return await attempt(() => pods.request(pod, { port: pod.port, path: HEALTH_PATH, serverName, authority }));
}

type Judgement = Pick<Probe, "verdict" | "explanation" | "advice">;

function judge(
  status: Read<unknown>,
  { service, pod }: OperatorPlace & { found: "pod" },
  answer: PodAnswer,
): Judgement {
  const logs = "See why: kubectl mirrord session status --logs";
  if (pod.notReady !== "") return notReady(pod);
  if (!answer.answered) {
    const explanation = `the operator itself does not answer on port ${pod.port}: ${answer.why}`;
    return { verdict: "silent", explanation, advice: logs };
  }
  if (answer.status !== 200) {
    const explanation = `the operator itself answers, but with ${answer.status}`;
    return { verdict: "unhealthy", explanation, advice: logs };
  }
  if (!status.failed)
    return { verdict: "works", explanation: "the operator answers, by itself and through the API server" };
  if (answer.certificateFault !== undefined) {
    return {
      verdict: "untrusted",
      explanation: `the operator answers, but the API server does not trust its certificate: ${answer.certificateFault}`,
      advice: `Put the authority that signed it into spec.caBundle of APIService ${OPERATOR_API_SERVICE}, or renew the certificate`,
    };
  }
  if (httpStatus(status.error) === 403) {
    const explanation = "the operator itself answers; through the API server you may not ask it";
    return { verdict: "unknown", explanation, advice: status.error.hints.join("; ") };
  }
  return {
    verdict: "unreachable",
    explanation: "the operator answers, but the API server does not get there: it is the way, not the operator",
    advice: `Let the API server reach port ${pod.port} of the pod. In the way may be a firewall between control plane and nodes, a NetworkPolicy, a service mesh, or Service ${service.namespace}/${service.name} itself`,
  };
}

function notReady({ namespace, name, notReady: why }: OperatorPod): Judgement {
  const advice = `See it: ${shellCommand(["kubectl", "describe", "pod", name, "-n", namespace])}`;
  return { verdict: "not-ready", explanation: `it is the operator: its pod is not ready: ${why}`, advice };
}

function missing({ found, service, why }: Exclude<OperatorPlace, { found: "pod" }>): Judgement {
  if (found === "nothing") {
    const explanation = `the operator is not registered: ${why}`;
    return { verdict: "not-registered", explanation, advice: "To install it: kubectl mirrord install" };
  }
  const advice = `See what is there: ${shellCommand(["kubectl", "get", "deployments,pods,services", "-n", service?.namespace ?? ""])}`;
  return { verdict: "not-running", explanation: `the operator is registered, but ${why}`, advice };
}

/** The API server does not say that a GET that opens a connection takes the verb create too (since Kubernetes 1.35). */
function notAsked(answer: FailedRead, { namespace }: OperatorPod): Judgement {
  if (httpStatus(answer.error) !== 403) return unknown(answer);
  return { ...unknown(answer), advice: `It takes get and create on pods/portforward in namespace ${namespace}` };
}

function unknown({ error }: FailedRead): Judgement {
  const { lines, hints } = error;
  const explanation = `the operator itself could not be asked: ${lines.join("; ")}`;
  return { verdict: "unknown", explanation, ...(hints.length === 0 ? {} : { advice: hints.join("; ") }) };
}

export function probeLines({ problem, service, pod, answer, explanation, advice }: Probe): string[] {
  const sections: [string, string][] = [["Through the API server", problem ?? "answers"]];
  if (service !== undefined) {
    sections.push(["Service", `${service.namespace}/${service.name}, port ${service.port}`]);
    sections.push(["APIService", service.availability]);
  }
  if (pod !== undefined) sections.push(["Pod", `${pod.name}: ${pod.notReady === "" ? "ready" : pod.notReady}`]);
  if (answer !== undefined) sections.push([`GET ${HEALTH_PATH} of the pod`, answerText(answer)]);
  sections.push(["Verdict", explanation]);
  if (advice !== undefined) sections.push(["Next", advice]);
  return describeLines(sections);
}

function answerText(answer: PodAnswer): string {
  if (!answer.answered) return answer.why;
  return `${answer.status}${answer.certificateFault === undefined ? "" : `; its certificate: ${answer.certificateFault}`}`;
}
