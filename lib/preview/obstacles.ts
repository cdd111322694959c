import { shellCommand } from "../text/shell-quote.ts";
import type { Answer } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { workloadType, type WorkloadTarget } from "../mirrord/target.ts";
import { isAboutTarget, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import type { OperatorInfo } from "../mirrord/operator-info.ts";
import type { SessionFacts, TargetFacts } from "../reading/session-facts.ts";
import { beyondClient } from "../mirrord/plan/client-age.ts";
import type { OperatorState } from "../reading/operator.ts";
import { containerNames } from "../mirrord/workload.ts";
import { isTarget, noTargetReason, SEE_GRANTS } from "../reading/targets.ts";
import { podObstacles } from "./pod-obstacles.ts";

/** Something other than access that decides the session: the operator is missing, the target is not there. */
export interface Obstacle {
  answer: Exclude<Answer, "yes">;
  reason: string;
  /** What to do about it. */
  hint: string;
  /** Something that the question names is not there: nothing else matters then. */
  isMissing?: true;
}

const no = (reason: string, hint: string): Obstacle => ({ answer: "no", reason, hint });
const missing = (reason: string, hint: string): Obstacle => ({ ...no(reason, hint), isMissing: true });

/** What stands in the way of the session, in the order in which the client meets it. */
export function findObstacles(
  { question, operator, target, profile, offline }: SessionFacts,
  plan: SessionPlan,
  now: Date,
): Obstacle[] {
  const features = operator.state === "installed" ? featureObstacles(plan, operator, offline) : [];
  // The primary of several clusters looks for the target in the others.
  const looks = !plan.multiClusterPrimary && isAboutTarget(plan.action);
  const targets = looks ? targetObstacles(question, target, plan, offline) : [];
  return [
    ...profileObstacles(question, profile),
    ...operatorObstacles(operator, offline),
    ...(operator.state === "installed" ? licenseObstacles(operator.info, now) : []),
    ...clientObstacles(question, plan),
    // A preview's client looks at the operator's features before it looks at the target.
    ...(plan.action === "preview" ? [...features, ...targets] : [...targets, ...features]),
  ];
}

function profileObstacles({ namespace, config }: SessionQuestion, profile: SessionFacts["profile"]): Obstacle[] {
  const wanted = config?.session.profile;
  if (wanted === undefined || profile === undefined) return [];
  const name = wanted.namespace === undefined ? wanted.name : `${wanted.namespace}/${wanted.name}`;
  if (wanted.namespace !== undefined && wanted.namespace !== namespace) {
    return [
      no(
        `the mirrord profile ${JSON.stringify(name)} is not in the namespace of the target (${namespace})`,
        "A mirrord profile must be cluster-wide or in the same namespace as the target.",
      ),
    ];
  }
  if (profile.failed || profile.value !== undefined) return [];
  const list =
    wanted.namespace === undefined ? ["mirrordclusterprofiles"] : ["mirrordprofiles", "-n", wanted.namespace];
  return [
    no(
      `the mirrord profile ${JSON.stringify(name)} was not found in the cluster`,
      `See what is there: ${shellCommand(["kubectl", "get", ...list])}`,
    ),
  ];
}

function operatorObstacles(operator: OperatorState, offline: boolean): Obstacle[] {
  switch (operator.state) {
    case "installed":
      return [];
    case "missing":
      return [
        no(
          "the mirrord operator is not installed in this cluster",
          offline
            ? "To add its objects to the manifests: kubectl mirrord install -o yaml"
            : "To install it: kubectl mirrord install",
        ),
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

// Source: the client accepts the operator until the end of the day of `spec.license.expire_at` (UTC), and then either
// gives up or goes on without it. What is no date cannot be compared.
function licenseObstacles({ licenseExpiresAt }: OperatorInfo, now: Date): Obstacle[] {
  if (licenseExpiresAt === undefined) return [];
  if (!/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(licenseExpiresAt)) {
    return [
      {
        answer: "unknown",
        reason: `the operator's licence expires at ${JSON.stringify(licenseExpiresAt)}, which is no date`,
        hint: "See it: kubectl get mirrordoperators.operator.metalbear.co operator -o yaml",
      },
    ];
  }
  if (now.toISOString().slice(0, licenseExpiresAt.length) <= licenseExpiresAt) return [];
  return [
    no(
      `the mirrord operator's licence expired on ${licenseExpiresAt}`,
      "Renew the licence at https://app.metalbear.com; access is not what is missing.",
    ),
  ];
}

function clientObstacles({ clientVersion }: SessionQuestion, plan: SessionPlan): Obstacle[] {
  const beyond = beyondClient(plan, clientVersion);
  if (beyond === undefined) return [];
  return [no(`mirrord ${clientVersion?.join(".") ?? ""} does not know ${beyond}`, "Use a newer mirrord.")];
}

function targetObstacles(
  question: SessionQuestion,
  found: TargetFacts,
  plan: SessionPlan,
  offline: boolean,
): Obstacle[] {
  const gone = missingThing(question, found);
  return gone === undefined ? podObstacles(plan, found, offline) : [gone];
}

/** What the question names and is not there: its namespace, its target, a container. */
export function missingThing(
  { target, namespace }: Pick<SessionQuestion, "target" | "namespace">,
  { namespaceMissing, object, forbidden, similar }: TargetFacts,
): Obstacle | undefined {
  if (namespaceMissing)
    return missing(`there is no namespace ${JSON.stringify(namespace)}`, "See what is there: kubectl get namespaces");
  if (target.kind === "targetless" || target.kind === "label") return undefined;
  if (object !== undefined && !isTarget(object)) return missing(noTargetReason(target.name), SEE_GRANTS);
  if (object !== undefined) return missingContainer(target, object);
  return forbidden ? undefined : missingTarget(target, namespace, similar);
}

function missingTarget({ kind, name }: WorkloadTarget, namespace: string, similar: string | undefined): Obstacle {
  const { resource, group } = workloadType(kind);
  const type = group === "" ? resource : `${resource}.${group}`;
  const look = shellCommand(["kubectl", "get", type, "-n", namespace]);
  const meant = similar === undefined ? "" : ` (did you mean ${JSON.stringify(similar)}?)`;
  return missing(`there is no ${kind} ${JSON.stringify(name)} in ${namespace}${meant}`, `See what is there: ${look}`);
}

function missingContainer({ kind, name, container }: WorkloadTarget, object: KubernetesObject): Obstacle | undefined {
  const containers = containerNames(object);
  if (container === undefined || containers.length === 0 || containers.includes(container)) return undefined;
  return missing(
    `${kind} ${JSON.stringify(name)} has no container ${JSON.stringify(container)} (it has ${containers.join(", ")})`,
    `Its containers: ${containers.join(", ")}`,
  );
}

function featureObstacles(
  plan: SessionPlan,
  { info, assumption }: OperatorState & { state: "installed" },
  offline: boolean,
): Obstacle[] {
  const lacks = (feature: string, what: string): Obstacle[] => {
    if (info.features.has(feature)) return [];
    if (assumption !== undefined && !(offline && feature === "LabelTargeting")) {
      // Files never show features, so there the assumption covers them; which version has label targets is known.
      if (offline) return [];
      const hint = "See them: kubectl get mirrordoperators.operator.metalbear.co operator -o yaml";
      return [{ answer: "unknown", reason: `the operator's features are not known, so neither is ${what}`, hint }];
    }
    const operator = `the mirrord operator${info.version === undefined ? "" : ` ${info.version}`}`;
    return [no(`${operator} does not support ${what}`, "A newer operator, or a licence that includes it, is needed.")];
  };
  return [
    ...(plan.target.kind === "label" && isAboutTarget(plan.action) ? lacks("LabelTargeting", "label targets") : []),
    ...(plan.copy && plan.action !== "preview" ? lacks("CopyTarget", "copy targets") : []),
    ...(plan.action === "preview" ? lacks("PreviewEnv", "preview environments") : []),
    ...(plan.action === "kill-sessions" ? lacks("SessionManagement", "session management") : []),
  ];
}
