import { usageError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { shown } from "../../kubernetes/object-fields.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Action } from "../plan/session-plan.ts";
import { connectsToTarget, type SessionQuestion } from "../plan/session-question.ts";
import type { Target } from "../target.ts";
import type { SessionConfig } from "./session-config.ts";

/**
 * The session that the client makes of its configuration: what was typed stands above the file (`mirrord exec --steal -t …`),
 * and the profile above both. Nothing that can be typed turns the file's copy target off. Throws UserError "usage" for what the
 * client refuses of the whole, and for a change of the profile that it does not know.
 * @param profile undefined where the session has none, or it could not be read
 */
export function configuredSession(
  { action, target, config }: Pick<SessionQuestion, "action" | "target" | "config">,
  profile: KubernetesObject | undefined,
): SessionConfig | undefined {
  if (config === undefined) return undefined;
  const { session, file } = config;
  const typed = connectsToTarget(action) ? { ...session, target, incoming: typedIncoming(session, action) } : session;
  if (profile !== undefined) return applyProfile(typed, profile, file);
  if (session.profile === undefined && connectsToTarget(action)) refuseConflicts(typed, file);
  return typed;
}

// A configuration that steals is never asked about as `mirror` unless that was typed; one that does nothing is.
function typedIncoming({ incoming }: SessionConfig, action: Action): SessionConfig["incoming"] {
  if (action === "steal") return { ...incoming, mode: "steal" };
  return action === "mirror" && incoming.mode === "steal" ? { ...incoming, mode: "mirror" } : incoming;
}

const does = {
  mirror: "mirror incoming traffic",
  steal: "steal incoming traffic",
  off: "leave incoming traffic alone",
} as const;

/** What the profile makes of the session, where that is not what somebody may expect: one line or none. */
export function profileEffects(question: SessionQuestion, profile: KubernetesObject | undefined): string[] {
  const name = question.config?.session.profile?.name;
  if (name === undefined) return [];
  if (question.action === "preview") return [`mirrord preview start leaves the profile ${JSON.stringify(name)} out`];
  if (!connectsToTarget(question.action)) return [];
  const before = configuredSession(question, undefined)?.incoming.mode;
  const after = configuredSession(question, profile)?.incoming.mode;
  if (before === undefined || after === undefined || before === after) return [];
  const instead = { mirror: "not mirror it", steal: "not steal it", off: "not leave it alone" }[before];
  return [`the profile ${JSON.stringify(name)} makes it ${does[after]}, ${instead}`];
}

/**
 * The configuration as the client runs it after it has read the profile (MirrordProfile or MirrordClusterProfile): each
 * `spec.featureAdjustments[].change` is applied in order. Throws UserError "usage" for a change that is not known, as the client
 * refuses it, and for a conflict that the profile brings about.
 */
export function applyProfile(config: SessionConfig, profile: KubernetesObject, fileName: string): SessionConfig {
  const { spec } = profile;
  const adjustments: unknown = isJsonObject(spec) ? spec["featureAdjustments"] : undefined;
  const changes = (Array.isArray(adjustments) ? adjustments : []).map((one: unknown) =>
    isJsonObject(one) ? one["change"] : one,
  );
  const adjusted = changes.reduce((before: SessionConfig, change) => adjust(before, change, profile), config);
  refuseConflicts(adjusted, fileName);
  return adjusted;
}

function adjust(config: SessionConfig, change: unknown, { metadata }: KubernetesObject): SessionConfig {
  switch (change) {
    case "incoming-mirror":
      return { ...config, incoming: { ...config.incoming, mode: "mirror" } };
    case "incoming-steal":
      return { ...config, incoming: { ...config.incoming, mode: "steal" } };
    case "incoming-off":
      return { ...config, incoming: { ...config.incoming, mode: "off" } };
    case "dns-remote":
      return { ...config, dns: true };
    case "dns-off":
      return { ...config, dns: false };
    case "outgoing-remote":
      return { ...config, outgoing: { ...config.outgoing, tcp: true, udp: true } };
    case "outgoing-off":
      return { ...config, outgoing: { ...config.outgoing, tcp: false, udp: false } };
    default:
      throw usageError(
        `the profile ${JSON.stringify(metadata.name ?? "")} asks for the change ${shown(change)}, which mirrord does not know`,
        "A newer client may know it.",
      );
  }
}

/**
 * Throws UserError "usage" for a combination that the client refuses before it sends anything. To be asked once a profile has
 * been applied: it may change what is done with traffic. Source: operator contract section 6 (config/src/lib.rs `verify`).
 */
export function refuseConflicts(config: SessionConfig, fileName: string): void {
  const conflict = [...targetConflicts(config), ...copyConflicts(config), ...trafficConflicts(config)][0];
  if (conflict !== undefined) throw usageError(`${fileName}: ${conflict.what}`, conflict.hint);
}

interface Conflict {
  what: string;
  hint: string;
}

const onlyWithOperator: ReadonlySet<Target["kind"]> = new Set([
  "job",
  "cronjob",
  "statefulset",
  "service",
  "replicaset",
  "label",
]);

function targetConflicts({ target, operator, multiCluster, splitQueues, databaseBranches }: SessionConfig): Conflict[] {
  const conflicts: Conflict[] = [];
  if (operator === false && onlyWithOperator.has(target.kind)) {
    conflicts.push({ what: `a ${target.kind} target needs the operator`, hint: "Leave out operator: false." });
  }
  if (target.kind !== "label") return conflicts;
  const alone = "Name a single workload instead, such as deployment/web.";
  if (multiCluster === true)
    conflicts.push({ what: "a label target cannot span clusters", hint: "Leave out multi_cluster." });
  if (splitQueues) conflicts.push({ what: "a label target cannot split queues", hint: alone });
  if (databaseBranches.count > 0) conflicts.push({ what: "a label target cannot branch databases", hint: alone });
  return conflicts;
}

function copyConflicts({ copyTarget, target, operator }: SessionConfig): Conflict[] {
  if (!copyTarget.enabled) return [];
  if (operator === false) {
    return [{ what: "copy_target needs the operator", hint: "Leave out operator: false, or copy_target." }];
  }
  if (target.kind === "targetless" || target.kind === "service" || target.kind === "label") {
    const what = target.kind === "targetless" ? "a targetless session" : `a ${target.kind} target`;
    return [{ what: `${what} cannot be copied`, hint: "Name the workload itself, such as deployment/web." }];
  }
  return [];
}

function trafficConflicts({ incoming, target }: SessionConfig): Conflict[] {
  const conflicts: Conflict[] = [];
  if (target.kind === "targetless" && incoming.mode === "steal") {
    conflicts.push({ what: "a targetless session cannot steal", hint: "Name a target, such as deployment/web." });
  }
  if (incoming.ports !== undefined && incoming.ignorePorts.length > 0) {
    conflicts.push({ what: "ports and ignore_ports exclude each other", hint: "Leave one of them out." });
  }
  return conflicts;
}
