import { UserError } from "../../errors.ts";
import type { SessionConfig } from "./session-config.ts";
import type { Target } from "../target.ts";

/**
 * Throws UserError "usage" for a combination that the client refuses before it sends anything. To be asked once a profile has
 * been applied: it may change what is done with traffic. Source: operator contract section 6 (config/src/lib.rs `verify`).
 */
export function refuseConflicts(config: SessionConfig, fileName: string): void {
  const conflict = [...targetConflicts(config), ...copyConflicts(config), ...trafficConflicts(config)][0];
  if (conflict !== undefined) throw new UserError("usage", `${fileName}: ${conflict.what}`, conflict.hint);
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
