import { usageError } from "../../errors.ts";
import type { SessionConfig } from "../config/session-config.ts";
import type { Target } from "../target.ts";
import type { Version } from "./client-age.ts";
import type { Action } from "./session-plan.ts";

/** A mirrord configuration, with the name of its file for messages. */
export interface NamedConfig {
  session: SessionConfig;
  file: string;
}

/** A session that somebody wants to know about. */
export interface SessionQuestion {
  action: Action;
  target: Target;
  namespace: string;
  /** `list-sessions` and `kill-sessions` in every namespace. */
  allNamespaces?: boolean;
  /** Of mirrord; left out, a current one. */
  clientVersion?: Version;
  /** What the session does beyond action, target and namespace. */
  config?: NamedConfig;
}

/** Listing and ending sessions and making a CI key have no target, so policies have no say in them either. */
export function isAboutTarget(action: Action): boolean {
  return action !== "list-sessions" && action !== "kill-sessions" && action !== "ci";
}

/** Whether the client connects: such a session has a profile. `mirrord preview start` reads none. */
export function connectsToTarget(action: Action): boolean {
  return action !== "preview" && isAboutTarget(action);
}

/** Throws UserError "usage" for what the client itself rejects. */
export function refuseImpossible(question: Pick<SessionQuestion, "action" | "target">): void {
  const impossible = impossibleBecause(question);
  if (impossible === undefined) return;
  throw usageError(impossible, "Name a single workload that fits, such as deployment/web.");
}

/** Why the client itself rejects the combination, if it does. Source: operator contract section 6. */
export function impossibleBecause({ action, target }: Pick<SessionQuestion, "action" | "target">): string | undefined {
  const copies = action === "copy" || action === "copy-scale-down";
  if (target.kind === "targetless") {
    if (copies) return "a targetless session cannot copy";
    if (action === "steal") return "a targetless session cannot steal";
    return action === "preview" ? "a preview needs a workload" : undefined;
  }
  if (copies && (target.kind === "service" || target.kind === "label"))
    return `a ${target.kind} target cannot be copied`;
  if (action === "preview" && target.kind === "label") return "a preview needs a single workload, not a label target";
  return undefined;
}
