import { UserError } from "../errors.ts";
import type { SessionConfig } from "../mirrord/config/session-config.ts";
import type { Action } from "../mirrord/plan/session-plan.ts";
import type { Target } from "../mirrord/target.ts";
import type { Version } from "../mirrord/plan/client-age.ts";

/** A mirrord configuration, with the name of its file for messages. */
export interface AskedConfig {
  session: SessionConfig;
  file: string;
}

export interface Asked {
  action: Action;
  target: Target;
  namespace: string;
  /** `list-sessions` and `kill-sessions` in every namespace. */
  allNamespaces?: boolean;
  /** Of mirrord; left out, a current one. */
  clientVersion?: Version;
  /** What it says beyond action, target and namespace. */
  config?: AskedConfig;
}

/** Listing and ending sessions and making a CI key have no target. */
export function isAboutTarget(action: Action): boolean {
  return action !== "list-sessions" && action !== "kill-sessions" && action !== "ci";
}

/** Throws UserError "usage" for what the client itself rejects. */
export function refuseImpossible(asked: Pick<Asked, "action" | "target">): void {
  const impossible = impossibleBecause(asked);
  if (impossible === undefined) return;
  throw new UserError("usage", impossible, "Name a single workload that fits, such as deployment/web.");
}

/** Why the client itself rejects the combination, if it does. Source: operator contract section 6. */
export function impossibleBecause({ action, target }: Pick<Asked, "action" | "target">): string | undefined {
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
