import type { Intent } from "../../lib/access/intent.ts";

/** A valid intent: jim may use mirrord in dev. Tests change what they are about. */
export function intentWith(change: Partial<Intent> = {}): Intent {
  return {
    subject: { kind: "User", name: "jim" },
    role: "user",
    set: { kind: "namespaces", namespaces: ["dev"] },
    targets: [],
    reads: true,
    ...change,
  };
}

export const provenance = { grantedBy: "admin", grantedAt: "2026-01-02T03:04:05.000Z" };
