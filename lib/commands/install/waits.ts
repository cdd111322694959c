// After everything is written: does it work?

import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { deploymentPods, diagnose, podFaults } from "../../install/wait/diagnosis.ts";
import {
  apiServiceReadiness,
  deploymentReadiness,
  endpointsReadiness,
  type Readiness,
} from "../../install/wait/states.ts";
import { objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { httpStatus } from "../../kubernetes/api-error.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { operatorInfo, type OperatorInfo } from "../../mirrord/operator-info.ts";
import { mirrordResources, OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { attempt } from "../../reading/read.ts";
import { humanDuration } from "../../text/duration.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { allObjects } from "../../kubernetes/object-list.ts";

interface Wait {
  /** As people say it: `deployment mirrord/mirrord-operator`. */
  what: string;
  check(): Promise<Readiness>;
  /** What else can be said, and what to look at. */
  explain(): Promise<{ lines?: string[]; hints: string[] }>;
}

export interface WaitOptions {
  world: Pick<World, "progress" | "signal">;
  timeoutMilliseconds: number;
}

/**
 * Waits for the Deployments, for the endpoints of the operator's Service, for its APIService, and for its answer, in this order.
 * Resolves to what the operator says of itself; undefined where these objects are not about it.
 * @throws UserError "undetermined" when the time is over, or waiting does not help
 */
export async function waitForOperator(
  objects: readonly KubernetesObject[],
  cluster: Cluster,
  options: WaitOptions,
): Promise<OperatorInfo | undefined> {
  const answer: { info?: OperatorInfo } = {};
  const until = performance.now() + options.timeoutMilliseconds;
  const progress = options.world.progress("waiting");
  try {
    for (const wait of waits(objects, cluster, answer)) {
      await waitFor(wait, until, options, (text) => progress.update(text));
    }
  } finally {
    progress.end();
  }
  return answer.info;
}

function waits(objects: readonly KubernetesObject[], cluster: Cluster, answer: { info?: OperatorInfo }): Wait[] {
  const deployments = objects.filter(({ kind }) => kind === "Deployment");
  const registration = objects.find(
    (object) => object.kind === "APIService" && objectIn(object["spec"])["group"] === OPERATOR_GROUP,
  );
  const isOff = deployments.some(({ spec }) => objectIn(spec)["replicas"] === 0);
  return [
    ...deployments.map((deployment) => deploymentWait(deployment, cluster)),
    ...(registration === undefined || isOff
      ? []
      : [
          ...endpointsWait(registration, objects, cluster),
          registrationWait(registration, cluster),
          answerWait(cluster, answer),
        ]),
  ];
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

async function waitFor(
  { what, check, explain }: Wait,
  until: number,
  { world: { signal }, timeoutMilliseconds }: WaitOptions,
  tell: (text: string) => void,
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const state = await readiness(check);
    if (state.ready) return;
    tell(`waiting for ${what}: ${state.why}`);
    const isOver = performance.now() > until;
    if (isOver || state.final === true) {
      const after = isOver ? `, after ${humanDuration(timeoutMilliseconds)}` : "";
      const { lines = [], hints } = await explain();
      throw new UserError(
        "undetermined",
        [`${what} is not ready${after}: ${state.why}`, ...lines.map((line) => `  ${line}`)],
        [...hints, "All objects are written. To go on waiting, run the same command again."],
      );
    }
    try {
      await sleep(pause, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new UserError("interrupted", `interrupted while waiting for ${what}: ${state.why}`, [
        "All objects are written. To go on waiting, run the same command again.",
      ]);
    }
  }
}

/** A server that fails for a moment is waited for, too. */
async function readiness(check: Wait["check"]): Promise<Readiness> {
  const read = await attempt(check);
  if (!read.failed) return read.value;
  if (read.status !== undefined && read.status < 500) throw read.error;
  return { ready: false, why: read.error.lines.join("; ") };
}

function deploymentWait(deployment: KubernetesObject, cluster: Cluster): Wait {
  const { name = "", namespace = "" } = deployment.metadata;
  return {
    what: `deployment ${namespace}/${name}`,
    async check() {
      const state = deploymentReadiness(await cluster.get(nativeResources.deployments, name, namespace));
      if (state.ready) return state;
      const pods = await deploymentPods(cluster, deployment);
      const [worst] = pods.failed ? [] : podFaults(pods.value);
      return worst === undefined ? state : { ...state, why: `${state.why}; ${worst}` };
    },
    async explain() {
      const { pods, events, log } = await diagnose(cluster, deployment);
      const part = (title: string, lines: readonly string[]) =>
        lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
      return {
        lines: [...pods, ...part("events:", events), ...part("log:", log)],
        hints: [`See more: ${shellCommand(["kubectl", "describe", "pods", "-n", namespace])}`],
      };
    },
  };
}

/** Only where the Service is one of the objects, and has endpoints at all. */
function endpointsWait(registration: KubernetesObject, objects: readonly KubernetesObject[], cluster: Cluster): Wait[] {
  const { name, namespace } = objectIn(objectIn(registration["spec"])["service"]);
  const [service, place] = [textIn(name), textIn(namespace)];
  const isThere = objects.some(
    ({ kind, metadata }) => kind === "Service" && metadata.name === service && metadata.namespace === place,
  );
  if (!isThere) return [];
  return [
    {
      what: `service ${place}/${service}`,
      async check() {
        const labelSelector = `kubernetes.io/service-name=${service}`;
        const slices = await allObjects(
          cluster.list(nativeResources.endpointSlices, { namespace: place, labelSelector }),
        );
        return endpointsReadiness(slices);
      },
      explain: async () => ({
        hints: [
          "The operator marks the one of its pods that leads with mirrord-operator-leader=true; its log says why it does not:",
          "kubectl mirrord session status --logs",
        ],
      }),
    },
  ];
}

const REACH_HINTS = [
  "The API server has to reach the port of the operator's pod. In the way may be a firewall between control plane and nodes",
  "(private clusters need a rule for TCP 443), a NetworkPolicy, or a service mesh. To see where it ends:",
  "kubectl mirrord session status --probe",
];

function registrationWait({ metadata: { name = "" } }: KubernetesObject, cluster: Cluster): Wait {
  return {
    what: `apiservice ${name}`,
    check: async () => apiServiceReadiness(await cluster.get(nativeResources.apiServices, name)),
    explain: async () => ({
      hints: [
        ...REACH_HINTS,
        "As long as it does not answer, no namespace of the cluster can be deleted. To take it away:",
        shellCommand(["kubectl", "delete", "apiservice", name]),
      ],
    }),
  };
}

function answerWait(cluster: Cluster, answer: { info?: OperatorInfo }): Wait {
  return {
    what: "the operator's answer",
    async check() {
      const read = await attempt(() => cluster.get(mirrordResources.operators, "operator"));
      if (!read.failed) {
        if (read.value === undefined) return { ready: false, why: "mirrordoperators/operator is not there yet" };
        answer.info = operatorInfo(read.value);
        return { ready: true };
      }
      const why = read.error.lines.join("; ");
      return httpStatus(read.error) === 403 ? { ready: false, why, final: true } : { ready: false, why };
    },
    explain: async () => ({ hints: REACH_HINTS }),
  };
}
