import { isJsonObject, listIn, objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { operatorInfo } from "../operator-info.ts";
import { countFields, textFields } from "./session-fields.ts";
import { sessionOfEntry, sessionOfSummary, type Session } from "./session.ts";

// What the operator says of itself and of everything that runs: MirrordOperator/operator. Pure.
// Source: operator contract section 2.1; snake case, with camel case in the newer lists.

export interface OperatorStatus {
  version: string | undefined;
  features: string[];
  operatorNamespace: string | undefined;
  defaultNamespace: string | undefined;
  protocolVersion: string | undefined;
  license: License;
  /** Undefined: the operator has no status, and nothing is known of what follows. */
  live: LiveStatus | undefined;
}

export interface License {
  name?: string;
  organization?: string;
  /** YYYY-MM-DD, the last day. */
  expiresAt?: string;
  fingerprint?: string;
  subscriptionId?: string;
}

export interface LiveStatus {
  /** Previews among them, as the operator lists them. */
  sessions: Session[];
  multiCluster: Session[];
  previews: Session[];
  copyTargets: CopyTargetStatus[];
  clusters: ConnectedCluster[];
  /** Distinct users. */
  dailyUsers?: number;
  monthlyUsers?: number;
  ciSessions?: number;
  previewSessions?: number;
}

export interface CopyTargetStatus {
  pod: string;
  namespace: string;
  /** `deployment/web/container/app`. */
  target: string;
  scaleDown: boolean;
  phase?: string;
  /** The session that it was made for, and `REAL NAME/KUBERNETES USER@HOST` of that. */
  creator?: string;
  creatorUser?: string;
}

export interface ConnectedCluster {
  name: string;
  lastCheck?: string;
  operatorVersion?: string;
  error?: string;
}

export function operatorStatus(operator: KubernetesObject): OperatorStatus {
  const { version, features, namespace } = operatorInfo(operator);
  const spec = objectIn(operator["spec"]);
  return {
    version,
    features: [...features].toSorted(),
    operatorNamespace: namespace,
    defaultNamespace: textIn(spec["default_namespace"]) || undefined,
    protocolVersion: textIn(spec["protocol_version"]) || undefined,
    license: license(objectIn(spec["license"])),
    live: isJsonObject(operator["status"]) ? liveStatus(operator["status"]) : undefined,
  };
}

function license(fields: Record<string, unknown>): License {
  return textFields({
    name: fields["name"],
    organization: fields["organization"],
    expiresAt: fields["expire_at"],
    fingerprint: fields["fingerprint"],
    subscriptionId: fields["subscription_id"],
  });
}

function liveStatus(status: Record<string, unknown>): LiveStatus {
  const statistics = objectIn(status["statistics"]);
  return {
    sessions: listIn(status["sessions"]).filter(isJsonObject).map(sessionOfEntry),
    multiCluster: summaries(status["multi_cluster_sessions"], "multi-cluster"),
    previews: summaries(status["preview_sessions"], "preview"),
    copyTargets: listIn(status["copy_targets"]).flatMap(copyTarget),
    clusters: listIn(status["connected_clusters"]).filter(isJsonObject).map(connectedCluster),
    ...countFields({
      dailyUsers: statistics["dau"],
      monthlyUsers: statistics["mau"],
      ciSessions: statistics["active_ci_sessions_count"],
      previewSessions: statistics["active_preview_sessions_count"],
    }),
  };
}

function summaries(value: unknown, kind: "multi-cluster" | "preview"): Session[] {
  return listIn(value)
    .filter(isJsonObject)
    .map((summary) => sessionOfSummary(summary, kind));
}

/** `{pod_name, copy_target}`, or `[pod_name, copy_target]` from older operators. */
function copyTarget(value: unknown): CopyTargetStatus[] {
  const [pod, object]: unknown[] = Array.isArray(value)
    ? value
    : [objectIn(value)["pod_name"], objectIn(value)["copy_target"]];
  if (!isJsonObject(object)) return [];
  const spec = objectIn(object["spec"]);
  const status = objectIn(object["status"]);
  const creator = objectIn(status["creator_session"]);
  return [
    {
      pod: textIn(pod),
      namespace: textIn(objectIn(object["metadata"])["namespace"]),
      target: targetPath(spec["target"]),
      scaleDown: spec["scale_down"] === true,
      ...textFields({ phase: status["phase"], creator: creator["id"], creatorUser: creator["user"] }),
    },
  ];
}

/** The key of each kind of a target object, with the word of its path. Source: operator contract section 2.3. */
const targetWords = new Map([
  ["deployment", "deployment"],
  ["pod", "pod"],
  ["rollout", "rollout"],
  ["job", "job"],
  ["cron_job", "cronjob"],
  ["stateful_set", "statefulset"],
  ["service", "service"],
  ["replica_set", "replicaset"],
]);

/** A shape that is not known is `unknown`, never an error. */
function targetPath(value: unknown): string {
  if (value === null || value === "targetless") return "targetless";
  const fields = objectIn(value);
  const container = textIn(fields["container"]);
  const suffix = container === "" ? "" : `/container/${container}`;
  for (const [key, word] of targetWords) {
    const name = textIn(fields[key]);
    if (name !== "") return `${word}/${name}${suffix}`;
  }
  const labels = Object.entries(objectIn(fields["labels"])).map(([key, label]) => `${key}=${textIn(label)}`);
  return labels.length === 0 ? "unknown" : `label/${labels.join(",")}${suffix}`;
}

/** One of `connected` and `error` is there; older operators write the fields of the former in snake case. */
function connectedCluster(cluster: Record<string, unknown>): ConnectedCluster {
  const connected = objectIn(cluster["connected"]);
  return {
    name: textIn(cluster["name"]),
    ...textFields({
      lastCheck: cluster["lastCheck"],
      operatorVersion: connected["operatorVersion"] ?? connected["operator_version"],
      error: objectIn(cluster["error"])["message"],
    }),
  };
}
