import { handleCopyTargets } from "./copy-target-api.ts";
import { handleUserCredentials } from "./credentials.ts";
import { handleOperators } from "./operator-api.ts";
import type { Handler } from "./operator.ts";
import { handleSessions } from "./session-api.ts";
import { handleBranchCredentials, handleEvents, handlePreviewSecretMounts, handleQueueSplits } from "./small-apis.ts";
import { handleTargets } from "./target-api.ts";

const handlers = new Map<string, Handler>([
  ["mirrordoperators", handleOperators],
  ["mirrordclusteroperatorusercredentials", handleUserCredentials],
  ["targets", handleTargets],
  ["copytargets", handleCopyTargets],
  ["sessions", handleSessions],
  ["queuesplits", handleQueueSplits],
  ["events", handleEvents],
  ["branchcredentials", handleBranchCredentials],
  ["previewsecretmounts", handlePreviewSecretMounts],
]);

/** Undefined for resources that the operator does not serve. */
export function findHandler(resource: string): Handler | undefined {
  return handlers.get(resource);
}

/** Whether an upgrade to this resource is a connect. */
export function isConnectable(resource: string): boolean {
  return resource === "targets" || resource === "copytargets";
}
