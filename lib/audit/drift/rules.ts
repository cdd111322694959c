import type { Severity } from "../../findings/finding.ts";
import type { AuditRule } from "../rules.ts";

/** What can differ between what is declared and what is bound, by its stable id. */
export const driftRules = {
  "drift-extra": {
    severity: "error",
    summary: "Something is bound that nothing declares.",
    explanation:
      "A binding, or another object of a grant, is in the cluster and follows from no grant: somebody made it by hand, or its grant is over.",
    fix: "Delete it, or declare it.",
  },
  "drift-changed": {
    severity: "error",
    summary: "An object of a grant is not as it was declared.",
    explanation:
      "Somebody changed it by hand, or members of a team, namespaces or containers have changed since the last sync.",
    fix: "Run: kubectl mirrord grant sync",
  },
  "drift-missing": {
    severity: "warning",
    summary: "An object of a grant is not there.",
    explanation: "What is declared is not what people have: somebody took it away by hand, or it was never applied.",
    fix: "Run: kubectl mirrord grant sync",
  },
  "drift-organization": {
    severity: "error",
    summary: "An organization is not as the folder declares it.",
    explanation: "Grants to it and to its teams follow who the cluster says belongs to them.",
    fix: "Change its members by kubectl mirrord grant org and grant team, or the folder.",
  },
  "drift-unsettled": {
    severity: "error",
    summary: "A grant cannot be made what it says.",
    explanation:
      "Its intent was changed by hand, it asks for what grant would refuse, or a role that it needs was made by somebody else. grant sync leaves it alone.",
    fix: "Revoke it, or grant it again.",
  },
} as const satisfies Record<string, AuditRule & { severity: Severity }>;

export type DriftRule = keyof typeof driftRules;
