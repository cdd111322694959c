import { UserError } from "../errors.ts";
import { objectIn, textIn } from "../json.ts";
import type { Answer, Cluster, KubernetesObject } from "../kube/cluster.ts";
import { assumedFeatures, type OperatorInfo } from "../mirrord/operator-info.ts";
import { nativeResources } from "../mirrord/resources.ts";
import { plainPlan, type Action, type SessionPlan } from "../mirrord/session-requests.ts";
import { formatTarget, workloadType, type Target, type WorkloadTarget } from "../mirrord/target.ts";
import { findOperator, statusOf, type OperatorState } from "./operator.ts";
import { containersOf, replicasOf } from "./workload.ts";

export interface Asked {
  action: Action;
  target: Target;
  namespace: string;
}

/** Something other than access that decides the session: the operator is missing, the target is not there. */
export interface Obstacle {
  answer: Exclude<Answer, "yes">;
  reason: string;
  /** What to do about it. */
  hint: string;
}

export interface ResolvedPlan {
  plan: SessionPlan;
  operatorVersion: string | undefined;
  obstacles: Obstacle[];
  /** What was taken for granted because it could not be read; each is a whole sentence part after "assuming". */
  assumptions: string[];
  /** The target as read, when it could be. */
  workload: KubernetesObject | undefined;
}

/**
 * Turns what was asked into the plan that the client would follow on this cluster, by reading the operator and the
 * target as the caller. What the caller may not read is assumed and said. Throws UserError "usage" for a combination
 * that the client itself rejects (operator contract section 6).
 */
export async function resolvePlan(cluster: Cluster, asked: Asked): Promise<ResolvedPlan> {
  refuseImpossible(asked);
  const [operator, found] = await Promise.all([findOperator(cluster), readTarget(cluster, asked)]);
  const info: OperatorInfo =
    operator.state === "installed"
      ? operator.info
      : { version: undefined, features: assumedFeatures, namespace: undefined };
  const workload = found.object;
  const replicas = asked.target.kind === "deployment" ? replicasOf(workload) : undefined;
  const base = plainPlan(asked.action, asked.target, asked.namespace);
  const noReplicas = replicas === "none";
  const plan: SessionPlan = {
    ...base,
    features: info.features,
    copy: base.copy || noReplicas,
    rolloutProbe: noReplicas,
    multiClusterPrimary: info.features.has("MultiClusterPrimary") && asked.target.kind !== "label",
    ...workloadReference(asked.target, workload),
    ...(info.namespace === undefined || asked.action !== "preview" ? {} : { previewNamespace: info.namespace }),
  };
  return {
    plan,
    operatorVersion: info.version,
    obstacles: [...operatorObstacles(operator), ...found.obstacles, ...featureObstacles(plan, info, operator)],
    assumptions: [
      ...(operator.state === "installed" && operator.assumption !== undefined ? [operator.assumption] : []),
      ...found.assumptions,
      ...(replicas === "unknown" && workload !== undefined
        ? [`${formatTarget(asked.target)} has available replicas (its status is not known)`]
        : []),
      ...(noReplicas
        ? [`${formatTarget(asked.target)} has no available replicas, so the client connects to a copy of it`]
        : []),
    ],
    workload,
  };
}

function refuseImpossible({ action, target }: Asked): void {
  const copies = action === "copy" || action === "copy-scale-down";
  if (target.kind === "targetless" && (action === "steal" || copies)) {
    throw new UserError(
      "usage",
      `a targetless session cannot ${copies ? "copy" : "steal"}`,
      "Name a target, such as deployment/web.",
    );
  }
  if (copies && (target.kind === "service" || target.kind === "label")) {
    throw new UserError(
      "usage",
      `a ${target.kind} target cannot be copied`,
      "Name the workload itself, such as deployment/web.",
    );
  }
  if (action === "preview" && target.kind === "label")
    throw new UserError("usage", "a preview needs a single workload, not a label target");
}

interface FoundTarget {
  object: KubernetesObject | undefined;
  obstacles: Obstacle[];
  assumptions: string[];
}

async function readTarget(cluster: Cluster, { target, namespace, action }: Asked): Promise<FoundTarget> {
  const nothing: FoundTarget = { object: undefined, obstacles: [], assumptions: [] };
  if (action === "list-sessions" || action === "kill-sessions" || action === "ci") return nothing;
  if (target.kind === "targetless" || target.kind === "label") {
    const missing = await missingNamespace(cluster, namespace);
    return missing === undefined ? nothing : { ...nothing, obstacles: [missing] };
  }
  try {
    const object = await cluster.get(workloadType(target.kind), target.name, namespace);
    if (object === undefined)
      return {
        ...nothing,
        obstacles: [(await missingNamespace(cluster, namespace)) ?? missingTarget(target, namespace)],
      };
    return { object, obstacles: missingContainer(target, object), assumptions: [] };
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    const assumption = `${formatTarget(target)} exists and has available replicas (you may not read it)`;
    return { ...nothing, assumptions: [assumption] };
  }
}

function missingTarget(target: WorkloadTarget, namespace: string): Obstacle {
  const { resource, group } = workloadType(target.kind);
  const type = group === "" ? resource : `${resource}.${group}`;
  return {
    answer: "no",
    reason: `${target.kind} ${JSON.stringify(target.name)} was not found in namespace ${JSON.stringify(namespace)}`,
    hint: `See what is there: kubectl get ${type} -n ${namespace}`,
  };
}

async function missingNamespace(cluster: Cluster, namespace: string): Promise<Obstacle | undefined> {
  try {
    if ((await cluster.get(nativeResources.namespaces, namespace)) !== undefined) return undefined;
  } catch (error) {
    if (statusOf(error) === 403) return undefined;
    throw error;
  }
  return {
    answer: "no",
    reason: `namespace ${JSON.stringify(namespace)} was not found`,
    hint: "See what is there: kubectl get namespaces",
  };
}

function missingContainer(target: WorkloadTarget, workload: KubernetesObject): Obstacle[] {
  const containers = containersOf(workload);
  if (target.container === undefined || containers.length === 0 || containers.includes(target.container)) return [];
  return [
    {
      answer: "no",
      reason: `${target.kind} ${JSON.stringify(target.name)} has no container ${JSON.stringify(target.container)}`,
      hint: `Its containers: ${containers.join(", ")}`,
    },
  ];
}

function operatorObstacles(operator: OperatorState): Obstacle[] {
  switch (operator.state) {
    case "installed":
      return [];
    case "missing":
      return [
        {
          answer: "no",
          reason: "the mirrord operator is not installed in this cluster",
          hint: "Install the operator's chart (mirrord-operator) first.",
        },
      ];
    case "unreachable":
      return [
        {
          answer: "unknown",
          reason: `the mirrord operator does not answer: ${operator.why}`,
          hint: "See its state: kubectl get apiservice v1.operator.metalbear.co",
        },
      ];
  }
}

function featureObstacles(plan: SessionPlan, info: OperatorInfo, operator: OperatorState): Obstacle[] {
  if (operator.state !== "installed") return [];
  const lacks = (feature: string, what: string): Obstacle[] =>
    info.features.has(feature)
      ? []
      : [
          {
            answer: "no",
            reason: `the mirrord operator${info.version === undefined ? "" : ` ${info.version}`} does not support ${what}`,
            hint: "A newer operator, or a licence that includes it, is needed.",
          },
        ];
  return [
    ...(plan.target.kind === "label" ? lacks("LabelTargeting", "label targets") : []),
    ...(plan.copy ? lacks("CopyTarget", "copy targets") : []),
  ];
}

// Rollout.spec.workloadRef (argoproj.io/v1alpha1): the pod template is another object's, and the client reads that too.
function workloadReference(target: Target, workload: KubernetesObject | undefined): Pick<SessionPlan, "workloadRef"> {
  if (target.kind !== "rollout") return {};
  const reference = objectIn(objectIn(workload?.["spec"])["workloadRef"]);
  const type = referencedTypes.find(({ kind }) => kind === reference["kind"]);
  const name = textIn(reference["name"]);
  if (type === undefined || name === "") return {};
  return { workloadRef: { group: type.group, resource: type.resource, name } };
}

const referencedTypes = [
  nativeResources.deployments,
  nativeResources.replicaSets,
  nativeResources.statefulSets,
  { group: "", resource: "podtemplates", kind: "PodTemplate" },
];
