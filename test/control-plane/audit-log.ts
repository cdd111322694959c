import { readFileSync } from "node:fs";
import type { ControlPlane } from "./start.ts";

export interface AuditEvent {
  stage: string;
  verb: string;
  requestURI: string;
  userAgent?: string;
  user: { username: string };
  impersonatedUser?: unknown;
  annotations?: Record<string, string>;
  responseStatus?: { code?: number; message?: string };
  /** What it is about; absent for paths such as /apis. */
  objectRef?: { resource?: string; subresource?: string; apiGroup?: string; namespace?: string; name?: string };
}

/** How long the audit log is now: what comes later begins there. */
export function auditLogLength({ auditLog }: Pick<ControlPlane, "auditLog">): number {
  return readFileSync(auditLog, "utf8").length;
}

/** What the API server has recorded of its requests since then. A line that it is about to write is none yet. */
export function auditEvents({ auditLog }: Pick<ControlPlane, "auditLog">, since = 0): AuditEvent[] {
  const lines = readFileSync(auditLog, "utf8").slice(since).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}
